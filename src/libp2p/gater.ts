/**
 * A connection gater that lets in the members of a group, and clients, and nobody else. A stranger is turned away
 * once its key is authenticated, before it gets a multiplexer; it costs one handshake.
 */
import type { ConnectionGater, Libp2p, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'
import type { ProcessEvents } from './service.ts'

/**
 * Inbound connections of one peer at a time. A correct peer has one, and some half-open ones after it lost its
 * network; so the newest is let in, and the oldest is cut.
 */
export const INBOUND_CONNECTIONS_PER_PEER_MAX = 4

/** Give `gater` to `createLibp2p({ connectionGater })`. */
export class AllowList {
  readonly #allowed: Set<string>
  /** Of those that are refused for a while: until when, by the monotonic clock. */
  readonly #refusedUntilMs = new Map<string, number>()
  readonly #inbound = new Map<string, MultiaddrConnection[]>()

  constructor(peers: Iterable<PeerId>) {
    this.#allowed = new Set([...peers].map(String))
  }

  readonly gater: ConnectionGater = {
    denyDialPeer: (peer) => !this.allows(peer),
    denyOutboundEncryptedConnection: (peer) => !this.allows(peer),
    denyInboundEncryptedConnection: (peer, connection) => {
      if (!this.allows(peer)) return true
      this.#admit(peer.toString(), connection)
      return false
    }
  }

  allows(peer: PeerId): boolean {
    const refusedUntilMs = this.#refusedUntilMs.get(peer.toString()) ?? 0
    return this.#allowed.has(peer.toString()) && performance.now() >= refusedUntilMs
  }

  /** Does not let it in for so long. */
  refuse(peer: PeerId, forMs: number): void {
    this.#refusedUntilMs.set(peer.toString(), performance.now() + forMs)
  }

  /** Lets in one more peer from now on: a client, say. */
  allow(peer: PeerId): void {
    this.#allowed.add(peer.toString())
  }

  #admit(peer: string, connection: MultiaddrConnection): void {
    const connections = [...(this.#inbound.get(peer) ?? []), connection]
    this.#inbound.set(peer, connections)
    connection.addEventListener('close', () => this.#forget(peer, connection), { once: true })
    if (connections.length > INBOUND_CONNECTIONS_PER_PEER_MAX) {
      connections[0]?.abort(new Error('replaced by a newer connection of the same peer'))
    }
  }

  #forget(peer: string, connection: MultiaddrConnection): void {
    const left = (this.#inbound.get(peer) ?? []).filter((other) => other !== connection)
    if (left.length > 0) this.#inbound.set(peer, left)
    else this.#inbound.delete(peer)
  }
}

/**
 * From now on whoever the service of `node` cuts off loses its connections, and is not let in for as long. For nodes
 * that serve one group and nothing else: a connection may carry other protocols.
 *
 * @param peers - by the number of the process
 */
export function refuseCutOff(
  node: Libp2p<{ byzantine: TypedEventTarget<ProcessEvents> }>,
  list: AllowList,
  peers: readonly PeerId[]
): void {
  node.services.byzantine.addEventListener('cut-off', ({ detail: { process, until } }) => {
    const peer = peers[process]
    if (peer === undefined) return
    list.refuse(peer, until - Date.now())
    for (const connection of node.getConnections(peer)) connection.abort(new Error('cut off'))
  })
}
