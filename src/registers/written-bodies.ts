/**
 * The bodies that a client hands out, to members that it writes a reference to: those that it writes, from its disk, so
 * that its next life can finish the write; and those that it has read and writes back, from memory.
 *
 * Space: on disk the body of each write that is not complete, which the client bounds; what a crash left of one whose
 * reference was never signed is dropped at the next start.
 */
import { toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { decode, encode, record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import { type BodyReference, BodyTree, type Chunk, chunksOf, referenceShape } from '../exchange/body.ts'
import { ChunkStore } from '../exchange/chunk-store.ts'
import { type RegisterId, registerKey, registerShape } from './register.ts'
import type { RegisterBodies } from './register-bodies.ts'

type Read = (index: number, then: (chunk: Chunk | undefined) => void) => void

const storedShape = record({ register: registerShape, reference: referenceShape })
const PREFIX = 'body/'

/** Chunks that are written in one turn: the disk is given as much at once, and the process goes on in between. */
const CHUNKS_PER_TURN = 16

export class WrittenBodies {
  readonly #env: Environment
  readonly #store: StableStore
  readonly #chunks: ChunkStore<RegisterId>
  readonly #offered = new Map<string, Read>()

  constructor(env: Environment, store: StableStore, bodies: RegisterBodies) {
    this.#env = env
    this.#store = store
    this.#chunks = new ChunkStore(store, env.crypto.hash, registerShape)
    bodies.hold((register, root, index, then) => {
      const read = this.#offered.get(offerKey(register, root))
      read?.(index, then)
      return read !== undefined
    })
  }

  /** Drops the bodies of an earlier life but those for which `isNeeded`. */
  restore(isNeeded: (register: RegisterId, reference: BodyReference) => boolean): void {
    for (const [, encoded] of this.#store.restored(PREFIX)) {
      const stored = decode(storedShape, encoded)
      if (stored !== undefined && !isNeeded(stored.register, stored.reference))
        this.drop(stored.register, stored.reference)
    }
  }

  /** Writes a body to the disk, in many turns; it must not change meanwhile. */
  store(register: RegisterId, body: Uint8Array, stored: (reference: BodyReference) => void): void {
    const tree = new BodyTree(this.#env.crypto.hash, body)
    const { reference } = tree
    this.#store.put(this.#recordKey(register), encode(storedShape, { register, reference }))
    const from = (first: number): void => {
      const end = Math.min(first + CHUNKS_PER_TURN, chunksOf(reference))
      for (let index = first; index < end; index++)
        this.#chunks.put(register, reference, index, tree.chunk(index))
      if (end === chunksOf(reference)) stored(reference)
      else this.#env.whenDurable(() => this.#env.trigger(() => from(end)))
    }
    from(0)
  }

  drop(register: RegisterId, reference: BodyReference): void {
    this.#offered.delete(offerKey(register, reference.root))
    this.#chunks.drop(register, reference, chunksOf(reference))
    this.#store.delete(this.#recordKey(register))
  }

  /** What is stored of it is for whoever asks, until it is dropped. */
  offer(register: RegisterId, { root }: BodyReference): void {
    this.#offered.set(offerKey(register, root), (index, then) =>
      this.#chunks.read(register, root, index, then)
    )
  }

  /** Unless it is offered already. @returns whom to call when it need not be any more */
  offerBody(register: RegisterId, body: Uint8Array): () => void {
    const tree = new BodyTree(this.#env.crypto.hash, body)
    const key = offerKey(register, tree.reference.root)
    if (this.#offered.has(key)) return () => {}
    this.#offered.set(key, (index, then) => then(tree.chunk(index)))
    return () => this.#offered.delete(key)
  }

  #recordKey(register: RegisterId): string {
    return PREFIX + toHex(this.#env.crypto.hash(encode(registerShape, register)))
  }
}

const offerKey = (register: RegisterId, root: Uint8Array): string => `${registerKey(register)}/${toHex(root)}`
