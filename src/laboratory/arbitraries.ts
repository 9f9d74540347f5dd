/**
 * Runs for fast-check: groups, setups, schedules, adversaries as arbitraries. A schedule is data, and each of its
 * choices names what it acts on; so fast-check draws it, takes choices away, makes them smaller, and what is left
 * still means what it meant.
 *
 * @example
 * fc.assert(fc.property(recordings(doubleEcho), (recording) => repeatRun(recording).violations.length === 0))
 */
import fc, { type Arbitrary } from 'fast-check'
import { behaviours } from '../adversary/index.ts'
import { findStack } from '../catalogue/index.ts'
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import { type Choice, isAnswer, LATENCY_US, NEVER_US, pointOf } from '../simulator/schedule.ts'
import { MS } from '../simulator/scheduler.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { Resilience } from '../stacks/stack.ts'
import { abstractionOf } from './abstractions/index.ts'
import { messages } from './arbitrary-messages.ts'
import { isBounded } from './model-draws.ts'
import type { Recording } from './recording.ts'
import { type AddedStack, addStack, requireStack, type Setup } from './run-config.ts'

/** The largest group that is drawn unless another size is asked for: at 7 two of them may be Byzantine. */
export const ARBITRARY_MEMBERS_MAX = 7
/** Choices of a schedule unless another number is asked for. */
export const ARBITRARY_CHOICES_MAX = 100

const HEAL_MS = 1000
const LIVENESS_MS = 60_000
/** How far messages, syncs, deliveries and operations are numbered: what comes later follows the default. */
const MESSAGES_MAX = 40
const SYNCS_MAX = 30
const DELIVERIES_MAX = 20
const OPERATIONS_MAX = 12
/** How often the application of a member asks for something, where members ask, and of how many bytes at most. */
const ASKED = 4
const PAYLOAD_BYTES_MAX = 64
const DELAY_US_MAX = 300 * MS
const DOWN_US_MAX = 200 * MS

export interface GroupBounds {
  readonly membersMin?: number
  readonly membersMax?: number
}

export interface RecordingBounds extends GroupBounds {
  readonly choicesMax?: number
  /** Members that lie; default: f. */
  readonly byzantine?: number
  /** What they do: names of adversaries, and null for what the schedule says (their messages are data then, too). */
  readonly adversaries?: readonly (string | null)[]
}

/** A number of members, and how many faults they tolerate. */
export function groups(
  resilience: Resilience = moreThanThreeF,
  { membersMin = 4, membersMax = Math.max(membersMin, ARBITRARY_MEMBERS_MAX) }: GroupBounds = {}
): Arbitrary<{ readonly members: number; readonly faults: number }> {
  return fc
    .integer({ min: membersMin, max: membersMax })
    .map((members) => ({ members, faults: resilience.largest(members) }))
}

/** The name of an adversary. */
export function adversaries(): Arbitrary<string> {
  return fc.constantFrom(...behaviours.map(({ name }) => name))
}

/** Everything about a run but its choices. */
export function setups(stack: AddedStack, bounds: RecordingBounds = {}): Arbitrary<Setup> {
  const { clients } = abstractionOf(stack)
  if (findStack(stack.name) !== stack) addStack(stack)
  const names = bounds.adversaries ?? [null, 'equivocate', 'swarm', 'twins', 'withhold']
  return groups(stack.resilience, bounds).chain(({ members, faults }) => {
    const liars = bounds.byzantine ?? (stack.model.liars ? faults : 0)
    const ranks = Array.from({ length: members }, (_, rank) => rank)
    return fc.record({
      protocol: fc.constant(stack.name),
      members: fc.constant(members),
      clients: fc.constant(clients),
      faults: fc.constant(faults),
      byzantine: fc.subarray(ranks, { minLength: liars, maxLength: liars }),
      adversary: liars === 0 ? fc.constant(null) : fc.constantFrom(...names),
      links: fc.constant('ideal' as const),
      crypto: fc.constant('symbolic' as const),
      options: fc.constant({}),
      seed: fc.nat(),
      healMs: fc.constant(HEAL_MS),
      livenessMs: fc.constant(LIVENESS_MS)
    })
  })
}

/** A run of the protocol: `repeatRun` runs and judges it, `writeTrace` makes a file of it for `byzkit replay`. */
export function recordings(stack: AddedStack, bounds: RecordingBounds = {}): Arbitrary<Recording> {
  return setups(stack, bounds).chain((setup) =>
    schedules(setup, bounds.choicesMax).map((schedule) => ({ setup, schedule }))
  )
}

/**
 * The choices of a run: at least one request, if anything is asked for, delays, faults that its protocol has to bear,
 * and lies.
 */
export function schedules(
  setup: Setup,
  choicesMax: number = ARBITRARY_CHOICES_MAX
): Arbitrary<readonly Choice[]> {
  const at = fc.nat({ max: HEAL_MS * MS })
  const asked = requestsOf(setup, at)
  const first = asked === undefined ? fc.constant([]) : fc.tuple(asked)
  const weighted = choicesOf(setup, at)
  if (asked !== undefined) weighted.push({ weight: 3, arbitrary: asked })
  return fc
    .tuple(
      first,
      stopsOf(setup, at),
      fc.array(fc.oneof(...weighted), { maxLength: Math.max(0, choicesMax - 1), size: 'max' })
    )
    .map(([one, stops, others]) => withoutRepetitions([...one, ...stops, ...others]))
}

interface Weighted {
  readonly weight: number
  readonly arbitrary: Arbitrary<Choice>
}

/** Something that runs of this kind ask for, at some time; undefined where they ask for nothing. */
function requestsOf(setup: Setup, at: Arbitrary<number>): Arbitrary<Choice> | undefined {
  const { members, clients, faults, byzantine, adversary, seed, protocol } = setup
  const stack = requireStack(protocol)
  const { workload } = abstractionOf(stack).rates({
    stack,
    model: stack.model,
    seed,
    draw: new SeededRandom(seed, 'plan'),
    members,
    faulty: faults - byzantine.length,
    asked: ASKED,
    payloadBytesMax: PAYLOAD_BYTES_MAX,
    healMs: HEAL_MS,
    askedWithinMs: HEAL_MS,
    lateAnswers: false
  })
  const pool = Array.from({ length: members + clients }, (_, process) => {
    const isByzantine = byzantine.includes(process)
    // Where the schedule says what liars do nobody asks them.
    if (isByzantine && adversary === null) return []
    return workload.requests(process, isByzantine, new SeededRandom(seed, `requests/${process}`))
  })
    .flat()
    .filter((planned) => planned.kind === 'request')
  if (pool.length === 0) return undefined
  return (
    fc
      .tuple(fc.constantFrom(...pool), at)
      // What is asked for when all else is over is asked for then.
      .map(([request, time]) => (request.at > HEAL_MS * MS ? request : { ...request, at: time }))
  )
}

/** Of the members that may be faulty beside the liars, where they stop: some crash, and none of these comes back. */
function stopsOf(
  { protocol, members, faults, byzantine }: Setup,
  at: Arbitrary<number>
): Arbitrary<Choice[]> {
  if (requireStack(protocol).model.crashes !== 'stop') return fc.constant([])
  const correct = Array.from({ length: members }, (_, rank) => rank).filter(
    (rank) => !byzantine.includes(rank)
  )
  return fc
    .subarray(correct, { maxLength: Math.max(0, faults - byzantine.length) })
    .chain((stopped) =>
      fc.tuple(
        ...stopped.map((process) =>
          at.map((time): Choice => ({ kind: 'crash', process, at: time, until: NEVER_US }))
        )
      )
    )
}

function choicesOf(setup: Setup, at: Arbitrary<number>): Weighted[] {
  const { members, clients, byzantine, adversary, protocol } = setup
  const all = Array.from({ length: members + clients }, (_, process) => process)
  const correct = all.filter((process) => !byzantine.includes(process))
  const number = (max: number) => fc.integer({ min: 1, max })
  const us = (max: number) => fc.nat({ max })
  const process = fc.constantFrom(...correct)
  const { model } = requireStack(protocol)
  const link = {
    from: fc.constantFrom(...all),
    to: fc.constantFrom(...all),
    number: number(MESSAGES_MAX)
  }
  const delayMax = isBounded(model)
    ? Math.min(DELAY_US_MAX, (model.bounds?.latencyMs ?? 0) * MS - LATENCY_US)
    : DELAY_US_MAX
  const always: Weighted[] = [
    { weight: 6, arbitrary: fc.record({ kind: of('delay'), ...link, us: us(delayMax) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: of('consume'),
        process,
        number: number(DELIVERIES_MAX),
        us: us(DELAY_US_MAX)
      })
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: of('clock-jump'), process, at, ms: fc.integer({ min: -HOUR, max: HOUR }) })
    }
  ]
  const partition: Weighted = {
    weight: 1,
    arbitrary: fc
      .tuple(at, at, fc.subarray(all), fc.boolean())
      .map(([one, other, side, oneWay]) => ({ kind: 'partition', ...span(one, other), side, oneWay }))
  }
  const lies = adversary === null && byzantine.length > 0
  return [
    ...always,
    ...(isBounded(model) ? [] : [partition]),
    ...(model.links === 'sessions' ? [endsOfSessions(all.length, at)] : []),
    ...(model.links === 'fair-loss'
      ? (['duplicate', 'overtake'] as const).map((kind) => ({
          weight: 2,
          arbitrary: fc.record({ kind: of(kind), ...link, us: us(DELAY_US_MAX) })
        }))
      : []),
    ...(model.links === 'fair-loss'
      ? [{ weight: 2, arbitrary: fc.record({ kind: of('lose'), ...link }) }]
      : []),
    ...(model.crashes === 'recover' ? crashesOf(process, at) : []),
    ...(lies ? [{ weight: 12, arbitrary: acts(setup, byzantine, correct, at) }] : [])
  ]
}

const HOUR = 3_600_000

const of = <K extends Choice['kind']>(kind: K) => fc.constant(kind)

const endsOfSessions = (processes: number, at: Arbitrary<number>): Weighted => ({
  weight: 2,
  arbitrary: fc
    .tuple(fc.nat({ max: processes - 1 }), fc.integer({ min: 1, max: Math.max(1, processes - 1) }), at)
    .map(([a, distance, when]) => ({ kind: 'end-session', a, b: (a + distance) % processes, at: when }))
})

/** Of processes that come back, and of their disks. */
function crashesOf(process: Arbitrary<ProcessId>, at: Arbitrary<number>): Weighted[] {
  const number = fc.integer({ min: 1, max: SYNCS_MAX })
  const us = fc.nat({ max: DOWN_US_MAX })
  return [
    { weight: 1, arbitrary: fc.record({ kind: of('sync'), process, number, us }) },
    { weight: 1, arbitrary: fc.record({ kind: of('sync-fails'), process, number, us }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: of('unsynced'),
        process,
        number,
        left: fc.constantFrom('all' as const, 'torn' as const)
      })
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(process, at, at)
        .map(([crashed, one, other]) => ({ kind: 'crash', process: crashed, ...span(one, other) }))
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: of('crash-on'),
        process,
        event: fc.constantFrom('sync' as const, 'send' as const),
        number,
        us
      })
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: of('crash-on'),
        process,
        event: fc.constant('return' as const),
        number: fc.integer({ min: 1, max: OPERATIONS_MAX }),
        us
      })
    }
  ]
}

function acts(
  setup: Setup,
  byzantine: readonly ProcessId[],
  correct: readonly ProcessId[],
  at: Arbitrary<number>
): Arbitrary<Choice> {
  return fc.record({
    kind: fc.constant('act' as const),
    process: fc.constantFrom(...byzantine),
    at,
    to: fc.constantFrom(...correct),
    bytes: messages(setup).map(toHex)
  })
}

const span = (one: number, other: number) => ({ at: Math.min(one, other), until: Math.max(one, other) })

/** One answer to each question, and one request under each number: the first one drawn. */
function withoutRepetitions(schedule: readonly Choice[]): Choice[] {
  const seen = new Set<string>()
  return schedule.filter((choice) => {
    const name = isAnswer(choice)
      ? pointOf(choice)
      : choice.kind === 'request'
        ? `request/${choice.process}/${choice.number}`
        : undefined
    if (name === undefined) return true
    const isNew = !seen.has(name)
    seen.add(name)
    return isNew
  })
}
