/** Registers as promises: what a client, and a member's own application, does with them. */
import type { ReadResult } from '../registers/register.ts'

/** How long an operation may take, in milliseconds, unless its options say otherwise. */
export const OPERATION_TIMEOUT_MS = 30_000

/** The longest that may be set, in milliseconds: the longest time of a timer. */
export const OPERATION_TIMEOUT_MS_MAX = 2 ** 31 - 1

/** How many operations may wait because too many are under way; one more is refused. */
export const OPERATION_WAITERS_MAX = 1024

export interface OperationOptions {
  /** Gives up on the operation: it is rejected with an OperationAbortedError. */
  signal?: AbortSignal
  /** Default: {@link OPERATION_TIMEOUT_MS}; at most OPERATION_TIMEOUT_MS_MAX. */
  timeoutMs?: number
}

export interface ReadOptions extends OperationOptions {
  /**
   * What the read promises (Lamport 1986). `atomic`, the default: reads of different clients never see writes in
   * different orders. `regular`: one round trip always, no more than the regular register's validity.
   */
  consistency?: 'atomic' | 'regular'
}

export interface RegisterOwners {
  /** Who alone may write it: an Ed25519 public key of 32 bytes. Default: this process's own. */
  writer?: Uint8Array
  /** Who may write it, instead: up to REGISTER_WRITERS_MAX public keys. */
  writers?: readonly Uint8Array[]
}

/** A written value. */
export interface Written {
  readonly timestamp: number
}

/**
 * A register of the group. Operations of one process on one register happen one after the other.
 *
 * Every error says whether the operation certainly took no effect (`definite`): a read never has one; a write of which
 * something may have been sent is indefinite, and may take effect later.
 */
export interface Register {
  /** @throws {OperationTimeoutError} {OperationAbortedError} {OperationInterruptedError} {WindowFullError} {NotStartedError} */
  read(options?: ReadOptions): Promise<ReadResult>
  /**
   * @returns when a quorum of members has it, durably
   * @throws {InvalidParametersError} if this process is no writer, or may not write, or the value is too long
   * @throws {WriteRefusedError} if members refuse it, or if this writer has lost its store and needs a new key
   * @throws what a read throws
   */
  write(value: Uint8Array, options?: OperationOptions): Promise<Written>
}

export interface RegisterService {
  /**
   * Names a register; nothing is sent. It is there from the start, with the initial value.
   * @throws {InvalidParametersError} if the name is too long, or the keys are not acceptable
   */
  register(name: string, owners?: RegisterOwners): Register
}
