/**
 * Keeps one peer dialled, for ever: libp2p's own reconnection gives up after five failures. The wait doubles with
 * each failure up to a cap, and is random in its upper half, so that members which lost one peer at the same time
 * do not all come back to it at the same time.
 */
import type { Random } from '../core/random.ts'
import type { TransportLimits } from './transport-limits.ts'

/**
 * Dials, and resolves when what came of it has ended.
 * @param signal aborts the dial; once a channel is open the attempt does not listen to it any more
 * @param opened is called when the dial is over and the channel open
 */
export type Attempt = (signal: AbortSignal, opened: () => void) => Promise<void>

export class Redialer {
  readonly #attempt: Attempt
  readonly #limits: TransportLimits
  readonly #random: Random
  /** Aborted by `stop`; each start has its own, so that a loop which ends late cannot outlive it. */
  #run: AbortController | undefined
  /** No dial before then, by the monotonic clock. */
  #heldUntilMs = Number.NEGATIVE_INFINITY

  constructor(attempt: Attempt, limits: TransportLimits, random: Random) {
    this.#attempt = attempt
    this.#limits = limits
    this.#random = random
  }

  start(): void {
    if (this.#run !== undefined) return
    this.#run = new AbortController()
    void this.#redialForever(this.#run.signal)
  }

  /** Does not dial for so long. */
  holdOff(forMs: number): void {
    this.#heldUntilMs = performance.now() + forMs
  }

  stop(): void {
    this.#run?.abort()
    this.#run = undefined
  }

  async #redialForever(stopped: AbortSignal): Promise<void> {
    let failures = 0
    while (!stopped.aborted) {
      const lastedMs = await this.#once(stopped)
      // A channel that ends as soon as it is open is a failure too: only one that lasts ends the backing off.
      failures = lastedMs >= this.#limits.redialDelayMaxMs ? 0 : failures + 1
      await pause(this.#delayMs(failures), stopped)
      // It may be held off, longer meanwhile.
      for (;;) {
        const heldMs = this.#heldUntilMs - performance.now()
        if (heldMs <= 0 || stopped.aborted) break
        await pause(heldMs, stopped)
      }
    }
  }

  /** One dial; how long the channel was open. */
  async #once(stopped: AbortSignal): Promise<number> {
    const dial = new AbortController()
    const abort = () => dial.abort()
    const timeout = setTimeout(abort, this.#limits.dialTimeoutMs)
    stopped.addEventListener('abort', abort)
    const dialled = () => {
      clearTimeout(timeout)
      stopped.removeEventListener('abort', abort)
    }
    let openedMs: number | undefined
    try {
      await this.#attempt(dial.signal, () => {
        dialled()
        openedMs = performance.now()
      })
    } catch {
      // Why it failed is for the attempt to log; here it only means to wait longer.
    } finally {
      dialled()
    }
    return openedMs === undefined ? 0 : performance.now() - openedMs
  }

  #delayMs(failures: number): number {
    const { redialDelayMinMs, redialDelayMaxMs } = this.#limits
    const doublings = Math.min(Math.max(0, failures - 1), 30)
    const delayMs = Math.min(redialDelayMaxMs, redialDelayMinMs * 2 ** doublings)
    const half = Math.ceil(delayMs / 2)
    return half + this.#random.below(half + 1)
  }
}

function pause(delayMs: number, stopped: AbortSignal): Promise<void> {
  if (stopped.aborted) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  const resume = () => {
    clearTimeout(timer)
    stopped.removeEventListener('abort', resume)
    resolve()
  }
  const timer = setTimeout(resume, delayMs)
  stopped.addEventListener('abort', resume)
  return promise
}
