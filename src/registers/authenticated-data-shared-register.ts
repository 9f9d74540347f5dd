/**
 * Byzantine (N,N) atomic register, signed: a write consults a quorum for the highest timestamp, and goes beyond it
 * (CGR11 Algorithms 4.10 and 4.11 "Read-Impose Write-Consult-Majority", over the authenticated-data quorum of 4.15).
 *
 * Properties, for correct writers and correct readers:
 * - *termination*: if at most f members are faulty, every operation of a correct client returns;
 * - *atomicity*: the operations seem to take effect one after the other, each at some moment while it runs.
 *
 *     upon Write(v):  query; (ts, _) := the highest of a quorum's valid answers, or this writer's own last if higher;
 *                     sign (register, (ts + 1, writer), v), store it, propagate it; WriteReturn
 *     upon Read:      as the atomic (1,N) register
 *
 * Values are ordered by (timestamp, writer). Who may write is in the register's name: an access list that needs no
 * agreement. Timestamps in answers are signed, so no member can wear them out.
 *
 * Model: fail-arbitrary, n > 3f members; readers may be faulty in any number. If a listed writer is faulty, what is
 * read was still signed by a listed writer, and reads of correct clients are still ordered, but for what members
 * refuse: the faulty one's values take their places in the order of timestamps, two of them at one timestamp too. It
 * may overwrite what others write, and, by jumps of TIMESTAMP_JUMP_MAX at some members only, keep the writes of others
 * from completing: a list of writers is of those who let each other write.
 * A register with one writer is the atomic (1,N) register, whose writes consult nobody.
 *
 * Cost: a write 4n messages and two round trips (2n and one with one writer), a writer's first one 2n and one more; a
 * read as the atomic (1,N) register.
 * Space: as the regular register.
 */
import { AuthenticatedDataAtomicRegister } from './authenticated-data-atomic-register.ts'
import type { RegisterId } from './register.ts'
import { highest } from './signed-value.ts'

export class AuthenticatedDataSharedRegister extends AuthenticatedDataAtomicRegister {
  protected override nextTimestamp(register: RegisterId, next: (timestamp: number) => void): void {
    if (register.writers.length === 1) {
      // A sole writer knows all timestamps: its own.
      super.nextTimestamp(register, next)
      return
    }
    this.storage.query(register, (answers) => {
      const highestSeen = highest(answers.values())?.timestamp ?? 0
      const own = this.written.last(register)?.value.timestamp ?? 0
      if (highestSeen > own) this.env.observer.landmark('write-consulted')
      next(Math.max(highestSeen, own) + 1)
    })
  }
}
