/**
 * Vote once: over all its lives a correct member says one thing for each number of a view, and for each view; of a view
 * that it has left it says what its VIEW-CHANGE reports, and that reports all that it has said. The history does not
 * show what members say, and those who are told two things may be one each: so whoever sees all messages looks.
 */
import type { PbftMessage, PbftMessageOf, SignedChange } from '../../consensus/pbft/messages.ts'
import { toHex } from '../../core/bytes.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'

export const VOTE_ONCE = {
  kind: 'safety',
  witnessed: true,
  sentence: 'a correct member says one thing for each number of a view and for each view, in all its lives'
} as const

type Vote = 'PREPARE' | 'COMMIT'
type Report = Pick<SignedChange, 'view' | 'base' | 'stable' | 'reported'>

/** What one member has said. */
class Said {
  /** By type, and by the view, number or both that it is for. */
  readonly first = new Map<string, string>()
  /** Votes by view, then by type and number. */
  readonly votes = new Map<number, Map<number, { PREPARE?: string; COMMIT?: string }>>()
  /** Its VIEW-CHANGEs, by the view that they leave. */
  readonly reports = new Map<number, Report[]>()
  /** The highest view that it wants to enter. */
  target = 0
}

export class VoteOnce {
  readonly #said = new Map<ProcessId, Said>()
  readonly #tell: (detail: string) => void
  readonly #nameOf: (process: ProcessId) => string

  constructor(nameOf: (process: ProcessId) => string, tell: (detail: string) => void) {
    this.#nameOf = nameOf
    this.#tell = tell
  }

  /** A correct member sends it, to whomever. */
  sent(process: ProcessId, message: PbftMessage): void {
    const said = this.#said.get(process) ?? new Said()
    this.#said.set(process, said)
    if (message.type === 'PRE-PREPARE') this.#vote(process, said, 'PREPARE', message)
    else if (message.type === 'PREPARE' || message.type === 'COMMIT')
      this.#vote(process, said, message.type, message)
    else if (message.type === 'VIEW-CHANGE') this.#leave(process, said, message)
    else if (message.type === 'NEW-VIEW') {
      const { view, viewStart, viewChanges } = message
      this.#once(process, said, `NEW-VIEW for view ${view}`, textOf([viewStart, [...viewChanges]]))
    } else if (message.type === 'ACCEPT')
      this.#once(process, said, `ACCEPT for view ${message.view}`, toHex(message.digest))
    else if (message.type === 'CHECKPOINT')
      this.#once(process, said, `CHECKPOINT at ${message.sequence}`, toHex(message.digest))
  }

  #vote(
    process: ProcessId,
    said: Said,
    type: Vote,
    { view, sequence, digest }: { view: number; sequence: number; digest: Uint8Array }
  ): void {
    const text = toHex(digest)
    const isNew = this.#once(process, said, `${type} at number ${sequence} of view ${view}`, text)
    if (!isNew) return
    const votes = said.votes.get(view) ?? new Map<number, { PREPARE?: string; COMMIT?: string }>()
    said.votes.set(view, votes)
    votes.set(sequence, { ...votes.get(sequence), [type]: text })
    if (view >= said.target) return
    const isReported = (said.reports.get(view) ?? []).some(({ reported }) =>
      reported.some(
        (vote) =>
          vote.sequence === sequence && toHex(vote.digest) === text && (type === 'PREPARE' || vote.prepared)
      )
    )
    if (isReported) return
    this.#tell(
      `${this.#nameOf(process)} sent a ${type} at number ${sequence} of view ${view}, which it had left for ${said.target}`
    )
  }

  #leave(process: ProcessId, said: Said, message: PbftMessageOf<'VIEW-CHANGE'>): void {
    const { view, base, stable, reported } = message
    const text = textOf([stable, base, [...reported]])
    if (!this.#once(process, said, `VIEW-CHANGE for view ${view}`, text)) return
    said.target = Math.max(said.target, view)
    said.reports.set(base.view, [...(said.reports.get(base.view) ?? []), { view, base, stable, reported }])
    for (const [sequence, votes] of said.votes.get(base.view) ?? []) {
      if (sequence <= stable.sequence) continue
      const report = reported.find((vote) => vote.sequence === sequence)
      const isWhole =
        report !== undefined &&
        [votes.PREPARE, votes.COMMIT].every((vote) => vote === undefined || vote === toHex(report.digest)) &&
        (votes.COMMIT === undefined || report.prepared)
      if (isWhole) continue
      this.#tell(
        `${this.#nameOf(process)} left view ${base.view} for ${view} without what it had voted at number ${sequence}`
      )
    }
  }

  /** @returns whether nothing was said for it before */
  #once(process: ProcessId, { first }: Said, what: string, text: string): boolean {
    const before = first.get(what)
    if (before === undefined) first.set(what, text)
    else if (before !== text) this.#tell(`${this.#nameOf(process)} sent a second ${what}, another one`)
    return before === undefined
  }
}

const textOf = (value: PlainValue): string =>
  JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? toHex(part) : part))
