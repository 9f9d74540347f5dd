/**
 * Bodies of values on their way: whoever needs one asks those who hold it for its chunks, and verifies each as it comes.
 * A member asks whoever writes the reference to it, a reader the members that answered with the reference.
 *
 * Properties:
 * - *integrity*: what a fetch hands on is the body of its reference, each chunk of it once;
 * - *termination*: a fetch from sources of which one is correct, and holds the body for as long, completes.
 *
 * Chunks are spread over the sources, CHUNKS_ASKED_MAX at a time to each of them, over all fetches. Who gives a wrong
 * chunk is named, and not asked again; who does not hold the body (any more) is not asked again either. A source that is
 * silent costs BODY_STALLED_MS: then others are asked for what it was asked.
 *
 * Model: fail-arbitrary; of the sources all but one may be faulty.
 * Cost: two messages a chunk, and a proof of 32 bytes for each level of the tree with each.
 * Space: a number for each missing chunk; of chunks themselves none.
 */
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { digest, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type BodyReference, type Chunk, chunkFields, isChunkOf } from './body.ts'
import { BodyFetch, type FetchEvents } from './body-fetch.ts'
import { BODY_CHUNKS_MAX, BODY_STALLED_MS, CHUNKS_ASKED_MAX, CHUNKS_SERVED_MAX } from './constants.ts'
import { type RegisterId, registerProblem, registerShape } from './register.ts'

const index = uint(BODY_CHUNKS_MAX - 1)

export const bodyMessages = defineMessages({
  FETCH: [0, { fetch: uint(), register: registerShape, root: digest, index }],
  CHUNK: [1, { fetch: uint(), index, ...chunkFields }],
  /** The body is not, or no longer, here. */
  MISSING: [2, { fetch: uint(), index }]
})

type BodyMessage = MessageOf<typeof bodyMessages>
type Fetch = Extract<BodyMessage, { type: 'FETCH' }>

/**
 * Where a process has bodies. Asked for a chunk of one that it holds it gives it, then or in a later turn.
 * @returns false if it does not hold the body
 */
export type Holder = (
  register: RegisterId,
  root: Uint8Array,
  index: number,
  then: (chunk: Chunk | undefined) => void
) => boolean

/** A fetch, as who asked for it has it. */
export interface OpenFetch {
  /** From now on this process is asked too. */
  add(source: ProcessId): void
  /** It is asked no more; if nobody else is, the fetch is exhausted. */
  remove(source: ProcessId): void
  end(): void
}

export class Bodies extends Component {
  readonly #port: Port<BodyMessage>
  readonly #holders: Holder[] = []
  readonly #fetches = new Map<number, BodyFetch>()
  /** What each process was asked for and has not given, in this session with it. */
  readonly #asked = new Map<ProcessId, Map<string, Fetch>>()
  /** How many chunks are being read for a process, in this session with it. */
  readonly #served = new Map<ProcessId, { reading: number }>()
  #last = 0

  constructor(env: Environment, path: string, ports: Ports) {
    super(env, path, {})
    this.#port = ports.open(
      path,
      bodyMessages,
      { deliver: (from, message) => this.#onMessage(from, message), resync: (peer) => this.#onResync(peer) },
      'everybody'
    )
  }

  /** What this process holds is to be found there too. */
  hold(holder: Holder): void {
    this.#holders.push(holder)
  }

  /**
   * Begins without anybody to ask.
   *
   * @param others - are asked when none of those who were added is left
   */
  fetch(
    register: RegisterId,
    reference: BodyReference,
    events: FetchEvents,
    others: readonly ProcessId[] = []
  ): OpenFetch {
    const fetch = new BodyFetch(++this.#last, register, reference, events, others)
    this.#fetches.set(fetch.number, fetch)
    return {
      add: (source) => {
        if (fetch.ended) return
        fetch.add(source)
        this.#ask(source)
        this.#watch(fetch)
      },
      remove: (source) => this.#remove(fetch, source),
      end: () => this.#end(fetch)
    }
  }

  state(): PlainValue {
    return {
      fetches: [...this.#fetches.values()].map(({ register, reference, sources }) => ({
        register: register.name,
        root: reference.root,
        sources
      }))
    }
  }

  #onMessage(from: ProcessId, message: BodyMessage): void {
    if (message.type === 'FETCH') this.#onFetch(from, message)
    else this.#onAnswer(from, message)
  }

  #onAnswer(from: ProcessId, message: Exclude<BodyMessage, Fetch>): void {
    const { fetch: number, index } = message
    // Who is asked again in a new session may answer twice.
    if (this.#asked.get(from)?.delete(askedKey(number, index)) !== true) return
    const fetch = this.#fetches.get(number)
    if (fetch?.has(from)) {
      if (message.type === 'CHUNK') this.#onChunk(from, fetch, index, message)
      else {
        this.#tell(fetch, () => fetch.events.missing(from))
        this.#remove(fetch, from)
      }
    }
    this.#ask(from)
  }

  #onChunk(from: ProcessId, fetch: BodyFetch, index: number, { chunk, proof }: Chunk): void {
    if (!fetch.isMissing(index)) return
    if (!isChunkOf(this.env.crypto.hash, fetch.reference, index, { chunk, proof })) {
      const detail = `gives what is no chunk of a body of ${fetch.register.name}`
      this.env.observer.landmark('wrong-chunk-rejected')
      this.env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
      this.#tell(fetch, () => fetch.events.lied(from))
      this.#remove(fetch, from)
      return
    }
    fetch.came(index)
    this.#tell(fetch, () => fetch.events.chunk(index, { chunk, proof }))
    if (!fetch.complete) return
    this.#fetches.delete(fetch.number)
    this.#tell(fetch, () => fetch.events.complete())
  }

  #onFetch(from: ProcessId, { fetch, register, root, index }: Fetch): void {
    const problem = registerProblem(register)
    if (problem !== undefined) {
      const detail = `asks for a register with a wrong name: ${problem}`
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
    const answer = (chunk: Chunk | undefined) => {
      served.reading--
      if (this.#served.get(from) !== served) return
      this.#port.send(
        from,
        chunk === undefined ? { type: 'MISSING', fetch, index } : { type: 'CHUNK', fetch, index, ...chunk }
      )
    }
    if (!this.#holders.some((holder) => holder(register, root, index, answer))) answer(undefined)
  }

  #onResync(peer: ProcessId): void {
    this.#served.delete(peer)
    const asked = this.#asked.get(peer)
    if (asked === undefined) return
    for (const [key, message] of [...asked]) {
      const fetch = this.#fetches.get(message.fetch)
      if (fetch?.has(peer) && fetch.isMissing(message.index)) this.#port.send(peer, message)
      else asked.delete(key)
    }
    this.#ask(peer)
  }

  /** As much of the source as may be asked of it, of each fetch in turn. */
  #ask(source: ProcessId, next = (fetch: BodyFetch) => fetch.next(source)): void {
    const asked = this.#asked.get(source) ?? new Map<string, Fetch>()
    this.#asked.set(source, asked)
    for (let progressed = true; progressed; ) {
      progressed = false
      for (const fetch of this.#fetches.values()) {
        if (asked.size >= CHUNKS_ASKED_MAX) return
        const index = next(fetch)
        if (index === undefined) continue
        progressed = true
        const { number, register, reference } = fetch
        const message: Fetch = { type: 'FETCH', fetch: number, register, root: reference.root, index }
        asked.set(askedKey(number, index), message)
        this.#port.send(source, message)
      }
    }
  }

  #remove(fetch: BodyFetch, source: ProcessId): void {
    if (fetch.ended || fetch.complete || !fetch.has(source)) return
    if (fetch.remove(source)) {
      this.#fetches.delete(fetch.number)
      this.#tell(fetch, () => fetch.events.exhausted())
    } else {
      for (const other of fetch.sources) this.#ask(other)
      this.#watch(fetch)
    }
  }

  #end(fetch: BodyFetch): void {
    fetch.ended = true
    this.#fetches.delete(fetch.number)
  }

  #tell(fetch: BodyFetch, event: () => void): void {
    this.env.trigger(() => {
      if (!fetch.ended) event()
    })
  }

  /** Where there is somebody else to ask. */
  #watch(fetch: BodyFetch): void {
    if (fetch.watched || fetch.sources.length < 2 || !this.#fetches.has(fetch.number)) return
    fetch.watched = true
    this.env.clock.setTimer(BODY_STALLED_MS, () => {
      fetch.watched = false
      if (!this.#fetches.has(fetch.number)) return
      if (!fetch.progressed) {
        this.env.observer.landmark('body-fetch-stalled')
        for (const source of fetch.sources)
          this.#ask(source, (other) => (other === fetch ? fetch.alsoAsk(source) : undefined))
      }
      fetch.progressed = false
      this.#watch(fetch)
    })
  }
}

const askedKey = (fetch: number, index: number): string => `${fetch}/${index}`
