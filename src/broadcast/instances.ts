/**
 * The instances of a numbered broadcast, by sender and number: the open ones and the retained ones, and what of them
 * is stored. An instance knows its name, so whoever has it needs no more to speak of it.
 */
import { assert } from '../core/assert.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { NearNumbers } from '../core/near-numbers.ts'
import { decode, encode, type Shape } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'

/** The part of an instance that every protocol has. */
export interface Instance {
  readonly sender: ProcessId
  readonly sequence: number
  payload: Uint8Array | undefined
  /** SHA-256 of the payload. */
  digest: Uint8Array | undefined
  delivered: boolean
  /** The members that were already named for what they did in this instance. */
  named: ReadonlySet<ProcessId>
  /** Under which it is stored. */
  readonly keys: InstanceKeys
}

interface InstanceKeys {
  readonly payload: string
  readonly record: string
}

/** What the protocol says of its instances. */
export interface InstancesClient<I extends Instance, R extends PlainValue> {
  readonly recordShape: Shape<R>
  /** @param blank - a new instance, as far as it is the same for every protocol */
  create(blank: Instance): I
  /** What of the instance must survive a crash, beside its payload. */
  toRecord(instance: I): R
  fromRecord(instance: I, record: R): void
}

/** Hardly ever is somebody named. */
const NOBODY: ReadonlySet<ProcessId> = new Set()

export class Instances<I extends Instance, R extends PlainValue> {
  readonly #env: Environment
  readonly #store: StableStore
  readonly #path: string
  readonly #client: InstancesClient<I, R>
  /** By sender, then by sequence. */
  readonly #bySender: readonly NearNumbers<I>[]
  /** Those whose record is to be written in this turn. */
  #changed = new Set<I>()

  /** @param path - what the keys of all that is stored begin with */
  constructor(env: Environment, path: string, client: InstancesClient<I, R>) {
    this.#env = env
    this.#store = env.store
    this.#path = path
    this.#client = client
    this.#bySender = env.group.ranks.map(() => new NearNumbers())
  }

  peek(sender: ProcessId, sequence: number): I | undefined {
    return this.#bySender[sender]?.get(sequence)
  }

  /** The instance, made on demand; the caller has checked that the window admits it. */
  at(sender: ProcessId, sequence: number): I {
    const ofSender = this.#bySender[sender]
    assert(ofSender !== undefined, () => `a member's rank, not ${sender}`)
    let instance = ofSender.get(sequence)
    if (instance === undefined) {
      instance = this.#client.create({
        sender,
        sequence,
        payload: undefined,
        digest: undefined,
        delivered: false,
        named: NOBODY,
        keys: this.#keysOf(sender, sequence)
      })
      ofSender.set(sequence, instance)
    }
    return instance
  }

  /** Those of `sender`, by sequence. */
  of(sender: ProcessId): readonly I[] {
    return this.#bySender[sender]?.values() ?? []
  }

  /** Forgets the instance, and with this turn what is stored of it. */
  delete(instance: I): void {
    this.#bySender[instance.sender]?.delete(instance.sequence)
    this.#store.delete(instance.keys.payload)
    this.#store.delete(instance.keys.record)
  }

  /** Makes the payload durable with this turn. */
  keepPayload(instance: I, payload: Uint8Array): void {
    this.#store.put(instance.keys.payload, payload)
  }

  /** Makes the protocol's part of the instance durable with this turn. */
  keep(instance: I): void {
    // An instance often changes more than once in a turn (its READY and its delivery): what counts is how it ends.
    if (this.#changed.size === 0) this.#env.trigger(() => this.#keepChanged())
    this.#changed.add(instance)
  }

  #keepChanged(): void {
    const changed = this.#changed
    // A set that was cleared would hold on to its tables, and to what was in them.
    this.#changed = new Set()
    for (const instance of changed) {
      if (this.peek(instance.sender, instance.sequence) !== instance) continue // retired since
      const record = encode(this.#client.recordShape, this.#client.toRecord(instance))
      this.#store.put(instance.keys.record, record)
    }
  }

  /** What was stored before a crash. */
  restore(): void {
    for (const [key, payload] of this.#store.restored(`${this.#path}payload/`)) {
      const instance = this.#named(key)
      instance.payload = payload
      instance.digest = this.#env.crypto.hash(payload)
    }
    for (const [key, value] of this.#store.restored(`${this.#path}record/`)) {
      const record = decode(this.#client.recordShape, value)
      assert(record !== undefined, `a stored record is of its shape: ${key}`)
      this.#client.fromRecord(this.#named(key), record)
    }
  }

  /** Made once: each is used several times, and putting it together costs more than the rest of a write. */
  #keysOf(sender: ProcessId, sequence: number): InstanceKeys {
    const name = `${numericKey(sender)}/${numericKey(sequence)}`
    return { payload: `${this.#path}payload/${name}`, record: `${this.#path}record/${name}` }
  }

  #named(key: string): I {
    const [sender = '', sequence = ''] = key.split('/')
    return this.at(fromNumericKey(sender), fromNumericKey(sequence))
  }
}
