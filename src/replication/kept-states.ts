/**
 * The states of a member on its disk: each is a list of parts, and a part that has not changed from one state to the
 * next is there once, in chunks (exchange/body.ts). The digest of a state is that of the list: the names of its parts,
 * with their sizes and roots. So whoever has the digest can tell each part right or wrong by itself.
 *
 * A state is written in many turns, as it was when it was taken, and is one of these once it is whole: a life that ends
 * before goes on from the one before it, and drops what was written.
 *
 * Space: the parts of the states that are kept, and of one that is being written; in memory their lists, and of that
 * one what has changed.
 */
import { assert } from '../core/assert.ts'
import { concatBytes, sameBytes } from '../core/bytes.ts'
import type { Crypto } from '../core/environment.ts'
import { decode, encode, list, record, text, uint, type ValueOf } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../core/store.ts'
import { BodyTree, type Chunk, chunksOf, decodeChunk, encodeChunk, referenceShape } from '../exchange/body.ts'
import { CHUNK_BYTES } from '../exchange/constants.ts'
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
  /** Of its bytes, if it was made already. */
  readonly tree?: BodyTree
}

interface KeptState {
  readonly parts: ReadonlyMap<string, KeptPart>
  readonly digest: Uint8Array
}

/** A part that is being written. */
interface WritingPart {
  readonly part: KeptPart
  readonly tree: BodyTree
  /** The first chunk that is not written. */
  next: number
}

/** A state that is being written. */
interface Writing {
  readonly sequence: number
  /** Those that have changed are here when they are encoded. */
  readonly parts: Map<string, KeptPart>
  readonly changed: readonly ChangedPart[]
  /** The first one that is not encoded. */
  next: number
  /** The last one that was. */
  part: WritingPart | undefined
  /** What was written in each turn, anew. */
  readonly written: KeptPart[][]
  readonly whole: (digest: Uint8Array) => void
}

export class KeptStates {
  readonly #store: StableStore
  readonly #hash: Crypto['hash']
  readonly #later: (then: () => void) => void
  readonly #perTurn: number
  /** By number. */
  readonly #states = new Map<number, KeptState>()
  #writing: Writing | undefined

  /**
   * @param later - calls once what was written up to now is durable
   * @param perTurn - bytes of chunks that are written in one turn; at least one of them is
   */
  constructor(store: StableStore, hash: Crypto['hash'], later: (then: () => void) => void, perTurn: number) {
    this.#store = store
    this.#hash = hash
    this.#later = later
    this.#perTurn = perTurn
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

  /** Drops what an earlier life has written of a state that was not whole when it ended. */
  dropUnfinished(): void {
    for (const [key, encoded] of this.#store.restored(UNFINISHED)) {
      for (const part of decode(keptShape, encoded) ?? []) this.#deletePart(part)
      this.#store.delete(UNFINISHED + key)
    }
  }

  /**
   * Writes what has changed since the last state, a little in each turn; before the next one all of it.
   *
   * @param whole - is given the digest of the whole when all of it is written
   */
  write(sequence: number, changed: readonly ChangedPart[], whole: (digest: Uint8Array) => void): void {
    this.finish()
    const parts = new Map(this.#states.get(this.last)?.parts)
    for (const [name] of changed) parts.delete(name)
    this.#writing = { sequence, parts, changed, next: 0, part: undefined, written: [], whole }
    this.#goOn(this.#writing, this.#perTurn)
  }

  /** Writes what is left of the state that is being written. */
  finish(): void {
    if (this.#writing !== undefined) this.#goOn(this.#writing, Number.POSITIVE_INFINITY)
  }

  /** Writes a state that others had, in place of whatever is at its number or after it; of its parts, what is new. */
  install(sequence: number, fetched: readonly FetchedPart[]): void {
    this.#giveUp()
    for (const after of [...this.#states.keys()].filter((one) => one >= sequence)) this.forget(after)
    const parts = fetched.map(({ name, body, encoded, kept, tree }) => {
      const here = kept ? this.#find(name, body.root) : undefined
      return here ?? this.#writePart(name, tree ?? new BodyTree(this.#hash, encoded), sequence)
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
    const kept = [...this.#states.values(), ...(this.#writing === undefined ? [] : [this.#writing])]
    for (const part of state.parts.values())
      if (!kept.some(({ parts }) => parts.get(part.name)?.written === part.written)) this.#deletePart(part)
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

  /** So many bytes, and at least a chunk. */
  #goOn(writing: Writing, bytesMax: number): void {
    const { sequence, parts, written, whole } = writing
    const encoded: KeptPart[] = []
    let bytes = 0
    for (let at = this.#partOf(writing, encoded); at !== undefined; at = this.#partOf(writing, encoded)) {
      const length = Math.min(CHUNK_BYTES, at.part.body.size - at.next * CHUNK_BYTES)
      if (bytes > 0 && bytes + length > bytesMax) break
      bytes += length
      this.#writeChunk(at.part, at.tree, at.next)
      at.next++
    }
    if (writing.part !== undefined) {
      const turn = written.push(encoded)
      this.#store.put(unfinishedKey(sequence, turn), encode(keptShape, encoded))
      this.#later(() => {
        if (this.#writing === writing) this.#goOn(writing, this.#perTurn)
      })
      return
    }
    this.#writing = undefined
    this.#forgetTurns(writing)
    whole(this.#put(sequence, parts))
  }

  /** The part that has chunks to be written: of the next one that was encoded. */
  #partOf(writing: Writing, encoded: KeptPart[]): WritingPart | undefined {
    const { sequence: written, parts, changed, part: at } = writing
    if (at !== undefined && at.next < chunksOf(at.part.body)) return at
    writing.part = undefined
    for (let next = changed[writing.next]; next !== undefined; next = changed[writing.next]) {
      writing.next++
      const [name, encode] = next
      const bytes = encode()
      if (bytes === undefined) continue
      const tree = new BodyTree(this.#hash, bytes)
      const part = { name, body: tree.reference, written }
      parts.set(name, part)
      encoded.push(part)
      writing.part = { part, tree, next: 0 }
      return writing.part
    }
    return undefined
  }

  #forgetTurns({ sequence, written }: Writing): void {
    for (let turn = 1; turn <= written.length; turn++) this.#store.delete(unfinishedKey(sequence, turn))
  }

  /** What is being written is not needed any more. */
  #giveUp(): void {
    if (this.#writing === undefined) return
    for (const part of this.#writing.written.flat()) this.#deletePart(part)
    this.#forgetTurns(this.#writing)
    this.#writing = undefined
  }

  #deletePart({ name, body, written }: KeptPart): void {
    for (let index = 0; index < chunksOf(body); index++) this.#store.delete(keyOf(name, written, index))
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

  #writePart(name: string, tree: BodyTree, written: number): KeptPart {
    const part = { name, body: tree.reference, written }
    for (let index = 0; index < chunksOf(part.body); index++) this.#writeChunk(part, tree, index)
    return part
  }

  #writeChunk({ name, written }: KeptPart, tree: BodyTree, index: number): void {
    this.#store.put(keyOf(name, written, index), encodeChunk(tree.chunk(index)))
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

/** Before the number of a state that is being written, and a turn: a list of the parts that were begun in it. */
const UNFINISHED = 'unfinished/'

const unfinishedKey = (sequence: number, turn: number): string =>
  `${UNFINISHED}${numericKey(sequence)}/${numericKey(turn)}`

const keyOf = (name: string, written: number, index: number): string =>
  `*part/${name}/${numericKey(written)}/${numericKey(index)}`
