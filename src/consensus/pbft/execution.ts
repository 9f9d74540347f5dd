/**
 * Execution: what is committed is executed in the order of its numbers, when its body is here.
 *
 * A number is committed by a quorum of COMMITs (ordering.ts); or since f+1 members say that they have executed one
 * batch at it, of whom one is correct. So a member goes on that the primary has kept out, or that was away, and needs
 * nobody's leave for it.
 *
 * Who lacks batches that nobody retains any more goes on from the state of a stable checkpoint (`installed`).
 *
 * Space: for each number of a window beyond the executed one a claim of each member; a digest for each number that is
 * committed, as many as are retained and a window at most; digests and bodies of those that were executed last, for
 * those who are behind.
 */
import { toHex } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import { Tally } from '../../exchange/tally.ts'
import type { Batches } from './batches.ts'
import type { Log } from './log.ts'
import type { Machine } from './machine.ts'
import type { PbftMessageOf } from './messages.ts'
import type { Progress } from './progress.ts'

export interface ExecutionInit {
  readonly env: Environment
  readonly progress: Progress
  readonly log: Log
  readonly batches: Batches
  readonly machine: Machine
  executed(sequence: number, envelopes: readonly Uint8Array[]): void
}

export class Execution {
  readonly #init: ExecutionInit
  /** Above the executed number, open or no further than others retain what is between: more would be of no use. */
  readonly #committed = new Map<number, Uint8Array>()
  readonly #claims = new Map<number, Tally>()
  /** Who was named for two claims. */
  readonly #named = new Set<ProcessId>()
  /** Of the last numbers that were executed. */
  readonly #retained = new Map<number, Uint8Array>()
  /** What an earlier life has executed, and this one executes again. */
  #replayedTo = 0
  /** The state from which this life goes on is still on the disk. */
  #isReading = false

  constructor(init: ExecutionInit) {
    this.#init = init
  }

  /**
   * Goes on from the last state, with what earlier lives have executed after it.
   *
   * @param executed - after which number that state is; it is still to be read, unless that is 0
   */
  restore(executed: number, committed: ReadonlyMap<number, Uint8Array>): void {
    const { progress, batches } = this.#init
    progress.executed = executed
    this.#isReading = executed > 0
    for (const [sequence, digest] of committed) {
      batches.restore(digest)
      if (sequence > progress.executed) this.#committed.set(sequence, digest)
      else this.#retained.set(sequence, digest)
      this.#replayedTo = Math.max(this.#replayedTo, sequence)
    }
    if (this.#replayedTo > progress.executed) this.#init.env.observer.landmark('log-replayed')
  }

  /**
   * The state after `sequence` is here, which others had: what lies before it is not executed; what comes after it is,
   * again if it was, for the own state was another.
   */
  installed(sequence: number): void {
    const { progress, log } = this.#init
    progress.executed = sequence
    progress.diverged = false
    for (const [after, digest] of this.#retained) {
      if (after <= sequence) continue
      this.#retained.delete(after)
      this.#committed.set(after, digest)
    }
    for (const before of this.#committed.keys()) if (before <= sequence) this.#committed.delete(before)
    for (const before of this.#claims.keys()) if (before <= sequence) this.#claims.delete(before)
    for (const old of this.#retained.keys()) {
      if (old > sequence - progress.retained) continue
      this.#retained.delete(old)
      log.deleteCommitted(old)
    }
  }

  /** The state from which this life goes on is here. */
  read(): void {
    this.#isReading = false
    this.run()
  }

  /** It is the batch at that number. */
  commit(sequence: number, digest: Uint8Array): void {
    if (!this.#isOfUse(sequence) || this.#committed.has(sequence)) return
    this.#committed.set(sequence, digest)
    this.run()
  }

  /** The window has moved: what can be of no use any more is forgotten. */
  trim(): void {
    for (const sequence of this.#committed.keys())
      if (!this.#isOfUse(sequence)) this.#committed.delete(sequence)
  }

  onCommitted(from: ProcessId, { sequence, digest }: PbftMessageOf<'COMMITTED'>): void {
    const { env, progress } = this.#init
    if (sequence <= progress.executed || sequence > progress.executed + progress.window) return
    const claims = this.#claims.get(sequence) ?? new Tally()
    this.#claims.set(sequence, claims)
    if (claims.vote(from, digest) === 'contradicted' && !this.#named.has(from)) {
      this.#named.add(from)
      const detail = 'says that it has executed two batches at one number'
      env.observer.fault({ process: from, kind: 'contradicting-vote', certainty: 'certain', detail })
    }
    const agreed = claims.reached(env.group.quorum.oneCorrect)
    if (agreed === undefined || this.#committed.has(sequence)) return
    env.observer.landmark('catch-up-used')
    if (sequence <= progress.low) env.observer.landmark('retained-log-used')
    this.commit(sequence, agreed)
  }

  /** Executes what is next, for as long as it is committed and here. */
  run(): void {
    const { env, progress, log, batches, machine } = this.#init
    while (!this.#isReading && !progress.diverged) {
      const sequence = progress.executed + 1
      const digest = this.#committed.get(sequence)
      const envelopes = digest && batches.envelopes(digest)
      if (digest === undefined || envelopes === undefined) {
        if (digest === undefined && this.#committed.size > 0) env.observer.landmark('committed-out-of-order')
        return
      }
      machine.execute(sequence, digest, envelopes)
      progress.executed = sequence
      progress.count(envelopes.length)
      this.#committed.delete(sequence)
      this.#claims.delete(sequence)
      log.putCommitted(sequence, digest)
      this.#retain(sequence, digest)
      batches.release(digest)
      this.#init.executed(sequence, envelopes)
    }
  }

  /** The body of that digest is here. */
  came(digest: Uint8Array): void {
    const next = this.#committed.get(this.#init.progress.executed + 1)
    if (next !== undefined && toHex(next) === toHex(digest)) this.run()
  }

  /** What was executed at that number, if it is retained. */
  at(sequence: number): Uint8Array | undefined {
    return this.#retained.get(sequence)
  }

  /** Whether a body that others have executed is not here yet, or the group has a checkpoint beyond. */
  get isBehind(): boolean {
    const { progress } = this.#init
    const { executed, low, diverged } = progress
    return diverged || executed < low || this.#committed.has(executed + 1)
  }

  /** Whether the state of others is of use: the own one is read, and the group has one beyond it, or another one. */
  get needsState(): boolean {
    const { progress } = this.#init
    return !this.#isReading && (progress.diverged || progress.executed < progress.low)
  }

  /** Whether there is something to be executed. */
  get isWaiting(): boolean {
    return this.#committed.size > 0 || this.isBehind
  }

  /** Digests of what is to be executed, and of what is retained. */
  get needed(): ReadonlySet<string> {
    return new Set([...this.#committed.values(), ...this.#retained.values()].map(toHex))
  }

  /** Who says that it has executed it. */
  holders(digest: Uint8Array): readonly ProcessId[] {
    return [...this.#claims.values()].flatMap((claims) => claims.votersFor(digest))
  }

  state(): PlainValue {
    return {
      committed: [...this.#committed].map(([sequence, digest]) => ({ sequence, digest })),
      claims: [...this.#claims].map(([sequence, claims]) => ({ sequence, claims: claims.state() })),
      retained: [...this.#retained.keys()]
    }
  }

  /** Whether it may come to be executed: open ones may, after a state; others, if what is between is retained. */
  #isOfUse(sequence: number): boolean {
    const { progress } = this.#init
    const { executed, retained } = progress
    return sequence > executed && (progress.isOpen(sequence) || sequence <= executed + retained)
  }

  #retain(sequence: number, digest: Uint8Array): void {
    this.#retained.set(sequence, digest)
    const oldest = sequence - this.#init.progress.retained
    if (!this.#retained.delete(oldest)) return
    this.#init.log.deleteCommitted(oldest)
  }
}
