/** The replicated machine of a group as promises: what a client, and a member's own application, does with it. */
import type { OperationOptions } from './register-service.ts'

/**
 * Commands are executed by all members in one order, each of them once. Those of one process that are under way at the
 * same time may be executed in any order; one that is submitted after another has returned is executed after it.
 *
 * Errors say whether the command certainly took no effect (`definite`). One that was sent and did not return in time
 * may take effect later, as long as this process lives, or the next one under its key has submitted nothing.
 */
export interface ReplicatedMachine {
  /**
   * @param command - what the machine takes, at most 64 KiB: for a KeyValueMachine what `pairCommand` makes
   * @returns what the machine has returned
   * @throws {CommandRefusedError} {TimeoutError} {AbortError} {OperationInterruptedError} {WindowFullError}
   *   {NotStartedError} {InvalidParametersError}
   */
  submit(command: Uint8Array, options?: OperationOptions): Promise<Uint8Array>
}

export interface ReplicaService {
  /** The machine that this group replicates; nothing is sent. Its methods throw if the stack is none that does. */
  replica(): ReplicatedMachine
}
