/** What the adversary can do with frames: replay, redirect, reflect, alter, invent. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../src/core/bytes.ts'
import { LINK_FRAME_BYTES_MAX, LINK_FRAMES_IN_FLIGHT } from '../../src/links/constants.ts'
import { encodeHandshakeContext, encodeSessionContext } from '../../src/links/contexts.ts'
import { frames, type Frame as LinkFrame, openFrame, sealFrame } from '../../src/links/frames.ts'
import { extent } from '../extent.ts'
import {
  AUTHENTICATIONS,
  AuthenticatedCluster,
  type AuthenticatedClusterInit,
  numbered
} from './authenticated-cluster.ts'
import { type Frame, testGroup } from './harness.ts'
import { counts } from './test-crypto.ts'

/** Hints to people, which a replay may bring about: they change nothing. */
const HINTS: readonly string[] = ['recovered', 'lagging', 'estranged', 'reconciled']

const quiet = (cluster: AuthenticatedCluster) =>
  cluster.nodes.map(({ rank, links }) => [
    rank,
    links.indications.filter(({ name }) => !HINTS.includes(name)).length
  ])

describe.each(AUTHENTICATIONS)('hostile frames, %s, cryptography %s', (authenticator, cryptography) => {
  const start = (init: Partial<AuthenticatedClusterInit> = {}) =>
    new AuthenticatedCluster({ members: 2, authenticator, cryptography, ...init }).start()

  /** A history of connections, sessions and lives, so that every kind of frame has been recorded. */
  const eventful = () => {
    const cluster = start({ members: 3, seed: 9, unackedBytesMax: 100_000 })
    const exchange = () => {
      cluster.time.advance(1500)
      for (const [from, to] of [
        [0, 1],
        [1, 0],
        [2, 0],
        [0, 2],
        [1, 2],
        [2, 1]
      ] as const) {
        cluster.say(from, to, 'one', 'two')
        cluster.say(from, to, 'three')
      }
      cluster.time.advance(1500)
    }
    exchange()
    cluster.reborn(0)
    exchange()
    cluster.reborn(1)
    exchange()
    cluster.reborn(0)
    cluster.reborn(1)
    exchange()
    for (const { rank } of cluster.nodes) {
      cluster.node(rank).input((links) => {
        for (const peer of [0, 1, 2]) links.disconnected(peer)
        for (const peer of [0, 1, 2]) links.connected(peer)
      })
    }
    exchange()
    // Several sessions within the last lives, so that nothing is refused for its life alone.
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [2, 1]
    ] as const) {
      cluster.network.passes = (frame) => frame.to !== to
      cluster.say(from, to, ...Array(11).fill('o'.repeat(10_000)))
      cluster.time.advance(100)
      cluster.network.passes = () => true
      cluster.time.advance(10_000)
      exchange()
    }
    return cluster
  }

  it('every frame ever sent, replayed: no delivery, and no established session ends (known failures 2 and 21)', () => {
    const cluster = eventful()
    const types = new Set(cluster.recorded.map((frame) => cluster.typeOf(frame)))
    expect([...types].sort()).toEqual(['ACCEPT', 'ACK', 'CONFIRM', 'DATA', 'INIT', 'UNKNOWN', 'WAKE'])
    const before = quiet(cluster)
    for (const frame of [...cluster.recorded]) {
      cluster.inject(frame)
      cluster.time.advance(1)
    }
    cluster.time.advance(30_000)
    for (const frame of [...cluster.recorded].reverse()) cluster.inject(frame)
    cluster.time.advance(30_000)
    expect(quiet(cluster)).toEqual(before)
  })

  it('a whole session, replayed in order to an emptied receiver of the same life: nothing is delivered', () => {
    const cluster = start()
    cluster.say(0, 1, 'once')
    cluster.time.advance(1000)
    const session = [...cluster.recorded]
    cluster.crash(0)
    cluster.reborn(1, { life: 1, amnesia: true })
    for (const frame of [...session, ...session]) {
      cluster.inject(frame)
      cluster.time.advance(1)
    }
    cluster.time.advance(1000)
    expect(quiet(cluster)[1]).toEqual([1, 0])
  })

  it('an ACCEPT of an earlier handshake begins no session, though its sender is silent', () => {
    const cluster = start()
    cluster.crash(1)
    const { links } = cluster.restart(0)
    cluster.startOne(0)
    for (const frame of cluster.sent('ACCEPT')) cluster.inject(frame)
    cluster.time.advance(1000)
    expect(links.indications).toEqual([])
  })

  it('the INIT of the current session, come late, is not answered', () => {
    const cluster = start()
    cluster.time.advance(1000)
    const before = cluster.recorded.length
    for (const frame of cluster.sent('INIT')) cluster.inject(frame)
    expect(cluster.recorded.length).toBe(before)
  })

  it('duplicates cost no tag, leave nothing behind, and are acknowledged again (known failure 21)', () => {
    const cluster = start()
    cluster.network.passes = () => false
    for (let i = 0; i < 4; i++) cluster.say(0, 1, `${i}`)
    const [first, second, third] = cluster.sent('DATA', 0) as [Frame, Frame, Frame]
    for (const frame of [third, first, second]) cluster.inject(frame)
    const clean = JSON.stringify(cluster.links(1).state())
    const macs = counts.macs
    cluster.inject(third)
    expect(counts.macs).toBe(macs + (authenticator === 'hmac' ? 1 : 0)) // the fourth frame: an acknowledgement
    for (let i = 0; i < 3; i++) cluster.inject(first)
    expect(cluster.links(1).delivered(0)).toEqual(['0', '1', '2'])
    expect(JSON.stringify(cluster.links(1).state()).replace('"owed":3', '')).toBe(
      clean.replace('"owed":3', '')
    )
  })

  it('a frame out of order that comes twice is kept once', () => {
    const cluster = start()
    cluster.network.passes = () => false
    for (let i = 0; i < 2; i++) cluster.say(0, 1, `${i}`)
    const [first, second] = cluster.sent('DATA', 0) as [Frame, Frame]
    for (const frame of [second, second, second, first]) cluster.inject(frame)
    expect(cluster.links(1).delivered(0)).toEqual(['0', '1'])
    expect(JSON.stringify(cluster.links(1).state())).toContain('"waiting":[],"waitingBytes":0')
  })

  it('replays while the network loses every answer still end nothing', () => {
    const cluster = eventful()
    const before = quiet(cluster)
    cluster.network.passes = () => false
    for (const frame of [...cluster.recorded]) cluster.inject(frame)
    cluster.time.advance(1000)
    cluster.network.passes = () => true
    cluster.time.advance(30_000)
    expect(quiet(cluster)).toEqual(before)
  })

  it('every frame redirected to another receiver, or with another sender, is refused (known failure 4)', () => {
    const cluster = eventful()
    const before = quiet(cluster)
    for (const { from, to, bytes } of [...cluster.recorded]) {
      for (const rank of [0, 1, 2]) {
        if (rank !== to && rank !== from) cluster.inject({ from, to: rank, bytes })
        if (rank !== to && rank !== from) cluster.inject({ from: rank, to, bytes })
      }
      cluster.time.advance(1)
    }
    cluster.time.advance(30_000)
    expect(quiet(cluster)).toEqual(before)
  })

  it('every frame reflected to its sender is refused (known failure 4)', () => {
    const cluster = eventful()
    const before = quiet(cluster)
    for (const { from, to, bytes } of [...cluster.recorded]) cluster.inject({ from: to, to: from, bytes })
    cluster.time.advance(30_000)
    expect(quiet(cluster)).toEqual(before)
    // Reflection is the network's doing: nobody is named for certain.
    for (const { rank } of cluster.nodes) {
      expect(cluster.faults(rank).filter((fault) => !fault.endsWith('suspected'))).toEqual([])
    }
  })

  it('a fresh frame reflected in its own session is refused', () => {
    const cluster = start()
    cluster.network.passes = ({ from, to, bytes }) => {
      cluster.time.schedule(0, () => cluster.inject({ from: to, to: from, bytes }))
      return false
    }
    cluster.say(0, 1, 'echo?')
    cluster.time.advance(100)
    expect(cluster.links(0).delivered(1)).toEqual([])
    expect(cluster.faults(0)).toContain(
      authenticator === 'hmac' ? 'invalid-mac suspected' : 'invalid-signature suspected'
    )
  })

  it('each bit of a frame counts', () => {
    const cluster = start()
    cluster.network.passes = () => false
    cluster.say(0, 1, 'x')
    const { bytes } = cluster.recorded.at(-1)!
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const altered = bytes.slice()
      altered[bit >> 3]! ^= 1 << (bit & 7)
      cluster.inject({ from: 0, to: 1, bytes: altered })
    }
    expect(cluster.links(1).delivered(0)).toEqual([])
    cluster.inject({ from: 0, to: 1, bytes })
    expect(cluster.links(1).delivered(0)).toEqual(['x'])
  })

  /** Of each byte one bit, of which another one in the next; at length all of them. */
  const altered = function* (bytes: Uint8Array): Generator<Uint8Array> {
    for (let bit = 0; bit < 8 * bytes.length; bit += extent(9, 1)) {
      const copy = bytes.slice()
      copy[bit >> 3]! ^= 1 << (bit & 7)
      yield copy
    }
  }

  it.each([
    ['one long message', ['x'.repeat(5000)]],
    ['many short messages', numbered(1000)]
  ])('each position of a long frame counts, to its end: %s', (_, texts) => {
    const cluster = start()
    cluster.network.passes = () => false
    cluster.say(0, 1, ...texts)
    const { bytes } = cluster.recorded.at(-1)!
    expect(bytes.length).toBeGreaterThan(4000)
    for (const other of altered(bytes)) cluster.inject({ from: 0, to: 1, bytes: other })
    expect(cluster.links(1).delivered(0)).toEqual([])
    cluster.inject({ from: 0, to: 1, bytes })
    expect(cluster.links(1).delivered(0)).toEqual(texts)
  })

  it.each([
    ['INIT', 0, 1],
    ['WAKE', 1, 0],
    ['ACCEPT', 1, 0],
    ['UNKNOWN', 1, 0]
  ] as const)('each position of %s counts, to its end', (type, from, to) => {
    const cluster = start({ groupOf: () => testGroup(2) })
    for (let life = 2; life < 60; life++) cluster.restart(1)
    cluster.network.passes = (frame) => cluster.typeOf(frame) !== type
    cluster.reborn(1)
    if (type === 'UNKNOWN') cluster.say(0, 1, 'of a session that is gone')
    cluster.time.advance(1000)
    const frame = cluster.sent(type, from).at(-1)
    cluster.network.passes = () => false
    const states = () => {
      const { links } = cluster.links(to).state() as { links: { link: Record<string, unknown> }[] }
      const { session, handshake, life } = links[0]!.link
      const { nonce, candidate } = handshake as Record<string, unknown>
      return { session: (session as { id: unknown } | null)?.id, life, nonce, candidate }
    }
    const before = JSON.stringify(states())
    for (const bytes of altered(frame!.bytes)) {
      cluster.inject({ from, to, bytes })
      // Its budget is filled again: it is read.
      cluster.time.advance(5)
    }
    expect(JSON.stringify(states())).toBe(before)
    // Not for its clear fields alone: those are compared before the tag.
    const unauthentic = cluster.faults(to).filter((fault) => fault.startsWith('invalid-'))
    expect(unauthentic.length).toBeGreaterThan(30)
  })

  it('bytes of any kind never throw, deliver nothing, and name nobody for certain (known failures 5 and 21)', () => {
    const cluster = start()
    const recorded = cluster.recorded.map(({ bytes }) => bytes)
    const truncated = fc
      .tuple(fc.constantFrom(...recorded), fc.nat(200))
      .map(([bytes, n]) => bytes.slice(0, n))
    const spliced = fc
      .tuple(truncated, fc.uint8Array({ maxLength: 200 }))
      .map((parts) => concatBytes(...parts))
    const hugeLength = fc
      .constantFrom(0x5a, 0x9a, 0x5b, 0x9b, 0x7a, 0xba, 0xbb)
      .map((head) => Uint8Array.from([0x85, 0, head, ...Array(120).fill(0xff)]))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), truncated, spliced, hugeLength), (bytes) => {
        cluster.inject({ from: 0, to: 1, bytes })
        cluster.inject({ from: 1, to: 0, bytes: Buffer.from(bytes) })
      }),
      { numRuns: 2000 }
    )
    cluster.inject({ from: 0, to: 1, bytes: new Uint8Array(LINK_FRAME_BYTES_MAX + 1) })
    cluster.inject({ from: 9, to: 1, bytes: recorded[0]! })
    cluster.time.advance(1000)
    cluster.say(0, 1, 'still here')
    cluster.time.advance(100)
    expect(cluster.links(1).delivered(0)).toEqual(['still here'])
    expect(cluster.faults(1).filter((fault) => !fault.endsWith('suspected'))).toEqual([])
  })

  it('another group, epoch or stack is named', () => {
    const speak = (init: Partial<AuthenticatedClusterInit>) => {
      const cluster = start(init)
      cluster.time.advance(2000)
      expect(cluster.links(1).count('sessionStarted', 0)).toBe(0)
      return cluster.node(1).faults[0]
    }
    expect(speak({ groupOf: (rank) => testGroup(2, rank) })).toMatchObject({
      kind: 'wrong-group',
      certainty: 'suspected',
      detail: expect.stringContaining('speaks of group 0000')
    })
    expect(speak({ groupOf: (rank) => testGroup(2, 7, rank) })).toMatchObject({
      kind: 'wrong-group',
      detail: 'speaks of epoch 0, not 1'
    })
    expect(speak({ fingerprintOf: (rank) => Uint8Array.of(rank) })).toMatchObject({
      kind: 'protocol-violation',
      certainty: 'suspected',
      detail: expect.stringContaining('runs another stack: the fingerprint of its ports is 00, not 01')
    })
  })

  it('a stranger is not answered', () => {
    const cluster = start()
    const before = cluster.recorded.length
    cluster.inject({ from: 5, to: 1, bytes: cluster.recorded[0]!.bytes })
    expect(cluster.recorded.length).toBe(before)
  })
})

describe('a Byzantine peer inside its session', () => {
  /** Seals frames as process 0 does in its session with 1, which process 0 gives away. */
  const betrayed = () => {
    const cluster = new AuthenticatedCluster({ members: 2 }).start()
    const opened = (type: string) => {
      const frame = cluster.sent(type)[0]!
      return openFrame(frame.bytes, 32)!.frame
    }
    const init = opened('INIT') as Extract<LinkFrame, { type: 'INIT' }>
    const accept = opened('ACCEPT') as Extract<LinkFrame, { type: 'ACCEPT' }>
    const context = encodeSessionContext(
      {
        path: 'links',
        group: testGroup(2),
        fingerprint: init.fingerprint,
        initiator: { rank: 0, nonce: init.nonce, incarnation: init.incarnation },
        responder: { rank: 1, nonce: accept.nonce, incarnation: accept.incarnation }
      },
      0,
      1
    )
    const { crypto } = cluster.node(0).env
    const key = crypto.macKey(1, context)
    const session = (opened('CONFIRM') as Extract<LinkFrame, { type: 'CONFIRM' }>).session
    const forge = (frame: LinkFrame) =>
      cluster.inject({ from: 0, to: 1, bytes: sealFrame(frame, (body) => key.tag(body)) })
    const handshakeKey = crypto.macKey(1, encodeHandshakeContext('links', 0, 1))
    const forgeHandshake = (frame: LinkFrame) =>
      cluster.inject({ from: 0, to: 1, bytes: sealFrame(frame, (body) => handshakeKey.tag(body)) })
    const { type: _, nonce, ...hello } = init
    return { cluster, session, forge, forgeHandshake, hello, nonce }
  }
  const messages = [Buffer.from('m')]

  it('is taken at its word as long as it keeps the protocol (control)', () => {
    const { cluster, session, forge } = betrayed()
    forge({ type: 'DATA', session, sequence: 1, ack: 0, messages })
    expect(cluster.links(1).delivered(0)).toEqual(['m'])
    expect(cluster.faults(1)).toEqual([])
  })

  it.each([
    ['a frame beyond the window', { sequence: LINK_FRAMES_IN_FLIGHT + 1, ack: 0, messages }],
    ['a frame far ahead', { sequence: 2 ** 40, ack: 0, messages }],
    ['frame 0', { sequence: 0, ack: 0, messages }],
    ['an acknowledgement of what was never sent', { sequence: 1, ack: 1, messages }],
    ['a frame without messages', { sequence: 1, ack: 0, messages: [] }]
  ])('%s is a violation for certain, and delivers nothing', (_, fields) => {
    const { cluster, session, forge } = betrayed()
    forge({ type: 'DATA', session, ...fields })
    expect(cluster.faults(1)).toEqual(['protocol-violation certain'])
    expect(cluster.links(1).delivered(0)).toEqual([])
  })

  it('that plays the other part in the handshake violates for certain, and gets nothing', () => {
    const { cluster, session, forgeHandshake, hello, nonce } = betrayed()
    cluster.time.advance(1000)
    const before = cluster.recorded.length
    forgeHandshake({ type: 'WAKE', ...hello })
    forgeHandshake({ type: 'UNKNOWN', group: hello.group, epoch: hello.epoch, session })
    forgeHandshake({ type: 'ACCEPT', ...hello, nonce, echo: nonce })
    expect(cluster.faults(1)).toEqual(Array(3).fill('protocol-violation certain'))
    expect(cluster.links(1).count('sessionEnded', 0)).toBe(0)
    expect(cluster.recorded.length).toBe(before)
  })

  it('an INIT alone, however genuine, ends no session', () => {
    const { cluster, forgeHandshake, hello } = betrayed()
    cluster.time.advance(1000)
    forgeHandshake({ type: 'INIT', ...hello, nonce: new Uint8Array(16) })
    cluster.time.advance(10_000)
    expect(cluster.links(1).count('sessionStarted', 0)).toBe(1)
    expect(cluster.links(1).count('sessionEnded', 0)).toBe(0)
  })

  it('a frame larger than any is not even authenticated', () => {
    const { cluster, session, forge } = betrayed()
    const large = new Uint8Array(1024 * 1024)
    forge({ type: 'DATA', session, sequence: 1, ack: 0, messages: [large, large] })
    expect(cluster.faults(1)).toEqual(['malformed suspected'])
    expect(cluster.links(1).delivered(0)).toEqual([])
  })

  it('the last frame of the window is no violation', () => {
    const { cluster, session, forge } = betrayed()
    forge({ type: 'DATA', session, sequence: LINK_FRAMES_IN_FLIGHT, ack: 0, messages })
    expect(cluster.faults(1)).toEqual([])
  })

  it('frames out of order are kept within a bound of bytes, and the missing one is taken for all that', () => {
    const { cluster, session, forge } = betrayed()
    const large = [new Uint8Array(1024 * 1024)]
    for (let sequence = LINK_FRAMES_IN_FLIGHT; sequence >= 1; sequence--) {
      forge({ type: 'DATA', session, sequence, ack: 0, messages: large })
    }
    expect(cluster.links(1).delivered(0).length).toBe(1)
    expect(cluster.faults(1)).toEqual([])
    for (let sequence = 1; sequence <= LINK_FRAMES_IN_FLIGHT; sequence++) {
      forge({ type: 'DATA', session, sequence, ack: 0, messages: large })
    }
    expect(cluster.links(1).delivered(0).length).toBe(LINK_FRAMES_IN_FLIGHT)
  })

  it('declared frames are what is on the wire: type, then fields', () => {
    expect(frames.declared.map(({ type, code }) => `${code} ${type}`)).toEqual([
      '0 DATA',
      '1 ACK',
      '2 CONFIRM',
      '3 INIT',
      '4 ACCEPT',
      '5 UNKNOWN',
      '6 WAKE'
    ])
  })
})

describe('a peer that never reads', () => {
  it('costs a bounded memory and delays nobody else, and catches up', () => {
    const cluster = new AuthenticatedCluster({ members: 4, unackedBytesMax: 1_000_000 }).start()
    const unread = ({ to }: Frame) => to !== 3
    cluster.network.passes = unread
    let most = 0
    for (let i = 0; i < 3000; i++) {
      for (const to of [1, 2, 3]) cluster.say(0, to, 'w'.repeat(2000))
      cluster.time.advance(1)
      most = Math.max(most, outstanding(cluster, 3))
    }
    expect(most).toBeGreaterThan(500_000)
    expect(most).toBeLessThanOrEqual(1_000_000)
    cluster.time.advance(5)
    for (const to of [1, 2]) expect(cluster.links(to).delivered(0)).toHaveLength(3000)
    cluster.network.passes = () => true
    cluster.time.advance(20_000)
    cluster.say(0, 3, 'welcome back')
    cluster.time.advance(100)
    expect(cluster.links(3).delivered(0).at(-1)).toBe('welcome back')
  })
})

function outstanding(cluster: AuthenticatedCluster, peer: number): number {
  const state = cluster.links(0).state() as {
    links: { peer: number; link: { session: { outstandingBytes: number } | null } }[]
  }
  return state.links.find((entry) => entry.peer === peer)?.link.session?.outstandingBytes ?? 0
}
