/**
 * (1,N) atomic register from (1,1) atomic ones (CGR11 Algorithm 4.4 "From (1,1) Atomic to (1,N) Atomic Registers").
 *
 * Properties: termination, validity and ordering, for any number of readers.
 *
 * A matrix of base registers: ooar.q.r is read by q and written by r. The writer w writes to all readers; readers write
 * to each other what they return, so that the next to read, whoever it is, has read it there.
 *
 *     upon Write(v):  ts := ts + 1; forall q: ooar.q.w.Write((ts, v)); upon all WriteReturns: WriteReturn
 *     upon Read:      forall r: ooar.self.r.Read; upon all ReadReturns: (maxts, readval) := highest;
 *                     forall q: ooar.q.self.Write((maxts, readval)); upon all WriteReturns: return readval
 *
 * The processes of the matrix are the clients of the group and the writer: all of them must be known to each other, and
 * none is added while a register is in use. The initial value is not written back: no read can return an older one.
 *
 * Model: that of the base register. Not all that readers need is with the members: a read needs no other reader to be
 * up, since base registers are shared memory, kept by the members.
 * Cost, with c processes in the matrix: c base writes at once for a write; c base reads and then c base writes for a
 * read.
 * Space: c * c base registers for each register; a timestamp for each register at its writer.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { publicKeyOf } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenOperation, ReadOperation } from '../exchange/operation.ts'
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

export class SingleReaderToMultiReaderAtomicRegister extends TransformedRegister {
  /** The book's `ts`. */
  readonly #timestamps = new Map<string, number>()
  readonly #self: Uint8Array | undefined

  constructor(
    env: Environment,
    path: string,
    singleReader: RegisterRequests,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, singleReader, options, indications, env.group.clients.length + 1)
    this.#self = publicKeyOf(env.group, env.self)
  }

  override read(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation {
    if (!this.#processes(register).some((key) => this.#isSelf(key)))
      throw new InvalidParametersError('register: clients of the group read it, and its writer')
    return super.read(register, returned)
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
    this.writeAll(this.#writtenHere(register), { timestamp, value }, (refusal) =>
      finished(refusal === undefined ? { written: true, timestamp } : { written: false, refusal })
    )
  }

  protected override startRead(
    register: RegisterId,
    operation: ReadOperation,
    found: (result: ReadResult) => void
  ): void {
    const processes = this.#processes(register)
    const readHere = processes.map((r) => this.part(register, r, this.#self))
    this.readAll(readHere, operation, (contents) => {
      let top: Content | null = null
      for (const content of contents)
        if (content !== null && content.timestamp > (top?.timestamp ?? 0)) top = content
      const isWriter = (key: Uint8Array) => sameBytes(key, register.writers[0] as Uint8Array)
      const fromWriter = contents[processes.findIndex(isWriter)]
      if ((fromWriter?.timestamp ?? 0) < (top?.timestamp ?? 0))
        this.env.observer.landmark('value-told-by-reader')
      if (top === null) return found(contentResult(null))
      const result = contentResult(top)
      // Base writes that were begun must end before the next one.
      operation.mustEnd()
      this.env.observer.landmark('write-back-needed')
      this.writeAll(this.#writtenHere(register), top, () => found(result))
    })
  }

  state(): PlainValue {
    return { open: this.turns.open, written: [...this.#timestamps.values()] }
  }

  /** The rows and columns of the matrix. */
  #processes({ writers }: RegisterId): readonly Uint8Array[] {
    const { clients } = this.env.group
    const others = writers.filter((writer) => !clients.some((client) => sameBytes(client, writer)))
    return [...clients, ...others]
  }

  #writtenHere(register: RegisterId): readonly RegisterId[] {
    return this.#processes(register).map((q) => this.part(register, this.#self as Uint8Array, q))
  }

  #isSelf(key: Uint8Array): boolean {
    return this.#self !== undefined && sameBytes(key, this.#self)
  }
}
