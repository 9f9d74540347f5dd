/**
 * What libp2p bounds of inbound connections, in a way that strangers cannot turn against members. Its own bounds refuse
 * whoever comes last: so many handshakes at a time, so many connections a second from one address, so many at all. Who
 * keeps some sockets open and says nothing keeps a restarted member out with them. Here the first is the waiting
 * room's, and the others do not hold for the addresses of the group file.
 */
import type { ConnectionGater } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { GroupFile } from '../crypto/group-file.ts'
import { requireGroup } from './checked-init.ts'
import { INBOUND_CONNECTIONS_PER_PEER_MAX } from './gater.ts'
import { membersOf, peersOf } from './identity.ts'
import { WaitingRoom } from './waiting-room.ts'

/**
 * Inbound connections a second that libp2p takes from one IP address that is not in the group file, for each member and
 * client of the group: all of them may be behind one address, and dial again when a connection is cut.
 */
const INBOUND_CONNECTIONS_PER_PROCESS_MAX = 8

/** Connections that libp2p has at a time, unless so many processes may have more. */
const CONNECTIONS_MAX = 300

/**
 * Dials that libp2p has under way at a time, unless the group has more members: one that hangs is to delay no other.
 */
const DIALS_MAX = 100

export interface BoundedConnections {
  readonly connectionGater: ConnectionGater
  readonly connectionManager: {
    readonly allow: string[]
    readonly inboundConnectionThreshold: number
    readonly maxIncomingPendingConnections: number
    readonly maxConnections: number
    readonly maxParallelDials: number
    readonly maxDialQueueLength: number
  }
}

/**
 * Give what it returns to `createLibp2p({ ...boundedConnections(group) })`.
 * @param group - or all of them, if the node is in several
 * @param gater - asked, too: one of yours, or the gater of an `AllowList` where only the group is to connect
 */
export function boundedConnections(
  group: GroupFile | readonly GroupFile[],
  gater: ConnectionGater = {}
): BoundedConnections {
  const groups = [group].flat()
  for (const each of groups) requireGroup(each)
  const hosts = groups.flatMap(hostsOf)
  const peers = new Set(groups.flatMap(peersOf).map(String))
  const processes = peers.size
  const room = new WaitingRoom(new Set(hosts.map(({ value }) => value)), processes)
  return {
    connectionGater: {
      ...gater,
      denyInboundConnection: (connection) => {
        room.enter(connection)
        return gater.denyInboundConnection?.(connection) ?? false
      },
      denyInboundEncryptedConnection: (peer, connection) => {
        room.leave(connection)
        if (peers.has(peer.toString())) room.remember(peer, connection)
        return gater.denyInboundEncryptedConnection?.(peer, connection) ?? false
      }
    },
    connectionManager: {
      allow: hosts.map(({ name, value }) => `/${name}/${value}`),
      inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_PROCESS_MAX * processes,
      maxIncomingPendingConnections: Number.POSITIVE_INFINITY,
      // One more for each: that which this node has dialled.
      maxConnections: Math.max(CONNECTIONS_MAX, (INBOUND_CONNECTIONS_PER_PEER_MAX + 1) * processes),
      maxParallelDials: Math.max(DIALS_MAX, processes),
      maxDialQueueLength: Number.POSITIVE_INFINITY
    }
  }
}

/** The IP addresses of the group file; names are not looked up. */
function hostsOf(group: GroupFile): { name: string; value: string }[] {
  const addresses = membersOf(group).flatMap(({ multiaddrs }) => multiaddrs)
  return addresses.flatMap((address) => {
    const [first] = address.getComponents()
    if (first?.value === undefined || (first.name !== 'ip4' && first.name !== 'ip6')) return []
    const { name, value } = first
    if (name === 'ip6') return [{ name, value }]
    // A socket that listens on both families sees who comes over IPv4 so.
    const mapped = multiaddr(`/ip6/::ffff:${value}`).getComponents()[0]?.value ?? ''
    return [
      { name, value },
      { name: 'ip6', value: mapped }
    ]
  })
}
