/** What a cluster is to do, decided before anything is started. */
import { randomInt } from 'node:crypto'
import type { Behaviour } from '../adversary/behaviour.ts'
import { behaviours, behavioursAgainst, findBehaviour } from '../adversary/index.ts'
import { broadcastService } from '../broadcast/service.ts'
import type { ProcessId } from '../core/group.ts'
import { abstractionOf } from '../laboratory/abstractions/index.ts'
import { UsageError } from '../program/errors.ts'
import { readBytes } from '../program/files/read-bytes.ts'
import { requireStackOption } from '../program/member/member-identity.ts'
import { printable } from '../program/output.ts'
import { requireResilience, type Stack } from '../stacks/stack.ts'

/** Each is a process of its own, with some 80 MB of memory. */
export const CLUSTER_MEMBERS_MAX = 16

/** Every member broadcasts all of it, and every other delivers that. */
export const CLUSTER_INPUT_BYTES_MAX = 1024 * 1024

/** Who equivocates in it hands out the proof of it. */
export const CLUSTER_STACK = 'signed-byzantine-reliable-channel'

/** Whose members follow a leader: a group of it is part of the usual tour. */
const LED_STACK = 'pbft'

/** In a tour these lead before the first liar does: one of them is killed, another one cut off. */
const LED_BEFORE_LIARS = 2

/** What a leader does who is to lie about something else. */
const LED_BEHAVIOUR = 'equivocate'

/** Lies in votes and answers. */
export const DEFAULT_BEHAVIOUR = 'equivocate+perjure'

/** An input is cut into about so many broadcasts: enough for an attack to find different moments. */
const CHUNKS = 20

const SEED_MAX = 2 ** 31

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
  /** What every member broadcasts; nothing where the stack does not. */
  readonly input: Uint8Array
  /** The same, in parts of one broadcast each. */
  readonly chunks: readonly Uint8Array[]
  readonly kill: boolean
  readonly beyondResilience: boolean
  /** What is drawn follows from it. */
  readonly seed: number
}

/** @throws {UsageError} or `ResilienceError` */
export async function planCluster(options: ClusterOptions): Promise<ClusterPlan> {
  const { members, beyondResilience = false, kill = false } = options
  const stack = requireStackOption(options.stack)
  const f = stack.resilience.largest(members)
  if (!beyondResilience) requireResilience(stack, members, f)
  const count = chooseByzantine(options, stack, f)
  const behaviour = chooseBehaviour(options.behaviour ?? abstractionOf(stack).attack ?? DEFAULT_BEHAVIOUR)
  if (count === 0 && options.behaviour !== undefined && options.byzantine !== undefined)
    throw new UsageError('--behaviour is what Byzantine members do, and --byzantine 0 asks for none')
  if (kill && stack.model.crashes === 'stop')
    throw new UsageError(
      `--kill starts a member again, and those of ${stack.name} stop for good: some do by themselves`
    )
  const input = offersBroadcasts(stack) ? await readInput(options.input) : refusedInput(options.input, stack)
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
    beyondResilience,
    seed: randomInt(SEED_MAX)
  }
}

/** The group with a leader that the usual tour visits too; undefined of other tours, and where nobody may fail. */
export function planLed(plan: ClusterPlan): ClusterPlan | undefined {
  const { stack, f, beyondResilience, byzantine, correct, behaviour } = plan
  if (stack.name !== CLUSTER_STACK || f === 0 || beyondResilience) return undefined
  const liars = byzantine.map((_, index) => LED_BEFORE_LIARS + index)
  return {
    ...plan,
    stack: requireStackOption(LED_STACK),
    byzantine: liars,
    correct: [...correct, ...byzantine].filter((rank) => !liars.includes(rank)),
    behaviour: behaviour && behaviourOfLeader(behaviour),
    input: new Uint8Array(0),
    chunks: [],
    kill: false
  }
}

/** What of it shows in who leads: what lies about other things alone would be correct there. */
function behaviourOfLeader({ name }: Behaviour): Behaviour | undefined {
  const known = behavioursAgainst({ clients: true, orders: true })
  const parts = name.split('+').filter((part) => known.some((each) => each.name === part))
  return findBehaviour(parts.length === 0 ? LED_BEHAVIOUR : parts.join('+'))
}

function chooseByzantine(
  { members, byzantine, beyondResilience = false }: ClusterOptions,
  { resilience, model }: Stack,
  f: number
): number {
  const count = byzantine ?? (model.liars ? f : 0)
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

export const offersBroadcasts = ({ services }: Stack): boolean =>
  services.some(({ name }) => name === broadcastService.name)

function refusedInput(input: string | undefined, { name }: Stack): Uint8Array {
  if (input !== undefined)
    throw new UsageError(`--input is what members broadcast, and those of ${name} do not`)
  return new Uint8Array(0)
}

async function readInput(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) return new TextEncoder().encode(DEFAULT_TEXT)
  const input = await readBytes(path, CLUSTER_INPUT_BYTES_MAX)
  if (input.length === 0) throw new UsageError(`${path}: empty, so that there is nothing to broadcast`)
  return input
}

/** In order; all but the last are of the same length. */
function cut(input: Uint8Array): Uint8Array[] {
  const length = Math.max(1, Math.ceil(input.length / CHUNKS))
  const chunks: Uint8Array[] = []
  for (let at = 0; at < input.length; at += length) chunks.push(input.subarray(at, at + length))
  return chunks
}
