/** The replicated machine of a group as promises: what a client, and a member's own application, does with it. */
import type { Executed } from '../replication/replica.ts'
import type { ClosedSession } from '../replication/replica-client.ts'
import type { OperationOptions } from './register-service.ts'
import type { WaitOptions } from './waits.ts'

/** What a member has executed at one number: all of it, or nothing that it can still say. */
export type Commit =
  | {
      readonly type: 'commit'
      /** The number of the batch: the position to go on after, at this member or another, in this life or a later. */
      readonly sequence: number
      /** Those of its commands that took effect, in their order; none, of a batch that had nothing new. */
      readonly commands: readonly Executed[]
    }
  | {
      /** Batches that are not kept any more: what they have come to is in the machine's state. */
      readonly type: 'gap'
      readonly from: number
      readonly to: number
    }
  | {
      /**
       * This member had come to another state than the group, by its memory, its disk or its machine: what it told of
       * these batches may be wrong (their commands and order are not, what came of them may be). It has the right state
       * now, and what comes after `sequence` is told again; what lies before it is in the machine's state.
       */
      readonly type: 'diverged'
      readonly from: number
      readonly to: number
      /** The position to go on after, in place of the one that the application has. */
      readonly sequence: number
    }

export interface CommitsOptions extends WaitOptions {
  /** The number of the last batch that the application has had. Default: 0, which is none. */
  after?: number
}

/**
 * Commands are executed by all members in one order, each of them once. Those of one process that are under way at the
 * same time may be executed in any order; one that is submitted after another has returned is executed after it.
 *
 * Errors say whether the command certainly took no effect (`definite`). One that was sent and did not return in time
 * may take effect later, until this process has closed its session, or the next one under its key has submitted
 * something.
 */
export interface ReplicatedMachine {
  /**
   * @param command - what the machine takes, at most 64 KiB: for a KeyValueMachine what `pairCommand` makes
   * @returns what the machine has returned
   * @throws {CommandRefusedError} {TimeoutError} {AbortError} {OperationInterruptedError} {WindowFullError}
   *   {NotStartedError} {InvalidParametersError}
   */
  submit(command: Uint8Array, options?: OperationOptions): Promise<Uint8Array>

  /**
   * Closes the session of what was submitted: afterwards none of that is executed any more. Those commands that were
   * not, and still wait, are refused (`closed`, which is definite); those of which an answer was lost end with
   * `no-session`. What is submitted meanwhile waits, and opens the next session.
   *
   * @returns what was under way; session 0: there was none
   * @throws {TimeoutError} {AbortError} {OperationInterruptedError} {NotStartedError} {InvalidParametersError}
   */
  close(options?: OperationOptions): Promise<ClosedSession>

  /**
   * What this member executes, batch by batch, from the one after `after` on: each at least once, and exactly once for
   * an application that stores the number with what it makes of it. Several may follow at once. Who does not read stops
   * nobody, and is told of a gap where it comes too late; and who follows a member that finds its state to be another
   * one than the group's is told of that. It ends with the life of the member.
   *
   * @throws {InvalidParametersError} at a client, which executes nothing; in the iteration {AbortError} {TimeoutError}
   *   {ConsumerBusyError}
   */
  commits(options?: CommitsOptions): AsyncIterable<Commit>
}

export interface ReplicaService {
  /** The machine that this group replicates; nothing is sent. Its methods throw if the stack is none that does. */
  replica(): ReplicatedMachine
}
