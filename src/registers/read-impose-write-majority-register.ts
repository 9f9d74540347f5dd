/**
 * (1,N) atomic register by majorities (CGR11 Module 4.2, Algorithms 4.6 and 4.7 "Read-Impose Write-Majority").
 *
 * Properties, beside termination and validity (majority-voting-register.ts):
 * - *ordering*: if a read returns v and a later one returns w, then w was not written before v.
 *
 *     upon Write(v):  wts := wts + 1; send [WRITE, rid, wts, v] to all; upon a majority of ACKs: WriteReturn
 *     upon Read:      rid := rid + 1; send [READ, rid] to all; upon a majority of VALUEs: (maxts, readval) := highest;
 *                     send [IMPOSE, rid, maxts, readval] to all; upon a majority of ACKs: return readval
 *
 * A reader sees to it that every later read meets what it returns. A member acknowledges what is older than its own
 * value as well: if it did so only where it takes the value over, such a read would never end.
 *
 * Where a whole majority answers with the same value, every later read meets it, or a higher one, already: the read
 * then ends after its first round trip. The book's does not look.
 *
 * Model: fail-silent, n > 2f, perfect links.
 * Cost: a write 2n messages and one round trip; a read 4n and two, or half of it where nothing is being written.
 * Space: as the regular register.
 */

import type { ReadOperation } from '../exchange/operation.ts'
import { MajorityVotingRegister } from './majority-voting-register.ts'
import type { ReadResult, RegisterId } from './register.ts'
import { compareTimestamped, highestTimestamped, readResult } from './timestamped-value.ts'

export class ReadImposeWriteMajorityRegister extends MajorityVotingRegister {
  protected override startRead(
    register: RegisterId,
    operation: ReadOperation,
    found: (result: ReadResult) => void
  ): void {
    const { observer } = this.env
    const query = this.query(register, (answers) => {
      const top = highestTimestamped(answers.values())
      if (top === null || [...answers.values()].every((value) => compareTimestamped(value, top) === 0)) {
        observer.landmark('write-back-spared')
        return found(readResult(top))
      }
      observer.landmark('stale-answer-outvoted')
      observer.landmark('write-back-needed')
      operation.awaits(this.propagate('IMPOSE', register, top, () => found(readResult(top))))
    })
    operation.awaits(query)
  }
}
