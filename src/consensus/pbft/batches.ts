/**
 * Bodies of batches by digest: votes carry digests alone, and a member votes only for what it holds. Bodies are written
 * as bulk before that, pulled by digest from those who voted for it, and handed to whoever asks, a few times in each
 * session: a question may be dropped with a view and asked again in a later one.
 *
 * Space: in memory the bodies that are not executed yet; on disk those too, and the retained ones.
 */
import { fromHex, sameBytes, toHex } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { StableStore } from '../../core/store.ts'
import type { PlainValue } from '../../core/trace.ts'
import { Pulls } from '../../exchange/pulls.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port, Ports } from '../../links/ports.ts'
import type { BatchCodec } from './batch.ts'
import { BODY_SERVED_MAX } from './constants.ts'
import type { Machine } from './machine.ts'
import { type BatchMessage, batchMessages } from './messages.ts'
import { Verification } from './verification.ts'

export interface BatchesClient {
  /** Signatures of the requests in a batch that are verified in one turn. */
  readonly verificationsPerTurn: number
  /** Who has said that it has the body of that digest; may name this member. */
  holders(digest: Uint8Array): readonly ProcessId[]
  /** The body of that digest is here, or it is known whether its requests may be ordered. */
  came(digest: Uint8Array): void
}

/** A body that is in memory. */
interface Body {
  readonly encoded: Uint8Array
  readonly envelopes: readonly Uint8Array[]
  /** Whether all its requests may be ordered; undefined: nobody has asked, or they are being verified. */
  valid: boolean | undefined
  /** It was executed while it was being verified. */
  released?: true
}

type Digest = { readonly digest: Uint8Array }

export class Batches {
  readonly #env: Environment
  readonly #store: StableStore
  readonly #codec: BatchCodec
  readonly #client: BatchesClient
  readonly #port: Port<BatchMessage>
  readonly #pulls: Pulls<Digest>
  readonly #verification: Verification
  readonly #bodies = new Map<string, Body>()
  /** On disk, or on their way to it. */
  readonly #stored = new Set<string>()
  /** How often each member was handed which body in this session. */
  readonly #served: readonly Map<string, number>[]

  constructor(
    env: Environment,
    store: StableStore,
    path: string,
    ports: Ports,
    codec: BatchCodec,
    machine: Machine,
    client: BatchesClient
  ) {
    this.#env = env
    this.#store = store
    this.#codec = codec
    this.#client = client
    this.#served = env.group.ranks.map(() => new Map())
    this.#port = ports.open(path, batchMessages, {
      deliver: (from, message) => {
        if (message.type === 'FETCH') this.#onFetch(from, message.digest)
        else this.#onBatch(from, message)
      },
      resync: (peer) => {
        this.#served[peer]?.clear()
        this.#pulls.resync(peer)
      }
    })
    this.#pulls = new Pulls(env, {
      keyOf: (name) => toHex(name.digest),
      // What is asked of this member it answers itself, from its disk too.
      find: () => undefined,
      found: (name, encoded) => this.#found(name.digest, encoded),
      // Then all others.
      holders: ({ digest }) =>
        [...new Set([...client.holders(digest), ...env.group.ranks])].filter((member) => member !== env.self),
      ask: (peer, name) => this.#port.send(peer, { type: 'FETCH', digest: name.digest }),
      answer: () => {},
      charge: (peer, us) => this.#port.charge(peer, us)
    })
    const { verificationsPerTurn } = client
    this.#verification = new Verification(
      env,
      machine,
      codec.commandsMax,
      verificationsPerTurn,
      this.#port,
      (name, isValid) => this.#judged(name, isValid)
    )
  }

  isNothing(digest: Uint8Array): boolean {
    return sameBytes(digest, this.#codec.nothing)
  }

  /** Whether the body is here, written or being written. */
  has(digest: Uint8Array): boolean {
    return this.isNothing(digest) || this.#stored.has(toHex(digest))
  }

  /** Whether the body is in memory. */
  isHere(digest: Uint8Array): boolean {
    return this.isNothing(digest) || this.#bodies.has(toHex(digest))
  }

  matches(digest: Uint8Array, encoded: Uint8Array): boolean {
    return sameBytes(this.#codec.digest(encoded), digest)
  }

  /** A body that came unasked, and matches. */
  takeIn(digest: Uint8Array, encoded: Uint8Array): void {
    if (!this.isHere(digest)) this.#found(digest, encoded)
  }

  /** The bytes of a body that is in memory. */
  encoded(digest: Uint8Array): Uint8Array | undefined {
    return this.#bodies.get(toHex(digest))?.encoded
  }

  /** Writes a body of this member's own making. @returns its digest */
  keep(envelopes: readonly Uint8Array[]): Uint8Array {
    const encoded = this.#codec.encode(envelopes)
    const digest = this.#codec.digest(encoded)
    this.#write(toHex(digest), { encoded, envelopes, valid: true })
    return digest
  }

  /**
   * Whether all requests of a body that is here may be ordered; undefined: they are being verified, and `came` tells.
   *
   * @param by - who proposes it: the first time they are verified, at its expense
   */
  isValid(digest: Uint8Array, by: ProcessId): boolean | undefined {
    if (this.isNothing(digest)) return true
    const name = toHex(digest)
    const body = this.#bodies.get(name)
    if (body === undefined) return false
    body.valid ??= this.#verification.judge(name, body.envelopes, by)
    return body.valid
  }

  /** The requests of a body; undefined while it is not in memory: it is fetched then, and `came` tells. */
  envelopes(digest: Uint8Array): readonly Uint8Array[] | undefined {
    if (this.isNothing(digest)) return []
    const body = this.#bodies.get(toHex(digest))
    if (body === undefined) this.pull(digest)
    return body?.envelopes
  }

  /** Asks for a body until it is here; also one that is on disk, and not in memory. Asking again changes nothing. */
  pull(digest: Uint8Array): void {
    const name = toHex(digest)
    if (this.isNothing(digest) || this.#bodies.has(name)) return
    if (this.#stored.has(name)) this.#load(digest)
    else this.#pulls.pull({ digest }, digest)
  }

  /** An earlier life may have stored it: who enters a view by its start alone does not have all bodies of that. */
  seek(digest: Uint8Array): void {
    if (this.isNothing(digest)) return
    this.#store.read(keyOf(toHex(digest)), (encoded) => {
      if (encoded === undefined) return
      this.#stored.add(toHex(digest))
      if (!this.isHere(digest)) this.#found(digest, encoded)
    })
  }

  /** An earlier life has stored it. */
  restore(digest: Uint8Array): void {
    if (!this.isNothing(digest)) this.#stored.add(toHex(digest))
  }

  /** It was executed: from now on it is read from disk. */
  release(digest: Uint8Array): void {
    const name = toHex(digest)
    const body = this.#bodies.get(name)
    // It is voted for all the same: as soon as that may be.
    if (body !== undefined && this.#verification.isUnderWay(name)) body.released = true
    else this.#bodies.delete(name)
  }

  /** Forgets the bodies, and the questions for bodies, that are not needed. */
  sweep(isNeeded: (name: string) => boolean): void {
    for (const name of [...this.#stored, ...this.#bodies.keys()])
      if (!isNeeded(name)) {
        this.#stored.delete(name)
        this.#bodies.delete(name)
        this.#verification.drop(name)
        this.#store.delete(keyOf(name))
        for (const served of this.#served) served.delete(name)
      }
    for (const name of this.#pulls.open) if (!isNeeded(toHex(name.digest))) this.#pulls.drop(name)
  }

  state(): PlainValue {
    return {
      stored: [...this.#stored].sort(),
      inMemory: [...this.#bodies.keys()].sort(),
      verifying: this.#verification.state(),
      pulls: this.#pulls.state()
    }
  }

  #found(digest: Uint8Array, encoded: Uint8Array): void {
    const envelopes = this.#codec.decode(encoded)
    // Bytes that are no batch have a digest too: they are remembered as such, and nobody votes for them.
    if (envelopes === undefined) this.#bodies.set(toHex(digest), { encoded, envelopes: [], valid: false })
    else this.#write(toHex(digest), { encoded, envelopes, valid: undefined })
    this.#pulls.drop({ digest })
    this.#client.came(digest)
  }

  #judged(name: string, isValid: boolean): void {
    const body = this.#bodies.get(name)
    if (body === undefined) return
    body.valid = isValid
    this.#client.came(fromHex(name))
    if (body.released === true) this.#bodies.delete(name)
  }

  #write(name: string, body: Body): void {
    this.#bodies.set(name, body)
    if (this.#stored.has(name)) return
    this.#stored.add(name)
    this.#store.put(keyOf(name), body.encoded)
  }

  #load(digest: Uint8Array): void {
    const name = toHex(digest)
    this.#store.read(keyOf(name), (encoded) => {
      if (encoded === undefined || !this.#stored.has(name) || this.#bodies.has(name)) return
      this.#found(digest, encoded)
    })
  }

  #onFetch(from: ProcessId, digest: Uint8Array): void {
    const name = toHex(digest)
    const served = this.#served[from]
    const times = served?.get(name) ?? 0
    if (served === undefined || times >= BODY_SERVED_MAX || !this.#stored.has(name)) {
      this.#port.charge(from, WORK_US.refusal)
      return
    }
    served.set(name, times + 1)
    const answer = (batch: Uint8Array | undefined) => {
      if (batch !== undefined) this.#port.answer(from, { type: 'BATCH', digest: fromHex(name), batch })
    }
    const body = this.#bodies.get(name)
    if (body !== undefined) answer(body.encoded)
    else this.#store.read(keyOf(name), answer)
  }

  #onBatch(from: ProcessId, { digest, batch }: Extract<BatchMessage, { type: 'BATCH' }>): void {
    if (this.matches(digest, batch)) {
      this.#pulls.onPayload(from, { digest }, batch)
      return
    }
    // Whatever was asked for: these bytes are not those of the digest that stands beside them.
    const detail = 'hands over a batch that has another digest than it says'
    this.#env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
  }
}

const keyOf = (name: string): string => `*batch/${name}`
