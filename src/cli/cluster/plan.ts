/** What a cluster is to do, decided before anything is started. */
import type { Behaviour } from '../../adversary/behaviour.ts'
import { behaviours, findBehaviour } from '../../adversary/index.ts'
import type { ProcessId } from '../../core/group.ts'
import { requireResilience, type Stack } from '../../stacks/stack.ts'
import { UsageError } from '../errors.ts'
import { requireStackOption } from '../member/member-identity.ts'
import { printable } from '../output.ts'
import { readBytes } from '../read-bytes.ts'

/** Each is a process of its own, with some 80 MB of memory. */
export const CLUSTER_MEMBERS_MAX = 16

/** Every member broadcasts all of it, and every other delivers that. */
export const CLUSTER_INPUT_BYTES_MAX = 1024 * 1024

export const DEFAULT_BEHAVIOUR = 'equivocate+perjure'

/** An input is cut into about so many broadcasts: enough for an attack to find different moments. */
const CHUNKS = 20

/** Broadcast where no file is named. */
const DEFAULT_TEXT = Array.from(
  { length: 40 },
  (_, line) => `${line + 1}. Any two Byzantine quorums have a correct process in common.\n`
).join('')

export interface ClusterOptions {
  readonly members: number
  readonly byzantine?: number
  readonly behaviour?: string
  readonly input?: string
  readonly stack: string
  readonly kill?: boolean
  readonly beyondResilience?: boolean
}

export interface ClusterPlan {
  readonly members: number
  readonly f: number
  readonly stack: Stack
  /** The last ranks. */
  readonly byzantine: readonly ProcessId[]
  /** What they do; undefined without Byzantine members. */
  readonly behaviour: Behaviour | undefined
  readonly correct: readonly ProcessId[]
  /** What every member broadcasts. */
  readonly input: Uint8Array
  /** The same, in parts of one broadcast each. */
  readonly chunks: readonly Uint8Array[]
  readonly kill: boolean
  readonly beyondResilience: boolean
}

/** @throws {UsageError} or `ResilienceError` */
export async function planCluster(options: ClusterOptions): Promise<ClusterPlan> {
  const { members, beyondResilience = false, kill = false } = options
  const stack = requireStackOption(options.stack)
  const f = stack.resilience.largest(members)
  if (!beyondResilience) requireResilience(stack, members, f)
  const count = chooseByzantine(options, stack, f)
  const behaviour = chooseBehaviour(options.behaviour ?? DEFAULT_BEHAVIOUR)
  if (count === 0 && options.behaviour !== undefined && options.byzantine !== undefined)
    throw new UsageError('--behaviour is what Byzantine members do, and --byzantine 0 asks for none')
  const input = await readInput(options.input)
  const ranks = Array.from({ length: members }, (_, rank) => rank)
  return {
    members,
    f,
    stack,
    byzantine: ranks.slice(members - count),
    behaviour: count === 0 ? undefined : behaviour,
    correct: ranks.slice(0, members - count),
    input,
    chunks: cut(input),
    kill,
    beyondResilience
  }
}

function chooseByzantine(
  { members, byzantine, beyondResilience = false }: ClusterOptions,
  { resilience }: Stack,
  f: number
): number {
  const count = byzantine ?? f
  if (count >= members)
    throw new UsageError(`--byzantine ${count}: of ${members} members none would be correct`)
  if (count <= f || beyondResilience) return count
  throw new UsageError(
    `--byzantine ${count}: a group of ${members} tolerates ${f} (${resilience.formula}), unless --beyond-resilience is given`
  )
}

function chooseBehaviour(name: string): Behaviour {
  const behaviour = findBehaviour(name)
  if (behaviour?.live) return behaviour
  const live = behaviours.filter((each) => each.live).map((each) => each.name)
  throw new UsageError(`--behaviour ${printable(name)}: one of ${live.join(', ')}`)
}

async function readInput(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) return new TextEncoder().encode(DEFAULT_TEXT)
  const input = await readBytes(path, CLUSTER_INPUT_BYTES_MAX)
  if (input.length === 0) throw new UsageError(`${path}: empty, so that there is nothing to broadcast`)
  return input
}

/** In order; all but the last are of the same length. */
function cut(input: Uint8Array): Uint8Array[] {
  const length = Math.ceil(input.length / CHUNKS)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < input.length; at += length) chunks.push(input.subarray(at, at + length))
  return chunks
}
