/** A group on free ports of this machine, whose keys are all made here. */
import { byzantineResilience } from '../core/quorum.ts'
import { newGenesis } from '../crypto/founding.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import { createIdentity, type Identity } from '../program/keys/identity.ts'
import { findFreePorts } from '../program/member/addresses.ts'

export interface LoopbackGroup {
  readonly group: GroupFile
  /** By rank. */
  readonly members: readonly Identity[]
  readonly clients: readonly Identity[]
}

export async function loopbackGroup(members: number, clients = 0): Promise<LoopbackGroup> {
  const memberIdentities = Array.from({ length: members }, createIdentity)
  const clientIdentities = Array.from({ length: clients }, createIdentity)
  const ports = await findFreePorts(members)
  return {
    group: {
      genesis: newGenesis(
        byzantineResilience(members),
        memberIdentities.map(({ publicKey }) => publicKey)
      ),
      addresses: ports.map((port) => [`/ip4/127.0.0.1/tcp/${port}`]),
      clients: clientIdentities.map(({ publicKey }) => publicKey)
    },
    members: memberIdentities,
    clients: clientIdentities
  }
}
