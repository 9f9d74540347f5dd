/** The key-value store as promises: what a client, and a member's own application, does with it. */
import type { ProgressEvent, ProgressOptions } from 'progress-events'
import type { Expected, GetResult, ListOptions, ListResult } from '../registers/key-value-store.ts'
import type { OperationOptions, ReadOptions, RegisterOwners, Written } from './register-service.ts'

/**
 * How far a value of more than one message is on its way. In a get: bytes that are here; it may begin anew where the
 * value is replaced meanwhile. In a put: bytes that a quorum of members has asked this process for,
 * and all once the quorum has them.
 */
export type ValueProgress = ProgressEvent<
  'byzkit:store:get' | 'byzkit:store:put',
  { readonly bytes: number; readonly total: number }
>

export interface GetOptions extends ReadOptions, ProgressOptions<ValueProgress> {}

export interface PutOptions extends OperationOptions, ProgressOptions<ValueProgress> {}

export interface ListKeysOptions extends ListOptions, OperationOptions {}

/** What became of a compare-and-set that was not refused. */
export type Swapped =
  | { readonly swapped: true; readonly timestamp: number }
  /** It was not as expected; nothing was written. */
  | { readonly swapped: false; readonly found: GetResult }

/**
 * The keys of an owner: of one writer, or of all on an access list. Operations of one process on one key happen one
 * after the other; each is atomic, and keys have nothing to do with each other. Values have up to BODY_BYTES_MAX bytes:
 * one that takes longer than the default on its way needs a `timeout`, and `onProgress` is told how far it is; for what
 * that throws, the operation is given up.
 *
 * Errors say whether the operation certainly took no effect (`definite`), as those of a {@link Register} do; what
 * throws there throws here. At a member that is recorded each operation throws an InvalidParametersError.
 */
export interface Store {
  /** @returns with a value of null if nobody has written the key, or it is deleted */
  get(key: string, options?: GetOptions): Promise<GetResult>
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<Written>
  delete(key: string, options?: OperationOptions): Promise<Written>
  /** The keys that are there, in ascending order, at most LIST_KEYS_MAX at a time; no snapshot, each key by itself. */
  list(options?: ListKeysOptions): Promise<ListResult>
  /**
   * Writes if the key is as expected: as a timestamp or a value says.
   * @throws {InvalidParametersError} unless this process alone may write the key
   */
  compareAndSet(key: string, expected: Expected, value: Uint8Array, options?: PutOptions): Promise<Swapped>
}

export interface StoreService {
  /**
   * Names the keys of an owner; nothing is sent. Default: this process's own.
   * @throws {InvalidParametersError} if the keys of the owners are not acceptable
   */
  store(owners?: RegisterOwners): Store
}
