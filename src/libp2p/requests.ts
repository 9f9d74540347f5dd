/**
 * What an application asks of one service of its process, as promises: requests that wait because the service takes no
 * more of them, in their order, and those under way. One that only reads and is given up is forgotten; any other that
 * was begun is finished by the process, whether somebody waits for it or not.
 */
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import type { RequestDeclaration, ServiceDeclaration } from '../core/service.ts'
import type { OpenOperation, Progress } from '../exchange/operation.ts'
import type { Services } from '../stacks/stack.ts'
import { Places } from './places.ts'
import { type GivenUp, givenUp, onGivenUp, type Wait } from './waits.ts'

/** What requests run on: one life of a process. */
export interface Running {
  readonly services: Services
  /** What was requested begins soon. */
  turnSoon(): void
  /** An input of the process. */
  input(handler: () => void): void
}

/** With what a request is rejected that its service does not answer; `definite`: it certainly took no effect. */
export interface Endings {
  /** The life of the process is over. */
  interrupted(definite: boolean, cause: Error): unknown
  /** The service refuses it, or there is none. */
  refused(error: Error): unknown
  /** Too many wait already. */
  full(): unknown
}

/** How a request is waited for. */
export interface Waiting {
  readonly wait: Wait
  readonly endings: Endings
  /** Is told how a long value moves. */
  readonly progress?: Progress | undefined
}

/** How many requests may wait because the service takes no more; one more is refused. */
export const REQUEST_WAITERS_MAX = 1024

interface Pending {
  /** Among those under way; undefined: it is not. */
  place: number | undefined
  /** @throws WindowFullError, InvalidParametersError, NotStartedError */
  begin(): void
  /** Nobody waits for it any more. */
  settle(): void
  readonly reject: (reason: unknown) => void
  readonly definite: boolean
  readonly endings: Endings
}

type Method = (...given: readonly unknown[]) => unknown

export class Requests {
  readonly #service: ServiceDeclaration
  /** @throws {NotStartedError} */
  readonly #running: () => Running
  /** Why nothing may be asked for here but what only reads; undefined if anything may. */
  readonly #readOnly: string | undefined
  readonly #waiting: Pending[] = []
  readonly #begun = new Places<Pending>()
  #returned = 0

  constructor(service: ServiceDeclaration, running: () => Running, readOnly?: string) {
    this.#service = service
    this.#running = running
    this.#readOnly = readOnly
  }

  /** Requests that wait because the service takes no more of them. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Requests under way that somebody waits for. */
  get open(): number {
    return this.#begun.size
  }

  /** How many have returned in this life. */
  get returned(): number {
    return this.#returned
  }

  /** A new life. */
  begin(): void {
    this.#returned = 0
  }

  /** Nothing of it goes on: the process has stopped. */
  end(cause: Error): void {
    for (const pending of [...this.#waiting, ...this.#begun.all()]) {
      const { definite, endings } = pending
      fail(pending, endings.interrupted(definite, cause))
    }
  }

  /** @param given - what the method of the component takes, but for the callback */
  ask<T>(name: string, given: readonly unknown[], { wait, endings, progress }: Waiting): Promise<T> {
    const request = this.#service.requests[name] as RequestDeclaration
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    if (this.#readOnly !== undefined && request.reads !== true) {
      reject(endings.refused(new InvalidParametersError(this.#readOnly)))
      return promise
    }
    let isOver = () => {}
    let running: Running | undefined
    let open: OpenOperation | undefined
    let isSettled = false
    const pending: Pending = {
      place: undefined,
      endings,
      reject,
      get definite() {
        return request.reads === true || pending.place === undefined
      },
      settle: () => {
        isSettled = true
        isOver()
        this.#forget(pending)
      },
      begin: () => {
        running = this.#running()
        const method = this.#method(running, name)
        const taken = method(...given, (result: T) => {
          this.#returned++
          const end = () => {
            if (isSettled) return
            pending.settle()
            resolve(result)
          }
          // After what was told of it, which may give it up.
          if (progress === undefined) end()
          else queueMicrotask(end)
          if (this.#service.admits === undefined) this.admit()
        })
        if (request.result === undefined) {
          pending.settle()
          resolve(undefined as T)
        } else if (request.answer === undefined) {
          open = taken as OpenOperation
          if (progress !== undefined) open.watch?.(told(progress))
        }
        running.turnSoon()
      }
    }
    const giveUp = (why: GivenUp) => {
      fail(pending, givenUp(wait, why, pending.definite))
      // What it has given a number for goes on.
      if (open !== undefined) running?.input(() => open?.abandon())
      this.admit()
    }
    // Not in the turn of the process that tells it: what the application does there is none of the protocol's.
    const told =
      (progress: Progress): Progress =>
      (bytes, total) =>
        queueMicrotask(() => {
          try {
            if (!isSettled) progress(bytes, total)
          } catch (error) {
            giveUp({ reason: error })
          }
        })
    isOver = onGivenUp(wait, giveUp)
    if (!isSettled) this.#add(pending)
    return promise
  }

  /** Begins those that waited, as far as there is room for them. */
  admit(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!this.#begin(next)) return
      if (this.#waiting[0] === next) this.#waiting.shift()
    }
  }

  #add(pending: Pending): void {
    if (this.#waiting.length === 0 && this.#begin(pending)) return
    if (this.#waiting.length < REQUEST_WAITERS_MAX) this.#waiting.push(pending)
    else fail(pending, pending.endings.full())
  }

  /** @returns false if it has to wait */
  #begin(pending: Pending): boolean {
    try {
      pending.place ??= this.#begun.enter(pending)
      pending.begin()
      return true
    } catch (error) {
      this.#leave(pending)
      if (error instanceof WindowFullError) return false
      fail(pending, pending.endings.refused(error instanceof Error ? error : new Error(String(error))))
      return true
    }
  }

  /** @throws InvalidParametersError if nothing here answers to that */
  #method({ services }: Running, name: string): Method {
    const { name: service } = this.#service
    const component = services[service] as { readonly [name: string]: Method } | undefined
    const method = component?.[name]
    if (typeof method === 'function') return method.bind(component)
    const detail = component === undefined ? `this process offers no ${service}` : `${service} has no ${name}`
    throw new InvalidParametersError(`${service}.${name}: ${detail}`)
  }

  /** @returns whether it was under way */
  #leave(pending: Pending): boolean {
    if (pending.place === undefined) return false
    this.#begun.leave(pending.place)
    pending.place = undefined
    return true
  }

  #forget(pending: Pending): void {
    if (this.#leave(pending)) return
    const at = this.#waiting.indexOf(pending)
    if (at >= 0) this.#waiting.splice(at, 1)
  }
}

function fail(pending: Pending, reason: unknown): void {
  pending.settle()
  pending.reject(reason)
}
