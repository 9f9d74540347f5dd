/**
 * The bodies that a client hands out, to members that it writes a reference to: those that it writes, from its disk, so
 * that its next life can finish the write; and those that it has read and writes back, from memory.
 *
 * Space: on disk the body of each write that is not complete, which the client bounds; what a crash left of one whose
 * reference was never signed is dropped at the next start.
 */
import { toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { type Group, isMember, type ProcessId } from '../core/group.ts'
import { decode, encode, record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import { type BodyReference, BodyTree, type Chunk, chunksOf, referenceShape } from '../exchange/body.ts'
import { ChunkStore } from '../exchange/chunk-store.ts'
import { CHUNK_BYTES } from '../exchange/constants.ts'
import type { Progress } from '../exchange/operation.ts'
import { type RegisterId, registerKey, registerShape } from './register.ts'
import type { RegisterBodies } from './register-bodies.ts'

type Read = (index: number, from: ProcessId, then: (chunk: Chunk | undefined) => void) => void

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
    bodies.hold((register, root, index, from, then) => {
      const read = this.#offered.get(offerKey(register, root))
      read?.(index, from, then)
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

  /**
   * What is stored of it is for whoever asks, until it is dropped.
   * @param progress - is told how far a quorum of members is with asking for it
   */
  offer(register: RegisterId, reference: BodyReference, progress: Progress = () => {}): void {
    const { root } = reference
    const asked = new AskedChunks(this.#env.group, reference)
    this.#offered.set(offerKey(register, root), (index, from, then) => {
      if (asked.add(from)) progress(asked.bytes, reference.size)
      this.#chunks.read(register, root, index, then)
    })
  }

  /** Unless it is offered already. @returns whom to call when it need not be any more */
  offerBody(register: RegisterId, body: Uint8Array): () => void {
    const tree = new BodyTree(this.#env.crypto.hash, body)
    const key = offerKey(register, tree.reference.root)
    if (this.#offered.has(key)) return () => {}
    this.#offered.set(key, (index, _, then) => then(tree.chunk(index)))
    return () => this.#offered.delete(key)
  }

  #recordKey(register: RegisterId): string {
    return PREFIX + toHex(this.#env.crypto.hash(encode(registerShape, register)))
  }
}

const offerKey = (register: RegisterId, root: Uint8Array): string => `${registerKey(register)}/${toHex(root)}`

/**
 * How far members are with a body that is offered to them, by the chunks that they asked for. Who asks twice for one
 * seems to be further than it is: this is for people to look at, and nothing rests on it. Space: a number for each
 * member that asks.
 */
class AskedChunks {
  readonly #group: Group
  readonly #reference: BodyReference
  readonly #chunks = new Map<ProcessId, number>()
  #least = 0

  constructor(group: Group, reference: BodyReference) {
    this.#group = group
    this.#reference = reference
  }

  /** @returns whether a quorum is further than before */
  add(from: ProcessId): boolean {
    if (!isMember(this.#group, from)) return false
    this.#chunks.set(from, Math.min(chunksOf(this.#reference), (this.#chunks.get(from) ?? 0) + 1))
    const least = [...this.#chunks.values()].sort((a, b) => b - a)[this.#group.quorum.byzantine - 1] ?? 0
    const isFurther = least > this.#least
    this.#least = least
    return isFurther
  }

  /** As many as each of a quorum has asked for. */
  get bytes(): number {
    return Math.min(this.#reference.size, this.#least * CHUNK_BYTES)
  }
}
