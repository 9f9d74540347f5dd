/**
 * (1,N) regular register by majority voting (CGR11 Module 4.1, Algorithm 4.2 "Majority Voting Regular Register").
 *
 * Requests:    read(register), write(register, value)
 * Returns:     the value read; that the write is complete
 *
 * Properties:
 * - *termination*: every operation of a correct process returns;
 * - *validity*: a read that is concurrent with no write returns the last value written; one that is concurrent with a
 *   write returns that, or the value that is being written.
 *
 *     upon Write(v):  wts := wts + 1; send [WRITE, wts, v] to all; upon a majority of ACKs to it: WriteReturn
 *     upon Read:      rid := rid + 1; send [READ, rid] to all; upon a majority of VALUEs to it:
 *                     return the one with the highest timestamp
 *
 * (What members do, and this read, is in majority-register.ts.) Any two majorities share a member, so a read meets the
 * last complete write. A read that follows another may all the same return an older value than that one did, while the
 * write of the newer one goes on: see read-impose-write-majority-register.ts.
 *
 * Model: fail-silent (processes may crash and do not come back; asynchronous), n > 2f, perfect links.
 * Cost: 2n messages and one round trip each.
 * Space: one value for each register at each member; a timestamp for each register at its writer. Nothing is stored: a
 * process that comes back has forgotten all (logged-majority-voting-register.ts has not).
 */

import { MajorityRegister } from './majority-register.ts'
import { type RegisterId, registerKey, type WriteResult } from './register.ts'

export class MajorityVotingRegister extends MajorityRegister {
  /** The book's `wts`, of each register. */
  readonly #timestamps = new Map<string, number>()

  protected override startWrite(
    register: RegisterId,
    writer: number,
    value: Uint8Array,
    finished: (result: WriteResult) => void
  ): void {
    const key = registerKey(register)
    const timestamp = (this.#timestamps.get(key) ?? 0) + 1
    this.#timestamps.set(key, timestamp)
    this.propagate('WRITE', register, { timestamp, writer, value }, (refusal) =>
      finished(refusal === undefined ? { written: true, timestamp } : { written: false, refusal })
    )
  }
}
