/** Frames that need no session: what they may cost, whoever sends them. */
import { describe, expect, it } from 'vitest'
import {
  EARLIER_LIVES_MAX,
  HANDSHAKE_RETRY_MAX_MS,
  SESSIONLESS_WORK_BURST_US,
  SESSIONLESS_WORK_US_PER_SECOND,
  WORK_US
} from '../../src/links/constants.ts'
import { sealFrame } from '../../src/links/frames.ts'
import { AuthenticatedCluster, type AuthenticatedClusterInit, numbered } from './authenticated-cluster.ts'
import { type Frame, testGroup } from './harness.ts'
import { counts } from './test-crypto.ts'

const start = (init: Partial<AuthenticatedClusterInit> = {}) =>
  new AuthenticatedCluster({ members: 2, ...init }).start()

const fresh = (number: number, length: number) =>
  Uint8Array.from({ length }, (_, at) => (number >> (8 * (at % 4))) & 255)

const withoutTag = (frame: Parameters<typeof sealFrame>[0]) => sealFrame(frame, () => new Uint8Array(32))

/** The n-th frame of a flood from member 0 to member 1, or back. */
type Flood = (cluster: AuthenticatedCluster, number: number) => Frame

const floods: readonly [string, Flood][] = [
  [
    'INITs, each with a new nonce',
    (cluster, number) => cluster.forged(0, 1, { type: 'INIT', ...cluster.hello(0), nonce: fresh(number, 16) })
  ],
  [
    'INITs that are not authentic',
    (cluster, number) => ({
      from: 0,
      to: 1,
      bytes: withoutTag({ type: 'INIT', ...cluster.hello(0), nonce: fresh(number, 16) })
    })
  ],
  [
    'frames of sessions that never were',
    (_, number) => ({
      from: 0,
      to: 1,
      bytes: withoutTag({ type: 'ACK', session: fresh(number, 8), ack: 0 })
    })
  ],
  ['bytes that no encoder made', (_, number) => ({ from: 0, to: 1, bytes: fresh(number, 60) })],
  ['WAKEs', (cluster) => cluster.forged(1, 0, { type: 'WAKE', ...cluster.hello(1) })],
  [
    'ACCEPTs of nothing',
    (cluster, number) => {
      const nonce = fresh(number, 16)
      return cluster.forged(1, 0, { type: 'ACCEPT', ...cluster.hello(1), nonce, echo: nonce })
    }
  ],
  [
    'UNKNOWNs of sessions that never were',
    (cluster, number) => {
      const { group, epoch } = cluster.hello(1)
      return cluster.forged(1, 0, { type: 'UNKNOWN', group, epoch, session: fresh(number, 8) })
    }
  ]
]

describe('a flood of frames that need no session', () => {
  const FRAMES = 20_000
  const SECONDS = 2
  /** All that the budget allows in that time, were a frame to cost no more than being looked at. */
  const READ_MAX = (SESSIONLESS_WORK_BURST_US + SECONDS * SESSIONLESS_WORK_US_PER_SECOND) / WORK_US.frame

  it.each(floods)('%s are read only as far as the budget goes; the session goes on meanwhile', (_, flood) => {
    const cluster = start()
    cluster.time.advance(1000)
    const { from, to } = flood(cluster, 0)
    const answeredBefore = cluster.recorded.filter((frame) => frame.from === to).length
    const faultsBefore = cluster.faults(to).length
    const frames = Array.from({ length: FRAMES }, (_, number) => flood(cluster, number))
    const macsBefore = counts.macs
    const texts = numbered(20)
    for (const text of texts) {
      for (const frame of frames.splice(0, FRAMES / texts.length)) cluster.inject(frame)
      cluster.say(from, to, text)
      cluster.time.advance((SECONDS * 1000) / texts.length)
    }
    expect(cluster.links(to).delivered(from)).toEqual(texts)
    expect(cluster.links(to).count('sessionStarted', from)).toBe(1)
    expect(counts.macs - macsBefore).toBeLessThan(2 * READ_MAX)
    const answered = cluster.recorded.filter((frame) => frame.from === to).length - answeredBefore
    expect(answered).toBeLessThan(READ_MAX)
    expect(cluster.faults(to).length - faultsBefore).toBeLessThan(READ_MAX)
    expect(cluster.faults(to)).toContain('flooding suspected')
    expect(cluster.faults(to).filter((fault) => !fault.endsWith('suspected'))).toEqual([])
  })

  it('what is beyond the budget is read no more at all: it costs no tag', () => {
    const cluster = start()
    cluster.time.advance(1000)
    const init = (number: number) =>
      cluster.forged(0, 1, { type: 'INIT', ...cluster.hello(0), nonce: fresh(number, 16) })
    for (let number = 0; number < 2000; number++) cluster.inject(init(number))
    const late = Array.from({ length: 100 }, (_, number) => init(5000 + number))
    const { macs } = counts
    for (const frame of late) cluster.inject(frame)
    expect(counts.macs).toBe(macs)
  })

  it.each([2, 4, 7])('a flood by one of %i members delays the handshake of no other one', (members) => {
    const cluster = start({ members })
    cluster.time.advance(1000)
    for (let other = 2; other < members; other++) cluster.reborn(other)
    for (let number = 0; number < 20_000; number++) cluster.inject(floods[1]![1](cluster, number))
    cluster.time.advance(1000)
    for (let other = 2; other < members; other++) {
      expect(cluster.links(1).count('sessionStarted', other)).toBe(2)
    }
  })

  it.each([
    [0, 1],
    [1, 0]
  ])(
    'after a flood in its name, process %i, which restarted meanwhile, gets its session',
    (returned, other) => {
      const cluster = start()
      cluster.time.advance(1000)
      const flood = floods[returned === 0 ? 1 : 4]![1]
      const unread = (ms: number) => {
        for (let at = 0; at < ms; at += 10) {
          for (let number = 0; number < 100; number++) cluster.inject(flood(cluster, number))
          cluster.time.advance(10)
        }
      }
      unread(1000)
      cluster.reborn(returned)
      unread(3000)
      cluster.time.advance(2 * HANDSHAKE_RETRY_MAX_MS)
      expect(cluster.links(other).count('sessionStarted', returned)).toBe(2)
      cluster.say(returned, other, 'here again')
      cluster.time.advance(1000)
      expect(cluster.links(other).delivered(returned)).toEqual(['here again'])
    }
  )
})

describe('a correct peer (control)', () => {
  it('never spends its budget, though its network fails it and it restarts again and again', () => {
    const cluster = start({ members: 4, seed: 5 })
    Object.assign(cluster.network, { loss: 20, duplication: 20, jitterMs: 100 })
    for (let round = 0; round < 30; round++) {
      cluster.reborn(round % 4)
      for (let from = 0; from < 4; from++) {
        for (let to = 0; to < 4; to++) if (from !== to) cluster.say(from, to, ...numbered(20))
      }
      cluster.time.advance(700)
    }
    for (const { rank } of cluster.nodes) expect(cluster.faults(rank)).toEqual([])
  })

  it.each([4, 7])('gets its session within any budget, at n = %i', (members) => {
    // Two frames a second.
    const sessionlessWork = { perSecond: 250, burst: 125 }
    const cluster = start({ members, seed: 3, sessionlessWork })
    Object.assign(cluster.network, { loss: 20, duplication: 20, jitterMs: 100 })
    for (let round = 0; round < 6; round++) {
      cluster.reborn(round % members)
      cluster.time.advance(2000)
    }
    Object.assign(cluster.network, { loss: 0, duplication: 0, jitterMs: 0 })
    cluster.time.advance(12 * HANDSHAKE_RETRY_MAX_MS)
    for (const { rank, links } of cluster.nodes) {
      for (const { rank: peer } of cluster.nodes) {
        if (peer === rank) continue
        cluster.say(peer, rank, 'at last')
        cluster.time.advance(50)
        expect(links.delivered(peer).at(-1)).toBe('at last')
      }
    }
  })
})

describe('an answer to a frame of no session', () => {
  it.each([0, EARLIER_LIVES_MAX])('is hardly larger than the frame, after %i lives too', (lives) => {
    const cluster = start({ groupOf: () => testGroup(2) })
    for (let life = 2; life < lives; life++) cluster.restart(1)
    cluster.reborn(1)
    cluster.time.advance(5000)
    const before = cluster.recorded.length
    const asked = withoutTag({ type: 'ACK', session: fresh(7, 8), ack: 0 })
    cluster.inject({ from: 0, to: 1, bytes: asked })
    const answers = cluster.recorded.slice(before)
    expect(answers.map((frame) => cluster.typeOf(frame))).toEqual(['UNKNOWN'])
    expect(answers[0]!.bytes.length).toBeLessThan(2 * asked.length)
  })

  it('comes for no bytes that are shorter than any frame of a session', () => {
    const cluster = start()
    const before = cluster.recorded.length
    const whole = withoutTag({ type: 'CONFIRM', session: fresh(7, 8) })
    for (let length = 0; length < whole.length; length++) {
      cluster.inject({ from: 0, to: 1, bytes: whole.slice(0, length) })
    }
    expect(cluster.recorded.length).toBe(before)
  })
})
