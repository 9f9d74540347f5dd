/** Members and clients on transports of one's own: WebSockets, a relay; and on a protocol of their own. */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { boundedConnections } from '../../src/libp2p/bounded-connections.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { createClient } from '../../src/libp2p/byzantine-client.ts'
import { createNode } from '../../src/libp2p/create-node.ts'
import { membersOf, peersOf, toPrivateKey } from '../../src/libp2p/identity.ts'
import { secureRandom } from '../../src/libp2p/secure-random.ts'
import { Libp2pTransport } from '../../src/libp2p/transport.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import { requireProtocol } from '../../src/libp2p/transport-protocol.ts'
import { freePort } from '../ports.ts'
import { until } from '../waiting.ts'
import { foundWithClients } from './client-support.ts'
import {
  allReady,
  collect,
  type Founded,
  found,
  type MemberOptions,
  serviceOf,
  startGroup,
  startMember,
  stop
} from './service-support.ts'

test('over WebSockets members deliver, and a client is served, with one line more', async () => {
  const founded = await foundWithClients(4, 1)
  const addresses = founded.group.addresses.map((own) => own.map((address) => `${address}/ws`))
  const group = { ...founded.group, addresses }
  const transports = [webSockets()]
  const nodes = await startGroup({ ...founded, group }, () => ({ transports }))
  await allReady(nodes)
  const logs = nodes.map((node) => collect(serviceOf(node)))
  await serviceOf(nodes[0]!).broadcast(utf8('hello'))
  await until('it is delivered', () => logs.every((log) => log.length === 1))
  const [key] = founded.clientSeeds as [Uint8Array]
  const client = await createClient({ group, key, durability: 'memory', transports })
  onTestFinished(() => stop(client))
  await client.services.byzantine.register('r').write(utf8('over WebSockets'))
  for (const node of [...nodes, client])
    for (const connection of node.getConnections()) expect(connection.remoteAddr.toString()).toContain('/ws')
})

test('a node encrypts and multiplexes as it is told to', async () => {
  const encrypted = { protocols: [] as string[] }
  const encrypter = (...[components]: Parameters<ReturnType<typeof noise>>) => {
    encrypted.protocols.push('noise')
    return noise()(components)
  }
  const node = await startMember(await found(4), 0, {
    connectionEncrypters: [encrypter],
    streamMuxers: [boundedYamux()]
  })
  expect(encrypted.protocols).toEqual(['noise'])
  expect(serviceOf(node).status().encryption).toEqual([{ protocol: '/noise', backend: null }])
})

describe('a member behind a relay', () => {
  /** Two members, of whom the second is reached through a relay alone. */
  async function behindRelay(
    options: MemberOptions
  ): Promise<Founded & { start(): ReturnType<typeof startGroup> }> {
    const relay = await createLibp2p({
      addresses: { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [boundedYamux()],
      services: { identify: identify(), relay: circuitRelayServer() }
    })
    onTestFinished(() => stop(relay))
    const founded = await found(2, 0)
    const [near] = founded.group.addresses as [string[]]
    const addresses = [near, [`${relay.getMultiaddrs()[0]}/p2p-circuit`]]
    const group = { ...founded.group, addresses }
    const transports = [tcp(), circuitRelayTransport()]
    return {
      ...founded,
      group,
      start: () => startGroup({ ...founded, group }, () => ({ transports, ...options }))
    }
  }

  test('is connected, although the relay limits connections, if it is told to run on those', async () => {
    const { start } = await behindRelay({ runOnLimitedConnection: true })
    const nodes = await start()
    await allReady(nodes)
    const logs = nodes.map((node) => collect(serviceOf(node)))
    await serviceOf(nodes[1]!).broadcast(utf8('hello'))
    await until('it is delivered', () => logs.every((log) => log.length === 1))
  })

  test('is not on a limited connection otherwise, and it is said why', async () => {
    const { start } = await behindRelay({})
    const [node] = await start()
    const why = () => serviceOf(node!).unreachableMembers[0]?.addresses[0]?.error ?? ''
    await until('it is said why', () => /limited/i.test(why()))
    expect(serviceOf(node!).ready).toBe(false)
  })
})

describe('a protocol prefix', () => {
  test('makes a protocol of it, on which members with the same one meet', async () => {
    const founded = await found(4)
    const nodes = await startGroup(founded, () => ({ protocolPrefix: 'my-app/test', maxInboundStreams: 2 }))
    await allReady(nodes)
    const protocols = nodes[0]!.getProtocols().filter((protocol) => protocol.includes('byzkit'))
    expect(protocols).toEqual(['/my-app/test/byzkit/1.0.0'])
  })

  test('keeps members with different ones apart, and says so', async () => {
    const founded = await found(4)
    const nodes = await startGroup(founded, (rank) => (rank === 3 ? { protocolPrefix: 'other' } : {}))
    await allReady(nodes.slice(0, 3))
    const why = () => serviceOf(nodes[0]!).unreachableMembers[0]?.addresses[0]?.error ?? ''
    await until('it is said why', () => /protocol/i.test(why()))
    expect(serviceOf(nodes[3]!).connectedMembers).toEqual([])
  })

  test('two groups of a node have one protocol if their streams have the same options, else two', async () => {
    const [one, two] = [await found(4), await found(4)]
    const key = one.seeds[0]!
    const publicKeys = [peersOf(one.group)[0]!.publicKey!.raw, ...two.group.genesis.publicKeys.slice(1)]
    const second = { ...two.group, genesis: { ...two.group.genesis, publicKeys } }
    const nodeWith = async (options: object) => {
      const node = await createLibp2p({
        privateKey: toPrivateKey(key),
        addresses: { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [boundedYamux()],
        ...boundedConnections([one.group, second]),
        services: { one: byzantine({ group: one.group }), two: byzantine({ group: second, ...options }) }
      })
      onTestFinished(() => stop(node))
      return node.getProtocols().filter((protocol) => protocol.includes('byzkit'))
    }
    expect(await nodeWith({})).toEqual(['/byzkit/1.0.0'])
    expect(await nodeWith({ protocolPrefix: 'x', maxOutboundStreams: 3 })).toEqual([
      '/byzkit/1.0.0',
      '/x/byzkit/1.0.0'
    ])
    await expect(nodeWith({ maxInboundStreams: 3 })).rejects.toThrow(
      'maxInboundStreams: 3 here, and 64 for another group of this node'
    )
  })

  test('and the options of its streams come to libp2p, each way', async () => {
    const options = { maxInboundStreams: 2, maxOutboundStreams: 3, runOnLimitedConnection: true }
    const handled: unknown[] = []
    const registrar = {
      handle: async (protocol: string, _: unknown, given: unknown) => void handled.push([protocol, given]),
      unhandle: async () => {}
    }
    const opened: unknown[] = []
    const founded = await found(4)
    const members = membersOf(founded.group)
    const transport = new Libp2pTransport(
      {
        registrar,
        logger: defaultLogger(),
        connectionManager: {
          openConnection: async () => {
            const { peerId: remotePeer } = members[1]!
            const newStream = async (
              protocol: string,
              { signal: _, ...given }: object & { signal?: unknown }
            ) => {
              opened.push([protocol, given])
              throw new Error('enough')
            }
            return { remotePeer, newStream, abort() {} } as never
          }
        }
      },
      {
        self: 0,
        members: members.slice(0, 2),
        groupId: new Uint8Array(32),
        genesis: new Uint8Array(1),
        random: secureRandom,
        protocol: requireProtocol({ protocolPrefix: 'x', ...options }),
        frame() {},
        connected() {},
        disconnected() {},
        refused() {}
      }
    )
    await transport.start()
    await until('it dials', () => opened.length > 0)
    await transport.stop()
    const { maxInboundStreams: _, ...outbound } = options
    expect([handled[0], opened[0]]).toEqual([
      ['/x/byzkit/1.0.0', options],
      ['/x/byzkit/1.0.0', outbound]
    ])
  })

  test.each([
    ['protocolPrefix', ''],
    ['protocolPrefix', '/x'],
    ['protocolPrefix', 'x'.repeat(65)],
    ['protocolPrefix', 5],
    ['maxInboundStreams', 0],
    ['maxOutboundStreams', 1025],
    ['runOnLimitedConnection', 'yes'],
    ['transports', tcp()],
    ['transports', []],
    ['streamMuxers', [5]],
    ['connectionEncrypters', null]
  ])('%s: %o is refused', async (name, value) => {
    const { group, seeds } = await found(4)
    const init = { group, key: seeds[0]!, [name]: value }
    await expect(createNode(init)).rejects.toThrow(new RegExp(`^${name}: expected `))
  })
})
