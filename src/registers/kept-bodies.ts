/**
 * The bodies that a member keeps: of each register the one that its kept value refers to, and those that are on their
 * way.
 *
 *     upon WRITE(reference) by p, if it would be kept:  fetch its body of p, and of whoever else writes it; if these
 *                                                       have it no longer, of the other members
 *     upon the last chunk:                              keep the value, drop the body before; ACK
 *
 * The signature comes first, so nobody but an owner spends an owner's bytes; a reference is shown to readers when its
 * body is whole and durable, so a reader can have the body of each correct member that answers with it. Room is
 * reserved in full before the first chunk. A body that a crash of its writer leaves half done is dropped in any of four
 * cases: a higher value is kept, its writer writes something else there, no chunk has come for BODY_GIVEN_UP_MS, or
 * this member restarts.
 *
 * A reference costs what it brings, whatever size it speaks of: chunks are dropped as far as they can have come, which
 * the record on disk says.
 *
 * Space: on disk the kept bodies and the ones that are on their way, within the owner's bytes and their signer's, those
 * of the latter at most BODIES_STAGED_MAX of each signer and of each process that brings them; in memory what
 * body-transfer.ts says.
 */
import { toHex, utf8 } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { decode, encode, record, uint } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import type { OpenTransfer } from '../exchange/bodies.ts'
import { type BodyReference, chunksOf, encodeReference } from '../exchange/body.ts'
import type { TransferEvents } from '../exchange/body-transfer.ts'
import type { Answered } from '../exchange/call-id.ts'
import { ChunkStore } from '../exchange/chunk-store.ts'
import { BODY_CHUNKS_MAX } from '../exchange/constants.ts'
import { BODIES_STAGED_MAX, BODY_GIVEN_UP_MS } from './constants.ts'
import { Counts } from './counts.ts'
import { type KeptValues, signerOf, type Verdict } from './kept-values.ts'
import { type RegisterId, registerKey, registerShape } from './register.ts'
import type { RegisterBodies } from './register-bodies.ts'
import { compareSigned, referenceIn, type SignedValue, signedValueShape } from './signed-value.ts'

interface Staged {
  readonly key: string
  readonly register: RegisterId
  readonly value: SignedValue
  readonly reference: BodyReference
  readonly transfer: OpenTransfer
  /** Who writes it, each with the call that waits; undefined: it was asked in a session that has ended. */
  readonly waiting: Map<ProcessId, Answered | undefined>
  /** Below it are all chunks of it that may be on the disk. */
  chunks: number
  /** Whether a chunk has come since the timer was set. */
  progressed: boolean
  timer: Timer | undefined
}

/** What became of a WRITE whose answer had to wait. */
export type Settled = (to: ProcessId, call: Answered, verdict: Verdict) => void

const stagedShape = record({
  register: registerShape,
  value: signedValueShape,
  chunks: uint(BODY_CHUNKS_MAX)
})
const PREFIX = 'staged/'

/** How far `chunks` on disk goes beyond the chunk that comes: so many of them cost one record. */
const CHUNKS_PER_RECORD = 16

export class KeptBodies {
  readonly #env: Environment
  readonly #store: StableStore
  readonly #bodies: RegisterBodies
  readonly #kept: KeptValues
  readonly #chunks: ChunkStore<RegisterId>
  readonly #settled: Settled
  readonly #staged = new Map<string, Staged>()
  readonly #ofRegister = new Map<string, Set<Staged>>()
  /** By signer, in whatever lists of writers it is. */
  readonly #ofSigner = new Counts<string>()
  /** By who waits for them. */
  readonly #ofSource = new Counts<ProcessId>()

  constructor(
    env: Environment,
    store: StableStore,
    bodies: RegisterBodies,
    kept: KeptValues,
    settled: Settled
  ) {
    this.#env = env
    this.#store = store
    this.#bodies = bodies
    this.#kept = kept
    this.#chunks = new ChunkStore(store, env.crypto.hash, registerShape)
    this.#settled = settled
    bodies.hold((register, root, index, _, then) => {
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
      if (staged !== undefined) this.#dropUnused(staged.register, referenceIn(staged.value), staged.chunks)
    }
  }

  /** @returns what there is to say at once; undefined if the answer has to wait for the body */
  write(from: ProcessId, call: Answered, register: RegisterId, value: SignedValue): Verdict | undefined {
    const reference = referenceIn(value)
    if (reference === undefined) return { type: 'invalid' }
    const key = `${registerKey(register)}/${value.timestamp}/${value.writer}/${toHex(value.value)}`
    const known = this.#staged.get(key)
    if (known !== undefined) {
      this.#waits(known, from, call)
      known.transfer.add(from)
      return undefined
    }
    // What it wrote there before it has given up.
    this.#forget(from, register)
    const before = this.#kept.get(register)
    const isHere = sameBody(referenceIn(before), reference)
    const verdict = this.#kept.judge(register, value, isHere || this.#mayStage(from, register, value))
    if (verdict.type !== 'wanted') return verdict
    if (isHere) {
      const shown = this.#kept.show(register, value)
      this.replaced(register, before)
      return shown
    }
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
    for (const staged of this.#stagedIn(register)) {
      if (compareSigned(staged.value, now) > 0) continue
      this.#unstage(staged)
      this.#answer(staged, { type: 'kept', news: false })
    }
    const reference = referenceIn(before)
    this.#dropUnused(register, reference, reference && chunksOf(reference))
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
      chunk: (index, chunk) => {
        staged.progressed = true
        this.#expect(staged, index + 1)
        this.#chunks.put(register, reference, index, chunk)
      },
      complete: () => this.#complete(staged),
      missing: () => {},
      lied: () => {},
      // Nobody waits for it any more: who writes a value has its body until the write returns.
      exhausted: () => this.#unstage(staged)
    }
    const transfer = this.#bodies.transfer(register, reference, events, others)
    const staged: Staged = {
      key,
      register,
      value,
      reference,
      transfer,
      waiting: new Map(),
      chunks: 0,
      progressed: false,
      timer: undefined
    }
    this.#staged.set(key, staged)
    const ofRegister = this.#ofRegister.get(registerKey(register)) ?? new Set()
    this.#ofRegister.set(registerKey(register), ofRegister.add(staged))
    this.#ofSigner.add(toHex(signerOf(register, value)), 1)
    this.#waits(staged, from, call)
    this.#kept.reserve(register, value, 1)
    this.#record(staged)
    this.#watch(staged)
    transfer.add(from)
  }

  #waits(staged: Staged, from: ProcessId, call: Answered): void {
    if (!staged.waiting.has(from)) this.#ofSource.add(from, 1)
    staged.waiting.set(from, call)
  }

  /** Chunks below `end` may come to be on the disk: which it says before they are. */
  #expect(staged: Staged, end: number): void {
    if (end <= staged.chunks) return
    staged.chunks = Math.min(end + CHUNKS_PER_RECORD - 1, chunksOf(staged.reference))
    this.#record(staged)
  }

  #record({ key, register, value, chunks }: Staged): void {
    this.#store.put(PREFIX + this.#recordKey(key), encode(stagedShape, { register, value, chunks }))
  }

  /** Whoever brings nothing for long is told so, and may write it again. */
  #watch(staged: Staged): void {
    staged.progressed = false
    staged.timer = this.#env.clock.setTimer(BODY_GIVEN_UP_MS, () => {
      if (staged.progressed) return this.#watch(staged)
      this.#env.observer.landmark('body-given-up')
      this.#unstage(staged)
      this.#answer(staged, { type: 'refused', refusal: 'body did not come' })
    })
  }

  #complete(staged: Staged): void {
    const { register, value } = staged
    const before = this.#kept.get(register)
    this.#release(staged)
    const verdict = this.#kept.show(register, value)
    if (verdict.type === 'kept' && verdict.news) this.replaced(register, before)
    else this.#dropUnused(register, staged.reference, staged.chunks)
    this.#env.observer.landmark('body-kept')
    this.#answer(staged, verdict)
  }

  #forget(source: ProcessId, register: RegisterId): void {
    for (const staged of this.#stagedIn(register)) {
      if (staged.waiting.delete(source)) this.#ofSource.add(source, -1)
      if (staged.waiting.size === 0) this.#unstage(staged)
      else staged.transfer.remove(source)
    }
  }

  #unstage(staged: Staged): void {
    if (!this.#staged.has(staged.key)) return
    staged.transfer.end()
    this.#release(staged)
    this.#dropUnused(staged.register, staged.reference, staged.chunks)
  }

  #release(staged: Staged): void {
    const { key, register, value, waiting, timer } = staged
    timer?.cancel()
    this.#staged.delete(key)
    const ofRegister = this.#ofRegister.get(registerKey(register))
    ofRegister?.delete(staged)
    if (ofRegister?.size === 0) this.#ofRegister.delete(registerKey(register))
    this.#ofSigner.add(toHex(signerOf(register, value)), -1)
    for (const source of waiting.keys()) this.#ofSource.add(source, -1)
    this.#kept.reserve(register, value, -1)
    this.#store.delete(PREFIX + this.#recordKey(key))
  }

  #answer({ waiting }: Staged, verdict: Verdict): void {
    for (const [to, call] of waiting) if (call !== undefined) this.#settled(to, call, verdict)
  }

  /** @param chunks - below which they may be on the disk */
  #dropUnused(register: RegisterId, reference: BodyReference | undefined, chunks = 0): void {
    if (reference === undefined || sameBody(referenceIn(this.#kept.get(register)), reference)) return
    const heir = this.#stagedIn(register).find((staged) => sameBody(staged.reference, reference))
    if (heir === undefined) this.#chunks.drop(register, reference, chunks)
    else this.#expect(heir, chunks)
  }

  #stagedIn(register: RegisterId): readonly Staged[] {
    return [...(this.#ofRegister.get(registerKey(register)) ?? [])]
  }

  /** Whether so few bodies are on their way, of what its writer has signed and of what `from` has brought. */
  #mayStage(from: ProcessId, register: RegisterId, value: SignedValue): boolean {
    const signer = register.writers[value.writer]
    return (
      this.#ofSource.of(from) < BODIES_STAGED_MAX &&
      (signer === undefined || this.#ofSigner.of(toHex(signer)) < BODIES_STAGED_MAX)
    )
  }

  #recordKey(key: string): string {
    return toHex(this.#env.crypto.hash(utf8(key)))
  }
}

const sameBody = (a: BodyReference | undefined, b: BodyReference): boolean =>
  a !== undefined && toHex(encodeReference(a)) === toHex(encodeReference(b))
