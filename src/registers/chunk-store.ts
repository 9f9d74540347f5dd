/** The chunks of bodies on stable storage, as bulk: by register, root and index, each with its proof. */
import { toHex } from '../core/bytes.ts'
import { encode } from '../core/shapes.ts'
import { BULK_PREFIX, numericKey, type StableStore } from '../core/store.ts'
import { type BodyReference, type Chunk, decodeChunk, encodeChunk, type Hash } from './body.ts'
import { type RegisterId, registerShape } from './register.ts'

export class ChunkStore {
  readonly #store: StableStore
  readonly #hash: Hash

  constructor(store: StableStore, hash: Hash) {
    this.#store = store
    this.#hash = hash
  }

  put(register: RegisterId, { root }: BodyReference, index: number, chunk: Chunk): void {
    this.#store.put(this.#key(register, root, index), encodeChunk(chunk))
  }

  read(
    register: RegisterId,
    root: Uint8Array,
    index: number,
    then: (chunk: Chunk | undefined) => void
  ): void {
    this.#store.read(this.#key(register, root, index), (encoded) => then(encoded && decodeChunk(encoded)))
  }

  /** Those below an index: as many as there may be, and not as many as a reference says. */
  drop(register: RegisterId, { root }: BodyReference, below: number): void {
    const of = this.#bodyKey(register, root)
    for (let index = 0; index < below; index++) this.#store.delete(of + numericKey(index))
  }

  #key(register: RegisterId, root: Uint8Array, index: number): string {
    return this.#bodyKey(register, root) + numericKey(index)
  }

  #bodyKey(register: RegisterId, root: Uint8Array): string {
    const of = toHex(this.#hash(encode(registerShape, register)))
    return `${BULK_PREFIX}chunk/${of}/${toHex(root)}/`
  }
}
