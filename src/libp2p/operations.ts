/**
 * Operations on registers and on the key-value store for an application: those that wait because too many are under way, in their order, and those
 * under way. Nobody waits for ever: each has a time and may have a signal. A read that is given up is forgotten; a write
 * that was begun is finished by the process, whether somebody waits for it or not.
 */
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import { requireWithin } from '../core/parameters.ts'
import type { OpenOperation, WriteResult } from '../registers/register.ts'
import type { ServedRegisters } from '../stacks/stack.ts'
import { requireSignal } from './checked-init.ts'
import {
  definitely,
  OperationAbortedError,
  OperationInterruptedError,
  OperationTimeoutError,
  WriteRefusedError
} from './operation-errors.ts'
import {
  OPERATION_TIMEOUT_MS,
  OPERATION_TIMEOUT_MS_MAX,
  OPERATION_WAITERS_MAX,
  type OperationOptions,
  type Written
} from './register-service.ts'

/** What operations run on: the life of a process. */
export interface Running {
  readonly registers: ServedRegisters
  /** What was requested begins soon. */
  turnSoon(): void
  /** An input of the process. */
  input(handler: () => void): void
}

export type Settle<T> = (result: T | Error) => void
/** @throws WindowFullError, InvalidParametersError */
export type Begin<T> = (registers: ServedRegisters, returned: Settle<T>) => OpenOperation

interface Pending {
  readonly isWrite: boolean
  /** @throws WindowFullError */
  begin(): void
  running: Running | undefined
  open: OpenOperation | undefined
  fail(error: Error): void
}

export class Operations {
  /** @throws {NotStartedError} */
  readonly #running: () => Running
  /** Why this process may not write; undefined if it may. */
  readonly #readOnly: string | undefined
  readonly #waiting: Pending[] = []
  readonly #begun = new Set<Pending>()

  constructor(running: () => Running, readOnly?: string) {
    this.#running = running
    this.#readOnly = readOnly
  }

  /** Operations that wait because too many are under way. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Operations under way that somebody waits for. */
  get open(): number {
    return this.#begun.size
  }

  /** Nothing of it goes on: the process has stopped. */
  end(cause: Error): void {
    const isBegun = (pending: Pending) => this.#begun.has(pending)
    for (const pending of [...this.#waiting, ...this.#begun]) {
      const definite = !pending.isWrite || !isBegun(pending)
      pending.fail(new OperationInterruptedError(cause.message, { definite, cause }))
    }
  }

  async read<T>(kind: string, options: OperationOptions, begin: Begin<T>): Promise<T> {
    return this.#run(kind, false, options, begin)
  }

  /** An operation that may take effect: this process must be one that may write. */
  async write<T>(kind: string, options: OperationOptions, begin: Begin<T>): Promise<T> {
    if (this.#readOnly !== undefined) throw definitely(new InvalidParametersError(this.#readOnly))
    return this.#run(kind, true, options, begin)
  }

  #run<T>(kind: string, isWrite: boolean, options: OperationOptions, begin: Begin<T>): Promise<T> {
    const { signal, timeoutMs = OPERATION_TIMEOUT_MS } = options
    requireOperationOptions(signal, timeoutMs)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let settled = false
    const settle = (result: T | Error) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#begun.delete(pending)
      const at = this.#waiting.indexOf(pending)
      if (at >= 0) this.#waiting.splice(at, 1)
      if (result instanceof Error) reject(result)
      else resolve(result)
    }
    const pending: Pending = {
      isWrite,
      running: undefined,
      open: undefined,
      begin: () => {
        const running = this.#running()
        pending.running = running
        pending.open = begin(running.registers, (result) => {
          settle(result)
          this.#admit()
        })
        this.#begun.add(pending)
        running.turnSoon()
      },
      fail: settle
    }
    const giveUp = (error: (definite: boolean) => Error) => {
      const definite = !isWrite || !this.#begun.has(pending)
      const { running, open } = pending
      settle(error(definite))
      running?.input(() => open?.abandon())
      this.#admit()
    }
    const onAbort = () =>
      giveUp(
        (definite) =>
          new OperationAbortedError(`the ${kind} was aborted`, { definite, cause: signal?.reason })
      )
    const timer = setTimeout(() => {
      const detail = `the ${kind} found no quorum of members within ${timeoutMs} ms`
      giveUp((definite) => new OperationTimeoutError(detail, { definite }))
    }, timeoutMs)
    if (signal?.aborted === true) onAbort()
    else {
      signal?.addEventListener('abort', onAbort)
      this.#add(pending)
    }
    return promise
  }

  #add(pending: Pending): void {
    if (this.#waiting.length === 0 && this.#begin(pending)) return
    if (this.#waiting.length < OPERATION_WAITERS_MAX) {
      this.#waiting.push(pending)
      return
    }
    const detail = `${OPERATION_WAITERS_MAX} operations wait already`
    pending.fail(definitely(new WindowFullError(detail)))
  }

  /** Begins those that waited, as far as there is room for them. */
  #admit(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!this.#begin(next)) return
      if (this.#waiting[0] === next) this.#waiting.shift()
    }
  }

  /** @returns false if it has to wait */
  #begin(pending: Pending): boolean {
    try {
      pending.begin()
      return true
    } catch (error) {
      if (error instanceof WindowFullError) return false
      pending.fail(definitely(error instanceof Error ? error : new Error(String(error))))
      return true
    }
  }
}

/** @throws InvalidParametersError */
function requireOperationOptions(signal: unknown, timeoutMs: unknown): void {
  try {
    requireSignal(signal)
    requireWithin('timeoutMs', timeoutMs, 1, OPERATION_TIMEOUT_MS_MAX, 'milliseconds')
  } catch (error) {
    throw definitely(error as Error)
  }
}

/** A copy: what is written must not change any more, and a Node Buffer becomes a plain byte string. */
export function ownBytes(value: Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw definitely(new InvalidParametersError('value: expected a Uint8Array'))
}

export const settleWrite =
  (returned: Settle<Written>) =>
  (result: WriteResult): void =>
    returned(result.written ? { timestamp: result.timestamp } : new WriteRefusedError(result.refusal))
