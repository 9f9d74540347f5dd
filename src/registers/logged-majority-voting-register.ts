/**
 * (1,N) regular register over crash-recovery (CGR11 Module 4.4, Algorithms 4.12 and 4.13 "Logged Majority Voting").
 *
 * Properties:
 * - *termination*: every operation of a process that does not crash any more returns;
 * - *validity*: a read that is concurrent with no write returns the last value written; one that is concurrent with a
 *   write returns that, or the value that is being written. A write that a crash interrupted is finished by the next
 *   life of its writer, which indicates `resumed`; until then it is concurrent with every read.
 *
 *     upon Write(v):  (wts, wval) := (wts + 1, v); writing := TRUE; store(wts, wval, writing);
 *                     send [WRITE, wts, wval] to all; upon a majority of ACKs: writing := FALSE; store(writing);
 *                     WriteReturn
 *     upon Recovery:  retrieve(wts, wval, writing, ts, val); if writing then send [WRITE, wts, wval] to all
 *     upon Read:      as majority voting
 *     upon [WRITE, wts', v'] (member): if wts' > ts then (ts, val) := (wts', v'); store(ts, val)
 *                     send [ACK, wts']
 *
 * The book stores `rid` too, so that an answer to an earlier life is not counted by the next one. Here the number of
 * the life, which the host stores, is a part of it.
 *
 * Model: fail-recovery (processes crash and come back with their stores, any number of times), n > 2f, where f members
 * may be down for ever. Nobody who lost its store comes back.
 * Cost: 2n messages and one round trip each; a write costs two records at its writer, and one at each member.
 * Space: one value for each register at each member and at its writer, durable at both.
 * Durable: what a member acknowledged, before it does; what a writer sends, before it does.
 */

import { toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { CRASH_RECOVERY, type Needs } from '../core/model.ts'
import { bool, decode, encode, record, type ValueOf } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Ports } from '../links/ports.ts'
import type { RegisterOptions } from './constants.ts'
import { MajorityRegister } from './majority-register.ts'
import {
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  registerKey,
  registerShape,
  type WriteResult
} from './register.ts'
import { type TimestampedValue, timestampedValueShape } from './timestamped-value.ts'

const loggedShape = record({ register: registerShape, value: timestampedValueShape, writing: bool })

/** The book's `wts`, `wval` and `writing`, of one register. */
type Logged = ValueOf<typeof loggedShape>

const PREFIX = 'written/'

export class LoggedMajorityVotingRegister extends MajorityRegister {
  static override readonly needs: Needs = CRASH_RECOVERY
  readonly #logged = new Map<string, Logged>()
  #resuming = 0

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: RegisterOptions,
    indications: RegisterIndications
  ) {
    super(env, path, ports, options, indications, true)
    for (const [, encoded] of this.store.restored(PREFIX)) {
      const logged = decode(loggedShape, encoded)
      if (logged !== undefined) this.#logged.set(registerKey(logged.register), logged)
    }
  }

  override get resuming(): number {
    return this.#resuming
  }

  // upon event ⟨ Recovery ⟩ do
  override restore(): void {
    const interrupted = [...this.#logged.values()].filter(({ writing }) => writing)
    this.#resuming = interrupted.length
    for (const { register, value } of interrupted) {
      this.env.observer.landmark('write-resumed')
      this.turns.admitAgain()
      this.turns.take(registerKey(register), (done) =>
        this.#propagate(register, value, (refusal) => {
          this.#resuming--
          done()
          const result: WriteResult =
            refusal === undefined
              ? { written: true, timestamp: value.timestamp }
              : { written: false, refusal }
          // Not before it is durable that this write is over: a next life would finish it again.
          this.env.whenDurable(() => this.indicate.resumed(register, value.value, result))
        })
      )
    }
  }

  protected override startWrite(
    register: RegisterId,
    writer: number,
    value: Uint8Array,
    finished: (result: WriteResult) => void
  ): void {
    const timestamp = (this.#logged.get(registerKey(register))?.value.timestamp ?? 0) + 1
    const written = { timestamp, writer, value }
    this.#log({ register, value: written, writing: true })
    this.#propagate(register, written, (refusal) =>
      finished(refusal === undefined ? { written: true, timestamp } : { written: false, refusal })
    )
  }

  override state(): PlainValue {
    const writing = [...this.#logged.values()].filter((logged) => logged.writing)
    return { members: super.state(), writing: writing.map(({ register }) => register.name) }
  }

  #propagate(register: RegisterId, value: TimestampedValue, finished: (refusal?: Refusal) => void): void {
    this.propagate('WRITE', register, value, (refusal) => {
      this.#log({ register, value, writing: false })
      finished(refusal)
    })
  }

  #log(logged: Logged): void {
    const { register } = logged
    this.#logged.set(registerKey(register), logged)
    const key = toHex(this.env.crypto.hash(encode(registerShape, register)))
    this.store.put(PREFIX + key, encode(loggedShape, logged))
  }
}
