/**
 * What determines a run: a few names and numbers. From them and the seed follow the workload, the faults of network,
 * disks and clocks, and every choice of the adversary. Once recorded, the choices are data (simulator/schedule.ts).
 */
import type { Behaviour } from '../adversary/behaviour.ts'
import { findBehaviour } from '../adversary/index.ts'
import type { Checks } from '../checkers/violation.ts'
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { defaultBackend } from '../crypto/index.ts'
import { memberCrypto } from '../crypto/member-crypto.ts'
import type { Choices } from '../simulator/choices.ts'
import { type Rates, SeededChoices } from '../simulator/seeded-choices.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { SimulationInit } from '../simulator/simulation.ts'
import { symbolicCrypto } from '../simulator/symbolic-crypto.ts'
import { findStack } from '../stacks/index.ts'
import type { BroadcastStack, RegisterStack, Stack, StackOptions } from '../stacks/stack.ts'

export interface RunConfig {
  readonly protocol: string
  readonly members: number
  readonly faults: number
  readonly byzantine: number
  /** Null without Byzantine members. */
  readonly adversary: string | null
  readonly links: 'ideal' | 'real'
  readonly crypto: 'symbolic' | 'real'
  readonly signedSend: boolean
  /** How schedules are found; default: random. */
  readonly search?: Search
}

/**
 * Random: latencies are uniform. PCT: probabilistic concurrency testing (Burckhardt et al. 2010; for messages, Ozkan
 * et al. 2018), links have priorities, which change at a few points. Mutation: schedules that reached something new
 * are changed a little.
 */
export type Search = 'random' | 'pct' | 'mutation'

/** What is set up before the first event: all of a run but its choices. */
export interface Setup {
  readonly protocol: string
  readonly members: number
  /** Processes that use the registers of the members. */
  readonly clients: number
  readonly faults: number
  /** The members that the adversary controls. */
  readonly byzantine: readonly ProcessId[]
  /** What they do, by name; null: what the schedule says. */
  readonly adversary: string | null
  readonly links: 'ideal' | 'real'
  readonly crypto: 'symbolic' | 'real'
  readonly options: StackOptions
  readonly seed: number
  readonly healMs: number
  readonly livenessMs: number
}

export interface RunPlan {
  readonly setup: Setup
  readonly rates: Rates
}

/** The name in a configuration that nothing has. */
export class UnknownNameError extends Error {
  override name = 'UnknownNameError'
}

/** Protocols from elsewhere, by name, beside our own. */
const added = new Map<string, AddedStack>()

/** A protocol that somebody brought, perhaps with properties of its own; see broadcast-protocol.ts. */
export type AddedStack = Stack & { readonly checks?: Checks }

/** Makes a protocol from elsewhere known by its name; the last one of a name counts. */
export function addStack(stack: AddedStack): void {
  if (findStack(stack.name) !== undefined)
    throw new UnknownNameError(`${stack.name} is the name of a protocol of byzkit: give yours another one`)
  added.set(stack.name, stack)
}

/** Whether it is a protocol of ours, or one that was added. */
export const isKnown = (name: string) => findStack(name) !== undefined || added.has(name)

export function requireStack(name: string): AddedStack {
  const stack = findStack(name) ?? added.get(name)
  if (stack === undefined)
    throw new UnknownNameError(`there is no protocol ${name}: simulate --list names them`)
  return stack
}

/** For what is there for broadcasts alone. */
export function requireBroadcastStack(name: string): BroadcastStack & AddedStack {
  const stack = requireStack(name)
  if (stack.abstraction === 'broadcast') return stack
  throw new UnknownNameError(`${name} is a ${stack.abstraction}: this is for broadcasts`)
}

export function requireBehaviour(name: string): Behaviour {
  const behaviour = findBehaviour(name)
  if (behaviour === undefined)
    throw new UnknownNameError(`there is no adversary ${name}: simulate --list names them`)
  return behaviour
}

/** After the healing, what is promised must come about within this; milliseconds of virtual time. */
const LIVENESS_MS = 60_000
const HEAL_MS = 1000
/** Where answers are late, operations take longer. */
const HEAL_LATE_MS = 4000
/** A writer, and readers that can contradict each other; or three that do both. */
const CLIENTS = 3

/** Everything about the run with this seed but its choices, and how they are drawn. */
export function planRun(config: RunConfig, seed: number): RunPlan {
  const { protocol, members, faults, links, crypto, signedSend } = config
  const draw = new SeededRandom(seed, 'plan')
  const real = links === 'real'
  const stack = requireStack(protocol)
  const perfect = stack.perfectLinks === true
  const clients = stack.abstraction === 'register' ? CLIENTS : 0
  const lateAnswers = clients > 0 && !perfect && new SeededRandom(seed, 'late answers').below(2) === 0
  const healMs = lateAnswers ? HEAL_LATE_MS : HEAL_MS
  const setup: Setup = {
    protocol,
    members,
    clients,
    faults,
    byzantine: drawByzantine(config, seed),
    adversary: config.adversary,
    links,
    crypto,
    // Small windows and little retention, so that a short run reaches their edges.
    options: {
      signedSend,
      windowInstances: draw.pick([2, 4, 256]),
      retentionCountMax: draw.pick([1024, 1024, 4])
    },
    seed,
    healMs,
    livenessMs: LIVENESS_MS
  }
  const rates: Rates = {
    healMs,
    // Now and then more than retention holds, so that who is away long enough meets a gap.
    broadcasts: draw.below(10) === 0 ? 24 : draw.between(1, 6),
    payloadBytesMax: draw.pick([2, 64, 1024]),
    latencyMsMax: draw.pick([2, 20, 100]),
    lossPpm: real ? draw.pick([0, 50_000, 200_000]) : 0,
    duplicationPpm: real ? draw.pick([0, 50_000]) : 0,
    overtakingPpm: real ? draw.pick([0, 100_000]) : 0,
    partitions: draw.below(3),
    sessionEnds: perfect ? 0 : draw.below(4),
    crashes: perfect ? 0 : draw.below(3),
    ...(stack.abstraction === 'register' ? registerRates(stack, config, draw, lateAnswers) : {}),
    syncFailurePpm: perfect ? 0 : draw.pick([0, 0, 0, 20_000]),
    badClocks: true,
    // A violation of depth d + 1 needs d change points; most need few.
    priorities: config.search === 'pct' ? { changePoints: draw.below(4) } : undefined
  }
  return { setup, rates }
}

/** In the crash model as many members stop for good as may. */
function registerRates(
  { writers, readers, perfectLinks }: RegisterStack,
  { members, faults, byzantine }: RunConfig,
  draw: SeededRandom,
  lateAnswers: boolean
): Partial<Rates> {
  const stops = perfectLinks === true ? draw.below(faults - byzantine + 1) : 0
  const slowLinks = draw.below(2) === 0
  const operations = draw.between(2, 12)
  const withinMs = draw.pick([HEAL_MS, HEAL_MS / 10])
  const registers = { members, writers, readers, operations, withinMs }
  if (!lateAnswers) return { stops, slowLinks, registers }
  // Of two registers: what is asked of one of them in one life is answered while the next life asks of the other.
  const busy = { keys: 2, operations: 12 + operations, withinMs: HEAL_MS / 10 }
  return { stops, lateAnswers, registers: { ...registers, ...busy } }
}

/** The run that draws its choices from the seed. */
export function seededRun(config: RunConfig, seed: number): SimulationInit {
  const { setup, rates } = planRun(config, seed)
  return simulation(setup, new SeededChoices(seed, rates, setup.members + setup.clients, setup.byzantine))
}

export function simulation(
  { protocol, crypto, adversary, ...setup }: Setup,
  choices: Choices
): SimulationInit {
  return {
    ...setup,
    stack: requireStack(protocol),
    behaviour: adversary === null ? undefined : requireBehaviour(adversary),
    choices,
    crypto: crypto === 'symbolic' ? symbolic : realCrypto,
    publicKeys: crypto === 'symbolic' ? symbolicKeys : realKeys
  }
}

function drawByzantine({ members, byzantine }: RunConfig, seed: number): ProcessId[] {
  const random = new SeededRandom(seed, 'byzantine')
  const ranks = Array.from({ length: members }, (_, rank) => rank)
  const drawn = Array.from({ length: byzantine }, () => ranks.splice(random.below(ranks.length), 1)[0] ?? 0)
  return drawn.sort((a, b) => a - b)
}

const symbolic = (group: Group, seed: number) => symbolicCrypto(group, seed, defaultBackend.sha256)

const symbolicKeys = (members: number, seed: number) =>
  Array.from({ length: members }, (_, rank) => new SeededRandom(seed, `key/${rank}`).bytes(32))

const secretKey = (seed: number, rank: ProcessId) => new SeededRandom(seed, `secret/${rank}`).bytes(32)

const realKeys = (members: number, seed: number) =>
  Array.from({ length: members }, (_, rank) => defaultBackend.publicKey(secretKey(seed, rank)))

const realCrypto =
  (group: Group, seed: number) =>
  (self: ProcessId): Crypto =>
    memberCrypto(defaultBackend, group, secretKey(seed, self))
