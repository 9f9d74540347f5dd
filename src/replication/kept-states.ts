/**
 * The states of a member on its disk: each is a list of parts, and a part that has not changed from one state to the
 * next is there once, in chunks (exchange/body.ts). The digest of a state is that of the list: the names of its parts,
 * with their sizes and roots. So whoever has the digest can tell each part right or wrong by itself.
 *
 * Space: the parts of the states that are kept; in memory their lists.
 */
import { assert } from '../core/assert.ts'
import { concatBytes, sameBytes } from '../core/bytes.ts'
import type { Crypto } from '../core/environment.ts'
import { decode, encode, list, record, text, uint, type ValueOf } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../core/store.ts'
import { BodyTree, type Chunk, chunksOf, decodeChunk, encodeChunk, referenceShape } from '../exchange/body.ts'
import { PART_NAME_MAX, SESSIONS_MAX, STATE_BUCKETS } from './constants.ts'
import type { ChangedPart } from './managed-state.ts'

/** Buckets, sessions, and one part that says of all sessions what no single one does. */
const PARTS_MAX = STATE_BUCKETS + SESSIONS_MAX + 1
export const partName = text(PART_NAME_MAX)
const part = { name: partName, body: referenceShape }
const listShape = list(record(part), PARTS_MAX)
/** With the state by which the part was written last. */
const keptShape = list(record({ ...part, written: uint() }), PARTS_MAX)

/** A part of a state, as its list has it. */
export type ListedPart = ValueOf<typeof listShape>[number]
type KeptPart = ValueOf<typeof keptShape>[number]

/** The list whose hash is the digest of a state. Undefined: these bytes are none. */
export const readParts = (encoded: Uint8Array): readonly ListedPart[] | undefined =>
  decode(listShape, encoded)

/** A state that was read. */
export type ReadParts = readonly (readonly [name: string, encoded: Uint8Array])[]

/** A part of a state that others had. */
export type FetchedPart = ListedPart & {
  readonly encoded: Uint8Array
  /** It was read from the own disk. */
  readonly kept: boolean
}

interface KeptState {
  readonly parts: ReadonlyMap<string, KeptPart>
  readonly digest: Uint8Array
}

export class KeptStates {
  readonly #store: StableStore
  readonly #hash: Crypto['hash']
  /** By number. */
  readonly #states = new Map<number, KeptState>()

  constructor(store: StableStore, hash: Crypto['hash']) {
    this.#store = store
    this.#hash = hash
    for (const [key, encoded] of store.restored('state/')) {
      const parts = decode(keptShape, encoded)
      assert(parts !== undefined, () => `what is stored under state/${key} is what was written there`)
      this.#keep(fromNumericKey(key), new Map(parts.map((part) => [part.name, part])))
    }
  }

  /** The number of the last state; 0 if there is none. */
  get last(): number {
    return Math.max(0, ...this.#states.keys())
  }

  /** Writes what has changed since the last state. @returns the digest of the whole */
  write(sequence: number, changed: readonly ChangedPart[]): Uint8Array {
    const parts = new Map(this.#states.get(this.last)?.parts)
    for (const [name, encoded] of changed)
      if (encoded === undefined) parts.delete(name)
      else parts.set(name, this.#writePart(name, encoded, sequence))
    return this.#put(sequence, parts)
  }

  /** Writes a state that others had, in place of whatever is at its number or after it; of its parts, what is new. */
  install(sequence: number, fetched: readonly FetchedPart[]): void {
    for (const after of [...this.#states.keys()].filter((one) => one >= sequence)) this.forget(after)
    const parts = fetched.map(({ name, body, encoded, kept }) => {
      return (kept ? this.#find(name, body.root) : undefined) ?? this.#writePart(name, encoded, sequence)
    })
    this.#put(sequence, new Map(parts.map((part) => [part.name, part])))
  }

  /** Names of the parts in which the state at that number is not this one. */
  differing(sequence: number, fetched: readonly ListedPart[]): readonly string[] {
    const own = this.#states.get(sequence)?.parts ?? new Map<string, KeptPart>()
    const roots = new Map(fetched.map(({ name, body }) => [name, body.root]))
    return [...new Set([...own.keys(), ...roots.keys()])].sort().filter((name) => {
      const [here, there] = [own.get(name)?.body.root, roots.get(name)]
      return here === undefined || there === undefined || !sameBytes(here, there)
    })
  }

  /** @returns the digest of the state, if there was one */
  forget(sequence: number): Uint8Array | undefined {
    const state = this.#states.get(sequence)
    if (state === undefined) return undefined
    this.#states.delete(sequence)
    this.#store.delete(`state/${numericKey(sequence)}`)
    const kept = [...this.#states.values()]
    for (const { name, body, written } of state.parts.values()) {
      if (kept.some(({ parts }) => parts.get(name)?.written === written)) continue
      for (let index = 0; index < chunksOf(body); index++) this.#store.delete(keyOf(name, written, index))
    }
    return state.digest
  }

  /** @param then - is given the last state, in a later turn */
  read(then: (parts: ReadParts) => void): void {
    const { last } = this
    const parts = [...(this.#states.get(last)?.parts.values() ?? [])]
    const read: (readonly [string, Uint8Array])[] = []
    for (const part of parts)
      this.#readPart(part, (encoded) => {
        assert(encoded !== undefined, () => `the part ${part.name} of the state ${last} is on the disk`)
        read.push([part.name, encoded])
        if (read.length === parts.length) then(read)
      })
  }

  /** The list of the state with that digest, if it is one of these. */
  listOf(digest: Uint8Array): Uint8Array | undefined {
    const state = [...this.#states.values()].find((one) => sameBytes(one.digest, digest))
    return state && encode(listShape, listed(state.parts))
  }

  /**
   * Reads a part of any of these states, in a later turn: undefined if the disk has not what was written there.
   *
   * @returns false if none of them has it
   */
  readPart(name: string, root: Uint8Array, then: (encoded: Uint8Array | undefined) => void): boolean {
    const part = this.#find(name, root)
    if (part === undefined) return false
    this.#readPart(part, (encoded) => {
      const isWhole = encoded !== undefined && encoded.length > 0 && sameBytes(this.#rootOf(encoded), root)
      then(isWhole ? encoded : undefined)
    })
    return true
  }

  /** Reads a chunk of a part, in a later turn. @returns false if none of these states has it */
  readChunk(
    name: string,
    root: Uint8Array,
    index: number,
    then: (chunk: Chunk | undefined) => void
  ): boolean {
    const part = this.#find(name, root)
    if (part === undefined) return false
    this.#store.read(keyOf(name, part.written, index), (encoded) => then(encoded && decodeChunk(encoded)))
    return true
  }

  /** For `state()`. */
  state() {
    return [...this.#states].map(([sequence, { parts }]) => ({ sequence, parts: parts.size }))
  }

  #rootOf(encoded: Uint8Array): Uint8Array {
    return new BodyTree(this.#hash, encoded).reference.root
  }

  #find(name: string, root: Uint8Array): KeptPart | undefined {
    for (const { parts } of this.#states.values()) {
      const part = parts.get(name)
      if (part !== undefined && sameBytes(part.body.root, root)) return part
    }
    return undefined
  }

  #readPart({ name, body, written }: KeptPart, then: (encoded: Uint8Array | undefined) => void): void {
    const count = chunksOf(body)
    const chunks: Uint8Array[] = []
    let came = 0
    for (let index = 0; index < count; index++)
      this.#store.read(keyOf(name, written, index), (encoded) => {
        const read = encoded && decodeChunk(encoded)
        if (read !== undefined) chunks[index] = read.chunk
        came++
        if (came === count) then(Object.keys(chunks).length === count ? concatBytes(...chunks) : undefined)
      })
  }

  #writePart(name: string, encoded: Uint8Array, written: number): KeptPart {
    const tree = new BodyTree(this.#hash, encoded)
    for (let index = 0; index < chunksOf(tree.reference); index++)
      this.#store.put(keyOf(name, written, index), encodeChunk(tree.chunk(index)))
    return { name, body: tree.reference, written }
  }

  #put(sequence: number, parts: ReadonlyMap<string, KeptPart>): Uint8Array {
    this.#store.put(`state/${numericKey(sequence)}`, encode(keptShape, inOrder(parts)))
    return this.#keep(sequence, parts)
  }

  #keep(sequence: number, parts: ReadonlyMap<string, KeptPart>): Uint8Array {
    const digest = this.#hash(encode(listShape, listed(parts)))
    this.#states.set(sequence, { parts, digest })
    return digest
  }
}

const inOrder = (parts: ReadonlyMap<string, KeptPart>): KeptPart[] =>
  [...parts.values()].sort((a, b) => (a.name < b.name ? -1 : 1))

const listed = (parts: ReadonlyMap<string, KeptPart>): ListedPart[] =>
  inOrder(parts).map(({ name, body }) => ({ name, body }))

const keyOf = (name: string, written: number, index: number): string =>
  `*part/${name}/${numericKey(written)}/${numericKey(index)}`
