/**
 * The inbound side of all the groups of one node: libp2p has one handler for a protocol, and the first frame on a
 * stream says which group it is for.
 *
 * Checks go from cheap to dear: the peer's key (which libp2p has authenticated) before anything is read, how many
 * streams it opens, and only then its INTRO.
 */
import type { Connection, PeerId, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { Channel } from './transport-channel.ts'
import { type Intro, refusalOf } from './transport-intro.ts'
import {
  INBOUND_STREAMS_BURST_MAX,
  INBOUND_STREAMS_PER_SECOND_MAX,
  INBOUND_STREAMS_WAITING_MAX,
  type TransportLimits
} from './transport-limits.ts'
import type { StreamProtocol } from './transport-protocol.ts'
import type { Refusal } from './transport-refusal.ts'

/** What the hub needs of libp2p's registrar. */
export interface StreamRegistrar {
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
  unhandle(protocol: string): Promise<void>
}

/** One group's side of the hub. */
export interface Entrance {
  readonly intro: Intro
  readonly encodedIntro: Uint8Array
  readonly limits: TransportLimits
  /** The number of a member or a client. */
  processOf(peer: PeerId): ProcessId | undefined
  /** Whether nothing of it is to be read for now. */
  isCutOff(peer: ProcessId): boolean
  /** Whether `peer` is the one of the two to dial. */
  isDialledBy(peer: ProcessId): boolean
  /** Takes over a channel from one that is to dial and whose INTRO is right; ours has been sent. */
  accept(from: ProcessId, channel: Channel): void
  refuse(peer: ProcessId | undefined, refusal: Refusal): void
}

/** What one peer has been doing; there are as many as members and clients, whatever they do. */
interface Visitor {
  waiting: number
  /** A token bucket: what it may still open now, as of `asOfMs`. */
  allowance: number
  asOfMs: number
}

/** Of each node, by protocol. */
const hubs = new WeakMap<StreamRegistrar, Map<string, InboundHub>>()

export class InboundHub {
  readonly #registrar: StreamRegistrar
  readonly #protocol: StreamProtocol
  readonly #entrances = new Map<string, Entrance>()
  readonly #visitors = new Map<string, Visitor>()
  readonly #waiting = new Set<Channel>()
  /** Handling and unhandling take turns, in the order in which they were asked for. */
  #registration: Promise<void> = Promise.resolve()

  private constructor(registrar: StreamRegistrar, protocol: StreamProtocol) {
    this.#registrar = registrar
    this.#protocol = protocol
  }

  /**
   * The one hub of a node for a protocol.
   * @throws {InvalidParametersError} if another group of the node has other options for the same protocol
   */
  static of(registrar: StreamRegistrar, protocol: StreamProtocol): InboundHub {
    const ofNode = hubs.get(registrar) ?? new Map<string, InboundHub>()
    hubs.set(registrar, ofNode)
    const known = ofNode.get(protocol.protocol)
    if (known === undefined) {
      const hub = new InboundHub(registrar, protocol)
      ofNode.set(protocol.protocol, hub)
      return hub
    }
    const name = differing(known.#protocol, protocol)
    if (name !== undefined)
      throw new InvalidParametersError(
        `${name}: ${protocol[name]} here, and ${known.#protocol[name]} for another group of this node: groups with ` +
          'other options for their streams have another protocolPrefix'
      )
    return known
  }

  /** @returns false if this node is in that group already */
  async add(entrance: Entrance): Promise<boolean> {
    const groupId = toHex(entrance.intro.groupId)
    if (this.#entrances.has(groupId)) return false
    this.#entrances.set(groupId, entrance)
    if (this.#entrances.size === 1) {
      const { protocol, ...options } = this.#protocol
      await this.#register(() => this.#registrar.handle(protocol, this.#onStream, options))
    }
    return true
  }

  async remove(entrance: Entrance): Promise<void> {
    const groupId = toHex(entrance.intro.groupId)
    if (this.#entrances.get(groupId) !== entrance) return
    this.#entrances.delete(groupId)
    if (this.#entrances.size > 0) return
    for (const channel of this.#waiting) channel.abort('this node has left all groups')
    this.#visitors.clear()
    await this.#register(() => this.#registrar.unhandle(this.#protocol.protocol))
  }

  #register(change: () => Promise<void>): Promise<void> {
    const changed = this.#registration.then(change)
    this.#registration = changed.catch(() => {})
    return changed
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    const peer = connection.remotePeer
    const shared = [...this.#entrances.values()].filter(({ processOf }) => processOf(peer) !== undefined)
    const first = shared[0]
    if (first === undefined) {
      stream.abort(new Error('in no group of ours'))
      const refusal: Refusal = {
        kind: 'outsider',
        detail: `${peer} is neither member nor client, and opened a stream`
      }
      for (const entrance of this.#entrances.values()) entrance.refuse(undefined, refusal)
      return
    }
    if (shared.every(({ isCutOff, processOf }) => isCutOff(processOf(peer) as ProcessId))) {
      stream.abort(new Error('cut off'))
      return
    }
    const visitor = this.#visitor(peer, shared.length)
    if (visitor.allowance < 1 || visitor.waiting >= INBOUND_STREAMS_WAITING_MAX * shared.length) {
      stream.abort(new Error('too many streams'))
      const refusal: Refusal = { kind: 'flooding', detail: 'opens streams faster than a correct member does' }
      for (const entrance of shared) entrance.refuse(entrance.processOf(peer), refusal)
      return
    }
    visitor.allowance--
    this.#awaitIntro(stream, peer, visitor, first)
  }

  #awaitIntro(stream: Stream, peer: PeerId, visitor: Visitor, first: Entrance): void {
    visitor.waiting++
    let settled = false
    const settle = () => {
      if (settled) return
      settled = true
      visitor.waiting--
      this.#waiting.delete(channel)
    }
    const channel = new Channel(stream, first.limits, {
      intro: (intro) => {
        settle()
        this.#introduced(channel, intro, peer, first)
      },
      // After the INTRO the channel is the entrance's, or is being closed.
      frame: () => {},
      malformed: (detail) => first.refuse(first.processOf(peer), { kind: 'malformed', detail }),
      ended: settle
    })
    this.#waiting.add(channel)
  }

  #introduced(channel: Channel, intro: Intro, peer: PeerId, first: Entrance): void {
    const entrance = this.#entrances.get(toHex(intro.groupId)) ?? first
    const process = entrance.processOf(peer)
    const refusal: Refusal | undefined =
      refusalOf(intro, entrance.intro) ??
      (process === undefined
        ? { kind: 'outsider', detail: `${peer} belongs to another group of ours only` }
        : entrance.isDialledBy(process)
          ? undefined
          : { kind: 'protocol-violation', detail: 'opened a stream although this end is to dial' })
    // The answer goes to one that is refused too: so its operator can read there what differs.
    if (process !== undefined) channel.send(entrance.encodedIntro)
    if (refusal === undefined && process !== undefined) {
      entrance.accept(process, channel)
      return
    }
    if (refusal !== undefined) entrance.refuse(process, refusal)
    void channel.close(entrance.limits.stopTimeoutMs)
  }

  #visitor(peer: PeerId, groups: number): Visitor {
    const key = peer.toString()
    const now = performance.now()
    const full = INBOUND_STREAMS_BURST_MAX * groups
    const visitor = this.#visitors.get(key) ?? { waiting: 0, allowance: full, asOfMs: now }
    const earned = ((now - visitor.asOfMs) / 1000) * INBOUND_STREAMS_PER_SECOND_MAX * groups
    visitor.allowance = Math.min(full, visitor.allowance + earned)
    visitor.asOfMs = now
    this.#visitors.set(key, visitor)
    return visitor
  }
}

/** An option in which they are not alike. */
const differing = (one: StreamProtocol, other: StreamProtocol): keyof StreamProtocol | undefined =>
  (Object.keys(one) as (keyof StreamProtocol)[]).find((name) => one[name] !== other[name])
