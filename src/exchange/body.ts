/**
 * The body of a value that is too large to travel whole: it is cut in chunks, which are the leaves of a hash tree, and
 * what has the value has a reference in its place: the body's size and the root of its tree.
 *
 * Each chunk comes with a proof, the hashes beside its path to the root: whoever holds the reference can tell a right
 * chunk from a wrong one by itself, as soon as it comes. Leaves, nodes and root are hashed under different first bytes,
 * so that none of them is another; the root covers the size, from which the shape of the tree follows and the length of
 * every chunk.
 *
 *     leaf(chunk)       = SHA-256(00 || chunk)
 *     node(left, right) = SHA-256(01 || left || right)     the last of an odd number goes up as it is
 *     root              = SHA-256(02 || size, 8 bytes || top)
 *
 * Source: Merkle 1987; the tree and its prefixes are those of RFC 6962, section 2.1.
 */
import { concatBytes, sameBytes } from '../core/bytes.ts'
import { bytes, decode, digest, encode, list, record, uint, type ValueOf } from '../core/shapes.ts'
import { BODY_BYTES_MAX, CHUNK_BYTES, PROOF_HASHES_MAX } from './constants.ts'

export const referenceShape = record({ size: uint(BODY_BYTES_MAX), root: digest })

/** What stands in place of a body. */
export type BodyReference = ValueOf<typeof referenceShape>

export const chunkFields = { chunk: bytes(CHUNK_BYTES), proof: list(digest, PROOF_HASHES_MAX) }

const chunkShape = record(chunkFields)

/** A part of a body, with the proof that it is one. */
export type Chunk = ValueOf<typeof chunkShape>

export const encodeReference = (reference: BodyReference): Uint8Array => encode(referenceShape, reference)
export const encodeChunk = (chunk: Chunk): Uint8Array => encode(chunkShape, chunk)
export const decodeChunk = (encoded: Uint8Array): Chunk | undefined => decode(chunkShape, encoded)

/** Undefined if it is none. There is no empty body. */
export function decodeReference(encoded: Uint8Array): BodyReference | undefined {
  const reference = decode(referenceShape, encoded)
  return reference?.size === 0 ? undefined : reference
}

export type Hash = (bytes: Uint8Array) => Uint8Array

export const chunksOf = ({ size }: Pick<BodyReference, 'size'>): number => Math.ceil(size / CHUNK_BYTES)

/** The tree over a body, which it does not copy. */
export class BodyTree {
  readonly reference: BodyReference
  readonly #body: Uint8Array
  /** Leaves first; the last one has the top alone. */
  readonly #levels: Uint8Array[][]

  constructor(hash: Hash, body: Uint8Array) {
    this.#body = body
    const size = body.length
    let level = Array.from({ length: chunksOf({ size }) }, (_, index) => leafOf(hash, this.#chunk(index)))
    this.#levels = [level]
    while (level.length > 1) {
      const below = level
      level = []
      for (let i = 0; i < below.length; i += 2) {
        const [left, right] = [below[i] as Uint8Array, below[i + 1]]
        level.push(right === undefined ? left : nodeOf(hash, left, right))
      }
      this.#levels.push(level)
    }
    this.reference = { size, root: rootOf(hash, size, level[0] as Uint8Array) }
  }

  chunk(index: number): Chunk {
    const proof: Uint8Array[] = []
    let at = index
    for (const level of this.#levels) {
      const beside = level[at ^ 1]
      if (beside !== undefined) proof.push(beside)
      at >>= 1
    }
    return { chunk: this.#chunk(index), proof }
  }

  #chunk(index: number): Uint8Array {
    return this.#body.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
  }
}

/** Whether this is the chunk at `index` of the body. */
export function isChunkOf(
  hash: Hash,
  reference: BodyReference,
  index: number,
  { chunk, proof }: Chunk
): boolean {
  const count = chunksOf(reference)
  if (chunk.length !== Math.min(CHUNK_BYTES, reference.size - index * CHUNK_BYTES)) return false
  const hashes = [...proof]
  let top = leafOf(hash, chunk)
  for (let at = index, width = count; width > 1; at >>= 1, width = (width + 1) >> 1) {
    if ((at ^ 1) >= width) continue
    const beside = hashes.shift()
    if (beside === undefined) return false
    top = at % 2 === 0 ? nodeOf(hash, top, beside) : nodeOf(hash, beside, top)
  }
  return hashes.length === 0 && sameBytes(rootOf(hash, reference.size, top), reference.root)
}

const leafOf = (hash: Hash, chunk: Uint8Array): Uint8Array => hash(concatBytes(Uint8Array.of(0), chunk))

const nodeOf = (hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array =>
  hash(concatBytes(Uint8Array.of(1), left, right))

function rootOf(hash: Hash, size: number, top: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(8)
  new DataView(encoded.buffer).setUint32(4, size)
  return hash(concatBytes(Uint8Array.of(2), encoded, top))
}
