/**
 * The state of a stable checkpoint, from members that have it: for one that is behind, and lacks batches that nobody
 * retains any more.
 *
 * Requests:    obtain(state, sources), drop()
 * Indications: fetched(state, parts)
 *
 * Properties:
 * - *integrity*: what is fetched is the state that a quorum has signed, whoever gives it;
 * - *termination*: if one of the sources is correct, and keeps the state for as long, it is fetched.
 *
 * First the list of its parts is pulled, whose hash is the digest that was signed; then each part by its root, chunk by
 * chunk, from all sources at once (exchange/bodies.ts). A wrong list and a wrong chunk are told by themselves as they
 * come: who gives one is named, and not asked again in this life. What this member has on its disk is read there. When
 * the sources keep the state no more, that of a later checkpoint is fetched instead; what has come counts, as far as it
 * is in that too. Nothing is written before the state is whole.
 *
 * Cost: a question and an answer for the list, and two messages for each chunk of the parts that are not here.
 * Space: in memory the parts that have come, of one state; what bodies.ts says of PARTS_FETCHED_MAX transfers.
 */
import { concatBytes, sameBytes, toHex } from '../core/bytes.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { Bodies, type OpenTransfer } from '../exchange/bodies.ts'
import type { Chunk } from '../exchange/body.ts'
import { Pulls } from '../exchange/pulls.ts'
import type { Port, Ports } from '../links/ports.ts'
import { PARTS_FETCHED_MAX } from './constants.ts'
import { type FetchedPart, type KeptStates, type ListedPart, readParts } from './kept-states.ts'
import { type PartListMessage, partListMessages, partMessages } from './messages.ts'

/** The state of a stable checkpoint. */
export type WantedState = { readonly sequence: number; readonly digest: Uint8Array }

export interface TransferClient {
  /** The state is whole. */
  fetched(state: WantedState, parts: readonly FetchedPart[]): void
}

/** What is being fetched. */
interface Wanted {
  readonly state: WantedState
  /** Undefined: the list has not come yet. */
  parts: readonly ListedPart[] | undefined
  /** Parts that nobody was asked for yet. */
  readonly missing: ListedPart[]
  /** By the part. */
  readonly open: Map<string, OpenTransfer>
  /** Something has come since it was looked at last. */
  progressed: boolean
}

type Digest = { readonly digest: Uint8Array }

export class StateTransfer extends Component {
  readonly #kept: KeptStates
  readonly #client: TransferClient
  readonly #port: Port<PartListMessage>
  readonly #pulls: Pulls<Digest>
  readonly #bodies: Bodies<string>
  readonly #liars = new Set<ProcessId>()
  #sources: readonly ProcessId[] = []
  #wanted: Wanted | undefined
  /** Parts that have come, by part: of the wanted state, once its list is here. */
  readonly #came = new Map<string, FetchedPart>()

  constructor(env: Environment, path: string, ports: Ports, kept: KeptStates, client: TransferClient) {
    super(env, path, {})
    this.#kept = kept
    this.#client = client
    this.#port = ports.open(path, partListMessages, {
      deliver: (from, message) => {
        if (message.type === 'FETCH') this.#pulls.onPull(from, message, message.digest)
        else this.#onParts(from, message)
      },
      resync: (peer) => this.#pulls.resync(peer)
    })
    this.#pulls = new Pulls(env, {
      keyOf: ({ digest }) => toHex(digest),
      find: (_, digest) => kept.listOf(digest),
      found: (_, list) => this.#onList(list),
      holders: () => this.#sources,
      ask: (peer, { digest }) => this.#port.send(peer, { type: 'FETCH', digest }),
      answer: (peer, { digest }, partList) => this.#port.answer(peer, { type: 'PARTS', digest, partList }),
      charge: (peer, us) => this.#port.charge(peer, us)
    })
    const subjects = { messages: partMessages, problem: () => undefined, nameOf: (name: string) => name }
    this.#bodies = new Bodies(env, `${path}/parts`, ports, subjects, 'members')
    this.#bodies.hold((name, root, index, _, then) => kept.readChunk(name, root, index, then))
  }

  /**
   * Fetches a state from these members. One that is under way already is gone on with, with all sources, unless nothing
   * of it has come since this was called before.
   */
  obtain(state: WantedState, sources: readonly ProcessId[]): void {
    this.#sources = sources.filter((source) => !this.#liars.has(source))
    const wanted = this.#wanted
    if (wanted !== undefined && (wanted.progressed || isSame(wanted.state, state))) {
      wanted.progressed = false
      for (const transfer of wanted.open.values()) this.#addSources(transfer, 0)
      this.#askOn(wanted)
    } else this.#begin(state)
  }

  /** Nothing is wanted any more. */
  drop(): void {
    this.#end()
    this.#came.clear()
  }

  /** That state is kept no more: nobody is handed its list. */
  forget(digest: Uint8Array | undefined): void {
    if (digest !== undefined) this.#pulls.drop({ digest })
  }

  override state(): PlainValue {
    const { state, parts, missing, open } = this.#wanted ?? {}
    return {
      wanted: state ?? null,
      parts: parts?.length ?? null,
      came: this.#came.size,
      missing: missing?.length ?? 0,
      open: open?.size ?? 0,
      liars: [...this.#liars]
    }
  }

  #begin(state: WantedState): void {
    this.#end()
    this.env.observer.landmark('state-fetched')
    this.#wanted = { state, parts: undefined, missing: [], open: new Map(), progressed: false }
    this.#askOn(this.#wanted)
  }

  #askOn(wanted: Wanted): void {
    const { digest } = wanted.state
    if (wanted.parts === undefined) this.#pulls.pull({ digest }, digest)
    else this.#fetchMissing(wanted)
  }

  #end(): void {
    const wanted = this.#wanted
    if (wanted === undefined) return
    this.#wanted = undefined
    this.#pulls.drop({ digest: wanted.state.digest })
    for (const transfer of wanted.open.values()) transfer.end()
  }

  #onParts(from: ProcessId, { digest, partList }: Extract<PartListMessage, { type: 'PARTS' }>): void {
    if (sameBytes(this.env.crypto.hash(partList), digest)) {
      this.#pulls.onPayload(from, { digest }, partList)
      return
    }
    // Whatever was asked for: these bytes are not those of the digest that stands beside them.
    const detail = 'hands over a list of parts that has another digest than it says'
    this.env.observer.landmark('wrong-list-rejected')
    this.env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
    this.#refuse(from)
  }

  #onList(list: Uint8Array): void {
    const wanted = this.#wanted
    const parts = readParts(list)
    // A quorum has signed its digest: a list that is none is that of more than f liars.
    if (wanted === undefined || wanted.parts !== undefined || parts === undefined) return
    wanted.parts = parts
    wanted.progressed = true
    const names = new Set(parts.map(keyOf))
    for (const key of this.#came.keys()) if (!names.has(key)) this.#came.delete(key)
    for (const part of parts) if (!this.#came.has(keyOf(part))) this.#seek(wanted, part)
    this.#fetchMissing(wanted)
    this.#look(wanted)
  }

  /** On the own disk, if it is there. */
  #seek(wanted: Wanted, part: ListedPart): void {
    const isHere = this.#kept.readPart(part.name, part.body.root, (encoded) => {
      if (this.#wanted !== wanted) return
      if (encoded === undefined) {
        wanted.missing.push(part)
        this.#fetchMissing(wanted)
        return
      }
      this.env.observer.landmark('part-kept')
      this.#onPart(wanted, { ...part, encoded, kept: true })
    })
    if (!isHere) wanted.missing.push(part)
  }

  #fetchMissing(wanted: Wanted): void {
    while (wanted.open.size < PARTS_FETCHED_MAX && this.#sources.length > 0) {
      const part = wanted.missing.shift()
      if (part === undefined) return
      this.#fetchPart(wanted, part)
    }
  }

  #fetchPart(wanted: Wanted, part: ListedPart): void {
    const chunks: Uint8Array[] = []
    const transfer = this.#bodies.transfer(part.name, part.body, {
      chunk: (index: number, { chunk }: Chunk) => {
        chunks[index] = chunk
        wanted.progressed = true
      },
      complete: () => {
        wanted.open.delete(keyOf(part))
        this.#onPart(wanted, { ...part, encoded: concatBytes(...chunks), kept: false })
        this.#fetchMissing(wanted)
      },
      missing: () => {},
      lied: (source) => this.#refuse(source),
      // Whether it is there again is asked when the state is asked for again.
      exhausted: () => {
        wanted.open.delete(keyOf(part))
        wanted.missing.push(part)
      }
    })
    wanted.open.set(keyOf(part), transfer)
    this.#addSources(transfer, wanted.open.size)
  }

  /** @param first - which of them is asked first: another one for each part */
  #addSources(transfer: OpenTransfer, first: number): void {
    const { length } = this.#sources
    for (let at = 0; at < length; at++) transfer.add(this.#sources[(first + at) % length] as ProcessId)
  }

  #onPart(wanted: Wanted, part: FetchedPart): void {
    this.#came.set(keyOf(part), part)
    wanted.progressed = true
    this.#look(wanted)
  }

  /** Whether it is whole. */
  #look(wanted: Wanted): void {
    const { state, parts } = wanted
    if (this.#wanted !== wanted || parts === undefined || this.#came.size < parts.length) return
    const whole = [...this.#came.values()]
    this.drop()
    this.#client.fetched(state, whole)
  }

  #refuse(liar: ProcessId): void {
    this.#liars.add(liar)
    this.#sources = this.#sources.filter((source) => source !== liar)
    for (const transfer of this.#wanted?.open.values() ?? []) transfer.remove(liar)
  }
}

const isSame = (one: WantedState, other: WantedState): boolean => sameBytes(one.digest, other.digest)

const keyOf = ({ name, body }: ListedPart): string => `${name}/${toHex(body.root)}`
