/** Groups with clients, for the tests of registers over libp2p. */
import { randomBytes } from 'node:crypto'
import type { Libp2p } from '@libp2p/interface'
import { onTestFinished } from 'vitest'
import { defaultBackend } from '../../src/crypto/index.ts'
import { type CreateClientInit, createClient } from '../../src/libp2p/byzantine-client.ts'
import type { ByzantineClientService } from '../../src/libp2p/client-service.ts'
import { patience, until } from '../waiting.ts'
import { type Founded, found, type MemberNode, serviceOf, stop } from './service-support.ts'

export interface FoundedWithClients extends Founded {
  readonly clientSeeds: readonly Uint8Array[]
}

export async function foundWithClients(
  members: number,
  clients: number,
  f?: number
): Promise<FoundedWithClients> {
  const { group, seeds } = await found(members, f)
  const clientSeeds = Array.from({ length: clients }, () => new Uint8Array(randomBytes(32)))
  return { group: { ...group, clients: clientSeeds.map(publicKeyOf) }, seeds, clientSeeds }
}

export const publicKeyOf = (seed: Uint8Array): Uint8Array => defaultBackend.publicKey(seed)

export interface RunningClient {
  readonly node: Libp2p<{ byzantine: ByzantineClientService }>
  readonly service: ByzantineClientService
  stop(): Promise<void>
}

/** Starts a client, in memory by name unless it is told otherwise; it is stopped when the test is over. */
export async function startClient(
  { group, clientSeeds }: FoundedWithClients,
  client: number,
  options: Partial<CreateClientInit> = { durability: 'memory' }
): Promise<RunningClient> {
  const node = await createClient({ group, key: clientSeeds[client]!, ...options })
  onTestFinished(() => stop(node))
  return { node, service: node.services.byzantine, stop: () => stop(node) }
}

export async function clientReady({ service }: RunningClient): Promise<void> {
  await service.whenReady({ signal: patience() })
}

/** Until it has a session with every member: readiness needs a quorum of them only. */
export async function clientConnected({ service }: RunningClient): Promise<void> {
  const all = () => service.connectedMembers.length === service.group.n
  await until('the client is connected with all members', all)
}

/** Until `members` have a session with each other: only then do they serve. */
export async function allConnected(members: readonly MemberNode[]): Promise<void> {
  const all = () => members.every((node) => serviceOf(node).connectedMembers.length === members.length - 1)
  await until('all members are connected', all)
}

/** How an operation failed: the name of its error, and whether it says that it took no effect. */
export async function failure(operation: Promise<unknown>): Promise<{ name: string; definite: unknown }> {
  try {
    await operation
  } catch (error) {
    const { name, definite } = error as Error & { definite?: unknown }
    return { name, definite }
  }
  return { name: 'none', definite: undefined }
}
