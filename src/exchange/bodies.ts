/**
 * Bodies of values on their way: whoever needs one asks those who hold it for its chunks, and verifies each as it
 * comes. A body is named by its subject, what it is the value of (a register, or whatever else has values), and by its
 * root.
 *
 * Properties:
 * - *integrity*: what a transfer hands on is the body of its reference, each chunk of it once;
 * - *termination*: a transfer from sources of which one is correct, and holds the body for as long, completes.
 *
 * Chunks are spread over the sources, CHUNKS_ASKED_MAX at a time to each of them, over all transfers. Who gives a wrong
 * chunk is named, and not asked again; who does not hold the body (any more) is not asked again either. A source that
 * is silent costs BODY_STALLED_MS: then others are asked for what it was asked.
 *
 * Model: fail-arbitrary; of the sources all but one may be faulty.
 * Cost: two messages a chunk, and a proof of 32 bytes for each level of the tree with each.
 * Space: what body-transfer.ts says; of chunks those that are being read, CHUNKS_READ_MAX in all.
 */
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type Messages } from '../core/messages.ts'
import { digest, type Shape, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { WORK_US } from '../links/constants.ts'
import type { Audience, Port, Ports } from '../links/ports.ts'
import { type BodyReference, type Chunk, chunkFields, isChunkOf } from './body.ts'
import { BodyTransfer, type TransferEvents } from './body-transfer.ts'
import { type CallId, callShape } from './call-id.ts'
import {
  BODY_CHUNKS_MAX,
  BODY_STALLED_MS,
  CHUNKS_ASKED_MAX,
  CHUNKS_READ_MAX,
  CHUNKS_SERVED_MAX
} from './constants.ts'
import { Slots } from './slots.ts'

const index = uint(BODY_CHUNKS_MAX - 1)

/** The messages by which bodies are fetched of whose subjects this is the shape. */
export const bodyMessages = <S extends PlainValue>(subject: Shape<S>) =>
  defineMessages(
    {
      FETCH: [0, { transfer: callShape, subject, root: digest, index }],
      CHUNK: [1, { transfer: callShape, index, ...chunkFields }],
      /** The body is not, or no longer, here. */
      MISSING: [2, { transfer: callShape, index }]
    },
    {
      FETCH: { role: 'request', call: 'transfer' },
      CHUNK: { role: 'answer', call: 'transfer' },
      MISSING: { role: 'answer', call: 'transfer' }
    }
  )

type Fetch<S> = {
  readonly type: 'FETCH'
  readonly transfer: CallId
  readonly subject: S
  readonly root: Uint8Array
  readonly index: number
}
type Fetched = { readonly transfer: CallId; readonly index: number } & (
  | ({ readonly type: 'CHUNK' } & Chunk)
  | { readonly type: 'MISSING' }
)
export type BodyMessage<S> = Fetch<S> | Fetched

/** What bodies may be bodies of. */
export interface Subjects<S extends PlainValue> {
  readonly messages: Messages<BodyMessage<S>>
  /** What is wrong with a subject that a peer asks about: how it goes on after `asks for`. */
  problem(subject: S): string | undefined
  /** For people. */
  nameOf(subject: S): string
}

/**
 * Where a process has bodies. Asked for a chunk of one that it holds it gives it, then or in a later turn.
 * @param from - who asks
 * @returns false if it does not hold the body
 */
export type Holder<S> = (
  subject: S,
  root: Uint8Array,
  index: number,
  from: ProcessId,
  then: (chunk: Chunk | undefined) => void
) => boolean

/** A transfer, as who asked for it has it. */
export interface OpenTransfer {
  /** From now on this process is asked too. */
  add(source: ProcessId): void
  /** It is asked no more; if nobody else is, the transfer is exhausted. */
  remove(source: ProcessId): void
  end(): void
}

export class Bodies<S extends PlainValue> extends Component {
  readonly #subjects: Subjects<S>
  readonly #port: Port<BodyMessage<S>>
  readonly #holders: Holder<S>[] = []
  readonly #transfers = new Map<number, BodyTransfer<S>>()
  /** What each process was asked for and has not given, in this session with it. */
  readonly #asked = new Map<ProcessId, Map<string, Fetch<S>>>()
  /** Of each source, the transfers that may have something to ask of it; the first one is next. */
  readonly #lines = new Map<ProcessId, Set<BodyTransfer<S>>>()
  readonly #reads = new Slots(CHUNKS_READ_MAX)
  /** How many chunks are being read for a process, or wait to be, in this session with it. */
  readonly #served = new Map<ProcessId, { reading: number }>()
  #last = 0

  /** @param audience - who may ask for bodies */
  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    subjects: Subjects<S>,
    audience: Audience = 'everybody'
  ) {
    super(env, path, {})
    this.#subjects = subjects
    this.#port = ports.open(
      path,
      subjects.messages,
      { deliver: (from, message) => this.#onMessage(from, message), resync: (peer) => this.#onResync(peer) },
      { audience }
    )
  }

  /** What this process holds is to be found there too. */
  hold(holder: Holder<S>): void {
    this.#holders.push(holder)
  }

  /**
   * Begins without anybody to ask.
   *
   * @param others - are asked when none of those who were added is left
   */
  transfer(
    subject: S,
    reference: BodyReference,
    events: TransferEvents,
    others: readonly ProcessId[] = []
  ): OpenTransfer {
    const transfer = new BodyTransfer(++this.#last, subject, reference, events, others)
    this.#transfers.set(transfer.number, transfer)
    return {
      add: (source) => {
        if (transfer.ended) return
        transfer.add(source)
        this.#line(source).add(transfer)
        this.#ask(source)
        this.#watch(transfer)
      },
      remove: (source) => this.#remove(transfer, source),
      end: () => this.#end(transfer)
    }
  }

  state(): PlainValue {
    return {
      transfers: [...this.#transfers.values()].map(({ subject, reference, sources }) => ({
        subject: this.#subjects.nameOf(subject),
        root: reference.root,
        sources
      }))
    }
  }

  #onMessage(from: ProcessId, message: BodyMessage<S>): void {
    if (message.type === 'FETCH') this.#onFetch(from, message)
    else this.#onAnswer(from, message)
  }

  #onAnswer(from: ProcessId, message: Fetched): void {
    const {
      transfer: { life, number },
      index
    } = message
    // Who is asked again in a new session may answer twice; and what an earlier life asked is over.
    if (life !== this.env.incarnation || this.#asked.get(from)?.delete(askedKey(number, index)) !== true)
      return
    const transfer = this.#transfers.get(number)
    if (transfer?.has(from)) {
      if (message.type === 'CHUNK') this.#onChunk(from, transfer, index, message)
      else {
        this.#tell(transfer, () => transfer.events.missing(from))
        this.#remove(transfer, from)
      }
    }
    this.#ask(from)
  }

  #onChunk(from: ProcessId, transfer: BodyTransfer<S>, index: number, { chunk, proof }: Chunk): void {
    if (!transfer.isMissing(index)) return
    if (!isChunkOf(this.env.crypto.hash, transfer.reference, index, { chunk, proof })) {
      const detail = `gives what is no chunk of a body of ${this.#subjects.nameOf(transfer.subject)}`
      this.env.observer.landmark('wrong-chunk-rejected')
      this.env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
      this.#tell(transfer, () => transfer.events.lied(from))
      this.#remove(transfer, from)
      return
    }
    transfer.came(index)
    this.#tell(transfer, () => transfer.events.chunk(index, { chunk, proof }))
    if (!transfer.complete) return
    this.#close(transfer)
    this.#tell(transfer, () => transfer.events.complete())
  }

  #onFetch(from: ProcessId, { transfer, subject, root, index }: Fetch<S>): void {
    const problem = this.#subjects.problem(subject)
    if (problem !== undefined) {
      const detail = `asks for ${problem}`
      this.env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
      return
    }
    const served = this.#served.get(from) ?? { reading: 0 }
    this.#served.set(from, served)
    if (served.reading >= CHUNKS_SERVED_MAX) {
      // Suspected only: around the beginning of a session a correct process may have asked twice.
      const detail = `asks for more than ${CHUNKS_SERVED_MAX} chunks at once`
      this.env.observer.fault({ process: from, kind: 'flooding', certainty: 'suspected', detail })
      return
    }
    served.reading++
    const isOver = () => this.#served.get(from) !== served
    const answer = (chunk: Chunk | undefined) => {
      this.#reads.release()
      served.reading--
      // What was read counts, even if the session has ended meanwhile.
      this.#port.charge(from, chunk === undefined ? WORK_US.refusal : WORK_US.answered64KiB)
      if (isOver()) return
      this.#port.send(
        from,
        chunk === undefined
          ? { type: 'MISSING', transfer, index }
          : { type: 'CHUNK', transfer, index, ...chunk }
      )
    }
    this.#reads.take(() =>
      this.env.trigger(() => {
        if (isOver()) this.#reads.release()
        else if (!this.#holders.some((holder) => holder(subject, root, index, from, answer)))
          answer(undefined)
      })
    )
  }

  #onResync(peer: ProcessId): void {
    this.#served.delete(peer)
    const asked = this.#asked.get(peer)
    if (asked === undefined) return
    for (const [key, message] of [...asked]) {
      const transfer = this.#transfers.get(message.transfer.number)
      if (transfer?.has(peer) && transfer.isMissing(message.index)) this.#port.send(peer, message)
      else asked.delete(key)
    }
    this.#ask(peer)
  }

  /** As much of the source as may be asked of it, of each transfer in turn. */
  #ask(source: ProcessId): void {
    const line = this.#line(source)
    for (const transfer of line) {
      if (this.#askedOf(source).size >= CHUNKS_ASKED_MAX) return
      line.delete(transfer)
      const index = transfer.next(source)
      if (index === undefined) continue
      this.#fetch(transfer, source, index)
      // To the end of the line, which goes on until nothing is left to ask.
      line.add(transfer)
    }
  }

  #fetch({ number, subject, reference }: BodyTransfer<S>, source: ProcessId, index: number): void {
    const transfer = { life: this.env.incarnation, number }
    const message: Fetch<S> = { type: 'FETCH', transfer, subject, root: reference.root, index }
    this.#askedOf(source).set(askedKey(number, index), message)
    this.#port.send(source, message)
  }

  #askedOf(source: ProcessId): Map<string, Fetch<S>> {
    const asked = this.#asked.get(source) ?? new Map<string, Fetch<S>>()
    this.#asked.set(source, asked)
    return asked
  }

  #line(source: ProcessId): Set<BodyTransfer<S>> {
    const line = this.#lines.get(source) ?? new Set<BodyTransfer<S>>()
    this.#lines.set(source, line)
    return line
  }

  #remove(transfer: BodyTransfer<S>, source: ProcessId): void {
    if (transfer.ended || transfer.complete || !transfer.has(source)) return
    this.#line(source).delete(transfer)
    if (transfer.remove(source)) {
      this.#close(transfer)
      this.#tell(transfer, () => transfer.events.exhausted())
    } else {
      // What it was asked for may be asked of all others.
      for (const other of transfer.sources) this.#line(other).add(transfer)
      for (const other of transfer.sources) this.#ask(other)
      this.#watch(transfer)
    }
  }

  #end(transfer: BodyTransfer<S>): void {
    transfer.ended = true
    this.#close(transfer)
  }

  #close(transfer: BodyTransfer<S>): void {
    this.#transfers.delete(transfer.number)
    for (const source of transfer.sources) this.#line(source).delete(transfer)
  }

  #tell(transfer: BodyTransfer<S>, event: () => void): void {
    this.env.trigger(() => {
      if (!transfer.ended) event()
    })
  }

  /** Where there is somebody else to ask. */
  #watch(transfer: BodyTransfer<S>): void {
    if (transfer.watched || transfer.sources.length < 2 || !this.#transfers.has(transfer.number)) return
    transfer.watched = true
    this.env.clock.setTimer(BODY_STALLED_MS, () => {
      transfer.watched = false
      if (!this.#transfers.has(transfer.number)) return
      if (!transfer.progressed) {
        this.env.observer.landmark('body-fetch-stalled')
        for (const source of transfer.sources) this.#alsoAsk(transfer, source)
      }
      transfer.progressed = false
      this.#watch(transfer)
    })
  }

  #alsoAsk(transfer: BodyTransfer<S>, source: ProcessId): void {
    while (this.#askedOf(source).size < CHUNKS_ASKED_MAX) {
      const index = transfer.alsoAsk(source)
      if (index === undefined) return
      this.#fetch(transfer, source, index)
    }
  }
}

const askedKey = (transfer: number, index: number): string => `${transfer}/${index}`
