/**
 * Adds a member of a group to a libp2p node.
 *
 * @example
 * const node = await createLibp2p({
 *   // transports, connection encrypters, stream multiplexers ...
 *   privateKey,
 *   services: { byzantine: byzantine({ group: parseGroupFile('group.json', text), data: './data' }) }
 * })
 * await node.services.byzantine.whenReady()
 * await node.services.byzantine.broadcast(payload)
 * for await (const delivery of node.services.byzantine.deliveries()) console.log(delivery)
 */

import { broadcastService } from '../broadcast/service.ts'
import { servedRegisters, withStorage } from '../catalogue/with-storage.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { encode } from '../core/shapes.ts'
import { genesisShape, groupFromGenesis } from '../crypto/genesis.ts'
import { requireResilience } from '../stacks/stack.ts'
import { requireMemberInit } from './checked-init.ts'
import { chosenStack } from './chosen-stack.ts'
import { GroupMember } from './group-member.ts'
import { membersOf, requireOwnKey, requireRank } from './identity.ts'
import {
  type ByzantineComponents,
  type ByzantineInit,
  type ByzantineService,
  DEFAULT_STACK
} from './service.ts'
import { requireProtocol } from './transport-protocol.ts'

/**
 * The service for `createLibp2p({ services })`. Two groups are two services, under two names.
 *
 * @throws {KeyMismatchError} if the key is not the node's
 * @throws {NotAMemberError} if it is no member's
 * @throws {ResilienceError} if the group is too small for the stack
 * @throws {InvalidParametersError}
 */
export function byzantine(init: ByzantineInit): (components: ByzantineComponents) => ByzantineService {
  requireMemberInit(init)
  return (components) => {
    const { group: file, authenticator = 'hmac', data, behaviour, record, applying } = init
    const secretKey = requireOwnKey(init.key ?? components.privateKey, components.peerId)
    const self = requireRank(file, secretKey)
    const group = groupFromGenesis(file.genesis, file.clients)
    const named = chosenStack(init.stack ?? DEFAULT_STACK)
    const { registers = named.services.some(({ name }) => name === broadcastService.name) } = init
    const stack = registers === false ? named : withStorage(named)
    if (behaviour !== undefined && record !== undefined) {
      throw new InvalidParametersError('record: a Byzantine member is not recorded, only a correct one')
    }
    if (init.beyondResilience !== true) {
      requireResilience(stack, group.n, group.f)
      if (registers !== false) requireResilience(servedRegisters, group.n, group.f)
    }
    return new GroupMember(components, {
      group,
      self,
      secretKey,
      members: membersOf(file),
      genesis: encode(genesisShape, file.genesis),
      stack,
      options: { ...init.options, ...(typeof registers === 'object' ? registers : {}) },
      authenticator,
      protocol: requireProtocol(init),
      behaviour,
      record,
      applying,
      data
    })
  }
}
