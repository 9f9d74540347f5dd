/**
 * Byzantine (1,N) regular register by an authenticated-data quorum (CGR11 Module 4.6, Algorithm 4.15).
 *
 * Properties, for a correct writer and correct readers:
 * - *termination*: if at most f members are faulty, every operation of a correct client returns;
 * - *validity*: a read that is concurrent with no write returns the last value written; one that is concurrent with a
 *   write returns that, or the value that is being written. A write that a crash interrupted is finished by the next
 *   life of its writer; until then it is concurrent with every read.
 *
 *     upon Write(v):  ts := ts + 1; sign (register, ts, v), store it, propagate it; WriteReturn
 *     upon Read:      query; return the highest of a quorum's valid answers
 *
 * Model: fail-arbitrary, n > 3f; readers may be faulty in any number. If the writer is faulty, a read returns a value
 * that it has signed, or the initial one; a writer that signs two values at one timestamp is named, with evidence that
 * anybody can check.
 * Cost: 2n messages and one round trip each, a writer's first write of a register 4n and two; a write costs a
 * signature, and one verification at each member; a read verifies each distinct answer once.
 * Space: one value for each register, at each member and at the writer; durable at both.
 *
 * What the algorithm of the book leaves open: the register's name and its group are in what is signed; members verify
 * before they store, and keep the highest.
 */
import type { ReadOperation } from '../exchange/operation.ts'
import type { RegisterId } from './register.ts'
import { SignedRegister } from './signed-register.ts'
import { highest, type SignedValue, sameWrite } from './signed-value.ts'

export class AuthenticatedDataRegister extends SignedRegister {
  protected find(
    register: RegisterId,
    operation: ReadOperation,
    found: (value: SignedValue | null) => void
  ): void {
    operation.awaits(
      this.storage.query(register, (answers) => {
        const top = highest(answers.values())
        if ([...answers.values()].some((value) => !sameWrite(value, top)))
          this.env.observer.landmark('stale-answer-outvoted')
        found(top)
      })
    )
  }

  protected nextTimestamp(register: RegisterId, next: (timestamp: number) => void): void {
    next((this.written.last(register)?.value.timestamp ?? 0) + 1)
  }
}
