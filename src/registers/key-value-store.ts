/**
 * A key-value store without a leader: a signed register for each key, made when it is first written.
 *
 * A key belongs to an owner: a writer's public key, or an access list of several. Both are in the name of its register,
 * so who may write a key follows from the key itself, and nothing has to be agreed upon.
 *
 * Properties, for correct writers and correct readers:
 * - *termination*: if at most f members are faulty, every operation of a correct client returns;
 * - *atomicity*, for each key: gets, puts and deletes seem to take effect one after the other, each at some moment
 *   while it runs (with `consistency: 'regular'`: *validity* alone, as of a regular register);
 * - *completeness of list*: a key whose put returned before the list began, and which nobody deletes meanwhile, is
 *   listed; one whose delete returned before it began, and which nobody puts meanwhile, is not. Each key by itself: a
 *   list is no snapshot of all of them;
 * - *authenticity*: what is listed or read was signed by an owner of the key.
 *
 *     upon Put(k, v):  Write v to the register of k
 *     upon Delete(k):  Write a signed tombstone: it stays, so that timestamps never go back
 *     upon Get(k):     Read; a tombstone is no value
 *     upon List:       pages of a quorum, merged (listing.ts); of each key the highest header, unless it is a tombstone
 *     upon CompareAndSet(k, expected, v), the only writer of k:  Read, compare, Write in one turn
 *
 * Compare-and-set by several writers solves consensus among them (Herlihy 1991), which registers cannot: it is refused,
 * and is there in the replicated store. A single writer has only itself to agree with.
 *
 * Model: fail-arbitrary, n > 3f members; clients may be faulty in any number, and spend no budget but their own.
 * Cost: put and delete 2n messages and one round trip where one writer owns the key, else 4n and two; get as the atomic
 * register; list 2n messages for each page of LIST_ENTRIES_MAX keys, and a verification for each distinct header.
 * Values of more than `valueBytesMax` travel and are stored in chunks (key-registers.ts, kept-bodies.ts).
 *
 * Space: as the registers; a deleted key keeps its name and its tombstone, and counts.
 *
 * Source: CGR11 4.7 for the registers; the rest is of this library.
 */
import { sameBytes } from '../core/bytes.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { ReadOperation } from '../exchange/operation.ts'
import type { Ports } from '../links/ports.ts'
import { AuthenticatedStorage } from './authenticated-storage.ts'
import {
  LIST_ENTRIES_MAX,
  LIST_KEYS_MAX,
  LISTS_OPEN_MAX,
  REGISTER_NAME_CHARACTERS_MAX,
  type RegisterOptions
} from './constants.ts'
import { type Consistency, KeyRegisters } from './key-registers.ts'
import { mergePages } from './listing.ts'
import { type RegisterId, sharedBy, type WriteResult } from './register.ts'
import { RegisterBodies } from './register-bodies.ts'
import { CONTENT, type SignedValue } from './signed-value.ts'

/** Who may write a key: one public key, or all of a list. */
export type Owner = Uint8Array | readonly Uint8Array[]

export interface GetResult {
  /** Null: nobody has written the key yet, or it is deleted. */
  readonly value: Uint8Array | null
  /** Of the write that this is; 0 if there was none. */
  readonly timestamp: number
  readonly deleted: boolean
}

export interface ListedKey {
  readonly key: string
  readonly timestamp: number
}

export interface ListResult {
  /** In ascending order, by UTF-16 code units. */
  readonly keys: readonly ListedKey[]
  /** What to list `after` for the keys beyond; null: there are none. */
  readonly next: string | null
}

export interface ListOptions {
  /** Only keys beyond this one. */
  readonly after?: string | null
  /** At most LIST_KEYS_MAX, which it is by default. */
  readonly limit?: number
}

/**
 * What a compare-and-set goes by: the timestamp of the last write, 0 if there was none; or the value, null if there is
 * none.
 */
export type Expected = { readonly timestamp: number } | { readonly value: Uint8Array | null }

export type CompareAndSetResult =
  | { readonly swapped: true; readonly timestamp: number }
  /** It was not as expected; nothing was written. */
  | { readonly swapped: false; readonly found: GetResult }
  /** It was as expected, and the write was refused. */
  | { readonly swapped: false; readonly refusal: Extract<WriteResult, { written: false }>['refusal'] }

export interface KeyValueOptions extends RegisterOptions {
  /** Default atomic. */
  readonly consistency?: Consistency
}

export interface KeyValueIndications {
  /** A put or a delete that an earlier life of this process had begun has returned. */
  resumed(owner: readonly Uint8Array[], key: string, result: WriteResult): void
}

/** All requests throw WindowFullError where too many are under way, and InvalidParametersError for what cannot be. */
export interface KeyValueRequests {
  get(owner: Owner, key: string, returned: (result: GetResult) => void): OpenOperation
  /** A regular get, whatever the others are. */
  getRegular(owner: Owner, key: string, returned: (result: GetResult) => void): OpenOperation
  put(owner: Owner, key: string, value: Uint8Array, returned: (result: WriteResult) => void): OpenOperation
  delete(owner: Owner, key: string, returned: (result: WriteResult) => void): OpenOperation
  list(owner: Owner, options: ListOptions, returned: (result: ListResult) => void): OpenOperation
  compareAndSet(
    owner: Owner,
    key: string,
    expected: Expected,
    value: Uint8Array,
    returned: (result: CompareAndSetResult) => void
  ): OpenOperation
}

export class KeyValueStore extends Component implements KeyValueRequests {
  readonly #bodies: RegisterBodies
  readonly #storage: AuthenticatedStorage
  readonly #registers: KeyRegisters
  #lists = 0

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: KeyValueOptions,
    indications: KeyValueIndications
  ) {
    super(env, path, {})
    this.#bodies = new RegisterBodies(env, `${path}/bodies`, ports)
    this.#storage = new AuthenticatedStorage(env, `${path}/storage`, ports, options, this.#bodies)
    this.#registers = new KeyRegisters(env, `${path}/registers`, this.#storage, this.#bodies, options, {
      resumed: (register, _, result) => indications.resumed(register.writers, register.name, result)
    })
  }

  /** Finishes what an earlier life had begun. */
  restore(): void {
    this.#storage.restore()
    this.#registers.restore()
  }

  /** How many writes of an earlier life are being finished; each ends with `resumed`. */
  get resuming(): number {
    return this.#registers.resuming
  }

  get(owner: Owner, key: string, returned: (result: GetResult) => void): OpenOperation {
    return this.#registers.readSigned(registerOf(owner, key), (value, body) =>
      returned(resultOf(value, body))
    )
  }

  getRegular(owner: Owner, key: string, returned: (result: GetResult) => void): OpenOperation {
    return this.#registers.readSignedRegular(registerOf(owner, key), (value, body) =>
      returned(resultOf(value, body))
    )
  }

  put(owner: Owner, key: string, value: Uint8Array, returned: (result: WriteResult) => void): OpenOperation {
    return this.#registers.write(registerOf(owner, key), value, returned)
  }

  delete(owner: Owner, key: string, returned: (result: WriteResult) => void): OpenOperation {
    const tombstone = { content: CONTENT.tombstone, value: new Uint8Array(0) }
    return this.#registers.writeContent(registerOf(owner, key), tombstone, returned)
  }

  list(owner: Owner, options: ListOptions, returned: (result: ListResult) => void): OpenOperation {
    const { after = null, limit = LIST_KEYS_MAX } = options
    const { writers } = registerOf(owner, after ?? '')
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > LIST_KEYS_MAX)
      throw new InvalidParametersError(`limit: expected 1 to ${LIST_KEYS_MAX} keys, not ${limit}`)
    if (this.#lists >= LISTS_OPEN_MAX)
      throw new WindowFullError(`${LISTS_OPEN_MAX} lists of this client are under way already`)
    this.#lists++
    const operation = new ReadOperation()
    this.request('list', [after, limit], () => {
      operation.begin(() => this.#lists--)
      if (operation.over) return
      this.#listFrom(writers, after, limit, operation, (result) => {
        operation.finish()
        this.env.whenDurable(() => returned(result))
      })
    })
    return operation
  }

  compareAndSet(
    owner: Owner,
    key: string,
    expected: Expected,
    value: Uint8Array,
    returned: (result: CompareAndSetResult) => void
  ): OpenOperation {
    const register = registerOf(owner, key)
    if (register.writers.length > 1 || this.#storage.signer.ownIndex(register) === undefined)
      throw new InvalidParametersError(
        `owner: this process is not the only writer of ${key}, and to compare and set what others may write takes ` +
          'consensus: use the replicated store'
      )
    let found: GetResult | undefined
    return this.#registers.update(
      register,
      value,
      (current, body) => {
        found = resultOf(current, body)
        return isExpected(found, expected)
      },
      (result) => {
        if (result === undefined) returned({ swapped: false, found: found ?? resultOf(null) })
        else if (result.written) returned({ swapped: true, timestamp: result.timestamp })
        else returned({ swapped: false, refusal: result.refusal })
      }
    )
  }

  state(): PlainValue {
    return {
      lists: this.#lists,
      storage: this.#storage.state(),
      bodies: this.#bodies.state(),
      registers: this.#registers.state()
    }
  }

  /** Page after page, until there are as many keys as are wanted or no more. */
  #listFrom(
    writers: RegisterId['writers'],
    after: string | null,
    limit: number,
    operation: ReadOperation,
    returned: (result: ListResult) => void,
    before: readonly ListedKey[] = []
  ): void {
    const request = { after, limit: Math.min(limit - before.length, LIST_ENTRIES_MAX) }
    const call = this.#storage.list(writers, request, (pages) => {
      if (operation.over) return
      const { entries, upTo } = mergePages(pages)
      const live = entries
        .filter(({ header }) => header.content !== CONTENT.tombstone)
        .map(({ name, header }) => ({ key: name, timestamp: header.timestamp }))
      const keys = [...before, ...live]
      const listed = keys.slice(0, limit)
      if (keys.length > limit) returned({ keys: listed, next: listed.at(-1)?.key ?? null })
      else if (upTo === null || keys.length === limit) returned({ keys, next: upTo })
      else this.#listFrom(writers, upTo, limit, operation, returned, keys)
    })
    operation.awaits(call)
  }
}

function registerOf(owner: Owner, key: string): RegisterId {
  const writers = owner instanceof Uint8Array ? [owner] : owner
  if (writers.some((writer) => writer.length !== 32))
    throw new InvalidParametersError('owner: expected Ed25519 public keys of 32 bytes')
  if (key.length > REGISTER_NAME_CHARACTERS_MAX || !key.isWellFormed())
    throw new InvalidParametersError(
      `key: expected well-formed text of at most ${REGISTER_NAME_CHARACTERS_MAX} characters`
    )
  return sharedBy(writers, key)
}

function resultOf(signed: SignedValue | null, body?: Uint8Array): GetResult {
  const { content, value, timestamp } = signed ?? { content: undefined, value: null, timestamp: 0 }
  const deleted = content === CONTENT.tombstone
  return { value: deleted ? null : (body ?? value), timestamp, deleted }
}

function isExpected({ value, timestamp }: GetResult, expected: Expected): boolean {
  if ('timestamp' in expected) return expected.timestamp === timestamp
  if (expected.value === null || value === null) return expected.value === value
  return sameBytes(expected.value, value)
}
