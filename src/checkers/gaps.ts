/**
 * Which gaps are excuses. A member that was away for too long skips what the others keep no more, and totality and
 * validity are promised within retention alone. But it is the accused who says so, and so nothing is believed: a gap is
 * judged against the bounds of the run and what other correct members had come to before.
 *
 * A member skips when f+1 say that they do not retain, of which the correct ones say the truth. A correct member says
 * so of what is beyond its own retention, and of what it has skipped itself. So for each instance that is skipped
 *
 * - some correct member has delivered it: the first that got past it had nobody to vouch for a gap;
 * - as many others as f+1 less the liars, and at least one, are correct and beyond it: more than the bounds lie between
 *   it and where they stand. Those who have skipped it vouch for it too, but for them the same held before.
 */
import { type BroadcastOptions, withDefaults } from '../broadcast/constants.ts'
import type { ProcessId } from '../core/group.ts'
import type { BroadcastEvent, BroadcastHistory } from './broadcast-history.ts'

type Gap = Extract<BroadcastEvent, { kind: 'gap' }>

export interface JudgedGap extends Gap {
  readonly at: number
  /** Why it excuses nothing; undefined if it does. */
  readonly refuted: string | undefined
}

/** How far one member has come with one sender's broadcasts. */
class Progress {
  /** Everything below was delivered or skipped. */
  base = 0
  readonly #bytes = new Map<number, number>()
  readonly #gaps: Gap[] = []

  deliver(sequence: number, bytes: number): void {
    this.#bytes.set(sequence, bytes)
    this.#advance()
  }

  skip(gap: Gap): void {
    this.#gaps.push(gap)
    this.#advance()
  }

  #advance(): void {
    for (;;) {
      const gap = this.#gaps.find(({ from, to }) => from <= this.base && this.base < to)
      if (gap !== undefined) this.base = gap.to
      else if (this.#bytes.has(this.base)) this.base++
      else return
    }
  }

  /** Whether more than the bounds lie between an instance and this member; then so it is for all before it. */
  isBeyond(sequence: number, { retentionCountMax, retentionBytesMax }: Required<BroadcastOptions>): boolean {
    if (this.base <= sequence) return false
    if (this.base - sequence > retentionCountMax) return true
    let between = 0
    for (const [delivered, bytes] of this.#bytes)
      if (delivered >= sequence && delivered < this.base) between += bytes
    return between > retentionBytesMax
  }
}

/** What is known of all members at one moment. */
class Group {
  readonly #progress = new Map<string, Progress>()
  /** By sender: what some correct member delivered. */
  readonly #delivered = new Map<ProcessId, Set<number>>()

  of(process: ProcessId, sender: ProcessId): Progress {
    const key = `${process}/${sender}`
    const progress = this.#progress.get(key) ?? new Progress()
    this.#progress.set(key, progress)
    return progress
  }

  add(event: BroadcastEvent): void {
    if (event.kind === 'gap') this.of(event.process, event.sender).skip(event)
    if (event.kind !== 'deliver') return
    this.of(event.process, event.sender).deliver(event.sequence, event.payload.length)
    this.#deliveredOf(event.sender).add(event.sequence)
  }

  /** What a gap covers may be any number, of instances that never were: what was delivered is counted. */
  haveDelivered({ sender, from, to }: Gap): boolean {
    let delivered = 0
    for (const sequence of this.#deliveredOf(sender)) if (sequence >= from && sequence < to) delivered++
    return delivered === to - from
  }

  #deliveredOf(sender: ProcessId): Set<number> {
    const delivered = this.#delivered.get(sender) ?? new Set()
    this.#delivered.set(sender, delivered)
    return delivered
  }
}

/** The gaps of correct members, in their order. */
export function judgeGaps(history: BroadcastHistory): readonly JudgedGap[] {
  const { n, f, correct, bounds = {}, inRealTime = true } = history
  const members = correct.filter((process) => process < n)
  const vouchersMin = Math.max(1, f + 1 - (n - members.length))
  const limits = withDefaults(bounds)
  const group = new Group()
  const isCorrect = (process: ProcessId) => members.includes(process)
  // Where it is not known who came first, everybody may have been where it was in the end.
  if (!inRealTime) for (const event of history.events) if (isCorrect(event.process)) group.add(event)

  const refute = (gap: Gap): string | undefined => {
    if (!group.haveDelivered(gap)) return 'which no correct member had delivered'
    const last = gap.to - 1
    const others = members.filter((process) => process !== gap.process)
    const beyond = others.filter((process) => group.of(process, gap.sender).isBeyond(last, limits))
    if (beyond.length >= vouchersMin) return undefined
    if (beyond.length === 0) return 'which no correct member had left beyond its retention'
    return `for which ${vouchersMin} correct members would have to vouch, and ${beyond.length} can`
  }

  return history.events.flatMap((event, at) => {
    if (!isCorrect(event.process)) return []
    if (event.kind !== 'gap') {
      if (inRealTime) group.add(event)
      return []
    }
    const refuted = refute(event)
    // A gap that is no excuse is none for others either.
    if (inRealTime && refuted === undefined) group.add(event)
    return [{ ...event, at, refuted }]
  })
}
