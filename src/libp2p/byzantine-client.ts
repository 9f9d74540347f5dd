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
import type { ComponentLogger, Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { InvalidParametersError } from '../core/errors.ts'
import { requireSwitchIfGiven } from '../core/parameters.ts'
import { encode } from '../core/shapes.ts'
import { genesisShape, groupFromGenesis } from '../crypto/genesis.ts'
import { requireResilience } from '../stacks/stack.ts'
import { servedRegisters } from '../stacks/with-storage.ts'
import { requireClientInit } from './checked-init.ts'
import type { ByzantineClientInit, ByzantineClientService } from './client-service.ts'
import { AllowList, refuseCutOff } from './gater.ts'
import { GroupClient } from './group-client.ts'
import { membersOf, requireClient, requireOwnKey, toPrivateKey } from './identity.ts'
import type { ByzantineComponents } from './service.ts'
import { boundedYamux } from './transport-muxer.ts'

/**
 * The service for `createLibp2p({ services })`.
 *
 * @throws {KeyMismatchError} if the key is not the node's
 * @throws {NotAClientError} if it is no client's
 * @throws {ResilienceError} if the group is too small for registers
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
    const group = groupFromGenesis(file.genesis, [publicKey])
    if (durability === 'disk' && data === undefined) {
      throw new InvalidParametersError("data: durability 'disk' needs a data folder")
    }
    if (durability === 'memory' && data !== undefined) {
      throw new InvalidParametersError("durability: 'memory' and a data folder exclude each other")
    }
    if (init.beyondResilience !== true) requireResilience(servedRegisters, group.n, group.f)
    return new GroupClient(components, {
      group,
      self: group.n,
      secretKey,
      publicKey,
      members: membersOf(file),
      genesis: encode(genesisShape, file.genesis),
      options,
      authenticator,
      data,
      writesInMemory: durability === 'memory'
    })
  }
}

export interface CreateClientInit extends ByzantineClientInit {
  logger?: ComponentLogger
  /** Default: true. */
  start?: boolean
}

/**
 * A libp2p node that is a client of a group and nothing else: it dials the members and listens to nobody.
 *
 * @throws what {@link byzantineClient} throws, and what starting throws: a data folder that is taken
 */
export async function createClient(
  init: CreateClientInit
): Promise<Libp2p<{ byzantine: ByzantineClientService }>> {
  const { logger, start = true, ...service } = init
  requireClientInit(service)
  requireSwitchIfGiven('start', start)
  const { group, key } = service
  if (key === undefined) throw new InvalidParametersError('key: a client needs a private key of its own')
  const privateKey = toPrivateKey(key)
  requireClient(group, requireOwnKey(privateKey, peerIdFromPrivateKey(privateKey)))
  const peers = membersOf(group).map(({ peerId }) => peerId)
  const list = new AllowList(peers)
  const node = await createLibp2p({
    start,
    privateKey,
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [boundedYamux()],
    connectionGater: list.gater,
    services: { identify: identify(), byzantine: byzantineClient(service) },
    ...(logger === undefined ? {} : { logger })
  })
  refuseCutOff(node, list, peers)
  return node
}
