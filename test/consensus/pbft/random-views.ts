/**
 * Several numbers, two views and moving checkpoints, at random: a group that votes in view 0, begins view 1 by a start
 * that the rule itself gave, votes there, and leaves it. What may be reported then is judged at every set of reports.
 */
import {
  type ReportedVote,
  type StableCheckpoint,
  type Start,
  selectStart,
  type ViewChange
} from '../../../src/consensus/pbft/selection.ts'
import { toHex } from '../../../src/core/bytes.ts'
import type { Group } from '../../../src/core/group.ts'
import type { SeededRandom } from '../../../src/simulator/seeded-random.ts'
import { groupOf, subsets } from './one-number.ts'

const NUMBERS = [1, 2, 3]
const NOTHING = Uint8Array.of(0)
const BATCHES = [Uint8Array.of(1), Uint8Array.of(2)]
const NONE: StableCheckpoint = { sequence: 0, digest: Uint8Array.of(9) }

/** How often each thing that is worth trying came up. */
export interface Reached {
  committed: number
  /** A committed digest was selected where the base's start has nothing. */
  carried: number
  copied: number
  /** Holes that were filled. */
  filled: number
  /** A checkpoint above the one that the base began with. */
  advanced: number
  undecided: number
}

/** The random choices of one world, and what it may come to. */
export class RandomViews {
  readonly #random: SeededRandom
  readonly #group: Group
  readonly reached: Reached = { committed: 0, carried: 0, copied: 0, filled: 0, advanced: 0, undecided: 0 }

  constructor(n: number, f: number, random: SeededRandom) {
    this.#group = groupOf(n, f)
    this.#random = random
  }

  /** @throws what is wrong with a selection */
  tryOne(): void {
    const first: Start = { view: 0, stable: NONE, selected: [] }
    const committed = new Map<number, Uint8Array>()
    const correct = Array.from(
      { length: this.#group.n - this.#group.f },
      (): ViewChange => ({ stable: NONE, base: 0, votes: [] })
    )
    let reports = this.#vote(correct, first, committed)
    const starts = [first]
    this.#judge(reports, starts, committed)
    const second = this.#offer(reports, starts)
    if (second !== undefined && this.#random.below(4) > 0) {
      starts.push(second)
      reports = this.#vote(reports, second, committed)
      this.#judge(reports, starts, committed)
    }
  }

  /** Some enter the view, and vote there; what commits, commits, and may become stable. */
  #vote(reports: readonly ViewChange[], start: Start, committed: Map<number, Uint8Array>): ViewChange[] {
    const random = this.#random
    const { n, f, quorum } = this.#group
    const enters = reports.map(() => start.view === 0 || random.below(3) > 0)
    const votes = reports.map(() => new Map<number, ReportedVote>())
    for (const sequence of NUMBERS) {
      const fixed = start.selected[sequence - start.stable.sequence - 1]
      // Mostly they agree; a primary that lies may show each another batch.
      const shown = BATCHES[random.below(BATCHES.length)]!
      for (const [at, own] of votes.entries()) {
        if (!enters[at] || sequence <= start.stable.sequence || random.below(4) === 0) continue
        const digest = fixed ?? (random.below(4) > 0 ? shown : BATCHES[random.below(BATCHES.length)]!)
        own.set(sequence, { sequence, digest, prepared: false })
      }
      for (const digest of [NOTHING, ...BATCHES]) {
        const voters = votes.filter((own) => isFor(own.get(sequence), digest))
        if (voters.length === 0 || voters.length + f < quorum.byzantine) continue
        for (const own of voters) own.set(sequence, { sequence, digest, prepared: random.below(3) > 0 })
        const prepared = voters.filter((own) => own.get(sequence)?.prepared).length
        if (prepared > 0 && prepared + f >= quorum.byzantine) {
          const other = committed.get(sequence)
          if (other !== undefined && !same(other, digest))
            throw new Error(`${n}: two batches committed at ${sequence}`)
          committed.set(sequence, digest)
          this.reached.committed++
        }
      }
    }
    // A checkpoint covers what is committed without a hole.
    let covered = 0
    while (committed.has(covered + 1)) covered++
    return reports.map((report, at): ViewChange => {
      const known = Math.max(report.stable.sequence, enters[at] ? start.stable.sequence : 0)
      const sequence = random.below(3) === 0 ? Math.max(known, random.below(covered + 1)) : known
      const stable = sequence === 0 ? NONE : { sequence, digest: Uint8Array.of(9, sequence) }
      const own = enters[at] ? [...votes[at]!.values()] : report.votes
      return {
        stable,
        base: enters[at] ? start.view : report.base,
        votes: own.filter((vote) => vote.sequence > stable.sequence)
      }
    })
  }

  /** A start that some set of reports gives. */
  #offer(reports: readonly ViewChange[], starts: readonly Start[]): Start | undefined {
    const some = reports.filter(() => this.#random.below(5) > 0)
    return this.#select([...some, ...this.#lies(starts, reports)], starts)
  }

  #select(changes: readonly ViewChange[], starts: readonly Start[]): Start | undefined {
    const terms = { quorum: this.#group.quorum, nothing: NOTHING }
    return selectStart(starts.length, changes, (base) => starts[base]!, terms)
  }

  /** What liars report: any certified base, any certified checkpoint, any votes above it. */
  #lies(starts: readonly Start[], reports: readonly ViewChange[]): ViewChange[] {
    const random = this.#random
    const stables = [...starts, ...reports].map(({ stable }) => stable)
    return Array.from({ length: random.below(this.#group.f + 1) }, (): ViewChange => {
      const stable = stables[random.below(stables.length)]!
      const votes = NUMBERS.filter((sequence) => sequence > stable.sequence && random.below(3) > 0).map(
        (sequence) => ({
          sequence,
          digest: [NOTHING, ...BATCHES][random.below(3)]!,
          prepared: random.below(2) === 0
        })
      )
      return { stable, base: starts[random.below(starts.length)]!.view, votes }
    })
  }

  #judge(
    reports: readonly ViewChange[],
    starts: readonly Start[],
    committed: ReadonlyMap<number, Uint8Array>
  ): void {
    const lies = this.#lies(starts, reports)
    for (const correct of subsets(reports)) {
      const changes = [...correct, ...lies]
      const start = this.#select(changes, starts)
      if (start === undefined) {
        this.reached.undecided++
        if (correct.length === reports.length)
          throw new Error(`undecided, with the reports of all correct members: ${text({ changes, starts })}`)
        continue
      }
      const said = text({ changes, starts, start, committed: [...committed] })
      if (text(this.#select(changes.toReversed(), starts)) !== text(start))
        throw new Error(`the order counts: ${said}`)
      this.#judgeStart(start, changes, correct, starts, committed, said)
    }
  }

  #judgeStart(
    { stable, selected }: Start,
    changes: readonly ViewChange[],
    correct: readonly ViewChange[],
    starts: readonly Start[],
    committed: ReadonlyMap<number, Uint8Array>,
    said: string
  ): void {
    const base = starts[Math.max(...changes.map((change) => change.base))]!
    if (changes.some((change) => change.stable.sequence > stable.sequence))
      throw new Error(`a checkpoint that is known is left behind: ${said}`)
    if (stable.sequence > base.stable.sequence) this.reached.advanced++
    const at = (sequence: number) => selected[sequence - stable.sequence - 1]
    for (const [sequence, digest] of committed) {
      if (sequence <= stable.sequence) continue
      const chosen = at(sequence)
      if (chosen === undefined || !same(chosen, digest))
        throw new Error(`committed at ${sequence}, and lost: ${said}`)
      if (sequence > base.stable.sequence + base.selected.length) this.reached.carried++
    }
    for (const [place, digest] of selected.entries()) {
      const sequence = stable.sequence + place + 1
      const fixed = base.selected[sequence - base.stable.sequence - 1]
      if (fixed !== undefined) {
        if (!same(fixed, digest))
          throw new Error(`what the base began with is changed at ${sequence}: ${said}`)
        this.reached.copied++
      } else if (same(digest, NOTHING)) {
        this.reached.filled++
      } else if (
        !correct.some(
          (one) =>
            one.base === base.view &&
            one.votes.some((vote) => vote.sequence === sequence && isFor(vote, digest))
        )
      ) {
        throw new Error(`no correct member voted for what is selected at ${sequence}: ${said}`)
      }
    }
  }
}

const same = (a: Uint8Array, b: Uint8Array) => a[0] === b[0]
const isFor = (vote: ReportedVote | undefined, digest: Uint8Array) =>
  vote !== undefined && same(vote.digest, digest)
const text = (value: unknown) =>
  JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? toHex(inner) : inner))
