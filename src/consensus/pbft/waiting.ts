/**
 * When a view is given up: if a request, or a number that somebody voted for, has waited for longer than its primary
 * may take. Each has an age of its own, counted in ticks of one timer; only its execution ends a wait, not that of
 * others, so that a primary which serves all but one client is changed too.
 *
 * The timeout is MIN * 2^k, at most MAX: k grows with each view that is given up, and falls by one when no wait was
 * long for a window of batches. So it comes to lie above what the network needs, and a correct primary stays.
 *
 * Nobody's age grows while this member is behind: who is behind blames nobody. While it changes views a timer runs only
 * from when a quorum wants to change too: until then to wait is right.
 *
 * Space: an age for each request that waits here, and for each open number.
 */
import type { Timer } from '../../core/clock.ts'
import type { Environment } from '../../core/environment.ts'
import type { PlainValue } from '../../core/trace.ts'
import { WAIT_TICKS } from './constants.ts'
import type { Progress } from './progress.ts'

export interface WaitingInit {
  readonly env: Environment
  readonly progress: Progress
  /** Whether anything waits. */
  isAnythingWaiting(): boolean
  /** What waits now, by name: asked for once in each tick. */
  waits(): readonly string[]
  /** Whether that is the name of a request: one that came from who signed it. */
  isRequest(name: string): boolean
  isBehind(): boolean
  /** A quorum wants to leave the base: for the view that this member wants to enter, or a later one. */
  isChangeUnderWay(): boolean
  /** The view that this member is in, or wants to enter, is given up. */
  expired(): void
}

export class Waiting {
  readonly #init: WaitingInit
  readonly #ages = new Map<string, number>()
  /** What waits while others' requests were executed. */
  readonly #passed = new Set<string>()
  /** The exponent of the timeout. */
  #k = 0
  #timer: Timer | undefined
  /** What the timer runs for. */
  #for: 'waits' | 'change' | undefined
  /** Batches with requests since the last long wait. */
  #calm = 0

  constructor(init: WaitingInit) {
    this.#init = init
  }

  get timeoutMs(): number {
    const { viewTimeoutMinMs, viewTimeoutMaxMs } = this.#init.progress.bounds
    return Math.min(viewTimeoutMaxMs, viewTimeoutMinMs * 2 ** this.#k)
  }

  /** Something has changed: the timer runs if it is to run. */
  look(): void {
    const wanted = this.#wanted()
    if (wanted === this.#for) return
    this.#stop()
    this.#for = wanted
    if (wanted !== undefined) this.#start(wanted)
  }

  /** Another view, or the way to one: all waits begin anew. */
  restart(): void {
    this.#forgetAges()
    this.#stop()
    this.look()
  }

  /** @param held - requests that were in the batch */
  executed(held: number): void {
    if (held === 0) return
    const { bounds, window } = this.#init.progress
    for (const name of this.#ages.keys()) this.#passed.add(name)
    // The timeout before was half of this one, and half of that is one tick.
    const isLong = [...this.#ages.values()].some((age) => age > WAIT_TICKS / 4)
    this.#calm = isLong ? 0 : this.#calm + 1
    if (this.#calm < window || this.#k === 0) return
    this.#calm = 0
    const isCapped = bounds.viewTimeoutMinMs * 2 ** (this.#k - 1) >= bounds.viewTimeoutMaxMs
    this.#k--
    if (!isCapped) this.#init.env.observer.landmark('timeout-lowered')
    this.restart()
  }

  state(): PlainValue {
    return { k: this.#k, for: this.#for ?? null, ages: [...this.#ages], calm: this.#calm }
  }

  #wanted(): 'waits' | 'change' | undefined {
    const { progress, isAnythingWaiting, isBehind, isChangeUnderWay } = this.#init
    if (!progress.serving) return undefined
    if (progress.isChanging) return isChangeUnderWay() ? 'change' : undefined
    return isAnythingWaiting() && !isBehind() ? 'waits' : undefined
  }

  #start(what: 'waits' | 'change'): void {
    const ms = what === 'change' ? this.timeoutMs : this.timeoutMs / WAIT_TICKS
    this.#timer = this.#init.env.clock.setTimer(ms, () => {
      this.#timer = undefined
      this.#for = undefined
      if (what === 'change') this.#expire()
      else this.#tick()
      this.look()
    })
  }

  #tick(): void {
    let isLong = false
    const names = new Set(this.#init.waits())
    for (const name of this.#ages.keys()) if (!names.has(name)) this.#ages.delete(name)
    for (const name of this.#passed) if (!names.has(name)) this.#passed.delete(name)
    for (const name of names) {
      const age = (this.#ages.get(name) ?? 0) + 1
      this.#ages.set(name, age)
      isLong ||= age >= WAIT_TICKS
    }
    if (!isLong) return
    const { env, isRequest } = this.#init
    const isPassedOver = (name: string) => isRequest(name) && (this.#ages.get(name) ?? 0) >= WAIT_TICKS
    if ([...this.#passed].some(isPassedOver)) env.observer.landmark('request-passed-over')
    this.#expire()
  }

  #expire(): void {
    const { bounds } = this.#init.progress
    const isCapped = this.timeoutMs >= bounds.viewTimeoutMaxMs
    this.#init.env.observer.landmark(isCapped ? 'timeout-at-the-cap' : 'timeout-doubled')
    if (!isCapped) this.#k++
    this.#calm = 0
    this.#forgetAges()
    this.#init.expired()
  }

  #forgetAges(): void {
    this.#ages.clear()
    this.#passed.clear()
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#for = undefined
  }
}
