/** The hash tree over a body. */
import { expect, test } from 'vitest'
import { concatBytes } from '../../src/core/bytes.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { BodyTree, chunksOf, decodeReference, encodeReference, isChunkOf } from '../../src/exchange/body.ts'
import {
  BODY_BYTES_MAX,
  BODY_CHUNKS_MAX,
  CHUNK_BYTES,
  PROOF_HASHES_MAX
} from '../../src/exchange/constants.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'

const hash = defaultBackend.sha256

/** RFC 6962, section 2.1, as it is written there. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (leaves.length === 1) return hash(concatBytes(Uint8Array.of(0), first as Uint8Array))
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hash(concatBytes(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split))))
}

const bodyOf = (size: number) => new SeededRandom(size, 'body').bytes(size)

const chunksIn = (body: Uint8Array) =>
  Array.from({ length: chunksOf({ size: body.length }) }, (_, index) =>
    body.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
  )

const counts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33]

test.each(counts)('the root of %i chunks is the one of RFC 6962, with the size', (count) => {
  const body = bodyOf(count * CHUNK_BYTES - 1)
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(body.length))
  const root = hash(concatBytes(Uint8Array.of(2), size, treeHash(chunksIn(body))))
  expect(new BodyTree(hash, body).reference).toEqual({ size: body.length, root })
})

test.each(counts)('of %i chunks each one is proven, at its own place and at no other', (count) => {
  const body = bodyOf((count - 1) * CHUNK_BYTES + 7)
  const tree = new BodyTree(hash, body)
  for (let index = 0; index < count; index++) {
    const chunk = tree.chunk(index)
    for (let place = 0; place <= count; place++)
      expect(isChunkOf(hash, tree.reference, place, chunk)).toBe(place === index)
  }
})

test('a chunk that was changed, cut or made longer, and a proof that was, prove nothing', () => {
  const tree = new BodyTree(hash, bodyOf(5 * CHUNK_BYTES - 1))
  const { reference } = tree
  const { chunk, proof } = tree.chunk(1)
  const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 3 ? byte ^ 1 : byte))
  expect(isChunkOf(hash, reference, 1, { chunk, proof })).toBe(true)
  const [first, ...others] = proof as [Uint8Array, ...Uint8Array[]]
  for (const wrong of [
    { chunk: flipped(chunk), proof },
    { chunk: chunk.subarray(1), proof },
    { chunk: concatBytes(chunk, Uint8Array.of(0)), proof },
    { chunk, proof: others },
    { chunk, proof: [...proof, first] },
    { chunk, proof: [flipped(first), ...others] },
    { chunk, proof: [...others, first] }
  ])
    expect(isChunkOf(hash, reference, 1, wrong)).toBe(false)
})

test('a node is no leaf, and another size is another body', () => {
  const tree = new BodyTree(hash, bodyOf(2 * CHUNK_BYTES))
  const [left, right] = [0, 1].map((index) => hash(concatBytes(Uint8Array.of(0), tree.chunk(index).chunk)))
  const node = concatBytes(left as Uint8Array, right as Uint8Array)
  // The hash of the node as a leaf would be the top if leaves and nodes were hashed alike.
  const posing = { size: node.length, root: tree.reference.root }
  expect(isChunkOf(hash, posing, 0, { chunk: node, proof: [] })).toBe(false)
  expect(isChunkOf(hash, { ...tree.reference, size: 2 * CHUNK_BYTES - 1 }, 0, tree.chunk(0))).toBe(false)
})

test('chunks of another length than the size gives them are none, whatever the tree says', () => {
  const chunks = [bodyOf(10), bodyOf(CHUNK_BYTES)]
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(CHUNK_BYTES + 10))
  const root = hash(concatBytes(Uint8Array.of(2), size, treeHash(chunks)))
  const proof = [hash(concatBytes(Uint8Array.of(0), chunks[1] as Uint8Array))]
  const chunk = chunks[0] as Uint8Array
  expect(isChunkOf(hash, { size: CHUNK_BYTES + 10, root }, 0, { chunk, proof })).toBe(false)
})

test('a reference has a size within the bound, and more than nothing', () => {
  const { reference } = new BodyTree(hash, bodyOf(10))
  expect(decodeReference(encodeReference(reference))).toEqual(reference)
  expect(decodeReference(encodeReference({ ...reference, size: 0 }))).toBe(undefined)
  expect(() => encodeReference({ ...reference, size: BODY_BYTES_MAX + 1 })).toThrow()
  expect(decodeReference(new Uint8Array(3))).toBe(undefined)
})

test('the proofs of the largest body have the length that messages admit', () => {
  expect(2 ** PROOF_HASHES_MAX).toBe(BODY_CHUNKS_MAX)
})
