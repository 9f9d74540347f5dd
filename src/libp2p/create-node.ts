/** A libp2p node that is a member of a group and nothing else: TCP, Noise, Yamux, identify, and the service. */
import { identify } from '@libp2p/identify'
import type { ComponentLogger, Libp2p, Metrics } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { InvalidParametersError } from '../core/errors.ts'
import { requireFunctionIfGiven, requireSwitchIfGiven } from '../core/parameters.ts'
import { byzantine } from './byzantine.ts'
import { requireListen, requireMemberInit } from './checked-init.ts'
import { AllowList } from './gater.ts'
import { peersOf, requireOwnKey, requireRank, toPrivateKey } from './identity.ts'
import type { ByzantineInit, ByzantineService } from './service.ts'
import { boundedYamux } from './transport-muxer.ts'

/**
 * Inbound connections a second that libp2p takes from one IP address, for each member and client of the group: all of them
 * may run on one host, and dial again when a connection is cut.
 */
export const INBOUND_CONNECTIONS_PER_PROCESS_MAX = 8

/** Inbound connections in the middle of their handshake, for each member and client of the group. */
export const INBOUND_HANDSHAKES_PER_PROCESS_MAX = 4

export interface CreateNodeInit extends ByzantineInit {
  /** Multiaddrs to listen on. Default: this member's own addresses in the group file. */
  listen?: string[]
  metrics?: (components: { logger: ComponentLogger }) => Metrics
  logger?: ComponentLogger
  /** Default: true. */
  start?: boolean
}

/** @throws what {@link byzantine} throws, and what starting throws: a port or a data folder that is taken */
export async function createNode(init: CreateNodeInit): Promise<Libp2p<{ byzantine: ByzantineService }>> {
  const { listen, metrics, logger, start = true, ...service } = init
  requireMemberInit(service)
  requireListen(listen)
  requireSwitchIfGiven('start', start)
  requireFunctionIfGiven('metrics', metrics)
  const { group, key } = service
  if (key === undefined) throw new InvalidParametersError('key: a node needs the private key of a member')
  const privateKey = toPrivateKey(key)
  const rank = requireRank(group, requireOwnKey(privateKey, peerIdFromPrivateKey(privateKey)))
  const processes = group.genesis.publicKeys.length + group.clients.length
  return createLibp2p({
    start,
    privateKey,
    addresses: { listen: listen ?? [...(group.addresses[rank] ?? [])] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [boundedYamux()],
    connectionGater: new AllowList(peersOf(group)).gater,
    connectionManager: {
      inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_PROCESS_MAX * processes,
      maxIncomingPendingConnections: INBOUND_HANDSHAKES_PER_PROCESS_MAX * processes
    },
    services: { identify: identify(), byzantine: byzantine(service) },
    ...(metrics === undefined ? {} : { metrics }),
    ...(logger === undefined ? {} : { logger })
  })
}
