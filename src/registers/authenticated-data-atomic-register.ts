/**
 * Byzantine (1,N) atomic register: an authenticated-data quorum whose readers write back what they return (CGR11
 * Algorithm 4.15, with the read-impose of Algorithms 4.6 and 4.7).
 *
 * Properties, beside those of the regular register (authenticated-data-register.ts):
 * - *ordering*: if a read returns v and a later one returns w, then w was not written before v.
 *
 *     upon Write(v):  as the regular register
 *     upon Read:      query; v := the highest of a quorum's valid answers;
 *                     unless all of them are v: propagate v; return v
 *
 * A reader can impose a value, since it is signed by its writer. Where a whole quorum answers with the same value,
 * every later query meets it, or a higher one, already: the read then ends after its first round trip.
 *
 * A write that members refuse (they have no room for it, or its timestamp jumps too far) is never complete; one that
 * has reached some of them all the same may be read, and then its predecessor, until the next write is complete.
 *
 * Model: fail-arbitrary, n > 3f, readers included: what a faulty one imposes was written.
 * Cost: a write as before; a read 2n messages and one round trip where nothing is being written, else 4n and two.
 * Space: as the regular register.
 */

import type { OpenOperation, ReadOperation } from '../exchange/operation.ts'
import { AuthenticatedDataRegister } from './authenticated-data-register.ts'
import type { ReadResult, RegisterId } from './register.ts'
import { resultOf } from './signed-register.ts'
import { highest, type SignedValue, sameWrite } from './signed-value.ts'

export class AuthenticatedDataAtomicRegister extends AuthenticatedDataRegister {
  /** A read of the regular register: one round trip always. Two of them may return values in the wrong order. */
  readRegular(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation {
    return this.readValue(
      register,
      (value) => returned(resultOf(value)),
      (operation, found) => super.find(register, operation, found)
    )
  }

  protected override find(
    register: RegisterId,
    operation: ReadOperation,
    found: (value: SignedValue | null) => void
  ): void {
    const { storage, env } = this
    const query = storage.query(register, (answers) => {
      const values = [...answers.values()]
      const top = highest(values)
      if (top === null || values.every((value) => sameWrite(value, top))) {
        env.observer.landmark('write-back-spared')
        return found(top)
      }
      env.observer.landmark('stale-answer-outvoted')
      env.observer.landmark('write-back-needed')
      // Refused or not, it is what this read has found: it may stand, where it was shown, in the place of the last
      // value that was complete, and what is below it may be older than that.
      if (!operation.over) operation.awaits(storage.propagate(register, top, () => found(top)))
    })
    operation.awaits(query)
  }
}
