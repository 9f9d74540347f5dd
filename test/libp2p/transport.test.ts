import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { AllowList } from '../../src/libp2p/gater.ts'
import { encodeFrames } from '../../src/libp2p/transport-framing.ts'
import { encodeIntro, TRANSPORT_VERSION } from '../../src/libp2p/transport-intro.ts'
import { elapse, until } from '../waiting.ts'
import { makeGroup, makeNode, makeNodes, makeRelay, untilConnected } from './transport-support.ts'

describe.each(['tcp', 'memory'] as const)('the transport over %s', (medium) => {
  test('carries frames both ways, in order, of any size up to the bound', async () => {
    const group = await makeGroup(await makeNodes(2, medium))
    const [zero, one] = [group[0]!, group[1]!]
    await untilConnected(group)
    const sizes = [1, 127, 128, 16_383, 16_384, 300_000, 2 * 1024 * 1024, 5]
    for (const size of sizes) {
      const last = zero.frames.length
      zero.transport.send(1, new Uint8Array(size).fill(size))
      one.transport.send(0, new Uint8Array(size).fill(size + 1))
      await until(`${size} bytes both ways`, () => one.frames.length > last && zero.frames.length > last)
    }
    expect(one.frames.map(({ bytes }) => bytes.length)).toEqual(sizes)
    expect(one.frames.every(({ bytes }) => bytes.every((byte) => byte === (bytes.length & 0xff)))).toBe(true)
    expect(zero.frames.map(({ from }) => from)).toEqual(sizes.map(() => 1))
    for (let i = 0; i < 1000; i++) zero.transport.send(1, Uint8Array.of(i >> 8, i))
    await until('a thousand frames', () => one.frames.length === sizes.length + 1000)
    const numbers = one.frames.slice(sizes.length).map(({ bytes }) => (bytes[0]! << 8) | bytes[1]!)
    expect(numbers).toEqual(numbers.map((_, i) => i))
  })

  test('connects again after a connection is cut, at either end', async () => {
    const group = await makeGroup(await makeNodes(2, medium))
    for (const { node, transport } of group) {
      await untilConnected(group)
      for (const connection of node.getConnections()) connection.abort(new Error('cut by the test'))
      await until('it is noticed', () => transport.connectedPeers.length === 0)
    }
    await untilConnected(group)
    expect(group[0]!.events.slice(0, 3)).toEqual(['connected 1', 'disconnected 1', 'connected 1'])
    group[1]!.transport.send(0, Uint8Array.of(42))
    await until('frames get through again', () => group[0]!.frames.length === 1)
  })
})

test('a client dials every member, and is dialled by none', async () => {
  const nodes = await makeNodes(5)
  const group = await makeGroup(nodes, { clients: 2 })
  const [members, clients] = [group.slice(0, 3), group.slice(3)]
  await until('all are connected', () =>
    [
      ...members.map((member) => [member, 4] as const),
      ...clients.map((client) => [client, 3] as const)
    ].every(([{ transport }, peers]) => transport.connectedPeers.length === peers)
  )
  for (const client of clients) expect(client.transport.connectedPeers).toEqual([0, 1, 2])
  // A client calls itself by the first number after the members; they have their own number for each.
  for (const { transport } of members) transport.send(4, Uint8Array.of(4))
  await until('it arrives', () => clients[1]!.frames.length === 3)
  expect(clients[1]!.frames.map(({ from }) => from).sort()).toEqual([0, 1, 2])
  expect(clients[0]!.frames).toEqual([])
  for (const { refused } of group) expect(refused).toEqual([])
})

test('a member that opens a stream to a client is refused', async () => {
  const nodes = await makeNodes(2)
  const [, client] = await makeGroup(nodes, { clients: 1, start: false })
  await client!.transport.start()
  const stream = await nodes[0]!.dialProtocol(nodes[1]!.getMultiaddrs(), '/byzkit/1.0.0')
  const genesis = utf8('group')
  const groupId = new Uint8Array(createHash('sha256').update(genesis).digest())
  stream.send(encodeFrames([encodeIntro({ version: TRANSPORT_VERSION, groupId, genesis })]))
  await until('it is named', () => client!.refused.length > 0)
  expect(client!.refused[0]).toMatchObject({ peer: 0, refusal: { kind: 'protocol-violation' } })
  expect(client!.transport.connectedPeers).toEqual([])
})

describe('the transport', () => {
  test('has one stream per pair although both ends have dialled each other', async () => {
    const nodes = await makeNodes(2)
    const [a, b] = [nodes[0]!, nodes[1]!]
    await Promise.all([a.dial(b.getMultiaddrs()), b.dial(a.getMultiaddrs())])
    const group = await makeGroup(nodes)
    await untilConnected(group)
    // Round trips, so many that another stream would have come among them.
    for (let round = 1; round <= 20; round++) {
      for (const { rank, transport } of group) transport.send(1 - rank, Uint8Array.of(round))
      await until('both frames', () => group.every(({ frames }) => frames.length === round))
    }
    expect(group.map(({ events }) => events)).toEqual([['connected 1'], ['connected 0']])
    const streams = b.getConnections().flatMap((connection) => connection.streams)
    expect(streams.filter(({ protocol }) => protocol === '/byzkit/1.0.0').length).toBe(1)
  })

  test('finds a member that starts late or comes back', async () => {
    const nodes = await makeNodes(2)
    const group = await makeGroup(nodes, { start: false })
    await group[0]!.transport.start()
    await until('it was looked for in vain', () => group[0]!.failures.length > 1)
    await group[1]!.transport.start()
    await untilConnected(group)
    for (let round = 0; round < 3; round++) {
      await group[1]!.transport.stop()
      await until('it is gone', () => group[0]!.transport.connectedPeers.length === 0)
      await group[1]!.transport.start()
      await untilConnected(group)
    }
    await group[0]!.transport.stop()
    await until('it is gone', () => group[1]!.transport.connectedPeers.length === 0)
    await group[0]!.transport.start()
    await untilConnected(group)
  })

  test('connects ten members that start on one host at once', async () => {
    const group = await makeGroup(await makeNodes(10))
    await untilConnected(group)
    for (const { rank, transport } of group) {
      for (const { rank: to } of group) if (to !== rank) transport.send(to, Uint8Array.of(rank))
    }
    await until('all frames', () => group.every(({ frames }) => frames.length === 9))
    for (const { rank, frames, refused } of group) {
      expect(frames.every(({ from, bytes }) => bytes[0] === from && from !== rank)).toBe(true)
      expect(refused).toEqual([])
    }
  })

  test('serves two groups on one node, each with its own frames and ranks', async () => {
    const nodes = await makeNodes(3)
    const first = await makeGroup(nodes, { name: 'first' })
    const second = await makeGroup([...nodes].reverse(), { name: 'second' })
    await Promise.all([untilConnected(first), untilConnected(second)])
    first[0]!.transport.send(1, Uint8Array.of(1))
    second[2]!.transport.send(1, Uint8Array.of(2))
    await until('both frames', () => first[1]!.frames.length + second[1]!.frames.length === 2)
    expect(first[1]!.frames).toEqual([{ from: 0, bytes: Uint8Array.of(1) }])
    expect(second[1]!.frames).toEqual([{ from: 2, bytes: Uint8Array.of(2) }])
    await first[1]!.transport.stop()
    await until('one group loses a member', () => first[0]!.transport.connectedPeers.length === 1)
    expect(second[0]!.transport.connectedPeers).toEqual([1, 2])
    expect([...first, ...second].flatMap(({ refused }) => refused)).toEqual([])
  })

  test('refuses to serve one group twice on a node', async () => {
    const nodes = await makeNodes(2)
    await makeGroup(nodes)
    await expect(makeGroup(nodes)).rejects.toThrow('already')
  })

  test('names both geneses when they differ, at both ends, and goes on with the others', async () => {
    const group = await makeGroup(await makeNodes(3), {
      genesisOf: (rank) => (rank === 1 ? 'name: b' : 'name: a')
    })
    await until('all know', () => group.every(({ rank, refused }) => refused.length >= (rank === 1 ? 2 : 1)))
    const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)
    for (const { rank, refused } of group) {
      for (const { peer, refusal } of refused) {
        expect(refusal.kind).toBe('wrong-group')
        expect(text(refusal.genesis?.ours)).toBe(rank === 1 ? 'name: b' : 'name: a')
        expect(text(refusal.genesis?.theirs)).toBe(peer === 1 ? 'name: b' : 'name: a')
      }
    }
    await until('the others', () => group[0]!.transport.connectedPeers.includes(2))
    expect(group[1]!.transport.connectedPeers).toEqual([])
  })

  test('does not report the same refusal at full speed', async () => {
    const nodes = await makeNodes(2)
    let dials = 0
    const { connectionManager } = nodes[0]!.services.parts.components
    const { openConnection } = connectionManager
    connectionManager.openConnection = (...to) => {
      dials++
      return openConnection.apply(connectionManager, to)
    }
    const group = await makeGroup(nodes, { genesisOf: String, limits: { redialDelayMaxMs: 20 } })
    const began = performance.now()
    // The one of lower rank dials: whatever it meets it asks again.
    await until('it has dialled many times', () => dials > 20)
    const seconds = (performance.now() - began) / 1000
    for (const { refused } of group) {
      const reports = refused.filter(({ refusal }) => refusal.kind === 'wrong-group').length
      expect(reports).toBeGreaterThan(0)
      expect(reports).toBeLessThanOrEqual(2 + seconds)
    }
  })

  test('stops although a peer reads nothing', async () => {
    const group = await makeGroup(await makeNodes(2))
    await untilConnected(group)
    for (const connection of group[1]!.node.getConnections()) {
      for (const stream of connection.streams) stream.pause()
    }
    for (let i = 0; i < 50; i++) group[0]!.transport.send(1, new Uint8Array(100_000))
    await until('frames wait', () =>
      group[0]!.node.getConnections().some(({ streams }) => streams.some((each) => each.writableNeedsDrain))
    )
    await group[0]!.transport.stop()
    expect(group[0]!.transport.connectedPeers).toEqual([])
  })

  test('stops although a dial hangs, and leaves nothing behind', async () => {
    const nodes = await makeNodes(2)
    const relay = await makeRelay(nodes[1]!)
    relay.rate(0)
    // By itself it would give up later than this test does.
    const hours = { dialTimeoutMs: 3_600_000, addressTimeoutMs: 3_600_000 }
    const group = await makeGroup(nodes, { addressOf: () => [relay.address], limits: hours })
    await until('it is dialled', () => relay.dialled() > 0)
    await Promise.all(group.map(({ transport }) => transport.stop()))
    expect(nodes.flatMap((node) => node.getProtocols())).not.toContain('/byzkit/1.0.0')
  })

  test('does not go on with a connection on which no stream can be opened', async () => {
    const nodes = await makeNodes(2)
    const connection = await nodes[0]!.dial(nodes[1]!.getMultiaddrs())
    connection.newStream = async () => {
      throw Object.assign(new Error('the muxer is closed'), { name: 'ConnectionClosedError' })
    }
    await untilConnected(await makeGroup(nodes))
    expect(connection.status).not.toBe('open')
  })

  test('gives up a half-open stream that has been silent, and dials again', async () => {
    const group = await makeGroup(await makeNodes(2), {
      limits: { heartbeatIntervalMs: 50, silenceMaxMs: 2000 }
    })
    await untilConnected(group)
    await elapse(4500)
    // Signs of life keep an idle stream.
    expect(group[0]!.events).toEqual(['connected 1'])
    for (const connection of group[0]!.node.getConnections()) {
      for (const stream of connection.streams) stream.pause()
    }
    await until('a new stream', () => group[0]!.events.length >= 3)
    expect(group[0]!.events.slice(0, 3)).toEqual(['connected 1', 'disconnected 1', 'connected 1'])
  })
})

describe('the allow list', () => {
  test('lets members in, and cuts strangers after the handshake', async () => {
    const list = new AllowList([])
    const guarded = await makeNode('tcp', list.gater)
    const [member, stranger] = await Promise.all([makeNode(), makeNode()])
    list.allow(member.peerId)
    await member.dial(guarded.getMultiaddrs())
    // Whoever dials is done first.
    await until('the member is in', () => guarded.getConnections().length === 1)
    await stranger.dial(guarded.getMultiaddrs()).catch(() => {})
    await until('the stranger is cut', () => stranger.getConnections().length === 0)
    expect(guarded.getConnections().map(({ remotePeer }) => String(remotePeer))).toEqual([
      String(member.peerId)
    ])
    await expect(guarded.dial(stranger.getMultiaddrs())).rejects.toThrow()
  })

  test('keeps the newest connections of a peer', async () => {
    const dialler = await makeNode()
    const guarded = await makeNode('tcp', new AllowList([dialler.peerId]).gater)
    for (let i = 0; i < 10; i++) await dialler.dial(guarded.getMultiaddrs(), { force: true }).catch(() => {})
    const open = () => guarded.getConnections().length
    await until('the oldest are cut, and the newest are in', () => open() > 0 && open() <= 4)
  })
})
