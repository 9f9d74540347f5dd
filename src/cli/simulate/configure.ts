/** From the options of `simulate` to the configuration of its runs, or one line that says what is wrong with them. */

import { weakenings } from '../../laboratory/model-draws.ts'
import { type RunConfig, requireBehaviour, requireStack, type Search } from '../../laboratory/run-config.ts'
import { UsageError } from '../../program/errors.ts'
import { printable } from '../../program/output.ts'
import { requireResilience } from '../../stacks/stack.ts'

export interface ConfigOptions {
  readonly members: number
  readonly faults?: number
  readonly byzantine?: number
  readonly adversary?: string
  readonly links: string
  readonly crypto: string
  readonly search: string
  readonly beyondResilience?: boolean
  readonly beyondModel?: boolean
}

const SEARCHES: readonly string[] = ['random', 'pct', 'mutation'] satisfies Search[]

/** @param protocol - the name of one of ours, or of one that was added */
export function configure(protocol: string, options: ConfigOptions): RunConfig {
  const stack = requireStack(protocol)
  const { members, beyondResilience = false, beyondModel = false, links, crypto, search } = options
  const { model } = stack
  const faults = options.faults ?? stack.resilience.largest(members)
  if (faults >= members)
    throw new UsageError(`--faults ${faults}: of ${members} members none would be correct`)
  if (!beyondResilience) requireResilience(stack, members, faults)
  const byzantine = options.byzantine ?? (model.liars ? faults : 0)
  if (byzantine >= members)
    throw new UsageError(`--byzantine ${byzantine}: of ${members} members none would be correct`)
  if (byzantine > faults && !beyondResilience) {
    throw new UsageError(
      `--byzantine ${byzantine}: the group tolerates ${faults} (${stack.resilience.formula}), unless --beyond-resilience is given`
    )
  }
  if (byzantine > 0 && !model.liars && !beyondModel) {
    throw new UsageError(
      `--byzantine ${byzantine}: nobody lies in ${protocol}'s model (${model.name}), unless --beyond-model is given`
    )
  }
  if (links !== 'ideal' && links !== 'real')
    throw new UsageError(`--links ${printable(links)}: ideal or real`)
  if (links === 'real' && model.links === 'fair-loss')
    throw new UsageError(
      `--links real: ${protocol} stands on fair-loss links (${model.name}), and has no sessions that could be real`
    )
  if (links === 'real' && model.links === 'perfect' && !beyondModel) {
    throw new UsageError(
      `--links real: ${protocol} stands on perfect links (${model.name}), whose sessions never end, unless --beyond-model is given`
    )
  }
  if (beyondModel && weakenings(model, links === 'real').length === 0)
    throw new UsageError(`--beyond-model: with ${links} links nothing is worse than ${model.name} allows`)
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
    ...(beyondModel && { beyondModel }),
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
