/** Groups of real libp2p nodes on loopback, for the tests of the transport. */
import { createHash } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ConnectionGater, Libp2p, StreamMuxerFactory } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import type { ProcessId } from '../../src/core/group.ts'
import type { Random } from '../../src/core/random.ts'
import { Libp2pTransport, type TransportComponents } from '../../src/libp2p/transport.ts'
import type { TransportLimits } from '../../src/libp2p/transport-limits.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import type { Refusal } from '../../src/libp2p/transport-refusal.ts'
import { elapse, until } from '../waiting.ts'

export type Medium = 'tcp' | 'memory'

export type Node = Libp2p<{ parts: { components: TransportComponents } }>

let memoryAddresses = 0

export async function makeNode(
  medium: Medium = 'tcp',
  connectionGater: ConnectionGater = {},
  streamMuxer: () => StreamMuxerFactory = boundedYamux()
): Promise<Node> {
  const address = medium === 'tcp' ? '/ip4/127.0.0.1/tcp/0' : `/memory/byzkit-${memoryAddresses++}`
  const node = await createLibp2p({
    addresses: { listen: [address] },
    transports: [medium === 'tcp' ? tcp() : memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [streamMuxer],
    connectionGater,
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 100 },
    // It cuts connections too, after a while: what must be cut must be cut by what is tested.
    connectionMonitor: { enabled: false },
    services: { parts: (components: TransportComponents) => ({ components }) }
  })
  onTestFinished(() => node.stop())
  return node
}

/** Not for secrets, and the same in every run. */
export function testRandom(seed = 1): Random {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 8
  }
  return {
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    below: (bound) => next() % bound
  }
}

/** One end of a group: its transport and all that it indicated. */
export interface Member {
  readonly rank: ProcessId
  readonly node: Node
  readonly transport: Libp2pTransport
  readonly frames: { from: ProcessId; bytes: Uint8Array }[]
  readonly events: string[]
  readonly refused: { peer: ProcessId | undefined; refusal: Refusal }[]
  readonly failures: { peer: ProcessId; address: string; error: string }[]
}

export interface GroupOptions {
  name?: string
  medium?: Medium
  /** A member's own idea of the genesis, by rank. */
  genesisOf?: (rank: ProcessId) => string
  /** Where a member is dialled, if not where it listens. */
  addressOf?: (rank: ProcessId) => Multiaddr[]
  limits?: Partial<TransportLimits>
  start?: boolean
  /** How many of the nodes, the last ones, are clients; each knows of itself only. */
  clients?: number
  /** A busy test keeps no frames. */
  frame?: (at: ProcessId, from: ProcessId, bytes: Uint8Array) => void
}

/** One member for each node, ranked in the order of the nodes. */
export async function makeGroup(nodes: readonly Node[], options: GroupOptions = {}): Promise<Member[]> {
  const { name = 'group', genesisOf = () => name, limits = {}, start = true } = options
  const n = nodes.length - (options.clients ?? 0)
  const { addressOf = (rank) => nodes[rank]?.getMultiaddrs() ?? [] } = options
  const members = nodes.slice(0, n).map(({ peerId }, rank) => ({ rank, peerId, multiaddrs: addressOf(rank) }))
  const group = nodes.map((node, at): Member => {
    const self = Math.min(at, n)
    const clients = at < n ? nodes.slice(n) : [node]
    const genesis = utf8(genesisOf(at))
    const frames: Member['frames'] = []
    const events: string[] = []
    const refused: Member['refused'] = []
    const failures: Member['failures'] = []
    const transport = new Libp2pTransport(node.services.parts.components, {
      self,
      members,
      clients: clients.map(({ peerId }) => peerId),
      genesis,
      groupId: new Uint8Array(createHash('sha256').update(genesis).digest()),
      random: testRandom(self + 1),
      limits: { redialDelayMinMs: 20, redialDelayMaxMs: 200, ...limits },
      frame: (from, bytes) => {
        if (options.frame !== undefined) options.frame(self, from, bytes)
        else frames.push({ from, bytes: bytes.slice() })
      },
      connected: (peer) => events.push(`connected ${peer}`),
      disconnected: (peer) => events.push(`disconnected ${peer}`),
      dialFailed: (peer, address, error) => failures.push({ peer, address, error }),
      refused: (peer, refusal) => refused.push({ peer, refusal })
    })
    onTestFinished(() => transport.stop())
    return { rank: self, node, transport, frames, events, refused, failures }
  })
  if (start) await Promise.all(group.map(({ transport }) => transport.start()))
  return group
}

export async function makeNodes(count: number, medium: Medium = 'tcp'): Promise<Node[]> {
  return Promise.all(Array.from({ length: count }, () => makeNode(medium)))
}

export async function untilConnected(group: readonly Member[]): Promise<void> {
  const connected = () => group.every(({ transport }) => transport.connectedPeers.length === group.length - 1)
  await until('everyone is connected', connected)
}

/** How much memory `body` leaves in use, in MiB, after a collection. */
export async function memoryGrowthMiB(body: () => Promise<void>): Promise<number> {
  const before = await bytesInUse()
  await body()
  return ((await bytesInUse()) - before) / 2 ** 20
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** So many collections in a row must have given nothing back. */
const FRUITLESS_COLLECTIONS = 4
const GIVEN_BACK_BYTES_MIN = 64 * 1024

async function bytesInUse(): Promise<number> {
  // Buffers are given back in the background, after the objects that held them.
  let least = Number.POSITIVE_INFINITY
  for (let fruitless = 0; fruitless < FRUITLESS_COLLECTIONS; fruitless++) {
    collect()
    await elapse(50)
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    if (heapUsed + arrayBuffers < least - GIVEN_BACK_BYTES_MIN) fruitless = -1
    least = Math.min(least, heapUsed + arrayBuffers)
  }
  return least
}

/** A TCP relay to a node whose far side can be made to take only so much. */
export async function makeRelay(
  node: Pick<Libp2p, 'getMultiaddrs'>
): Promise<{ address: Multiaddr; dialled(): number; rate(bytesPerSecond: number): void }> {
  const port = Number(
    node
      .getMultiaddrs()[0]
      ?.getComponents()
      .find(({ name }) => name === 'tcp')?.value
  )
  const sockets: Socket[] = []
  let bytesPerSecond = Number.POSITIVE_INFINITY
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    far.on('data', (bytes) => near.write(bytes))
    near.on('readable', () => {
      if (bytesPerSecond === Number.POSITIVE_INFINITY)
        for (let b = near.read(); b !== null; b = near.read()) far.write(b)
    })
    const timer = setInterval(() => {
      if (bytesPerSecond === Number.POSITIVE_INFINITY) near.emit('readable')
      else if (bytesPerSecond > 0) for (const b of [near.read(bytesPerSecond)]) if (b !== null) far.write(b)
    }, 1000)
    near.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const bound = server.address()
  const address = multiaddr(`/ip4/127.0.0.1/tcp/${typeof bound === 'object' ? bound?.port : 0}`)
  return {
    address,
    dialled: () => sockets.length / 2,
    rate(bytes) {
      bytesPerSecond = bytes
      for (const socket of sockets) socket.emit('readable')
    }
  }
}
