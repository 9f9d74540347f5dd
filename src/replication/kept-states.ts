/**
 * The states of a member on its disk: each is a list of parts, and a part that has not changed from one state to the
 * next is there once. The digest of a state is that of the names and digests of its parts, so that each of them can be
 * told right or wrong by itself.
 *
 * Space: the parts of the states that are kept.
 */
import { assert } from '../core/assert.ts'
import type { Crypto } from '../core/environment.ts'
import { decode, digest, encode, list, record, text, uint, type ValueOf } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../core/store.ts'
import { SESSIONS_MAX, STATE_BUCKETS } from './constants.ts'
import type { ChangedPart } from './managed-state.ts'

/** Buckets, sessions, and one part that says of all sessions what no single one does. */
const PARTS_MAX = STATE_BUCKETS + SESSIONS_MAX + 1
const name = text(64)
const digestedShape = list(record({ name, digest }), PARTS_MAX)
/** With the state by which the part was written last. */
const keptShape = list(record({ name, digest, written: uint() }), PARTS_MAX)

type KeptPart = ValueOf<typeof keptShape>[number]

/** A state that was read. */
export type ReadParts = readonly (readonly [name: string, encoded: Uint8Array])[]

export class KeptStates {
  readonly #store: StableStore
  readonly #hash: Crypto['hash']
  /** By number. */
  readonly #states = new Map<number, ReadonlyMap<string, KeptPart>>()

  constructor(store: StableStore, hash: Crypto['hash']) {
    this.#store = store
    this.#hash = hash
    for (const [key, encoded] of store.restored('state/')) {
      const parts = decode(keptShape, encoded)
      assert(parts !== undefined, () => `what is stored under state/${key} is what was written there`)
      this.#states.set(fromNumericKey(key), new Map(parts.map((part) => [part.name, part])))
    }
  }

  /** The number of the last state; 0 if there is none. */
  get last(): number {
    return Math.max(0, ...this.#states.keys())
  }

  /** Writes what has changed since the last state. @returns the digest of the whole */
  write(sequence: number, changed: readonly ChangedPart[]): Uint8Array {
    const parts = new Map(this.#states.get(this.last))
    for (const [name, encoded] of changed) {
      if (encoded === undefined) {
        parts.delete(name)
        continue
      }
      parts.set(name, { name, digest: this.#hash(encoded), written: sequence })
      this.#store.put(keyOf(name, sequence), encoded)
    }
    this.#states.set(sequence, parts)
    const inOrder = [...parts.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    this.#store.put(`state/${numericKey(sequence)}`, encode(keptShape, inOrder))
    return this.#hash(
      encode(
        digestedShape,
        inOrder.map(({ name, digest }) => ({ name, digest }))
      )
    )
  }

  forget(sequence: number): void {
    const parts = this.#states.get(sequence)
    if (parts === undefined) return
    this.#states.delete(sequence)
    this.#store.delete(`state/${numericKey(sequence)}`)
    const kept = [...this.#states.values()]
    for (const { name, written } of parts.values())
      if (!kept.some((state) => state.get(name)?.written === written))
        this.#store.delete(keyOf(name, written))
  }

  /** @param then - is given the last state, in a later turn */
  read(then: (parts: ReadParts) => void): void {
    const parts = [...(this.#states.get(this.last)?.values() ?? [])]
    const read: (readonly [string, Uint8Array])[] = []
    for (const { name, written } of parts)
      this.#store.read(keyOf(name, written), (encoded) => {
        assert(encoded !== undefined, () => `the part ${name} of the state ${this.last} is on the disk`)
        read.push([name, encoded])
        if (read.length === parts.length) then(read)
      })
  }

  /** For `state()`. */
  state() {
    return [...this.#states].map(([sequence, parts]) => ({ sequence, parts: parts.size }))
  }
}

const keyOf = (name: string, written: number): string => `*part/${name}/${numericKey(written)}`
