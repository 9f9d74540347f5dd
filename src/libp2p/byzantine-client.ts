/**
 * Adds a client of a group to a libp2p node.
 *
 * @example
 * const node = await createClient({ group: parseGroupFile('group.json', text), key, data: './data' })
 * await node.services.byzantine.whenReady()
 * const register = node.services.byzantine.register('greeting')
 * await register.write(value)
 * const { value, timestamp } = await register.read()
 */
import { identify } from '@libp2p/identify'
import type { ComponentLogger, Libp2p, Metrics } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { servedRegisters } from '../catalogue/with-storage.ts'
import { sameBytes } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { requireFunctionIfGiven, requireSwitchIfGiven } from '../core/parameters.ts'
import { encode } from '../core/shapes.ts'
import { genesisShape, groupFromGenesis } from '../crypto/genesis.ts'
import { requireResilience } from '../stacks/stack.ts'
import { CLIENT_NAMES, type Names, requireClientInit, requireInit } from './checked-init.ts'
import { chosenClientStack } from './chosen-stack.ts'
import type { ByzantineClientInit, ByzantineClientService } from './client-service.ts'
import { AllowList, refuseCutOff } from './gater.ts'
import { GroupClient } from './group-client.ts'
import { membersOf, requireClient, requireOwnKey, toPrivateKey } from './identity.ts'
import { type NodeParts, nodeParts, PART_NAMES, relaysOf } from './node-parts.ts'
import type { ByzantineComponents } from './service.ts'
import { requireProtocol } from './transport-protocol.ts'

/**
 * The service for `createLibp2p({ services })`.
 *
 * @throws {KeyMismatchError} if the key is not the node's
 * @throws {NotAClientError} if it is no client's
 * @throws {ResilienceError} if the group is too small for the stack
 * @throws {InvalidParametersError}
 */
export function byzantineClient(
  init: ByzantineClientInit
): (components: ByzantineComponents) => ByzantineClientService {
  requireClientInit(init)
  return (components) => {
    const { group: file, options = {}, authenticator = 'hmac', data, durability } = init
    const secretKey = requireOwnKey(init.key ?? components.privateKey, components.peerId)
    const publicKey = requireClient(file, secretKey)
    // It is the first to itself; of the others some protocols must know that they are there.
    const others = file.clients.filter((client) => !sameBytes(client, publicKey))
    const group = groupFromGenesis(file.genesis, [publicKey, ...others])
    if (durability === 'disk' && data === undefined) {
      throw new InvalidParametersError("data: durability 'disk' needs a data folder")
    }
    if (durability === 'memory' && data !== undefined) {
      throw new InvalidParametersError("durability: 'memory' and a data folder exclude each other")
    }
    const stack = init.stack === undefined ? servedRegisters : chosenClientStack(init.stack)
    if (init.beyondResilience !== true) requireResilience(stack, group.n, group.f)
    return new GroupClient(components, {
      group,
      self: group.n,
      secretKey,
      publicKey,
      stack,
      members: membersOf(file),
      genesis: encode(genesisShape, file.genesis),
      options,
      authenticator,
      protocol: requireProtocol(init),
      data,
      writesInMemory: durability === 'memory'
    })
  }
}

export interface CreateClientInit extends ByzantineClientInit, NodeParts {
  metrics?: (components: { logger: ComponentLogger }) => Metrics
  logger?: ComponentLogger
  /** Default: true. */
  start?: boolean
}

const NODE_NAMES: Names<CreateClientInit> = {
  ...CLIENT_NAMES,
  ...PART_NAMES,
  metrics: true,
  logger: true,
  start: true
}

/**
 * A libp2p node that is a client of a group and nothing else: it dials the members and listens to nobody.
 *
 * @throws what {@link byzantineClient} throws, and what starting throws: a data folder that is taken
 */
export async function createClient(
  init: CreateClientInit
): Promise<Libp2p<{ byzantine: ByzantineClientService }>> {
  requireInit('createClient', init, NODE_NAMES)
  const { metrics, logger, start = true, transports, connectionEncrypters, streamMuxers, ...service } = init
  requireClientInit(service)
  requireSwitchIfGiven('start', start)
  requireFunctionIfGiven('metrics', metrics)
  const { group, key } = service
  if (key === undefined) throw new InvalidParametersError('key: a client needs a private key of its own')
  const privateKey = toPrivateKey(key)
  requireClient(group, requireOwnKey(privateKey, peerIdFromPrivateKey(privateKey)))
  const peers = membersOf(group).map(({ peerId }) => peerId)
  const list = new AllowList([...peers, ...relaysOf(group.addresses.flat())])
  const node = await createLibp2p({
    start,
    privateKey,
    addresses: { listen: [] },
    ...(await nodeParts({ transports, connectionEncrypters, streamMuxers })),
    connectionGater: list.gater,
    services: { identify: identify(), byzantine: byzantineClient(service) },
    ...(metrics === undefined ? {} : { metrics }),
    ...(logger === undefined ? {} : { logger })
  })
  refuseCutOff(node, list, peers)
  return node
}
