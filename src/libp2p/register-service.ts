/** Registers as promises: what a client, and a member's own application, does with them. */
import type { ReadResult } from '../registers/register.ts'
import type { AnyPublicKey } from './identity.ts'
import { REQUEST_WAITERS_MAX } from './requests.ts'
import type { WaitOptions } from './waits.ts'

/** How long an operation may take, in milliseconds, unless its options say otherwise. */
export const OPERATION_TIMEOUT_MS = 30_000

/** How many operations of one service may wait because too many are under way; one more is refused. */
export const OPERATION_WAITERS_MAX = REQUEST_WAITERS_MAX

export interface OperationOptions extends WaitOptions {
  /** Default: {@link OPERATION_TIMEOUT_MS}; Infinity: as long as it takes. */
  timeout?: number
}

export interface ReadOptions extends OperationOptions {
  /**
   * What the read promises (Lamport 1986). `atomic`, the default: reads of different clients never see writes in
   * different orders. `regular`: one round trip always, no more than the regular register's validity.
   */
  consistency?: 'atomic' | 'regular'
}

export interface RegisterOwners {
  /** Who alone may write it. Default: this process itself. */
  writer?: AnyPublicKey
  /** Who may write it, instead: up to REGISTER_WRITERS_MAX. */
  writers?: readonly AnyPublicKey[]
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
  /**
   * @throws {TimeoutError} {AbortError} {OperationInterruptedError} {WindowFullError}
   * {NotStartedError}
   */
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
