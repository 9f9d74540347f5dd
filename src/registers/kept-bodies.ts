/**
 * The bodies that a member keeps: of each register the one that its kept value refers to, and those that are on their way.
 *
 *     upon WRITE(reference) by p, if it would be kept:  fetch its body of p, and of whoever else writes it; if these
 *                                                       have it no longer, of the other members
 *     upon the last chunk:                              keep the value, drop the body before; ACK
 *
 * The signature comes first, so nobody but an owner spends an owner's bytes; a reference is shown to readers when its body
 * is whole and durable, so a reader can have the body of each correct member that answers with it. Room is reserved in
 * full before the first chunk. What a crash of the writer leaves half done is dropped when a higher value is kept, or the
 * one who wrote it writes something else there, or this member restarts.
 *
 * Space: on disk the kept bodies and the ones that are on their way, within the owner's bytes and their signer's, those of the latter at
 * most BODIES_STAGED_MAX of each signer; in memory a number for each missing chunk.
 */
import { toHex, utf8 } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { decode, encode, record } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { Bodies, OpenTransfer } from './bodies.ts'
import { type BodyReference, encodeReference } from './body.ts'
import type { TransferEvents } from './body-transfer.ts'
import type { Answered } from './call-id.ts'
import { ChunkStore } from './chunk-store.ts'
import { BODIES_STAGED_MAX } from './constants.ts'
import { type KeptValues, signerOf, type Verdict } from './kept-values.ts'
import { type RegisterId, registerKey, registerShape } from './register.ts'
import { compareSigned, referenceIn, type SignedValue, signedValueShape } from './signed-value.ts'

interface Staged {
  readonly key: string
  readonly register: RegisterId
  readonly value: SignedValue
  readonly reference: BodyReference
  readonly transfer: OpenTransfer
  /** Who writes it, each with the call that waits; undefined: it was asked in a session that has ended. */
  readonly waiting: Map<ProcessId, Answered | undefined>
}

/** What became of a WRITE whose answer had to wait. */
export type Settled = (to: ProcessId, call: Answered, verdict: Verdict) => void

const stagedShape = record({ register: registerShape, value: signedValueShape })
const PREFIX = 'staged/'

export class KeptBodies {
  readonly #env: Environment
  readonly #store: StableStore
  readonly #bodies: Bodies
  readonly #kept: KeptValues
  readonly #chunks: ChunkStore
  readonly #settled: Settled
  readonly #staged = new Map<string, Staged>()

  constructor(env: Environment, store: StableStore, bodies: Bodies, kept: KeptValues, settled: Settled) {
    this.#env = env
    this.#store = store
    this.#bodies = bodies
    this.#kept = kept
    this.#chunks = new ChunkStore(store, env.crypto.hash)
    this.#settled = settled
    bodies.hold((register, root, index, then) => {
      const held = referenceIn(kept.get(register))
      if (held === undefined || toHex(held.root) !== toHex(root)) return false
      this.#chunks.read(register, root, index, then)
      return true
    })
  }

  /** Drops what was on its way when this process stopped; whoever wrote it writes it again. */
  restore(): void {
    for (const [key, encoded] of this.#store.restored(PREFIX)) {
      const staged = decode(stagedShape, encoded)
      this.#store.delete(PREFIX + key)
      if (staged !== undefined) this.#dropUnused(staged.register, referenceIn(staged.value))
    }
  }

  /** @returns what there is to say at once; undefined if the answer has to wait for the body */
  write(from: ProcessId, call: Answered, register: RegisterId, value: SignedValue): Verdict | undefined {
    const reference = referenceIn(value)
    if (reference === undefined) return { type: 'invalid' }
    const key = `${registerKey(register)}/${value.timestamp}/${value.writer}/${toHex(value.value)}`
    const known = this.#staged.get(key)
    if (known !== undefined) {
      known.waiting.set(from, call)
      known.transfer.add(from)
      return undefined
    }
    // What it wrote there before it has given up.
    this.#forget(from, register)
    const verdict = this.#kept.judge(register, value)
    if (verdict.type !== 'wanted') return verdict
    const before = this.#kept.get(register)
    if (sameBody(referenceIn(before), reference)) {
      const shown = this.#kept.show(register, value)
      this.replaced(register, before)
      return shown
    }
    if (this.#stagedOf(register, value) >= BODIES_STAGED_MAX)
      return { type: 'refused', refusal: 'too many bytes' }
    this.#stage(from, call, register, value, reference, key)
    return undefined
  }

  /** A new session with `peer`, which asks again for what it still wants; what is on its way goes on. */
  forgetWhatWasAsked(peer: ProcessId): void {
    for (const { waiting } of this.#staged.values()) if (waiting.has(peer)) waiting.set(peer, undefined)
  }

  /** A value is kept in place of another: what that one, and what is lower, needed is dropped. */
  replaced(register: RegisterId, before: SignedValue | null): void {
    const now = this.#kept.get(register)
    for (const staged of [...this.#staged.values()]) {
      if (registerKey(staged.register) !== registerKey(register) || compareSigned(staged.value, now) > 0)
        continue
      this.#unstage(staged)
      this.#answer(staged, { type: 'kept', news: false })
    }
    this.#dropUnused(register, referenceIn(before))
  }

  #stage(
    from: ProcessId,
    call: Answered,
    register: RegisterId,
    value: SignedValue,
    reference: BodyReference,
    key: string
  ): void {
    // When those who write it are gone, a quorum has it, or it was given up.
    const others = this.#env.group.ranks.filter((rank) => rank !== this.#env.self)
    const events: TransferEvents = {
      chunk: (index, chunk) => this.#chunks.put(register, reference, index, chunk),
      complete: () => this.#complete(staged),
      missing: () => {},
      lied: () => {},
      // Nobody waits for it any more: who writes a value has its body until the write returns.
      exhausted: () => this.#unstage(staged)
    }
    const transfer = this.#bodies.transfer(register, reference, events, others)
    const staged: Staged = { key, register, value, reference, transfer, waiting: new Map([[from, call]]) }
    this.#staged.set(key, staged)
    this.#kept.reserve(register, value, reference.size)
    this.#store.put(PREFIX + this.#recordKey(key), encode(stagedShape, { register, value }))
    transfer.add(from)
  }

  #complete(staged: Staged): void {
    const { register, value } = staged
    const before = this.#kept.get(register)
    this.#staged.delete(staged.key)
    this.#release(staged)
    const verdict = this.#kept.show(register, value)
    if (verdict.type === 'kept' && verdict.news) this.replaced(register, before)
    else this.#dropUnused(register, staged.reference)
    this.#env.observer.landmark('body-kept')
    this.#answer(staged, verdict)
  }

  #forget(source: ProcessId, register: RegisterId): void {
    for (const staged of [...this.#staged.values()]) {
      if (registerKey(staged.register) !== registerKey(register)) continue
      staged.waiting.delete(source)
      if (staged.waiting.size === 0) this.#unstage(staged)
      else staged.transfer.remove(source)
    }
  }

  #unstage(staged: Staged): void {
    if (!this.#staged.delete(staged.key)) return
    staged.transfer.end()
    this.#release(staged)
    this.#dropUnused(staged.register, staged.reference)
  }

  #release({ key, register, value, reference }: Staged): void {
    this.#kept.reserve(register, value, -reference.size)
    this.#store.delete(PREFIX + this.#recordKey(key))
  }

  #answer({ waiting }: Staged, verdict: Verdict): void {
    for (const [to, call] of waiting) if (call !== undefined) this.#settled(to, call, verdict)
  }

  #dropUnused(register: RegisterId, reference: BodyReference | undefined): void {
    if (reference === undefined || sameBody(referenceIn(this.#kept.get(register)), reference)) return
    const isStaged = [...this.#staged.values()].some(
      (staged) =>
        registerKey(staged.register) === registerKey(register) && sameBody(staged.reference, reference)
    )
    if (!isStaged) this.#chunks.drop(register, reference)
  }

  /** Bodies on their way of what the same writer has signed, in whatever lists it is. */
  #stagedOf(register: RegisterId, value: SignedValue): number {
    const signer = toHex(signerOf(register, value))
    return [...this.#staged.values()].filter(
      (staged) => toHex(signerOf(staged.register, staged.value)) === signer
    ).length
  }

  #recordKey(key: string): string {
    return toHex(this.#env.crypto.hash(utf8(key)))
  }
}

const sameBody = (a: BodyReference | undefined, b: BodyReference): boolean =>
  a !== undefined && toHex(encodeReference(a)) === toHex(encodeReference(b))
