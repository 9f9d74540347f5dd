/**
 * What determines a run: a few names and numbers. From them and the seed follow the workload, the faults of network,
 * disks and clocks, and every choice of the adversary. Once recorded, the choices are data (simulator/schedule.ts).
 */
import type { Behaviour } from '../adversary/behaviour.ts'
import { findBehaviour } from '../adversary/index.ts'
import { findStack } from '../catalogue/index.ts'
import type { Checks } from '../checkers/violation.ts'
import type { Crypto } from '../core/environment.ts'
import { ModelError } from '../core/errors.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { Model } from '../core/model.ts'
import { shown } from '../core/parameters.ts'
import { defaultBackend } from '../crypto/index.ts'
import { memberCrypto } from '../crypto/member-crypto.ts'
import type { Choices } from '../simulator/choices.ts'
import type { Rates } from '../simulator/rates.ts'
import { SeededChoices } from '../simulator/seeded-choices.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { SimulationInit } from '../simulator/simulation.ts'
import { symbolicCrypto } from '../simulator/symbolic-crypto.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { Abstraction } from './abstractions/abstraction.ts'
import { abstractionOf, bringAbstraction, requireJudged } from './abstractions/index.ts'
import { drawBeyond, drawFaulty, drawInstability, isBounded, withinBounds } from './model-draws.ts'

export interface RunConfig {
  readonly protocol: string
  readonly members: number
  readonly faults: number
  readonly byzantine: number
  /** Null without Byzantine members. */
  readonly adversary: string | null
  readonly links: 'ideal' | 'real'
  readonly crypto: 'symbolic' | 'real'
  /** Each run is worse than the protocol's model says, in one way; default: none is. */
  readonly beyondModel?: boolean
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
export type AddedStack = Stack & {
  readonly checks?: Checks
  /** What the laboratory is to know of its abstraction, if that is not one of byzkit's; see service-protocol.ts. */
  readonly laboratory?: Abstraction<never>
}

/**
 * Makes a protocol from elsewhere known by its name; the last one of a name counts.
 *
 * @throws InvalidParametersError if it claims what nobody judges
 * @throws ModelError if its model is none
 */
export function addStack(stack: AddedStack): void {
  if (findStack(stack.name) !== undefined)
    throw new UnknownNameError(`${stack.name} is the name of a protocol of byzkit: give yours another one`)
  requireJudged(stack, stack.checks)
  requireModelValue(stack)
  bringAbstraction(stack)
  added.set(stack.name, stack)
}

/** Whoever brings a stack may have written it without types. */
function requireModelValue({ name, model }: Stack): void {
  if (typeof model === 'object' && model !== null) return
  const right = 'one of those of byzkit/protocols, such as failSilent, or of defineModel'
  throw new ModelError(`${name}: its model is ${right}, not ${shown(model)}`)
}

/** Whether it is a protocol of ours, or one that was added. */
export const isKnown = (name: string) => findStack(name) !== undefined || added.has(name)

export function requireStack(name: string): AddedStack {
  const stack = findStack(name) ?? added.get(name)
  if (stack === undefined)
    throw new UnknownNameError(`there is no protocol ${name}: simulate --list names them`)
  return stack
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
/** In one of so many runs disks are slow, and so many of their syncs fail. */
const BAD_DISKS_ONE_IN = 6
const BAD_SYNCS_PPM = 50_000

/** Everything about the run with this seed but its choices, and how they are drawn: as the model of the stack says. */
export function planRun(config: RunConfig, seed: number): RunPlan {
  const { protocol, members, faults, links, crypto } = config
  const draw = new SeededRandom(seed, 'plan')
  const stack = requireStack(protocol)
  const real = links === 'real'
  const [model, beyond] =
    config.beyondModel === true ? drawBeyond(stack.model, seed, real) : [stack.model, {}]
  const abstraction = abstractionOf(stack)
  const { clients } = abstraction
  const survives = model.crashes === 'recover' && !isBounded(model)
  const lateAnswers = clients > 0 && survives && new SeededRandom(seed, 'late answers').below(2) === 0
  const unstableMs = lateAnswers ? HEAL_LATE_MS : HEAL_MS
  const instability = drawInstability(model, seed, unstableMs, lateAnswers)
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
      windowInstances: draw.pick([2, 4, 256]),
      retentionCountMax: draw.pick([1024, 1024, 4]),
      ...abstraction.bounds?.(new SeededRandom(seed, 'bounds'))
    },
    seed,
    healMs: instability.healMs,
    livenessMs: LIVENESS_MS
  }
  const rates = drawRates({ config, seed, draw, stack, model, survives, lateAnswers, instability })
  return { setup, rates: { ...rates, ...beyond } }
}

interface RatesDraw {
  readonly config: RunConfig
  readonly seed: number
  readonly draw: SeededRandom
  readonly stack: Stack
  /** What is drawn from: that of the stack, or a weaker one. */
  readonly model: Model
  /** Processes come back, and nothing bounds how long a disk takes. */
  readonly survives: boolean
  readonly lateAnswers: boolean
  readonly instability: Pick<Rates, 'healMs'> & Partial<Rates>
}

function drawRates({
  config,
  seed,
  draw,
  stack,
  model,
  survives,
  lateAnswers,
  instability
}: RatesDraw): Rates {
  const { members, faults, byzantine, links, search } = config
  const { healMs } = instability
  const faulty = Math.max(0, faults - byzantine)
  // Now and then more than retention holds, so that who is away long enough meets a gap.
  const asked = draw.below(10) === 0 ? 24 : draw.between(1, 6)
  const payloadBytesMax = draw.pick([2, 64, 1024])
  const isReal = links === 'real'
  const isLossy = isReal || model.links === 'fair-loss'
  // Then there are no sessions, and nothing keeps an order.
  const standsOnLoss = stack.model.links === 'fair-loss'
  const recovers = model.crashes === 'recover'
  const drawn: Rates = {
    latencyMsMax: draw.pick([2, 20, 100]),
    lossPpm: isLossy ? draw.pick([0, 50_000, 200_000]) : 0,
    duplicationPpm: isLossy ? draw.pick([0, 50_000]) : 0,
    overtakingPpm: isReal || standsOnLoss ? draw.pick([0, 100_000]) : 0,
    partitions: draw.below(3),
    sessionEnds: model.links === 'perfect' || standsOnLoss ? 0 : draw.below(4),
    crashes: recovers ? draw.below(3) : 0,
    ...(model.crashes === 'stop' && { stops: draw.below(faulty + 1) }),
    ...abstractionOf(stack).rates({
      stack,
      model,
      seed,
      draw,
      members,
      faulty,
      asked,
      payloadBytesMax,
      healMs,
      askedWithinMs: lateAnswers ? HEAL_MS : healMs,
      lateAnswers
    }),
    ...(isBounded(model) && { latencyMsMax: draw.pick([2, 20, model.bounds?.latencyMs ?? 0]) }),
    syncFailurePpm: recovers ? draw.pick([0, 0, 0, 20_000]) : 0,
    ...(survives &&
      new SeededRandom(seed, 'bad disks').below(BAD_DISKS_ONE_IN) === 0 && {
        slowDisks: true,
        syncFailurePpm: BAD_SYNCS_PPM
      }),
    badClocks: true,
    // A violation of depth d + 1 needs d change points; most need few.
    priorities: search === 'pct' ? { changePoints: draw.below(4) } : undefined,
    ...instability
  }
  return { ...drawn, ...drawFaulty(model, seed, faulty, drawn.stops), ...withinBounds(model) }
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
  const stack = requireStack(protocol)
  return {
    ...setup,
    stack,
    use: abstractionOf(stack),
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
