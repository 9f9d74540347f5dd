/**
 * What the registers have in common on the side of a client: operations on one register take turns, and a write is
 * durable before it leaves, with its timestamp; what a crash interrupted is finished by the next life
 * (written-values.ts). How a value comes to the members and how it is found again is each register's own.
 *
 * A writer whose store knows nothing of a register asks before it writes for the first time: finding a value of its own
 * there, it has lost its store, and does not write under that key again.
 */
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { Shape } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { ReadOperation, WriteOperation } from '../exchange/operation.ts'
import { Turns } from '../exchange/turns.ts'
import { type RegisterOptions, registerBounds } from './constants.ts'
import {
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  registerKey,
  requireRegister,
  type WriteResult
} from './register.ts'
import { type Timestamped, type Written, WrittenValues } from './written-values.ts'

/** What a read is told; with its body, if the value is a reference to one. */
export type Found<V> = (value: V | null, body?: Uint8Array) => void

export abstract class RegisterClient<V extends Timestamped> extends Component<RegisterIndications> {
  protected readonly written: WrittenValues<V>
  readonly #turns = new Turns()
  readonly #valueBytesMax: number
  #resuming = 0

  protected constructor(
    env: Environment,
    path: string,
    shape: Shape<Written<V>>,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, indications)
    this.written = new WrittenValues(this.store, env.crypto.hash, shape)
    this.#valueBytesMax = registerBounds(options).valueBytesMax
  }

  /** Finds what the read returns, by calls that `operation` awaits. */
  protected abstract find(register: RegisterId, operation: ReadOperation, found: Found<V>): void

  /** The timestamp of the next write of this process. */
  protected abstract nextTimestamp(register: RegisterId, next: (timestamp: number) => void): void

  /**
   * Writes a value that is durable here; it is complete once `written` says so.
   * @param returned - is told, once, that the members have it, or why so many refuse it that they will not
   */
  protected abstract propagate(register: RegisterId, value: V, returned: (refusal?: Refusal) => void): void

  /** Whether the members show that this process has written the register, of which its store knows nothing. */
  protected abstract findOwn(register: RegisterId, then: (isThere: boolean) => void): void

  /** The longest value that can be written, bytes. */
  protected get bytesMax(): number {
    return this.#valueBytesMax
  }

  /** How many writes of an earlier life are being finished. */
  get resuming(): number {
    return this.#resuming
  }

  /** Finishes the writes that an earlier life had begun. */
  restore(): void {
    const { incomplete } = this.written
    this.#resuming = incomplete.length
    for (const { register, value } of incomplete) {
      this.env.observer.landmark('write-resumed')
      this.#turns.admitAgain()
      this.#turns.take(registerKey(register), (done) =>
        this.propagate(register, value, (refusal) => {
          this.#resuming--
          done()
          const result: WriteResult =
            refusal === undefined
              ? { written: true, timestamp: value.timestamp }
              : { written: false, refusal }
          this.env.whenDurable(() => this.indicate.resumed(register, value.value, result))
        })
      )
    }
  }

  state(): PlainValue {
    return {
      open: this.#turns.open,
      incomplete: this.written.incomplete.map(({ register }) => register.name)
    }
  }

  /** @param find - finds what is returned, if it is not what this register's reads find */
  protected readValue(
    register: RegisterId,
    returned: Found<V>,
    find = (operation: ReadOperation, found: Found<V>) => this.find(register, operation, found)
  ): OpenOperation {
    return this.takeTurn('read', register, (operation) =>
      find(operation, (value, body) => {
        if (operation.over) return
        operation.finish()
        this.env.whenDurable(() => returned(value, body))
      })
    )
  }

  /** An operation that begins with a read. @param begin - when its turn has come */
  protected takeTurn(
    name: string,
    register: RegisterId,
    begin: (operation: ReadOperation) => void
  ): OpenOperation {
    requireRegister(register)
    this.#turns.admit()
    const operation = new ReadOperation()
    this.request(name, [register.name], () =>
      this.#turns.take(registerKey(register), (done) => {
        operation.begin(done)
        if (!operation.over) begin(operation)
      })
    )
    return operation
  }

  /** @param perform - writes it, when its turn has come */
  protected writeValue(
    register: RegisterId,
    value: Uint8Array,
    perform: (operation: WriteOperation, finished: (result: WriteResult) => void) => void,
    returned: (result: WriteResult) => void
  ): OpenOperation {
    requireRegister(register)
    this.requireLength(value)
    this.#turns.admit()
    const operation = new WriteOperation()
    this.request('write', [register.name, value], () =>
      this.#turns.take(registerKey(register), (done) =>
        perform(operation, (result) => {
          done()
          this.env.whenDurable(() => returned(result))
        })
      )
    )
    return operation
  }

  /** @throws InvalidParametersError */
  protected requireLength({ length }: Uint8Array): void {
    if (length > this.bytesMax)
      throw new InvalidParametersError(`value: at most ${this.bytesMax} bytes, not ${length}`)
  }

  /** @param valueAt - what is to be written, at its timestamp */
  protected writeAt(
    register: RegisterId,
    valueAt: (timestamp: number) => V,
    finished: (result: WriteResult) => void
  ): void {
    const refused = (refusal: Refusal | 'store lost') => finished({ written: false, refusal })
    this.#prepare(register, (problem) => {
      if (problem !== undefined) return refused(problem)
      this.nextTimestamp(register, (timestamp) => {
        if (timestamp > Number.MAX_SAFE_INTEGER) return refused('timestamp too high')
        const value = valueAt(timestamp)
        this.written.begin(register, value)
        this.propagate(register, value, (refusal) =>
          refusal === undefined ? finished({ written: true, timestamp }) : refused(refusal)
        )
      })
    })
  }

  /** What comes before a write: the last one must be complete, and the store must not be lost. */
  #prepare(register: RegisterId, then: (problem?: Refusal | 'store lost') => void): void {
    const last = this.written.last(register)
    if (last?.complete === false) this.propagate(register, last.value, then)
    else if (last !== undefined) then()
    // In every life: a store that was lost is not fresh in its second one.
    else this.findOwn(register, (isThere) => then(isThere ? 'store lost' : undefined))
  }
}
