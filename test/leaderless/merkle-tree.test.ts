import { expect, test } from 'vitest'
import { sameBytes, toHex } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { LEAF_KEYS_MAX } from '../../src/leaderless/constants.ts'
import {
  compareNodes,
  DIGEST_BYTES,
  type Entry,
  MerkleTree,
  type Path,
  ROOT
} from '../../src/leaderless/merkle-tree.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'

const random = new SeededRandom(1, 'merkle')
const entriesOf = (count: number): Entry[] =>
  Array.from({ length: count }, () => ({
    id: random.bytes(DIGEST_BYTES),
    digest: random.bytes(DIGEST_BYTES)
  }))

function treeOf(entries: readonly Entry[]): MerkleTree {
  const tree = new MerkleTree(nobleBackend.sha256)
  for (const { id, digest } of entries) tree.set(id, digest)
  return tree
}

/** What `own` finds out about `other`, node by node. */
function differences(own: MerkleTree, other: MerkleTree) {
  const found = { wanted: [] as string[], lacking: [] as string[], nodes: 0 }
  const paths: Path[] = sameBytes(own.digest(ROOT), other.digest(ROOT)) ? [] : [ROOT]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const difference = compareNodes(own, other.describe(path))
    found.nodes++
    found.wanted.push(...difference.wanted.map(toHex))
    found.lacking.push(...difference.lacking.map(toHex))
    paths.push(...difference.paths)
  }
  found.wanted.sort()
  found.lacking.sort()
  return found
}

test.each([0, 1, LEAF_KEYS_MAX, LEAF_KEYS_MAX + 1, 300])(
  'the digest of %i keys follows from them, not from how they came',
  (count) => {
    const entries = entriesOf(count)
    const tree = treeOf(entries)
    const again = treeOf([...entries].reverse())
    for (const { id } of entries) again.set(id, new Uint8Array(DIGEST_BYTES))
    for (const { id, digest } of entries) again.set(id, digest)
    expect([again.size, again.digest(ROOT)]).toEqual([count, tree.digest(ROOT)])
    expect(again.entries(ROOT)).toEqual(tree.entries(ROOT))
  }
)

test.each([
  [0, 40],
  [40, 0],
  [1, 400],
  [400, 400],
  [2000, 2000]
])('trees of %i and %i keys: what differs is found, no less and no more, from either side', (a, b) => {
  const shared = entriesOf(Math.min(a, b))
  const [first = [], second = []] = [a, b].map((count) => {
    const changed = shared.map((entry, index) => (index % 97 === 5 ? { ...entry, ...digestOnly() } : entry))
    return [...changed, ...entriesOf(count - shared.length + 3)]
  })
  const [own, other] = [treeOf(first), treeOf(second)]
  const missing = (from: MerkleTree, to: MerkleTree, test: (entry: Entry) => boolean) =>
    from
      .entries(ROOT)
      .filter((entry) => test(entry) && toHex(to.get(entry.id) ?? new Uint8Array(0)) !== toHex(entry.digest))
      .map(({ id }) => toHex(id))
      .sort()
  const found = differences(own, other)
  expect(found.wanted).toEqual(missing(other, own, () => true))
  expect(found.lacking).toEqual(missing(own, other, ({ id }) => other.get(id) === undefined))
  expect(differences(other, own).wanted).toEqual(missing(own, other, () => true))
})

test('equal trees: nothing is looked at; one difference among 4,096 keys: a node for each level', () => {
  const entries = entriesOf(4096)
  expect(differences(treeOf(entries), treeOf(entries)).nodes).toBe(0)
  const changed = treeOf(entries)
  changed.set((entries[7] as Entry).id, random.bytes(DIGEST_BYTES))
  const { nodes, wanted } = differences(changed, treeOf(entries))
  expect(wanted).toEqual([toHex((entries[7] as Entry).id)])
  expect(nodes).toBeLessThanOrEqual(4)
})

const digestOnly = () => ({ digest: random.bytes(DIGEST_BYTES) })
