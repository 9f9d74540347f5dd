/** A libp2p node that is a member of a group and nothing else: its parts, identify, and the service. */
import { identify } from '@libp2p/identify'
import type { ComponentLogger, Libp2p, Metrics } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { InvalidParametersError } from '../core/errors.ts'
import { requireFunctionIfGiven, requireSwitchIfGiven } from '../core/parameters.ts'
import { boundedConnections } from './bounded-connections.ts'
import { byzantine } from './byzantine.ts'
import { MEMBER_NAMES, type Names, requireInit, requireListen, requireMemberInit } from './checked-init.ts'
import { AllowList, refuseCutOff } from './gater.ts'
import { peersOf, requireAddress, requireOwnKey, requireRank, toPrivateKey } from './identity.ts'
import { type NodeParts, nodeParts, PART_NAMES, relaysOf } from './node-parts.ts'
import type { ByzantineInit, ByzantineService } from './service.ts'

export interface CreateNodeInit extends ByzantineInit, NodeParts {
  /** Multiaddrs to listen on. Default: this member's own addresses in the group file. */
  listen?: string[]
  metrics?: (components: { logger: ComponentLogger }) => Metrics
  logger?: ComponentLogger
  /** Default: true. */
  start?: boolean
}

const NODE_NAMES: Names<CreateNodeInit> = {
  ...MEMBER_NAMES,
  ...PART_NAMES,
  listen: true,
  metrics: true,
  logger: true,
  start: true
}

/** @throws what {@link byzantine} throws, and what starting throws: a port or a data folder that is taken */
export async function createNode(init: CreateNodeInit): Promise<Libp2p<{ byzantine: ByzantineService }>> {
  requireInit('createNode', init, NODE_NAMES)
  const { listen, metrics, logger, start = true, ...rest } = init
  const { transports, connectionEncrypters, streamMuxers, ...service } = rest
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
  const parts = await nodeParts({ transports, connectionEncrypters, streamMuxers })
  const peers = peersOf(group)
  const list = new AllowList([...peers, ...relaysOf([...(listen ?? []), ...group.addresses.flat()])])
  const node = await createLibp2p({
    start,
    privateKey,
    addresses: { listen: listen ?? [...(group.addresses[rank] ?? [])] },
    ...parts,
    ...boundedConnections(group, list.gater),
    services: { identify: identify(), byzantine: byzantine(service) },
    ...(metrics === undefined ? {} : { metrics }),
    ...(logger === undefined ? {} : { logger })
  })
  refuseCutOff(node, list, peers)
  return node
}
