/**
 * Fair-loss links over js-libp2p 3, for one group (see links/transport.ts for what is promised: little).
 *
 * Between any two members there is one stream, which carries frames both ways: the lower rank dials, for ever,
 * and the higher one accepts; with a client, it is the client that dials. So two processes never dial each other at the
 * same time, and a stream is opened once in a connection's life. A newer inbound stream replaces the older one, which
 * may be half open. Who a peer is follows from the key that libp2p has authenticated, never from what it says.
 *
 * Nothing here grows with what a peer sends or does not read: see transport-limits.ts.
 */
import type { AbortOptions, ComponentLogger, Connection, Logger, PeerId } from '@libp2p/interface'
import { isMultiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { assert } from '../core/assert.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import type { Random } from '../core/random.ts'
import type { Transport } from '../links/transport.ts'
import { Channel } from './transport-channel.ts'
import { type Entrance, InboundHub, type StreamRegistrar } from './transport-hub.ts'
import { Inbox, type ReceivedFrame } from './transport-inbox.ts'
import { encodeIntro, refusalOf, TRANSPORT_VERSION } from './transport-intro.ts'
import { GENESIS_BYTES_MAX, TRANSPORT_LIMITS, type TransportLimits } from './transport-limits.ts'
import { requireProtocol, type StreamProtocol } from './transport-protocol.ts'
import { type Attempt, Redialer } from './transport-redialer.ts'
import { type Refusal, RefusalReports } from './transport-refusal.ts'

/** What a transport needs of a libp2p node; a service gets these as its components. */
export interface TransportComponents {
  readonly registrar: StreamRegistrar
  readonly connectionManager: Dialler
  readonly logger: ComponentLogger
}

/** What a transport needs of libp2p's connection manager. */
export interface Dialler {
  openConnection(peer: PeerId | Multiaddr[], options?: AbortOptions): Promise<Connection>
}

export interface TransportMember {
  readonly rank: ProcessId
  readonly peerId: PeerId
  /** Where to dial it; if there are none, libp2p is asked for its peer id. */
  readonly multiaddrs: readonly Multiaddr[]
}

/** None of them may throw: they are called from libp2p's events, where a throw stops the process. */
export interface TransportIndications {
  /** A view of received bytes: whoever keeps it for long copies it. */
  frame(from: ProcessId, bytes: Uint8Array): void
  /**
   * Runs `handler`, which indicates frames that came together: they may share one turn of the process. Default: calls
   * it.
   */
  turn?(handler: () => void): void
  /** Frames to and from `peer` get through from now on; what was sent before may be lost. */
  connected(peer: ProcessId): void
  disconnected(peer: ProcessId): void
  /**
   * An address of a member that this end dials did not lead to it, or not for long; nothing is told of a channel that
   * ends after both ends have introduced themselves. As often as it is dialled, which is ever less often.
   */
  dialFailed?(peer: ProcessId, address: string, error: string): void
  /** At most one of a kind a second for each peer, which is undefined for all who are neither members nor clients. */
  refused(peer: ProcessId | undefined, refusal: Refusal): void
}

export interface Libp2pTransportInit extends TransportIndications {
  readonly self: ProcessId
  /** All members of the group. */
  readonly members: readonly TransportMember[]
  /** The clients, by their numbers less that of members. A client needs to know itself only. */
  readonly clients?: readonly PeerId[]
  /** SHA-256 of the genesis, 32 bytes. */
  readonly groupId: Uint8Array
  /** The encoded genesis, which a member of another group is shown. */
  readonly genesis: Uint8Array
  /** For the jitter of redials. */
  readonly random: Random
  readonly limits?: Partial<TransportLimits>
  /** Of the streams; default: what libp2p is told where no option is set. */
  readonly protocol?: StreamProtocol | undefined
}

/** A member at one of its addresses; or wherever libp2p finds it. */
interface Dialled {
  readonly rank: ProcessId
  readonly peerId: PeerId
  readonly target: Multiaddr | PeerId
}

/** How much is kept of why a dial failed. */
const DIAL_ERROR_CHARACTERS_MAX = 200

export class Libp2pTransport implements Transport {
  readonly #init: Libp2pTransportInit
  readonly #limits: TransportLimits
  readonly #connectionManager: Dialler
  readonly #protocol: StreamProtocol
  readonly #hub: InboundHub
  readonly #entrance: Entrance
  readonly #log: Logger
  readonly #reports: RefusalReports
  readonly #redialers: ReadonlyMap<ProcessId, Redialer>
  readonly #channels = new Map<ProcessId, Channel>()
  /** Those of whom no more frames are wanted for now. */
  readonly #pressed = new Set<ProcessId>()
  /** Those with whom no frames are exchanged before then, by the monotonic clock. */
  readonly #cutOffUntilMs = new Map<ProcessId, number>()
  /** Dialled, and the peer's INTRO has not come yet. */
  readonly #introducing = new Set<Channel>()
  readonly #inbox = new Inbox({ frames: (batch) => this.#indicate(batch) })
  #heartbeat: ReturnType<typeof setInterval> | undefined
  #framesLost = 0

  /** @throws {InvalidParametersError} if members, group id or genesis are not acceptable */
  constructor(components: TransportComponents, init: Libp2pTransportInit) {
    const processes = processesByPeerId(init)
    const { self, members, groupId, genesis } = init
    const isMember = (process: ProcessId) => process < members.length
    this.#init = init
    this.#limits = { ...TRANSPORT_LIMITS, ...init.limits }
    this.#connectionManager = components.connectionManager
    this.#protocol = init.protocol ?? requireProtocol({})
    this.#hub = InboundHub.of(components.registrar, this.#protocol)
    this.#log = components.logger.forComponent('byzkit:transport')
    this.#reports = new RefusalReports((peer, refusal) => init.refused(peer, refusal))
    const intro = { version: TRANSPORT_VERSION, groupId, genesis }
    this.#entrance = {
      intro,
      encodedIntro: encodeIntro(intro),
      limits: this.#limits,
      processOf: (peer) => processes.get(peer.toString()),
      isCutOff: (peer) => this.#isCutOff(peer),
      isDialledBy: (peer) => isMember(self) && (peer < self || !isMember(peer)),
      accept: (from, channel) => this.#adopt(from, channel),
      refuse: (peer, refusal) => this.#refuse(peer, refusal)
    }
    const dialled = members.filter(({ rank }) => rank > self || !isMember(self))
    this.#redialers = new Map(
      dialled.map((member) => [member.rank, new Redialer(this.#attempts(member), this.#limits, init.random)])
    )
  }

  /** The processes with which frames are being exchanged, by number. */
  get connectedPeers(): readonly ProcessId[] {
    return [...this.#channels.keys()].sort((a, b) => a - b)
  }

  /** How many frames were lost here, because their peer was not connected or did not read. */
  get framesLost(): number {
    return this.#framesLost
  }

  /**
   * Accepts and dials from now on; connections come up in the background.
   * @throws {InvalidParametersError} if another transport of this node serves the group already
   */
  async start(): Promise<void> {
    if (this.#heartbeat !== undefined) return
    this.#heartbeat = setInterval(() => {
      for (const channel of this.#channels.values()) channel.heartbeat()
    }, this.#limits.heartbeatIntervalMs)
    if (!(await this.#hub.add(this.#entrance))) {
      this.#stopHeartbeat()
      throw new InvalidParametersError('another transport of this node serves this group already')
    }
    // It may have been stopped meanwhile.
    if (this.#heartbeat !== undefined) for (const redialer of this.#redialers.values()) redialer.start()
  }

  /** Gives what was sent a moment to leave, and cuts all channels; bounded by `stopTimeoutMs`. */
  async stop(): Promise<void> {
    this.#stopHeartbeat()
    this.#inbox.clear()
    for (const redialer of this.#redialers.values()) redialer.stop()
    for (const channel of this.#introducing) channel.abort('the transport stops')
    const closing = [...this.#channels.values()].map((channel) => channel.close(this.#limits.stopTimeoutMs))
    await Promise.all([this.#hub.remove(this.#entrance), ...closing])
  }

  /** Links that find a peer mute may cut the channel; it is dialled again. */
  reset(peer: ProcessId, why: string): void {
    this.#channels.get(peer)?.abort(why)
  }

  /** Ends the channel to `peer`; for so long it is not dialled, and its streams are refused before they are read. */
  cutOff(peer: ProcessId, forMs: number): void {
    this.#cutOffUntilMs.set(peer, performance.now() + forMs)
    this.#redialers.get(peer)?.holdOff(forMs)
    this.reset(peer, 'cut off')
  }

  press(peer: ProcessId, isPressed: boolean): void {
    if (isPressed) this.#pressed.add(peer)
    else this.#pressed.delete(peer)
    this.#channels.get(peer)?.press(isPressed)
  }

  send(to: ProcessId, frame: Uint8Array): void {
    const { frameBytesMax } = this.#limits
    assert(frame.length > 0 && frame.length <= frameBytesMax, () => `a frame has 1 to ${frameBytesMax} bytes`)
    if (!this.#channels.get(to)?.send(frame)) this.#framesLost++
  }

  /** To dial it at each of its addresses; or wherever libp2p finds it, if it has none. */
  #attempts({ rank, peerId, multiaddrs }: TransportMember): Attempt[] {
    const targets = multiaddrs.length === 0 ? [peerId] : multiaddrs
    return targets.map((target) => (signal, opened) => this.#dial({ rank, peerId, target }, signal, opened))
  }

  async #dial(dialled: Dialled, signal: AbortSignal, opened: () => void): Promise<void> {
    const { rank, target } = dialled
    const failed = (error: unknown) => {
      this.#log('dialling member %d at %s failed - %e', rank, target, error)
      if (this.#heartbeat !== undefined)
        this.#init.dialFailed?.(
          rank,
          target.toString(),
          signal.aborted ? messageOf(signal.reason) : messageOf(error)
        )
    }
    try {
      const stream = await this.#openStream(dialled, signal)
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      let problem: string | undefined = 'the stream ended before it said which group it is for'
      const channel = new Channel(stream, this.#limits, {
        intro: (intro) => {
          this.#introducing.delete(channel)
          const refusal = refusalOf(intro, this.#entrance.intro)
          problem = refusal?.detail
          if (refusal === undefined) this.#adopt(rank, channel, resolve)
          else {
            this.#refuse(rank, refusal)
            channel.abort(refusal.detail)
          }
        },
        frame: () => {},
        malformed: (detail) => {
          problem = detail
          this.#refuse(rank, { kind: 'malformed', detail })
        },
        ended: () => {
          this.#introducing.delete(channel)
          resolve()
        }
      })
      this.#introducing.add(channel)
      opened()
      channel.send(this.#entrance.encodedIntro)
      await ended
      if (problem !== undefined) failed(new Error(problem))
    } catch (error) {
      failed(error)
      throw error
    }
  }

  async #openStream({ peerId, target }: Dialled, signal: AbortSignal) {
    const addressed = isMultiaddr(target) ? [withPeerId(target, peerId)] : target
    const connection = await this.#connectionManager.openConnection(addressed, { signal })
    if (!connection.remotePeer.equals(peerId)) throw new Error(`${connection.remotePeer} answered`)
    try {
      const { protocol, maxOutboundStreams, runOnLimitedConnection } = this.#protocol
      const stream = await connection.newStream(protocol, {
        signal,
        maxOutboundStreams,
        runOnLimitedConnection
      })
      if (signal.aborted) stream.abort(new Error('the transport stops'))
      return stream
    } catch (error) {
      // As long as it looks open, libp2p would give us the same connection for ever.
      if (this.#heartbeat !== undefined && (signal.aborted || isClosed(error))) {
        connection.abort(new Error('no stream can be opened on it'))
      }
      throw error
    }
  }

  /** From now on `channel`, on which both INTROs have been exchanged, is the one to `peer`. */
  #adopt(peer: ProcessId, channel: Channel, ended: () => void = () => {}): void {
    if (this.#heartbeat === undefined || this.#isCutOff(peer)) {
      channel.abort(this.#heartbeat === undefined ? 'the transport has stopped' : 'cut off')
      ended()
      return
    }
    this.#channels.get(peer)?.abort('replaced by a newer stream')
    this.#channels.set(peer, channel)
    channel.handOver({
      intro: () => {},
      frame: (bytes) => this.#inbox.push(peer, bytes),
      malformed: (detail) => this.#refuse(peer, { kind: 'malformed', detail }),
      ended: () => {
        this.#channels.delete(peer)
        this.#init.disconnected(peer)
        ended()
      }
    })
    if (this.#pressed.has(peer)) channel.press(true)
    this.#init.connected(peer)
  }

  #indicate(batch: readonly ReceivedFrame[]): void {
    const indicate = () => {
      for (const { from, bytes } of batch) this.#init.frame(from, bytes)
    }
    if (this.#init.turn === undefined) indicate()
    else this.#init.turn(indicate)
    // Answers leave at once, before what libp2p itself has to say about the piece that it is handing over.
    for (const channel of this.#channels.values()) channel.flush()
  }

  #refuse(peer: ProcessId | undefined, refusal: Refusal): void {
    this.#log('refused %s: %s (%s)', peer ?? 'an outsider', refusal.kind, refusal.detail)
    this.#reports.refuse(peer, refusal)
  }

  #isCutOff(peer: ProcessId): boolean {
    return performance.now() < (this.#cutOffUntilMs.get(peer) ?? 0)
  }

  #stopHeartbeat(): void {
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }
}

/** A connection may be open while its multiplexer is closed; and a half-open one only times out. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && ['ConnectionClosedError', 'MuxerClosedError'].includes(error.name)
}

/** An address that names a peer names this one: a group file with another is refused. */
function withPeerId(address: Multiaddr, peerId: PeerId): Multiaddr {
  return address.getComponents().at(-1)?.name === 'p2p' ? address : address.encapsulate(`/p2p/${peerId}`)
}

/** One line of bounded length: some of it may be what a stranger answered. */
function messageOf(error: unknown): string {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
  const message = first instanceof Error ? first.message : String(first)
  return message.replaceAll(/\s+/g, ' ').slice(0, DIAL_ERROR_CHARACTERS_MAX)
}

function processesByPeerId(init: Libp2pTransportInit): Map<string, ProcessId> {
  const { self, members, clients = [], groupId, genesis } = init
  const processes = new Map(members.map(({ rank, peerId }) => [peerId.toString(), rank]))
  for (const [client, peerId] of clients.entries()) processes.set(peerId.toString(), members.length + client)
  const count = members.length + clients.length
  if (processes.size !== count || new Set(processes.values()).size !== count) {
    throw new InvalidParametersError('members, clients: ranks and peer ids must differ from each other')
  }
  if (![...processes.values()].includes(self)) {
    throw new InvalidParametersError(`self: ${self} is neither the rank of a member nor a client`)
  }
  if (groupId.length !== 32) throw new InvalidParametersError('groupId: a SHA-256 hash has 32 bytes')
  if (genesis.length > GENESIS_BYTES_MAX) {
    throw new InvalidParametersError(`genesis: at most ${GENESIS_BYTES_MAX} bytes, not ${genesis.length}`)
  }
  return processes
}
