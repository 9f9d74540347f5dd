/**
 * Broadcasts of this member's application: those that wait for the window, in their order, and those that are
 * numbered and not durable yet.
 */
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { requireSignal } from './checked-init.ts'
import type { BroadcastName } from './service.ts'

/** How many broadcasts may wait for the window; one more is refused. */
export const BROADCAST_WAITERS_MAX = 1024

/**
 * @returns the sequence number
 * @throws WindowFullError, after which `ready` is called; InvalidParametersError
 */
export type Admit = (payload: Uint8Array, accepted: () => void) => number

interface Request {
  readonly payload: Uint8Array
  readonly resolve: (name: BroadcastName) => void
  readonly reject: (reason: unknown) => void
}

export class BroadcastQueue {
  readonly #self: ProcessId
  readonly #admit: Admit
  readonly #waiting: Request[] = []
  readonly #numbered = new Set<Request>()

  #accepted = 0

  constructor(self: ProcessId, admit: Admit) {
    this.#self = self
    this.#admit = admit
  }

  /** How many a crash could not lose any more, in this life. */
  get accepted(): number {
    return this.#accepted
  }

  get waiting(): number {
    return this.#waiting.length
  }

  async broadcast(payload: Uint8Array, signal: AbortSignal | undefined): Promise<BroadcastName> {
    requireSignal(signal)
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (!(payload instanceof Uint8Array)) {
      return Promise.reject(new InvalidParametersError('payload: expected a Uint8Array'))
    }
    return new Promise((resolve, reject) => {
      // A copy: what is broadcast must not change any more, and a Node Buffer becomes a plain byte string.
      const own = new Uint8Array(payload)
      if (signal === undefined) {
        this.#add({ payload: own, resolve, reject })
        return
      }
      const onAbort = () => this.#abort(request, signal.reason)
      const settled = () => signal.removeEventListener('abort', onAbort)
      const request: Request = {
        payload: own,
        resolve(name) {
          settled()
          resolve(name)
        },
        reject(reason) {
          settled()
          reject(reason)
        }
      }
      signal.addEventListener('abort', onAbort)
      this.#add(request)
    })
  }

  /** The window admits a broadcast again. */
  ready(): void {
    let request = this.#waiting[0]
    while (request !== undefined && this.#start(request)) {
      this.#waiting.shift()
      request = this.#waiting[0]
    }
  }

  /** Nothing is broadcast any more. */
  end(reason: Error): void {
    for (const { reject } of [...this.#waiting, ...this.#numbered]) reject(reason)
    this.#waiting.length = 0
    this.#numbered.clear()
  }

  /** A new life. */
  begin(): void {
    this.#accepted = 0
  }

  #add(request: Request): void {
    if (this.#waiting.length === 0 && this.#start(request)) return
    if (this.#waiting.length < BROADCAST_WAITERS_MAX) this.#waiting.push(request)
    else
      request.reject(new WindowFullError(`${BROADCAST_WAITERS_MAX} broadcasts wait for the window already`))
  }

  /** @returns false if it has to wait */
  #start(request: Request): boolean {
    try {
      this.#numbered.add(request)
      const sequence = this.#admit(request.payload, () => {
        this.#accepted++
        this.#numbered.delete(request)
        request.resolve({ sender: this.#self, sequence })
      })
      return true
    } catch (error) {
      this.#numbered.delete(request)
      if (error instanceof WindowFullError) return false
      request.reject(error)
      return true
    }
  }

  #abort(request: Request, reason: unknown): void {
    const at = this.#waiting.indexOf(request)
    if (at >= 0) this.#waiting.splice(at, 1)
    this.#numbered.delete(request)
    request.reject(reason)
  }
}
