/**
 * The state of one key: a dotted version vector set (Preguiça, Baquero, Almeida, Fonte, Gonçalves: "Dotted Version
 * Vectors", arXiv 1011.5808, 2010, and PODC 2012; as sets: Almeida et al., DAIS 2014).
 *
 * A put is given a *dot* by the first replica that takes it in: the replica's rank, and a number that it counts up for
 * the key. The *clock* has of each replica the highest number that is known; the *versions* are the values, each with
 * its dot, that nothing known has replaced. So a dot that the clock covers and that is no version was replaced by a put
 * that had seen it. It holds since a replica hands on all that it has of a key at once: whoever knows a dot of it knows
 * what became of those before.
 *
 *     put(context, v) at p:  drop the versions that the context covers; the new one has the next dot of p
 *     join(a, b):            keep the versions that both have, and those of one whose dots the other's clock does not
 *     cover
 *
 * Version vectors with an entry for each client would grow with the number of clients; with entries for replicas and
 * without dots, two puts through one replica could not be told to be concurrent. Here the clock has one entry for each
 * replica of the key, and concurrent puts are siblings whichever way they came.
 *
 * A put that was asked of two replicas, because the first did not answer, has two dots. It carries a number that tells:
 * the versions of one put become one. Whoever has replaced either has seen that put.
 *
 * *Last-writer-wins* is the same, and of the siblings only the one with the highest time is kept; of equal times, that
 * with the lowest dot. Nothing lower ever replaces it, since a put with a context has a higher time than all that it
 * saw. No store gives a time twice (write-times.ts), so that of its own puts the later one wins.
 * What is lost is the point of the name: of two concurrent puts one is gone, without a word to anybody.
 */
import { sameBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import {
  bytes,
  encode,
  fixedBytes,
  list,
  optional,
  rank,
  record,
  uint,
  type ValueOf
} from '../core/shapes.ts'
import {
  COUNTER_MAX,
  REPLICAS_MAX,
  SIBLING_BYTES_PER_REPLICA_MAX,
  SIBLINGS_PER_REPLICA_MAX,
  STORED_VALUE_BYTES_MAX,
  TIME_MS_MAX
} from './constants.ts'

/** What becomes of concurrent puts. */
export type Conflicts = 'siblings' | 'last-writer-wins'

const dotFields = { rank, counter: uint(COUNTER_MAX) }

export const clockShape = list(record(dotFields), REPLICAS_MAX)

/** Of each replica the highest number known, in the order of the ranks. */
export type VersionClock = ValueOf<typeof clockShape>

/** What a put is, wherever it is asked for. */
export const writeFields = {
  /** Random: tells a put that is asked for again from another one. */
  number: fixedBytes(16),
  time: uint(TIME_MS_MAX),
  /** Null: a delete. */
  value: optional(bytes(STORED_VALUE_BYTES_MAX))
}

const writeShape = record(writeFields)
export type Write = ValueOf<typeof writeShape>

const versionShape = record({ ...dotFields, ...writeFields })
export type Version = ValueOf<typeof versionShape>

export const stateShape = record({
  clock: clockShape,
  versions: list(versionShape, SIBLINGS_PER_REPLICA_MAX * REPLICAS_MAX)
})

/** All that a replica has of a key. Equal states have equal encodings. */
export type KeyState = ValueOf<typeof stateShape>

type Dot = Pick<Version, 'rank' | 'counter'>

export const EMPTY: KeyState = Object.freeze({ clock: [], versions: [] })

const counterOf = (clock: VersionClock, rank: ProcessId): number =>
  clock.find((entry) => entry.rank === rank)?.counter ?? 0

const covers = (clock: VersionClock, { rank, counter }: Dot): boolean => counter <= counterOf(clock, rank)

const compareDots = (a: Dot, b: Dot): number => a.rank - b.rank || a.counter - b.counter

export const sameState = (a: KeyState, b: KeyState): boolean =>
  a === b || sameBytes(encode(stateShape, a), encode(stateShape, b))

function joinClocks(a: VersionClock, b: VersionClock): VersionClock {
  const ranks = [...new Set([...a, ...b].map(({ rank }) => rank))].sort((x, y) => x - y)
  return ranks.map((rank) => ({ rank, counter: Math.max(counterOf(a, rank), counterOf(b, rank)) }))
}

export function join(a: KeyState, b: KeyState, conflicts: Conflicts): KeyState {
  const has = ({ versions }: KeyState, dot: Dot) => versions.some((other) => compareDots(other, dot) === 0)
  const ofA = a.versions.filter((version) => has(b, version) || !covers(b.clock, version))
  const ofB = b.versions.filter((version) => !covers(a.clock, version))
  return settled(joinClocks(a.clock, b.clock), [...ofA, ...ofB], conflicts)
}

/** The state after a put at the replica `self`; the same state, if the put is there already. */
export function written(
  state: KeyState,
  self: ProcessId,
  context: VersionClock,
  write: Write,
  conflicts: Conflicts
): KeyState {
  if (state.versions.some(({ number }) => sameBytes(number, write.number))) return state
  const known = joinClocks(state.clock, context)
  const dot = { rank: self, counter: counterOf(known, self) + 1 }
  const { number, time, value } = write
  const left = state.versions.filter((version) => !covers(context, version))
  return settled(joinClocks(known, [dot]), [...left, { ...dot, number, time, value }], conflicts)
}

function settled(clock: VersionClock, versions: readonly Version[], conflicts: Conflicts): KeyState {
  const sorted = [...versions].sort(compareDots)
  const once = sorted.filter(
    (version, index) => sorted.findIndex(({ number }) => sameBytes(number, version.number)) === index
  )
  if (conflicts === 'siblings' || once.length <= 1) return { clock, versions: once }
  return { clock, versions: [once.reduce((a, b) => (b.time > a.time ? b : a))] }
}

/**
 * What is wrong with a state that is of its shape. None of it comes about where replicas keep to their bounds.
 * @param replicas of the key
 */
export function stateProblem(
  { clock, versions }: KeyState,
  replicas: readonly ProcessId[],
  conflicts: Conflicts
): string | undefined {
  const problem = clockProblem(clock, replicas)
  if (problem !== undefined) return problem
  if (!isAscending(versions)) return 'versions that are out of order'
  if (!versions.every((version) => version.counter > 0 && covers(clock, version)))
    return 'a version that its clock does not cover'
  if (conflicts === 'last-writer-wins' && versions.length > 1) return 'siblings where the last writer wins'
  return replicas.some((rank) => tooMany(versions, rank)) ? 'more siblings than a replica lets in' : undefined
}

/** What is wrong with a clock, the context of a put for one. */
export function clockProblem(clock: VersionClock, replicas: readonly ProcessId[]): string | undefined {
  if (!clock.every(({ rank, counter }) => replicas.includes(rank) && counter > 0))
    return 'a clock of others than the replicas'
  return isAscending(clock.map(({ rank }) => ({ rank, counter: 0 }))) ? undefined : 'a clock out of order'
}

/** Whether a replica has let in more siblings of one key than it may. */
export function tooMany(versions: readonly Version[], rank: ProcessId): boolean {
  const own = versions.filter((version) => version.rank === rank)
  const bytesOfOwn = own.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
  return own.length > SIBLINGS_PER_REPLICA_MAX || bytesOfOwn > SIBLING_BYTES_PER_REPLICA_MAX
}

/** Whether the replica has no number left for a further put. */
export const isExhausted = (clock: VersionClock, rank: ProcessId): boolean =>
  counterOf(clock, rank) >= COUNTER_MAX

const isAscending = (dots: readonly Dot[]): boolean =>
  dots.every((dot, index) => index === 0 || compareDots(dots[index - 1] as Dot, dot) < 0)
