/**
 * (1,1) atomic register from a (1,N) regular one (CGR11 Algorithm 4.3 "From (1,N) Regular to (1,1) Atomic Registers").
 *
 * Properties, for one writer and one reader of each register:
 * - *termination*, *validity*: as the regular register;
 * - *ordering*: if a read returns v and a later one returns w, then w was not written before v.
 *
 *     upon Write(v):  wts := wts + 1; onrr.Write((wts, v)); upon onrr.WriteReturn: WriteReturn
 *     upon Read:      onrr.Read; upon onrr.ReadReturn((ts', v')):
 *                     if ts' > ts then (ts, val) := (ts', v')
 *                     return val
 *
 * A regular register may return a value that is being written, and the old one afterwards. The reader remembers the
 * newest that it has returned. Two readers do not remember the same: that is what is left to
 * single-reader-to-multi-reader-atomic-register.ts.
 *
 * The caller sees to it that one process alone reads a register; which one is no part of its name.
 *
 * Model: that of the regular register.
 * Cost: as the regular register.
 * Space: besides it, a timestamp for each register at its writer, and a value at its reader.
 */
import type { Environment } from '../core/environment.ts'
import type { PlainValue } from '../core/trace.ts'
import type { ReadOperation } from '../exchange/operation.ts'
import type { RegisterOptions } from './constants.ts'
import {
  type ReadResult,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerKey,
  type WriteResult
} from './register.ts'
import { type Content, contentResult, TransformedRegister } from './transformed-register.ts'

/** A register stands on the base register of the same name. */
const BASE_REGISTERS = 1

export class RegularToSingleReaderAtomicRegister extends TransformedRegister {
  /** The book's `wts`. */
  readonly #timestamps = new Map<string, number>()
  /** The book's `(ts, val)`. */
  readonly #newest = new Map<string, Content>()

  constructor(
    env: Environment,
    path: string,
    regular: RegisterRequests,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, regular, options, indications, BASE_REGISTERS)
  }

  protected override startWrite(
    register: RegisterId,
    _writer: number,
    value: Uint8Array,
    finished: (result: WriteResult) => void
  ): void {
    const key = registerKey(register)
    const timestamp = (this.#timestamps.get(key) ?? 0) + 1
    this.#timestamps.set(key, timestamp)
    this.writeAll([register], { timestamp, value }, (refusal) =>
      finished(refusal === undefined ? { written: true, timestamp } : { written: false, refusal })
    )
  }

  protected override startRead(
    register: RegisterId,
    operation: ReadOperation,
    found: (result: ReadResult) => void
  ): void {
    const key = registerKey(register)
    this.readAll([register], operation, ([read = null]) => {
      const newest = this.#newest.get(key)
      const isNewer = read !== null && read.timestamp > (newest?.timestamp ?? 0)
      if (isNewer) this.#newest.set(key, read)
      else if ((read?.timestamp ?? 0) < (newest?.timestamp ?? 0))
        this.env.observer.landmark('older-value-outread')
      found(contentResult(this.#newest.get(key) ?? null))
    })
  }

  state(): PlainValue {
    return { written: [...this.#timestamps.values()], newest: [...this.#newest.values()] }
  }
}
