/**
 * Shrinking: from a run that violates a property to a smallest one that still violates that property, by name.
 * First choices are taken away, in ever smaller groups (delta debugging, Zeller and Hildebrandt 2002); then members,
 * requests and bytes; then what is left is made simpler. The result is 1-minimal: without any one of its choices the
 * property holds.
 */
import type { Violation } from '../checkers/violation.ts'
import type { Choice } from '../simulator/schedule.ts'
import { MS } from '../simulator/scheduler.ts'
import { simplerSetups, withoutMember } from './fewer-members.ts'
import { type Recording, type RepeatedRun, repeatRun } from './recording.ts'
import { simplerChoices } from './simpler-choices.ts'

export interface ShrinkInit {
  readonly recording: Recording
  /** The violated property, by name: never "something failed". */
  readonly property: string
  /** Called after each run tried. */
  readonly onProgress?: (progress: ShrinkProgress) => void
  /** Ends it early, with the smallest run so far; then it is not 1-minimal. */
  readonly cancelled?: () => boolean
}

export interface ShrinkProgress {
  readonly tried: number
  readonly choices: number
  /** The smallest run so far. */
  readonly recording: Recording
}

/** A run that was recorded violates the property no more when it is repeated. */
export class NotRepeatableError extends Error {
  override name = 'NotRepeatableError'
}

export interface Shrunk {
  readonly recording: Recording
  readonly violation: Violation
  /** Runs that were tried. */
  readonly tried: number
  /** Without any one of its choices the property holds. */
  readonly minimal: boolean
}

/** A run that violates safety is cut off so long after the violation: microseconds. */
const SLACK_US = 200 * MS

export function shrink(init: ShrinkInit): Shrunk {
  return new Shrinker(init).shrink()
}

class Shrinker {
  readonly #init: ShrinkInit
  #best: Recording
  #violation: Violation
  #untilUs: number | undefined
  #tried = 0

  constructor(init: ShrinkInit) {
    this.#init = init
    this.#best = init.recording
    const run = repeatRun(init.recording)
    const violation = this.#violationIn(run)
    if (violation === undefined)
      throw new NotRepeatableError(`the recorded run does not violate ${init.property}`)
    this.#violation = violation
    this.#cutOff(run, violation)
    this.#dropSkipped(run)
  }

  shrink(): Shrunk {
    let before: number
    do {
      before = this.#size()
      this.#dropKinds()
      this.#dropChoices()
      this.#dropMembers()
      this.#simplify()
    } while (this.#size() < before && !this.#cancelled())
    const minimal = !this.#cancelled() && this.#dropOneByOne()
    return { recording: this.#best, violation: this.#violation, tried: this.#tried, minimal }
  }

  #size(): number {
    return this.#best.schedule.length + this.#best.setup.members
  }

  #cancelled(): boolean {
    return this.#init.cancelled?.() ?? false
  }

  /** Whole kinds at once: most delays and most faults have nothing to do with it. */
  #dropKinds(): void {
    for (const kind of new Set(this.#best.schedule.map((choice) => choice.kind))) {
      this.#try({ ...this.#best, schedule: this.#best.schedule.filter((choice) => choice.kind !== kind) })
    }
  }

  /** ddmin: complements of ever smaller chunks. */
  #dropChoices(): void {
    let size = Math.ceil(this.#best.schedule.length / 2)
    while (size >= 1 && !this.#cancelled()) {
      let from = 0
      let dropped = false
      while (from < this.#best.schedule.length && !this.#cancelled()) {
        const { schedule } = this.#best
        if (
          this.#try({ ...this.#best, schedule: [...schedule.slice(0, from), ...schedule.slice(from + size)] })
        )
          dropped = true
        else from += size
      }
      if (size === 1 && !dropped) return
      size = size === 1 ? 1 : Math.ceil(size / 2)
    }
  }

  #dropMembers(): void {
    for (let smaller = true; smaller && !this.#cancelled(); ) {
      smaller = false
      for (let member = this.#best.setup.members - 1; member >= 0 && !smaller; member--) {
        const recording = withoutMember(this.#best, member)
        smaller = recording !== undefined && this.#try(recording)
      }
    }
  }

  #simplify(): void {
    for (const setup of simplerSetups(this.#best.setup)) this.#try({ ...this.#best, setup })
    for (let i = 0; i < this.#best.schedule.length && !this.#cancelled(); i++) {
      const choice = this.#best.schedule[i]
      if (choice === undefined) continue
      for (const simpler of simplerChoices(choice)) if (this.#try(this.#replaced(i, simpler))) break
    }
  }

  #replaced(at: number, choice: Choice): Recording {
    return { ...this.#best, schedule: this.#best.schedule.map((other, i) => (i === at ? choice : other)) }
  }

  /** @returns true once no single choice can be taken away */
  #dropOneByOne(): boolean {
    for (let i = this.#best.schedule.length - 1; i >= 0; ) {
      if (this.#cancelled()) return false
      const dropped = this.#try({ ...this.#best, schedule: this.#best.schedule.filter((_, at) => at !== i) })
      // What could not be spared before may be spared now.
      i = dropped ? this.#best.schedule.length - 1 : i - 1
    }
    return true
  }

  #try(recording: Recording): boolean {
    this.#tried++
    const { untilUs } = this
    const run = repeatRun(recording, untilUs === undefined ? {} : { untilUs })
    const violation = this.#violationIn(run)
    if (violation !== undefined) {
      this.#best = recording
      this.#violation = violation
      this.#cutOff(run, violation)
      this.#dropSkipped(run)
    }
    const best = this.#best
    this.#init.onProgress?.({ tried: this.#tried, choices: best.schedule.length, recording: best })
    return violation !== undefined
  }

  get untilUs(): number | undefined {
    return this.#untilUs
  }

  #violationIn({ violations }: RepeatedRun): Violation | undefined {
    return violations.find(({ property }) => property === this.#init.property)
  }

  /** What happens after the event that violates safety does not matter; what never came is judged at the end. */
  #cutOff({ result }: RepeatedRun, { at }: Violation): void {
    const event = result.history.events[at]
    this.#untilUs = event === undefined ? undefined : event.time + SLACK_US
  }

  /** What found nothing to act on changes nothing. */
  #dropSkipped({ applied }: RepeatedRun): void {
    this.#best = { ...this.#best, schedule: this.#best.schedule.filter(applied) }
  }
}
