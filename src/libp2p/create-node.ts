/** A libp2p node that is a member of a group and nothing else: TCP, Noise, Yamux, identify, and the service. */
import { identify } from '@libp2p/identify'
import type { ComponentLogger, Libp2p, Metrics } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { InvalidParametersError } from '../core/errors.ts'
import { requireFunctionIfGiven, requireSwitchIfGiven } from '../core/parameters.ts'
import { boundedConnections } from './bounded-connections.ts'
import { byzantine } from './byzantine.ts'
import { requireListen, requireMemberInit } from './checked-init.ts'
import { AllowList, refuseCutOff } from './gater.ts'
import { peersOf, requireAddress, requireOwnKey, requireRank, toPrivateKey } from './identity.ts'
import type { ByzantineInit, ByzantineService } from './service.ts'
import { boundedYamux } from './transport-muxer.ts'

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
  const peerId = peerIdFromPrivateKey(privateKey)
  const rank = requireRank(group, requireOwnKey(privateKey, peerId))
  for (const address of listen ?? []) requireAddress('listen', address, peerId)
  const peers = peersOf(group)
  const list = new AllowList(peers)
  const node = await createLibp2p({
    start,
    privateKey,
    addresses: { listen: listen ?? [...(group.addresses[rank] ?? [])] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [boundedYamux()],
    ...boundedConnections(group, list.gater),
    services: { identify: identify(), byzantine: byzantine(service) },
    ...(metrics === undefined ? {} : { metrics }),
    ...(logger === undefined ? {} : { logger })
  })
  refuseCutOff(node, list, peers)
  return node
}
