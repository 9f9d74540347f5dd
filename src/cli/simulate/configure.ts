/** From the options of `simulate` to the configuration of its runs, or one line that says what is wrong with them. */
import { type RunConfig, requireBehaviour, requireStack, type Search } from '../../laboratory/run-config.ts'
import { requireResilience } from '../../stacks/stack.ts'
import { UsageError } from '../errors.ts'
import { printable } from '../output.ts'

export interface ConfigOptions {
  readonly members: number
  readonly faults?: number
  readonly byzantine?: number
  readonly adversary?: string
  readonly links: string
  readonly crypto: string
  readonly search: string
  readonly signedSend?: boolean
  readonly beyondResilience?: boolean
}

const SEARCHES: readonly string[] = ['random', 'pct', 'mutation'] satisfies Search[]

/** @param protocol - the name of one of ours, or of one that was added */
export function configure(protocol: string, options: ConfigOptions): RunConfig {
  const stack = requireStack(protocol)
  const { members, beyondResilience = false, links, crypto, search } = options
  const faults = options.faults ?? stack.resilience.largest(members)
  if (faults >= members)
    throw new UsageError(`--faults ${faults}: of ${members} members none would be correct`)
  if (!beyondResilience) requireResilience(stack, members, faults)
  const byzantine = options.byzantine ?? (stack.model === 'fail-arbitrary' ? faults : 0)
  if (byzantine >= members)
    throw new UsageError(`--byzantine ${byzantine}: of ${members} members none would be correct`)
  if (byzantine > faults && !beyondResilience) {
    throw new UsageError(
      `--byzantine ${byzantine}: the group tolerates ${faults} (${stack.resilience.formula}), unless --beyond-resilience is given`
    )
  }
  if (links !== 'ideal' && links !== 'real')
    throw new UsageError(`--links ${printable(links)}: ideal or real`)
  if (links === 'real' && stack.perfectLinks === true)
    throw new UsageError(`--links real: ${protocol} stands on perfect links, whose sessions never end`)
  if (crypto !== 'symbolic' && crypto !== 'real')
    throw new UsageError(`--crypto ${printable(crypto)}: symbolic or real`)
  if (!isSearch(search)) throw new UsageError(`--search ${printable(search)}: ${SEARCHES.join(', ')}`)
  const adversary = byzantine === 0 ? null : (options.adversary ?? 'swarm')
  if (options.adversary !== undefined) requireBehaviour(options.adversary)
  return {
    protocol,
    members,
    faults,
    byzantine,
    adversary,
    links,
    crypto,
    signedSend: options.signedSend ?? false,
    search
  }
}

export function parseShard(text: string | undefined): [shard: number, shards: number] {
  if (text === undefined) return [0, 1]
  const [, shard, shards] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? []
  if (shard === undefined || shards === undefined || shard < 1 || shard > shards) {
    throw new UsageError(`--shard ${printable(text)}: I/K with 1 <= I <= K, for example 1/8`)
  }
  return [shard - 1, shards]
}

const isSearch = (search: string): search is Search => SEARCHES.includes(search)
