/** What peers do to a transport that no correct peer does. */
import { createHash, randomBytes } from 'node:crypto'
import type { MessageStream, Stream, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { encodeFrames } from '../../src/libp2p/transport-framing.ts'
import { encodeIntro, TRANSPORT_VERSION } from '../../src/libp2p/transport-intro.ts'
import { extent } from '../extent.ts'
import { turn, until } from '../waiting.ts'
import {
  type Member,
  makeGroup,
  makeNode,
  makeNodes,
  makeRelay,
  memoryGrowthMiB,
  type Node,
  untilConnected
} from './transport-support.ts'

const PROTOCOL = '/byzkit/1.0.0'
const genesis = utf8('group')
const groupId = new Uint8Array(createHash('sha256').update(genesis).digest())
const INTRO = encodeFrames([encodeIntro({ version: TRANSPORT_VERSION, groupId, genesis })])
/** A length of 2^32, and a little of what it announces. */
const FOUR_GIB = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x10, 1, 2, 3)

/** A group in which rank 0 is the adversary's: a bare node, and no transport on it. */
async function hostileGroup(count = 3): Promise<{ hostile: Node; correct: readonly Member[] }> {
  const nodes = await makeNodes(count)
  const group = await makeGroup(nodes, { start: false })
  const correct = group.slice(1)
  await Promise.all(correct.map(({ transport }) => transport.start()))
  return { hostile: nodes[0]!, correct }
}

const open = (from: Node, to: Node): Promise<Stream> =>
  from.dialProtocol(to.getMultiaddrs(), PROTOCOL, { maxOutboundStreams: 20_000 })

/** The correct members still serve each other. */
async function stillServes(correct: readonly Member[]): Promise<void> {
  const [a, b] = [correct[0]!, correct[1]!]
  await until('the correct are connected', () => a.transport.connectedPeers.includes(b.rank))
  const had = b.frames.length
  a.transport.send(b.rank, Uint8Array.of(1))
  await until('a frame gets through', () => b.frames.length > had)
}

describe('a hostile member', () => {
  test.each([
    ['4 GiB as the length of the INTRO', [FOUR_GIB]],
    ['4 GiB as the length of a frame', [INTRO, FOUR_GIB]],
    ['an INTRO that is none', [encodeFrames([utf8('hello')])]],
    ['an INTRO longer than any', [encodeFrames([new Uint8Array(20_000)])]],
    ['an INTRO with bytes behind it', [encodeFrames([new Uint8Array([...INTRO.subarray(1), 0])])]],
    ['a length not in its shortest form', [INTRO, Uint8Array.of(0x81, 0)]]
  ])('that sends %s loses its stream and is named', async (_, pieces) => {
    const { hostile, correct } = await hostileGroup()
    const victim = correct[0]!
    const stream = await open(hostile, victim.node)
    for (const piece of pieces) stream.send(piece)
    await until('the stream is reset', () => stream.status !== 'open')
    expect(victim.refused).toEqual([{ peer: 0, refusal: expect.objectContaining({ kind: 'malformed' }) }])
    expect(victim.frames).toEqual([])
    await stillServes(correct)
  })

  test('that sends random or truncated bytes does no harm', async () => {
    const { hostile, correct } = await hostileGroup()
    const victim = correct[0]!
    for (let round = 0; round < 12; round++) {
      const stream = await open(hostile, victim.node).catch(() => undefined)
      if (stream === undefined) continue
      const bytes = round % 2 === 0 ? randomBytes(1 + round * 100) : INTRO.subarray(0, 3 * round)
      try {
        stream.send(bytes)
        await stream.close({ signal: AbortSignal.timeout(100) })
      } catch {
        // It may have been reset already.
      }
      stream.abort(new Error('next round'))
    }
    await until('it has none', () => victim.transport.connectedPeers.every((peer) => peer !== 0))
    expect(victim.frames).toEqual([])
    await stillServes(correct)
  })

  test('that opens a newer stream replaces its own older one, and no other', async () => {
    const { hostile, correct } = await hostileGroup()
    const victim = correct[0]!
    await stillServes(correct)
    const streams: Stream[] = []
    for (let i = 0; i < 5; i++) {
      const stream = await open(hostile, victim.node)
      stream.send(INTRO)
      stream.send(encodeFrames([Uint8Array.of(i)]))
      streams.push(stream)
      await until('its frame', () => victim.frames.length === i + 1)
    }
    await until('the older are reset', () => streams.filter(({ status }) => status === 'open').length === 1)
    expect(streams[4]?.status).toBe('open')
    expect(victim.frames.map(({ from, bytes }) => [from, bytes[0]])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [0, i])
    )
    expect(victim.transport.connectedPeers).toEqual([0, 2])
  })

  test('that dials although it has the higher rank is refused', async () => {
    const nodes = await makeNodes(2)
    const group = await makeGroup(nodes, { start: false })
    await group[0]!.transport.start()
    const stream = await open(nodes[1]!, nodes[0]!)
    stream.send(INTRO)
    await until('it is refused', () => group[0]!.refused.length > 0)
    expect(group[0]!.refused[0]?.refusal.kind).toBe('protocol-violation')
    expect(group[0]!.transport.connectedPeers).toEqual([])
  })

  test('that speaks another version is told ours, and is named', async () => {
    const { hostile, correct } = await hostileGroup()
    const victim = correct[0]!
    const stream = await open(hostile, victim.node)
    const answers: number[] = []
    stream.addEventListener('message', ({ data }) => answers.push(data.byteLength))
    stream.send(encodeFrames([encodeIntro({ version: TRANSPORT_VERSION + 1, groupId, genesis })]))
    await until('the stream is closed', () => stream.status !== 'open')
    expect(answers).toEqual([INTRO.length])
    expect(victim.refused).toEqual([{ peer: 0, refusal: expect.objectContaining({ kind: 'other-version' }) }])
  })

  test('that is cut off has its streams refused before they are read', async () => {
    const { hostile, correct } = await hostileGroup()
    const victim = correct[0]!
    // The control: what it says is read, and named.
    const read = await open(hostile, victim.node)
    read.send(FOUR_GIB)
    await until('it is named', () => victim.refused.length > 0)
    const named = victim.refused.length
    victim.transport.cutOff(0, 60_000)
    const otherVersion = encodeFrames([encodeIntro({ version: TRANSPORT_VERSION + 1, groupId, genesis })])
    for (let time = 0; time < 5; time++) {
      const stream = await open(hostile, victim.node)
      if (stream.status === 'open') stream.send(otherVersion)
      await until('the stream is reset', () => stream.status !== 'open')
    }
    expect(victim.refused.length).toBe(named)
    expect(victim.events).not.toContain('connected 0')
    await stillServes(correct)
  })

  test('that says nothing on its streams loses them in time (known failure 21)', async () => {
    const nodes = await makeNodes(2)
    const group = await makeGroup(nodes, { start: false, limits: { introTimeoutMs: 100 } })
    await group[1]!.transport.start()
    const stream = await open(nodes[0]!, nodes[1]!)
    await until('the stream is reset', () => stream.status !== 'open')
  })

  test.each([extent(2_000, 10_000)])(
    'that tries to open %i streams costs little memory and hurts nobody else',
    async (count) => {
      const { hostile, correct } = await hostileGroup()
      const victim = correct[0]!
      await stillServes(correct)
      await open(hostile, victim.node)
      let attempts = 0
      const grown = await memoryGrowthMiB(async () => {
        const attack = async () => {
          while (attempts < count) {
            attempts++
            await open(hostile, victim.node).catch(() => {})
          }
        }
        await Promise.all(Array.from({ length: 100 }, attack))
      })
      const inbound = victim.node.getConnections(hostile.peerId).flatMap(({ streams }) => streams)
      expect(inbound.filter(({ protocol }) => protocol === PROTOCOL).length).toBeLessThanOrEqual(4)
      expect(grown).toBeLessThan(20)
      expect(victim.refused).toContainEqual({
        peer: 0,
        refusal: expect.objectContaining({ kind: 'flooding' })
      })
      await stillServes(correct)
    }
  )
})

describe('an intruder whose key is outside the group', () => {
  test('has its stream reset at once, whatever it says, and is reported once a second', async () => {
    const { correct } = await hostileGroup()
    const intruder = await makeNode()
    const victim = correct[0]!
    const began = performance.now()
    for (let i = 0; i < 5; i++) {
      const stream = await open(intruder, victim.node)
      try {
        stream.send(INTRO)
        stream.send(encodeFrames([Uint8Array.of(66)]))
      } catch {
        // It may have been reset already.
      }
      await until('the stream is reset', () => stream.status !== 'open')
    }
    expect(victim.frames).toEqual([])
    const seconds = (performance.now() - began) / 1000
    expect(victim.refused.length).toBeLessThanOrEqual(1 + seconds)
    expect(victim.refused[0]).toMatchObject({ peer: undefined, refusal: { kind: 'outsider' } })
    await stillServes(correct)
  })
})

describe('a peer that does not read', () => {
  test.each([
    ['nothing', 0],
    ['one byte a second', 1]
  ])('but %s costs its sender a bounded memory; once it reads, frames flow again', async (_, rate) => {
    const nodes = await makeNodes(3)
    const relay = await makeRelay(nodes[1]!)
    let received = 0
    const group = await makeGroup(nodes, {
      addressOf: (rank) => (rank === 1 ? [relay.address] : nodes[rank]!.getMultiaddrs()),
      frame: (at, from, bytes) => {
        if (at === 1 && from === 0) received += bytes.length
      }
    })
    const sender = group[0]!.transport
    await untilConnected(group)
    relay.rate(rate)
    const frame = new Uint8Array(1000)
    const grown = await memoryGrowthMiB(async () => {
      for (let i = 0; i < 200_000; i++) {
        sender.send(1, frame.slice())
        if (i % 1000 === 0) await turn()
      }
    })
    expect(sender.framesLost).toBeGreaterThan(150_000)
    expect(grown).toBeLessThan(16)
    expect(sender.connectedPeers).toEqual([1, 2])
    const before = received
    relay.rate(Number.POSITIVE_INFINITY)
    await until('what was kept arrives', () => received > before)
    const kept = received
    sender.send(1, frame)
    await until('and what is sent now', () => received > kept)
    expect(group[0]!.events).toEqual(expect.not.arrayContaining(['disconnected 1']))
  })
})

describe('a peer that attacks the multiplexer', () => {
  /** When it is told to, speaks to the victim's muxer in its own words. */
  type Attack = (connection: MessageStream, ping: () => Promise<number>) => void
  async function dialHostile(victim: Node, attack: Attack): Promise<void> {
    let begin = () => {}
    const attackingMuxer = (): StreamMuxerFactory => {
      const factory = yamux({ enableKeepAlive: false })()
      return {
        protocol: factory.protocol,
        createStreamMuxer(connection) {
          const muxer = factory.createStreamMuxer(connection)
          begin = () => attack(connection, () => muxer.ping())
          return muxer
        }
      }
    }
    const hostile = await makeNode('tcp', {}, attackingMuxer)
    await hostile.dial(victim.getMultiaddrs())
    await until('it is in', () => victim.getConnections().length === 1)
    begin()
  }
  const header = (type: number, flag: number, stream: number, length: number): Uint8Array => {
    const bytes = new DataView(new ArrayBuffer(12))
    bytes.setUint8(1, type)
    bytes.setUint16(2, flag)
    bytes.setUint32(4, stream)
    bytes.setUint32(8, length)
    return new Uint8Array(bytes.buffer)
  }

  test('by announcing a frame of 4 GiB loses its connection at once', async () => {
    const victim = await makeNode()
    await dialHostile(victim, (connection) => connection.send(header(0, 0, 1, 2 ** 32 - 1)))
    await until('it is cut', () => victim.getConnections().length === 0)
  })

  test('by pings whose answers it does not read loses its connection before they add up', async () => {
    const victim = await makeNode()
    const pings = new Uint8Array(12 * 5000)
    for (let i = 0; i < 5000; i++) pings.set(header(2, 1, 0, i), 12 * i)
    const flood = (connection: MessageStream) => {
      connection.pause()
      connection.send(pings)
    }
    await dialHostile(victim, flood)
    await until('it is cut', () => victim.getConnections().length === 0)
  })

  test('by ten thousand streams at once loses its connection, and no memory is kept (known failures 19 and 21)', async () => {
    const victim = await makeNode()
    const openings = new Uint8Array(12 * 10_000)
    for (let i = 0; i < 10_000; i++) openings.set(header(1, 1, 2 * i + 1, 0), 12 * i)
    const grown = await memoryGrowthMiB(async () => {
      await dialHostile(victim, (connection) => connection.send(openings))
      await until('it is cut', () => victim.getConnections().length === 0)
    })
    expect(grown).toBeLessThan(10)
  })

  test('is not who pings now and then', async () => {
    const victim = await makeNode()
    let pings = 0
    const ping = async (_: MessageStream, pingOnce: () => Promise<number>) => {
      for (; pings < 100; pings++) await pingOnce()
    }
    await dialHostile(victim, ping)
    await until('all pings', () => pings === 100)
    expect(victim.getConnections().length).toBe(1)
  })
})
