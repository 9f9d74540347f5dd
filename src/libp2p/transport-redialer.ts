/**
 * Keeps one peer dialled, for ever: libp2p's own reconnection gives up after five failures. Each of the peer's
 * addresses gets its turn, one after the other, for a bounded time: one that hangs takes nothing from the others, and
 * the one that served last goes first. Once all have failed, there is a wait. It doubles with each such round up to a
 * cap, and is random in its upper half, so that members which lost one peer at the same time do not all come back to it
 * at the same time.
 */
import type { Random } from '../core/random.ts'
import type { TransportLimits } from './transport-limits.ts'

/**
 * Dials one address, and resolves when what came of it has ended.
 * @param signal aborts the dial, for the reason that it names; once a channel is open the attempt does not listen to it
 * any more
 * @param opened is called when the dial is over and the channel open
 */
export type Attempt = (signal: AbortSignal, opened: () => void) => Promise<void>

export class Redialer {
  readonly #attempts: readonly Attempt[]
  readonly #limits: TransportLimits
  readonly #random: Random
  /** Whose turn is next. */
  #next = 0
  /** Aborted by `stop`; each start has its own, so that a loop which ends late cannot outlive it. */
  #run: AbortController | undefined
  /** No dial before then, by the monotonic clock. */
  #heldUntilMs = Number.NEGATIVE_INFINITY

  /** @param attempts - one for each address; there is at least one */
  constructor(attempts: readonly Attempt[], limits: TransportLimits, random: Random) {
    this.#attempts = attempts
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
    this.#run?.abort(new Error('the transport stops'))
    this.#run = undefined
  }

  async #redialForever(stopped: AbortSignal): Promise<void> {
    let failures = 0
    while (!stopped.aborted) {
      const lasted = await this.#round(stopped)
      // A channel that ends as soon as it is open is a failure too: only one that lasts ends the backing off.
      failures = lasted ? 0 : failures + 1
      await pause(this.#delayMs(failures), stopped)
      // It may be held off, longer meanwhile.
      for (;;) {
        const heldMs = this.#heldUntilMs - performance.now()
        if (heldMs <= 0 || stopped.aborted) break
        await pause(heldMs, stopped)
      }
    }
  }

  /** Gives each address its turn until there was a channel; whether it lasted. */
  async #round(stopped: AbortSignal): Promise<boolean> {
    for (const _ of this.#attempts) {
      if (stopped.aborted) return false
      const lastedMs = await this.#once(this.#attempts[this.#next]!, stopped)
      const lasted = lastedMs !== undefined && lastedMs >= this.#limits.redialDelayMaxMs
      if (!lasted) this.#next = (this.#next + 1) % this.#attempts.length
      if (lastedMs !== undefined) return lasted
    }
    return false
  }

  /** One dial; how long the channel was open, if there was one. */
  async #once(attempt: Attempt, stopped: AbortSignal): Promise<number | undefined> {
    const dial = new AbortController()
    const turnMs = this.#turnMs()
    const timeout = setTimeout(() => dial.abort(new Error(`no answer within ${turnMs} ms`)), turnMs)
    const abort = () => dial.abort(stopped.reason)
    stopped.addEventListener('abort', abort)
    const dialled = () => {
      clearTimeout(timeout)
      stopped.removeEventListener('abort', abort)
    }
    let openedMs: number | undefined
    try {
      await attempt(dial.signal, () => {
        dialled()
        openedMs = performance.now()
      })
    } catch {
      // Why it failed is for the attempt to tell; here it only means that the next has its turn.
    } finally {
      dialled()
    }
    return openedMs === undefined ? undefined : performance.now() - openedMs
  }

  #turnMs(): number {
    const { dialTimeoutMs, addressTimeoutMs } = this.#limits
    return Math.max(addressTimeoutMs, Math.round(dialTimeoutMs / this.#attempts.length))
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
