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
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import { type Choice, isAnswer, pointOf } from '../simulator/schedule.ts'
import { MS } from '../simulator/scheduler.ts'
import { findStack } from '../stacks/index.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack, Resilience } from '../stacks/stack.ts'
import { messages } from './arbitrary-messages.ts'
import type { Recording } from './recording.ts'
import { type AddedStack, addStack, requireStack, type Setup } from './run-config.ts'

/** The largest group that is drawn unless another size is asked for: at 7 two of them may be Byzantine. */
export const ARBITRARY_MEMBERS_MAX = 7
/** Choices of a schedule unless another number is asked for. */
export const ARBITRARY_CHOICES_MAX = 100

const HEAL_MS = 1000
const LIVENESS_MS = 60_000
/** How far messages, syncs, deliveries and requests are numbered: what comes later follows the default. */
const MESSAGES_MAX = 40
const SYNCS_MAX = 30
const DELIVERIES_MAX = 20
const BROADCASTS_MAX = 4
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
export function setups(stack: BroadcastStack & AddedStack, bounds: RecordingBounds = {}): Arbitrary<Setup> {
  if (findStack(stack.name) !== stack) addStack(stack)
  const names = bounds.adversaries ?? [null, 'equivocate', 'swarm', 'twins', 'withhold']
  return groups(stack.resilience, bounds).chain(({ members, faults }) => {
    const liars = bounds.byzantine ?? (stack.model === 'fail-arbitrary' ? faults : 0)
    const ranks = Array.from({ length: members }, (_, rank) => rank)
    return fc.record({
      protocol: fc.constant(stack.name),
      members: fc.constant(members),
      clients: fc.constant(0),
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
export function recordings(
  stack: BroadcastStack & AddedStack,
  bounds: RecordingBounds = {}
): Arbitrary<Recording> {
  return setups(stack, bounds).chain((setup) =>
    schedules(setup, bounds.choicesMax).map((schedule) => ({ setup, schedule }))
  )
}

/** The choices of a run: at least one broadcast, delays, faults that its protocol has to bear, and lies. */
export function schedules(
  setup: Setup,
  choicesMax: number = ARBITRARY_CHOICES_MAX
): Arbitrary<readonly Choice[]> {
  const { first, weighted } = choicesOf(setup)
  return fc
    .tuple(first, fc.array(fc.oneof(...weighted), { maxLength: Math.max(0, choicesMax - 1), size: 'max' }))
    .map(([one, others]) => withoutRepetitions([one, ...others]))
}

interface Weighted {
  readonly weight: number
  readonly arbitrary: Arbitrary<Choice>
}

function choicesOf(setup: Setup): { first: Arbitrary<Choice>; weighted: readonly Weighted[] } {
  const { members, byzantine, adversary, protocol } = setup
  const ranks = Array.from({ length: members }, (_, rank) => rank)
  const correct = ranks.filter((rank) => !byzantine.includes(rank))
  const at = fc.nat({ max: HEAL_MS * MS })
  const number = (max: number) => fc.integer({ min: 1, max })
  const us = (max: number) => fc.nat({ max })
  const process = fc.constantFrom(...correct)
  const link = { from: fc.nat({ max: members - 1 }), to: fc.nat({ max: members - 1 }) }

  const broadcast: Arbitrary<Choice> = fc.record({
    kind: of('broadcast'),
    process: adversary === null ? process : fc.constantFrom(...ranks),
    number: number(BROADCASTS_MAX),
    at,
    bytes: fc.integer({ min: 2, max: 64 })
  })
  const always: Weighted[] = [
    { weight: 3, arbitrary: broadcast },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: of('delay'),
        ...link,
        number: number(MESSAGES_MAX),
        us: us(DELAY_US_MAX)
      })
    },
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
      arbitrary: fc
        .tuple(at, at, fc.subarray(ranks), fc.boolean())
        .map(([one, other, side, oneWay]) => ({ kind: 'partition', ...span(one, other), side, oneWay }))
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: of('clock-jump'), process, at, ms: fc.integer({ min: -HOUR, max: HOUR }) })
    }
  ]
  const perfect = requireStack(protocol).perfectLinks === true
  const lies = adversary === null && byzantine.length > 0
  return {
    first: broadcast,
    weighted: [
      ...always,
      ...(perfect ? [] : faultsOf(process, members, at)),
      ...(lies ? [{ weight: 12, arbitrary: acts(setup, byzantine, correct, at) }] : [])
    ]
  }
}

const HOUR = 3_600_000

const of = <K extends Choice['kind']>(kind: K) => fc.constant(kind)

/** Crashes, disks and sessions: what a protocol on perfect links does not claim to bear. */
function faultsOf(process: Arbitrary<ProcessId>, members: number, at: Arbitrary<number>): Weighted[] {
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
      weight: 2,
      arbitrary: fc
        .tuple(fc.nat({ max: members - 1 }), fc.integer({ min: 1, max: Math.max(1, members - 1) }), at)
        .map(([a, distance, when]) => ({ kind: 'end-session', a, b: (a + distance) % members, at: when }))
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
      : choice.kind === 'broadcast'
        ? `broadcast/${choice.process}/${choice.number}`
        : undefined
    if (name === undefined) return true
    const isNew = !seen.has(name)
    seen.add(name)
    return isNew
  })
}
