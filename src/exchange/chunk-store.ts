/** The chunks of bodies on stable storage, as bulk: by subject, root and index, each with its proof. */
import { toHex } from '../core/bytes.ts'
import { encode, type Shape } from '../core/shapes.ts'
import { BULK_PREFIX, numericKey, type StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { type BodyReference, type Chunk, decodeChunk, encodeChunk, type Hash } from './body.ts'

export class ChunkStore<S extends PlainValue> {
  readonly #store: StableStore
  readonly #hash: Hash
  readonly #subject: Shape<S>

  /** @param subject - the shape of what bodies are bodies of */
  constructor(store: StableStore, hash: Hash, subject: Shape<S>) {
    this.#store = store
    this.#hash = hash
    this.#subject = subject
  }

  put(subject: S, { root }: BodyReference, index: number, chunk: Chunk): void {
    this.#store.put(this.#key(subject, root, index), encodeChunk(chunk))
  }

  read(subject: S, root: Uint8Array, index: number, then: (chunk: Chunk | undefined) => void): void {
    this.#store.read(this.#key(subject, root, index), (encoded) => then(encoded && decodeChunk(encoded)))
  }

  /** Those below an index: as many as there may be, and not as many as a reference says. */
  drop(subject: S, { root }: BodyReference, below: number): void {
    const of = this.#bodyKey(subject, root)
    for (let index = 0; index < below; index++) this.#store.delete(of + numericKey(index))
  }

  #key(subject: S, root: Uint8Array, index: number): string {
    return this.#bodyKey(subject, root) + numericKey(index)
  }

  #bodyKey(subject: S, root: Uint8Array): string {
    const of = toHex(this.#hash(encode(this.#subject, subject)))
    return `${BULK_PREFIX}chunk/${of}/${toHex(root)}/`
  }
}
