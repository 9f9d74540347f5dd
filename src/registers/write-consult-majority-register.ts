/**
 * (N,N) atomic register by majorities (CGR11 Module 4.3, Algorithms 4.10 and 4.11 "Read-Impose
 * Write-Consult-Majority").
 *
 * Properties:
 * - *termination*: every operation of a correct process returns;
 * - *atomicity*: the operations seem to take effect one after the other, each at some moment while it runs.
 *
 *     upon Write(v):  rid := rid + 1; send [READ, rid] to all; upon a majority of VALUEs: (maxts, _) := highest;
 *                     send [WRITE, rid, (maxts + 1, self), v] to all; upon a majority of ACKs: WriteReturn
 *     upon Read:      as the atomic (1,N) register
 *
 * Timestamps are pairs (number, writer), compared in that order: two writers that consult at the same time find the
 * same number, and their writes are told apart by who they are.
 *
 * Model: fail-silent, n > 2f, perfect links.
 * Cost: a write 4n messages and two round trips; a read as the atomic (1,N) register.
 * Space: one value for each register at each member.
 */
import { ReadImposeWriteMajorityRegister } from './read-impose-write-majority-register.ts'
import type { RegisterId, WriteResult } from './register.ts'
import { highestTimestamped } from './timestamped-value.ts'

export class WriteConsultMajorityRegister extends ReadImposeWriteMajorityRegister {
  protected override startWrite(
    register: RegisterId,
    writer: number,
    value: Uint8Array,
    finished: (result: WriteResult) => void
  ): void {
    this.query(register, (answers) => {
      const top = highestTimestamped(answers.values())
      const timestamp = (top?.timestamp ?? 0) + 1
      if (timestamp > Number.MAX_SAFE_INTEGER)
        return finished({ written: false, refusal: 'timestamp too high' })
      if (top !== null && top.writer !== writer) this.env.observer.landmark('write-consulted')
      this.propagate('WRITE', register, { timestamp, writer, value }, (refusal) =>
        finished(refusal === undefined ? { written: true, timestamp } : { written: false, refusal })
      )
    })
  }
}
