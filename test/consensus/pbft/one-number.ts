/**
 * The selection rule against all that can happen at one number: reports of correct members and liars, as small integers,
 * and the rule itself over them.
 *
 * Whatever a correct member does in view u it does before its VIEW-CHANGE for a later one, so what it can report is known
 * once it is known which views it entered and what it voted for in the last of them. Every primary may be a liar.
 */
import { type Start, selectStart, type ViewChange } from '../../../src/consensus/pbft/selection.ts'
import { createGroup, type Group } from '../../../src/core/group.ts'

/** 0: none; 1 and 2: one of the two batches that there are. */
export type Batch = 0 | 1 | 2
/** What became of a view: its certified start has nothing at the number, or a batch; undefined: it was never certified. */
export type CertifiedStart = Batch | undefined

/** A member's base, and its vote there: `5 base + kind`. */
export type Report = number
/** Kinds: no vote, a vote for one of the two, prepared for one of the two. */
export const KINDS = 5

export const reportOf = (base: number, voted: Batch, prepared = false): Report =>
  KINDS * base + voted + (prepared && voted !== 0 ? 2 : 0)
export const baseOf = (report: Report): number => Math.floor(report / KINDS)
export const voteOf = (report: Report): Batch => {
  const kind = report % KINDS
  return (kind > 2 ? kind - 2 : kind) as Batch
}
export const preparedOf = (report: Report): Batch => (report % KINDS > 2 ? voteOf(report) : 0)

const CHECKPOINT = { sequence: 0, digest: Uint8Array.of(9) }
const NOTHING = Uint8Array.of(0)
const DIGESTS = [NOTHING, Uint8Array.of(1), Uint8Array.of(2)]

/** A group of that size, whose keys nobody needs. */
export function groupOf(n: number, f: number): Group {
  return createGroup({
    id: new Uint8Array(32),
    f,
    publicKeys: Array.from({ length: n }, () => new Uint8Array(32))
  })
}

/** Selection over reports. It remembers what it was asked. */
export class OneNumber {
  readonly group: Group
  readonly #changes = new Map<Report, ViewChange>()
  readonly #known = new Map<string, CertifiedStart>()

  constructor(n: number, f: number) {
    this.group = groupOf(n, f)
  }

  /** @returns undefined: undecided */
  select(reports: readonly Report[], starts: readonly CertifiedStart[]): CertifiedStart {
    const key = `${[...reports].sort((a, b) => a - b).join()}|${starts.join()}`
    if (this.#known.has(key)) return this.#known.get(key)
    const decided = this.#ask(reports, starts)
    this.#known.set(key, decided)
    return decided
  }

  #ask(reports: readonly Report[], starts: readonly CertifiedStart[]): CertifiedStart {
    const { quorum } = this.group
    const start = selectStart(
      starts.length,
      reports.map((report) => this.#changeOf(report)),
      (base) => startOf(base, starts[base]),
      { quorum, nothing: NOTHING }
    )
    if (start === undefined) return undefined
    return (start.selected[0]?.[0] ?? 0) as Batch
  }

  #changeOf(report: Report): ViewChange {
    let change = this.#changes.get(report)
    if (change === undefined) {
      const voted = voteOf(report)
      const vote = { sequence: 1, digest: DIGESTS[voted]!, prepared: preparedOf(report) !== 0 }
      change = { stable: CHECKPOINT, base: baseOf(report), votes: voted === 0 ? [] : [vote] }
      this.#changes.set(report, change)
    }
    return change
  }
}

function startOf(view: number, certified: CertifiedStart): Start {
  if (certified === undefined)
    throw new Error(`view ${view} has no certified start, so nobody has it as a base`)
  return { view, stable: CHECKPOINT, selected: certified === 0 ? [] : [DIGESTS[certified]!] }
}

/** Everything that a liar may report: any certified base, any vote there. */
export function lies(starts: readonly CertifiedStart[]): Report[] {
  return starts.flatMap((certified, base) =>
    certified === undefined ? [] : Array.from({ length: KINDS }, (_, kind) => KINDS * base + kind)
  )
}

/** All multisets of at most `size` of `items`. */
export function* multisets<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  yield []
  if (size === 0) return
  for (let at = from; at < items.length; at++) {
    for (const rest of multisets(items, size - 1, at)) yield [items[at]!, ...rest]
  }
}

/** All subsets, in the order of the items. */
export function* subsets<T>(items: readonly T[]): Generator<T[]> {
  for (let mask = 0; mask < 1 << items.length; mask++) yield items.filter((_, at) => (mask >> at) & 1)
}

/** All different parts of a list of numbers. */
export function parts(reports: readonly Report[]): Report[][] {
  return [...new Map([...subsets(reports)].map((part) => [part.join(), part])).values()]
}

/** All sequences of that length. */
export function* sequences<T>(choices: readonly T[], length: number): Generator<T[]> {
  if (length === 0) {
    yield []
    return
  }
  for (const first of choices) for (const rest of sequences(choices, length - 1)) yield [first, ...rest]
}
