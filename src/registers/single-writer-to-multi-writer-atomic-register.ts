/**
 * (N,N) atomic register from (1,N) atomic ones (CGR11 Algorithm 4.8 "From (1,N) Atomic to (N,N) Atomic Registers").
 *
 * Properties:
 * - *termination*: every operation of a correct process returns;
 * - *atomicity*: the operations seem to take effect one after the other, each at some moment while it runs.
 *
 * Each writer r has a base register onar.r of its own, which all read.
 *
 *     upon Write(v):  forall r: onar.r.Read; upon all ReadReturns: (ts, _) := highest;
 *                     onar.self.Write((ts + 1, v)); upon WriteReturn: WriteReturn
 *     upon Read:      forall r: onar.r.Read; upon all ReadReturns: (ts, v) := highest; return v
 *
 * Pairs are compared by timestamp and then by the rank of whose register they are in: the highest is the value.
 *
 * Model: that of the base register.
 * Cost, with w writers: w base reads at once for a read; these and then one base write for a write.
 * Space: w base registers for each register.
 */
import type { Environment } from '../core/environment.ts'
import type { PlainValue } from '../core/trace.ts'
import type { ReadOperation } from '../exchange/operation.ts'
import { REGISTER_WRITERS_MAX, type RegisterOptions } from './constants.ts'
import type {
  ReadResult,
  RegisterId,
  RegisterIndications,
  RegisterRequests,
  WriteResult
} from './register.ts'
import { type Content, contentResult, TransformedRegister } from './transformed-register.ts'

export class SingleWriterToMultiWriterAtomicRegister extends TransformedRegister {
  constructor(
    env: Environment,
    path: string,
    singleWriter: RegisterRequests,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, singleWriter, options, indications, REGISTER_WRITERS_MAX)
  }

  protected override startWrite(
    register: RegisterId,
    writer: number,
    value: Uint8Array,
    finished: (result: WriteResult) => void
  ): void {
    const registers = this.#ofWriters(register)
    this.readAll(registers, undefined, (contents) => {
      const top = highest(contents)
      const own = contents[writer]?.timestamp ?? 0
      const timestamp = (top?.timestamp ?? 0) + 1
      if (timestamp > Number.MAX_SAFE_INTEGER)
        return finished({ written: false, refusal: 'timestamp too high' })
      if (timestamp > own + 1) this.env.observer.landmark('write-consulted')
      this.writeAll([registers[writer] as RegisterId], { timestamp, value }, (refusal) =>
        finished(refusal === undefined ? { written: true, timestamp } : { written: false, refusal })
      )
    })
  }

  protected override startRead(
    register: RegisterId,
    operation: ReadOperation,
    found: (result: ReadResult) => void
  ): void {
    this.readAll(this.#ofWriters(register), operation, (contents) => found(contentResult(highest(contents))))
  }

  state(): PlainValue {
    return { open: this.turns.open }
  }

  /** By the ranks of their writers. */
  #ofWriters(register: RegisterId): readonly RegisterId[] {
    return register.writers.map((writer) => this.part(register, writer))
  }
}

/** Of equal timestamps that of the higher rank. */
function highest(contents: readonly (Content | null)[]): Content | null {
  let top: Content | null = null
  for (const content of contents)
    if (content !== null && content.timestamp >= (top?.timestamp ?? 0)) top = content
  return top
}
