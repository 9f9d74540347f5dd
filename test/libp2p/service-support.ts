/** Groups of whole members on loopback TCP, for the tests of the service. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { onTestFinished } from 'vitest'
import type { Delivery } from '../../src/broadcast/delivery-log.ts'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import type { GroupFile } from '../../src/crypto/group-file.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { type CreateNodeInit, createNode } from '../../src/libp2p/create-node.ts'
import type { ByzantineService } from '../../src/libp2p/service.ts'
import { freePort } from '../ports.ts'
import { patience } from '../waiting.ts'

export type MemberNode = Libp2p<{ byzantine: ByzantineService }>

export interface Founded {
  readonly group: GroupFile
  readonly seeds: readonly Uint8Array[]
}

/** A group with new keys, its members on loopback. */
export async function found(members: number, f = byzantineResilience(members)): Promise<Founded> {
  const seeds = Array.from({ length: members }, () => new Uint8Array(randomBytes(32)))
  const addresses: string[][] = []
  for (const _ of seeds) addresses.push([`/ip4/127.0.0.1/tcp/${await freePort()}`])
  const publicKeys = seeds.map((seed) => defaultBackend.publicKey(seed))
  const genesis = { version: 1, name: toHex(new Uint8Array(randomBytes(16))), f, publicKeys }
  return { group: { genesis, addresses, clients: [] }, seeds }
}

export type MemberOptions = Partial<CreateNodeInit>

/** Starts one member; it is stopped when the test is over. */
export async function startMember(
  { group, seeds }: Founded,
  rank: ProcessId,
  options: MemberOptions = {}
): Promise<MemberNode> {
  const node = await createNode({ group, key: seeds[rank]!, ...options })
  onTestFinished(() => stop(node))
  return node
}

export async function startGroup(
  founded: Founded,
  optionsOf: (rank: ProcessId) => MemberOptions = () => ({})
): Promise<MemberNode[]> {
  return Promise.all(founded.seeds.map((_, rank) => startMember(founded, rank, optionsOf(rank))))
}

/** What it says of others, but that they are slow: anybody may be so on a busy machine. */
export const blamed = ({ faults }: Pick<ByzantineService, 'faults'>): unknown[] =>
  faults.filter(({ fault }) => fault.kind !== 'lagging')

export const serviceOf = (node: MemberNode): ByzantineService => node.services.byzantine

/** Its ports are free then, and its store is closed. */
export async function stop(node: Libp2p): Promise<void> {
  await node.stop()
}

export async function allReady(nodes: readonly MemberNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => serviceOf(node).whenReady({ signal: patience() })))
}

/** Consumes all that is delivered, from now on. */
export function collect(service: ByzantineService, options?: { after: number }): Delivery[] {
  const deliveries: Delivery[] = []
  const consume = async () => {
    for await (const delivery of service.deliveries(options)) deliveries.push(delivery)
  }
  consume().catch(() => {})
  return deliveries
}

/** `sender/sequence: payload`, or a gap. */
export function describeDelivery(delivery: Delivery): string {
  const { sender } = delivery
  if (delivery.type === 'gap') return `${sender}/${delivery.from}-${delivery.to}: gap`
  return `${sender}/${delivery.sequence}: ${new TextDecoder().decode(delivery.payload)}`
}

export const described = (deliveries: readonly Delivery[]): string[] =>
  deliveries.map(describeDelivery).sort()

/** Each of `nodes` broadcasts `count` times; what is to be delivered of it, as {@link described} shows it. */
export async function broadcastAll(nodes: readonly MemberNode[], count: number): Promise<string[]> {
  const expected: string[] = []
  const broadcastOwn = async (service: ByzantineService) => {
    for (let i = 0; i < count; i++) {
      const text = `${i} of ${service.self}`
      const { sender, sequence } = await service.broadcast(utf8(text))
      expected.push(`${sender}/${sequence}: ${text}`)
    }
  }
  await Promise.all(nodes.map((node) => broadcastOwn(serviceOf(node))))
  return expected.sort()
}

export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'byzkit-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}
