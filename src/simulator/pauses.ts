/**
 * Slow processes: while one is paused it takes no step. Messages, timers and syncs of the disk wait, and come to it in
 * their order when it goes on; to the others it is as silent as one that has crashed.
 */
import type { ProcessId } from '../core/group.ts'
import { Process, type ProcessInit } from '../core/process.ts'
import type { Planned } from './schedule.ts'
import type { Scheduler } from './scheduler.ts'

type Pause = Extract<Planned, { kind: 'pause' }>

export class Pauses {
  readonly #pauses: readonly Pause[]

  /** @param self - of whom they are */
  constructor(planned: readonly Planned[], self: ProcessId) {
    this.#pauses = planned
      .filter((choice) => choice.kind === 'pause')
      .filter(({ process }) => process === self)
  }

  get any(): boolean {
    return this.#pauses.length > 0
  }

  /** When the process takes steps again, microseconds; `now`, if it does. */
  until(now: number): number {
    let until = now
    // One may begin before another ends.
    for (;;) {
      const next = this.#pauses.find((pause) => pause.at <= until && until < pause.until)
      if (next === undefined) return until
      until = next.until
    }
  }
}

export class PausedProcess extends Process {
  readonly #pauses: Pauses
  readonly #scheduler: Scheduler
  readonly #precedence: number
  #waiting: (() => void)[] = []

  constructor(init: ProcessInit, pauses: Pauses, scheduler: Scheduler, precedence: number) {
    super(init)
    this.#pauses = pauses
    this.#scheduler = scheduler
    this.#precedence = precedence
  }

  override input(handler: () => void): void {
    const { now } = this.#scheduler
    const until = this.#pauses.until(now)
    if (until <= now && this.#waiting.length === 0) {
      super.input(handler)
      return
    }
    this.#waiting.push(handler)
    if (this.#waiting.length === 1) this.#scheduler.at(until, () => this.#goOn(), this.#precedence)
  }

  #goOn(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const handler of waiting) super.input(handler)
  }
}
