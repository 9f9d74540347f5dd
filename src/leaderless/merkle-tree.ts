/**
 * A Merkle tree (Merkle 1987) over keys, each with a digest of its state: two members that have the same have the same
 * root, and otherwise find what differs by comparing the nodes on the way to it.
 *
 * It is a trie over the keys' hashes, four bits a level. A node with at most LEAF_KEYS_MAX keys under it is a leaf: its
 * digest covers their entries; that of another covers its children's digests. So a digest follows from what is under
 * the node, and from nothing else; the digest of a path that leads on below a leaf, too.
 *
 * Space: one entry for each key; at each level fewer inner nodes than keys / LEAF_KEYS_MAX.
 */
import { concatBytes, sameBytes, toHex } from '../core/bytes.ts'
import { bytes, fixedBytes, list, record, type ValueOf } from '../core/shapes.ts'
import { LEAF_KEYS_MAX } from './constants.ts'

/** Bytes of a key's hash, and of a digest: no two are alike by chance. */
export const DIGEST_BYTES = 16

/** Children of a node. */
const FANOUT = 16

/** From the root to a node: one step of four bits in each byte. */
export const pathShape = bytes(2 * DIGEST_BYTES)
export type Path = Uint8Array

export const idShape = fixedBytes(DIGEST_BYTES)

const entryShape = record({ id: idShape, digest: fixedBytes(DIGEST_BYTES) })
export type Entry = ValueOf<typeof entryShape>

export const nodeShape = record({
  path: pathShape,
  /** The digests of the children, empty where there is nothing; or nothing at all, if the node is a leaf. */
  children: list(bytes(DIGEST_BYTES), FANOUT),
  /** What is under a leaf, in order. */
  entries: list(entryShape, LEAF_KEYS_MAX)
})

/** A node as it is told to others. */
export type NodeDescription = ValueOf<typeof nodeShape>

interface Node {
  size: number
  /** Undefined: to be computed again. */
  digest: Uint8Array | undefined
  /** Of an inner node. */
  children: (Node | undefined)[] | undefined
  /** Of a leaf: by the hexadecimal id. */
  readonly entries: Map<string, Entry>
}

const NOTHING = new Uint8Array(0)
const ABSENT = new Uint8Array(DIGEST_BYTES)

export const ROOT: Path = NOTHING

const childPath = (path: Path, step: number): Path => concatBytes(path, Uint8Array.of(step))

const emptyNode = (): Node => ({ size: 0, digest: undefined, children: undefined, entries: new Map() })

export class MerkleTree {
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  readonly #root = emptyNode()

  constructor(hash: (bytes: Uint8Array) => Uint8Array) {
    this.#hash = hash
  }

  get size(): number {
    return this.#root.size
  }

  get(id: Uint8Array): Uint8Array | undefined {
    let node: Node | undefined = this.#root
    for (let depth = 0; node?.children !== undefined; depth++) node = node.children[stepAt(id, depth)]
    return node?.entries.get(toHex(id))?.digest
  }

  /** The key's state has this digest from now on. */
  set(id: Uint8Array, digest: Uint8Array): void {
    const isNew = this.get(id) === undefined
    this.#put(this.#root, 0, { id, digest }, isNew)
  }

  /** What is at a path: empty if there is no key under it. */
  digest(path: Path): Uint8Array {
    const node = this.#find(path)
    return node === undefined || node.size === 0 ? NOTHING : this.#digestOf(node)
  }

  describe(path: Path): NodeDescription {
    const node = this.#find(path)
    if (node?.children === undefined) return { path, children: [], entries: sorted(node) }
    const children = node.children.map((child) => (child === undefined ? NOTHING : this.#digestOf(child)))
    return { path, children, entries: [] }
  }

  /** All that is under a path, in order. */
  entries(path: Path): readonly Entry[] {
    const found: Entry[] = []
    const visit = (node: Node | undefined) => {
      if (node?.children === undefined) found.push(...sorted(node))
      else for (const child of node.children) visit(child)
    }
    visit(this.#find(path))
    return found
  }

  #put(node: Node, depth: number, entry: Entry, isNew: boolean): void {
    node.digest = undefined
    if (isNew) node.size++
    if (node.children === undefined) {
      node.entries.set(toHex(entry.id), entry)
      if (node.size > LEAF_KEYS_MAX) this.#split(node, depth)
      return
    }
    this.#put(childOf(node.children, stepAt(entry.id, depth)), depth + 1, entry, isNew)
  }

  #split(node: Node, depth: number): void {
    const children = new Array<Node | undefined>(FANOUT).fill(undefined)
    node.children = children
    for (const entry of node.entries.values())
      this.#put(childOf(children, stepAt(entry.id, depth)), depth + 1, entry, true)
    node.entries.clear()
  }

  /** The node at a path; below a leaf, one made of those entries that the path leads to. */
  #find(path: Path): Node | undefined {
    let node: Node | undefined = this.#root
    let depth = 0
    for (; depth < path.length && node?.children !== undefined; depth++)
      node = node.children[path[depth] ?? 0]
    if (node === undefined || depth === path.length) return node
    const below = [...node.entries].filter(([, { id }]) => path.every((step, at) => stepAt(id, at) === step))
    return { size: below.length, digest: undefined, children: undefined, entries: new Map(below) }
  }

  #digestOf(node: Node): Uint8Array {
    node.digest ??= this.#hash(
      node.children === undefined
        ? concatBytes(Uint8Array.of(0), ...sorted(node).flatMap(({ id, digest }) => [id, digest]))
        : concatBytes(
            Uint8Array.of(1),
            ...node.children.map((child) => (child === undefined ? ABSENT : this.#digestOf(child)))
          )
    ).slice(0, DIGEST_BYTES)
    return node.digest
  }
}

/** What two members, one of which has described a node of its tree, have still to do about it. */
export interface Difference {
  /** Nodes of the other to look at. */
  readonly paths: readonly Path[]
  /** Keys whose state is to be had from the other. */
  readonly wanted: readonly Uint8Array[]
  /** Keys that the other does not have. */
  readonly lacking: readonly Uint8Array[]
}

export function compareNodes(own: MerkleTree, { path, children, entries }: NodeDescription): Difference {
  if (children.length > 0) {
    const different = children.flatMap((digest, step) => {
      const below = childPath(path, step)
      return sameBytes(digest, own.digest(below)) ? [] : [{ below, isEmpty: digest.length === 0 }]
    })
    return {
      paths: different.filter(({ isEmpty }) => !isEmpty).map(({ below }) => below),
      wanted: [],
      lacking: different.flatMap(({ below, isEmpty }) => (isEmpty ? ids(own.entries(below)) : []))
    }
  }
  const theirs = new Set(entries.map(({ id }) => toHex(id)))
  return {
    paths: [],
    wanted: ids(entries.filter(({ id, digest }) => !sameBytes(own.get(id) ?? NOTHING, digest))),
    lacking: ids(own.entries(path).filter(({ id }) => !theirs.has(toHex(id))))
  }
}

const ids = (entries: readonly Entry[]): readonly Uint8Array[] => entries.map(({ id }) => id)

const stepAt = (id: Uint8Array, depth: number): number => {
  const byte = id[depth >> 1] ?? 0
  return depth % 2 === 0 ? byte >> 4 : byte & 15
}

function childOf(children: (Node | undefined)[], step: number): Node {
  children[step] ??= emptyNode()
  return children[step]
}

/** In the order of the ids. */
function sorted(node: Node | undefined): readonly Entry[] {
  if (node === undefined) return []
  return [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}
