/**
 * Where a run takes its choices from: drawn from a seed (seeded-choices.ts), or read from a schedule. Either way what
 * was chosen can be recorded, as a schedule.
 */
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import {
  type Answer,
  type Choice,
  isAnswer,
  linkPoint,
  type Planned,
  pointOf,
  processPoint
} from './schedule.ts'

/** What becomes of one frame on a real link. */
export interface FrameFate {
  readonly lost: boolean
  /** Microseconds by which it comes late, and may be overtaken; undefined: it stays in order. */
  readonly overtakenUs: number | undefined
  /** Microseconds after which it comes once more. */
  readonly duplicateUs: number | undefined
}

export const UNHARMED: FrameFate = Object.freeze({
  lost: false,
  overtakenUs: undefined,
  duplicateUs: undefined
})

/** The defaults are 0, UNHARMED, undefined, 'none' and false. */
export interface Choices {
  readonly planned: readonly Planned[]
  /** @param now - microseconds: after the healing no choice harms any more */
  delay(from: ProcessId, to: ProcessId, number: number, now: number): number
  fate(from: ProcessId, to: ProcessId, number: number, now: number): FrameFate
  handshake(from: ProcessId, to: ProcessId, number: number): number
  sync(process: ProcessId, number: number): number
  /** Microseconds until the process is started again, if this sync fails. */
  syncFails(process: ProcessId, number: number, now: number): number | undefined
  unsynced(process: ProcessId, number: number): 'all' | 'torn' | 'none'
  consume(process: ProcessId, number: number): number
  /** Whether the process omits any: most do not, and of these `omits` is not asked for each message. */
  mayOmit(process: ProcessId): boolean
  /** Whether the process omits its n-th message: one that it would send, or that reaches it. */
  omits(change: 'send' | 'receive', process: ProcessId, number: number): boolean
}

const HARMS = ['lose', 'overtake', 'duplicate'] as const

export class ScheduledChoices implements Choices {
  readonly planned: readonly Planned[]
  readonly #answers = new Map<string, Answer>()
  readonly #asked = new Set<Answer>()
  /** Of the answers: most are asked for at each message. */
  readonly #kinds = new Set<Answer['kind']>()

  constructor(schedule: readonly Choice[]) {
    const planned: Planned[] = []
    for (const choice of schedule) {
      if (!isAnswer(choice)) planned.push(choice)
      else {
        this.#answers.set(pointOf(choice), choice)
        this.#kinds.add(choice.kind)
      }
    }
    this.planned = planned
  }

  /** Answers whose object did not come up. */
  get skipped(): number {
    return this.#answers.size - this.#asked.size
  }

  /** Whether the choice's object came up in the run; what was planned always does. */
  applied(choice: Choice): boolean {
    return !isAnswer(choice) || this.#asked.has(choice)
  }

  delay(from: ProcessId, to: ProcessId, number: number): number {
    return this.#us(linkPoint('delay', from, to, number))
  }

  fate(from: ProcessId, to: ProcessId, number: number): FrameFate {
    if (!HARMS.some((kind) => this.#kinds.has(kind))) return UNHARMED
    const lost = this.#answer(linkPoint('lose', from, to, number)) !== undefined
    const overtaken = this.#answer(linkPoint('overtake', from, to, number))
    const duplicate = this.#answer(linkPoint('duplicate', from, to, number))
    if (!lost && overtaken === undefined && duplicate === undefined) return UNHARMED
    return { lost, overtakenUs: microseconds(overtaken), duplicateUs: microseconds(duplicate) }
  }

  handshake(from: ProcessId, to: ProcessId, number: number): number {
    return this.#us(linkPoint('handshake', from, to, number))
  }

  sync(process: ProcessId, number: number): number {
    return this.#us(processPoint('sync', process, number))
  }

  syncFails(process: ProcessId, number: number): number | undefined {
    return microseconds(this.#answer(processPoint('sync-fails', process, number)))
  }

  unsynced(process: ProcessId, number: number): 'all' | 'torn' | 'none' {
    const answer = this.#answer(processPoint('unsynced', process, number))
    return answer?.kind === 'unsynced' ? answer.left : 'none'
  }

  consume(process: ProcessId, number: number): number {
    return this.#us(processPoint('consume', process, number))
  }

  mayOmit(): boolean {
    return this.#kinds.has('omit-send') || this.#kinds.has('omit-receive')
  }

  omits(change: 'send' | 'receive', process: ProcessId, number: number): boolean {
    const kind = `omit-${change}` as const
    return this.#kinds.has(kind) && this.#answer(processPoint(kind, process, number)) !== undefined
  }

  #us(point: string): number {
    return microseconds(this.#answer(point)) ?? 0
  }

  #answer(point: string): Answer | undefined {
    if (this.#answers.size === 0) return undefined
    const answer = this.#answers.get(point)
    if (answer !== undefined) this.#asked.add(answer)
    return answer
  }
}

const microseconds = (answer: Answer | undefined) =>
  answer !== undefined && 'us' in answer ? answer.us : undefined

/** Writes down what another source of choices says, and what the Byzantine members do, as a schedule. */
export class RecordedChoices implements Choices {
  readonly planned: readonly Planned[]
  readonly #inner: Choices
  readonly #schedule: Choice[]

  /** @param isKept - of what was planned: the applications of Byzantine members are not, for their acts are recorded */
  constructor(inner: Choices, isKept: (planned: Planned) => boolean = () => true) {
    this.#inner = inner
    this.planned = inner.planned
    this.#schedule = inner.planned.filter(isKept)
  }

  get schedule(): readonly Choice[] {
    return this.#schedule
  }

  act(kind: 'act' | 'frame', process: ProcessId, at: number, to: ProcessId, bytes: Uint8Array): void {
    this.#schedule.push({ kind, process, at, to, bytes: toHex(bytes) })
  }

  delay(from: ProcessId, to: ProcessId, number: number, now: number): number {
    const us = this.#inner.delay(from, to, number, now)
    if (us !== 0) this.#schedule.push({ kind: 'delay', from, to, number, us })
    return us
  }

  fate(from: ProcessId, to: ProcessId, number: number, now: number): FrameFate {
    const fate = this.#inner.fate(from, to, number, now)
    const { lost, overtakenUs, duplicateUs } = fate
    if (lost) this.#schedule.push({ kind: 'lose', from, to, number })
    if (overtakenUs !== undefined)
      this.#schedule.push({ kind: 'overtake', from, to, number, us: overtakenUs })
    if (duplicateUs !== undefined)
      this.#schedule.push({ kind: 'duplicate', from, to, number, us: duplicateUs })
    return fate
  }

  handshake(from: ProcessId, to: ProcessId, number: number): number {
    const us = this.#inner.handshake(from, to, number)
    if (us !== 0) this.#schedule.push({ kind: 'handshake', from, to, number, us })
    return us
  }

  sync(process: ProcessId, number: number): number {
    const us = this.#inner.sync(process, number)
    if (us !== 0) this.#schedule.push({ kind: 'sync', process, number, us })
    return us
  }

  syncFails(process: ProcessId, number: number, now: number): number | undefined {
    const us = this.#inner.syncFails(process, number, now)
    if (us !== undefined) this.#schedule.push({ kind: 'sync-fails', process, number, us })
    return us
  }

  unsynced(process: ProcessId, number: number): 'all' | 'torn' | 'none' {
    const left = this.#inner.unsynced(process, number)
    if (left !== 'none') this.#schedule.push({ kind: 'unsynced', process, number, left })
    return left
  }

  consume(process: ProcessId, number: number): number {
    const us = this.#inner.consume(process, number)
    if (us !== 0) this.#schedule.push({ kind: 'consume', process, number, us })
    return us
  }

  mayOmit(process: ProcessId): boolean {
    return this.#inner.mayOmit(process)
  }

  omits(change: 'send' | 'receive', process: ProcessId, number: number): boolean {
    const omitted = this.#inner.omits(change, process, number)
    if (omitted) this.#schedule.push({ kind: `omit-${change}`, process, number })
    return omitted
  }
}
