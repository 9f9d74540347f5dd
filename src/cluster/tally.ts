/** What the correct members counted: faults that they saw and states that they reached, over all their lives. */
import type { Certainty, Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { MemberCounts } from './messages.ts'

/** Faults of one member and kind, as all correct members saw them. */
export interface FaultSeen {
  readonly process: ProcessId
  readonly kind: Fault['kind']
  /** The most certain that somebody is. */
  readonly certainty: Certainty
  readonly count: number
  /** Who saw it. */
  readonly by: readonly ProcessId[]
}

const RANKING: readonly Certainty[] = ['suspected', 'certain', 'proven']

interface Reporter {
  /** Lives that are over. */
  readonly past: MemberCounts[]
  current: MemberCounts | undefined
}

export class Tally {
  readonly #reporters = new Map<ProcessId, Reporter>()
  readonly #known = new Set<string>()

  /** @returns the faults in it that this member had not reported before, or not with that certainty */
  add(reporter: ProcessId, counts: MemberCounts): Fault[] {
    this.#reporter(reporter).current = counts
    return counts.faults.flatMap(({ fault }) => {
      const key = `${reporter}/${fault.process}/${fault.kind}/${fault.certainty}`
      if (this.#known.has(key)) return []
      this.#known.add(key)
      return [fault]
    })
  }

  /** The member died: its next life counts from zero. */
  endLife(member: ProcessId): void {
    const reporter = this.#reporter(member)
    if (reporter.current !== undefined) reporter.past.push(reporter.current)
    reporter.current = undefined
  }

  /** The members that this one is connected to. */
  connected(member: ProcessId): readonly ProcessId[] {
    return this.#reporters.get(member)?.current?.connected ?? []
  }

  /** What its services said last of themselves, by their names; undefined of one that is down. */
  said(member: ProcessId): MemberCounts['said'] {
    return this.#reporters.get(member)?.current?.said
  }

  get landmarks(): ReadonlyMap<string, number> {
    const landmarks = new Map<string, number>()
    for (const [, counts] of this.#lives()) {
      for (const [name, count] of Object.entries(counts.landmarks))
        landmarks.set(name, (landmarks.get(name) ?? 0) + count)
    }
    return landmarks
  }

  get faults(): FaultSeen[] {
    const seen = new Map<string, FaultSeen>()
    for (const [reporter, counts] of this.#lives()) {
      for (const { fault, count } of counts.faults) {
        const { process, kind, certainty } = fault
        const key = `${process}/${kind}`
        const before = seen.get(key) ?? { process, kind, certainty, count: 0, by: [] }
        seen.set(key, {
          process,
          kind,
          certainty:
            RANKING.indexOf(certainty) > RANKING.indexOf(before.certainty) ? certainty : before.certainty,
          count: before.count + count,
          by: [...new Set([...before.by, reporter])].sort((a, b) => a - b)
        })
      }
    }
    return [...seen.values()].sort((a, b) => a.process - b.process || b.count - a.count)
  }

  #reporter(member: ProcessId): Reporter {
    let reporter = this.#reporters.get(member)
    if (reporter === undefined) {
      reporter = { past: [], current: undefined }
      this.#reporters.set(member, reporter)
    }
    return reporter
  }

  *#lives(): Generator<[ProcessId, MemberCounts]> {
    for (const [member, { past, current }] of this.#reporters) {
      for (const counts of past) yield [member, counts]
      if (current !== undefined) yield [member, current]
    }
  }
}
