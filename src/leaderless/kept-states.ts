/**
 * What a replica keeps: of each of its keys the state, on disk and at hand, and for each neighbour a Merkle tree of the
 * keys that both keep. A deleted key keeps its tombstone: a replica that had missed the delete would bring the value
 * back.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import { decode, encode, record, text } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { KEY_CHARACTERS_MAX } from './constants.ts'
import type { HashRing } from './hash-ring.ts'
import { DIGEST_BYTES, MerkleTree } from './merkle-tree.ts'
import {
  type Conflicts,
  EMPTY,
  isExhausted,
  join,
  type KeyState,
  sameState,
  stateProblem,
  stateShape,
  tooMany,
  type VersionClock,
  type Write,
  written
} from './versions.ts'

/** Why a replica does not take a put in. */
export type StoreRefusal = 'too many keys' | 'too many siblings' | 'counter exhausted'

/** A key and all that a replica has of it, as it is stored and as it travels between replicas. */
export const itemShape = record({ key: text(KEY_CHARACTERS_MAX), state: stateShape })

export interface Item {
  readonly key: string
  readonly state: KeyState
}

export interface KeptStatesInit {
  readonly self: ProcessId
  readonly store: StableStore
  readonly ring: HashRing
  readonly hash: (bytes: Uint8Array) => Uint8Array
  readonly conflicts: Conflicts
  readonly keysMax: number
}

const PREFIX = 'kept/'

export class KeptStates {
  readonly #init: KeptStatesInit
  /** By the hexadecimal id of the key. */
  readonly #items = new Map<string, Item>()
  readonly #trees: ReadonlyMap<ProcessId, MerkleTree>

  constructor(init: KeptStatesInit) {
    const { self, store, ring, hash } = init
    this.#init = init
    this.#trees = new Map(ring.neighboursOf(self).map((rank) => [rank, new MerkleTree(hash)]))
    for (const [, encoded] of store.restored(PREFIX)) {
      const item = decode(itemShape, encoded)
      if (item !== undefined) this.#hold(item, encoded)
    }
  }

  get size(): number {
    return this.#items.size
  }

  get(key: string): KeyState {
    return this.#items.get(this.#nameOf(key))?.state ?? EMPTY
  }

  /** By the id that the trees know it by. */
  byId(id: Uint8Array): Item | undefined {
    return this.#items.get(toHex(id))
  }

  /** What the trees know a key by, if both this member and `other` are its replicas. */
  idShared(key: string, other: ProcessId): Uint8Array | undefined {
    const { self, ring } = this.#init
    const id = ring.idOf(key)
    const replicas = ring.replicasOf(id)
    return replicas.includes(self) && replicas.includes(other) ? treeId(id) : undefined
  }

  /** The keys shared with a neighbour; undefined if `rank` is none. */
  treeWith(rank: ProcessId): MerkleTree | undefined {
    return this.#trees.get(rank)
  }

  /** A put, which this replica is the first to take in. */
  put(key: string, context: VersionClock, write: Write): StoreRefusal | undefined {
    const { self, conflicts } = this.#init
    const state = this.get(key)
    if (isExhausted(state.clock, self) || isExhausted(context, self)) return 'counter exhausted'
    const next = written(state, self, context, write, conflicts)
    if (tooMany(next.versions, self)) return 'too many siblings'
    return this.#keep(key, state, next)
  }

  /** What another replica has of a key. */
  merge(key: string, other: KeyState): StoreRefusal | 'invalid state' | undefined {
    const { ring, conflicts } = this.#init
    const replicas = ring.replicasOf(ring.idOf(key))
    if (stateProblem(other, replicas, conflicts) !== undefined) return 'invalid state'
    const state = this.get(key)
    return this.#keep(key, state, join(state, other, conflicts))
  }

  state(): PlainValue {
    return [...this.#items]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { key, state }]) => ({ key, clock: state.clock, versions: state.versions }))
  }

  #keep(key: string, before: KeyState, next: KeyState): StoreRefusal | undefined {
    if (sameState(before, next)) return undefined
    const isNew = !this.#items.has(this.#nameOf(key))
    if (isNew && this.#items.size >= this.#init.keysMax) return 'too many keys'
    const item = { key, state: next }
    const encoded = encode(itemShape, item)
    this.#init.store.put(PREFIX + this.#nameOf(key), encoded)
    this.#hold(item, encoded)
    return undefined
  }

  #hold(item: Item, encoded: Uint8Array): void {
    const { ring, hash } = this.#init
    const id = treeId(ring.idOf(item.key))
    this.#items.set(toHex(id), item)
    const digest = hash(encoded).slice(0, DIGEST_BYTES)
    for (const replica of ring.replicasOf(ring.idOf(item.key)))
      if (!sameBytes(this.#trees.get(replica)?.get(id) ?? digest.subarray(1), digest))
        this.#trees.get(replica)?.set(id, digest)
  }

  #nameOf(key: string): string {
    return toHex(treeId(this.#init.ring.idOf(key)))
  }
}

/** The end of a key's hash; its beginning is its place on the ring, which is alike for keys that are kept together. */
const treeId = (id: Uint8Array): Uint8Array => id.slice(-DIGEST_BYTES)
