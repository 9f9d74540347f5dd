import { afterEach, describe, expect, it } from 'vitest'
import { LINK_FRAME_BYTES, LINK_FRAMES_IN_FLIGHT, LINK_MESSAGE_BYTES_MAX } from '../../src/links/constants.ts'
import {
  AUTHENTICATIONS,
  AuthenticatedCluster,
  type AuthenticatedClusterInit,
  numbered
} from './authenticated-cluster.ts'

describe.each(AUTHENTICATIONS)(
  'CGR11 Algorithm 2.4 with sessions, %s, cryptography %s',
  (authenticator, cryptography) => {
    let cluster: AuthenticatedCluster
    const start = (init: Partial<AuthenticatedClusterInit> = {}) => {
      cluster = new AuthenticatedCluster({ members: 2, authenticator, cryptography, ...init })
      return cluster.start()
    }

    afterEach(() => {
      // Accuracy: every process here is correct.
      for (const { rank } of cluster.nodes) {
        expect(cluster.faults(rank).filter((fault) => !fault.endsWith('suspected'))).toEqual([])
      }
    })

    it.each([2, 3, 4, 5, 6, 7])('each of %i processes reaches every other one', (members) => {
      start({ members })
      for (const { rank: from } of cluster.nodes) {
        for (const { rank: to } of cluster.nodes) if (from !== to) cluster.say(from, to, `${from} to ${to}`)
      }
      cluster.time.advance(100)
      for (const { rank: from } of cluster.nodes) {
        for (const { rank: to } of cluster.nodes) {
          if (from !== to) expect(cluster.links(to).delivered(from)).toEqual([`${from} to ${to}`])
          if (from !== to) expect(cluster.links(to).count('sessionStarted', from)).toBe(1)
        }
      }
    })

    it.each([1, 2, 3, 4, 5, 6, 7, 8])(
      'AL1-AL3, FPL4: all delivered, once, in order, over loss, duplication and reordering (seed %i)',
      (seed) => {
        start({ seed })
        Object.assign(cluster.network, { loss: 20, duplication: 20, jitterMs: 40 })
        const texts = numbered(600)
        for (let i = 0; i < texts.length; i += 5) {
          cluster.say(0, 1, ...texts.slice(i, i + 5))
          cluster.say(1, 0, ...texts.slice(i, i + 5))
          cluster.time.advance(7)
        }
        cluster.time.advance(60_000)
        expect(cluster.links(1).delivered(0)).toEqual(texts)
        expect(cluster.links(0).delivered(1)).toEqual(texts)
        expect(cluster.links(0).count('sessionStarted', 1)).toBe(1)
        expect(cluster.links(1).count('sessionStarted', 0)).toBe(1)
      }
    )

    it.each([1, 2, 3, 4, 5])('the handshake itself survives loss and reordering (seed %i)', (seed) => {
      cluster = new AuthenticatedCluster({ members: 2, authenticator, cryptography, seed })
      Object.assign(cluster.network, { loss: 40, duplication: 40, jitterMs: 300 })
      cluster.start()
      cluster.time.advance(60_000)
      const before = [cluster.links(1).delivered(0).length, cluster.links(0).delivered(1).length]
      cluster.say(0, 1, 'ping')
      cluster.say(1, 0, 'pong')
      cluster.time.advance(60_000)
      expect(before).toEqual([0, 0])
      expect(cluster.links(1).delivered(0)).toEqual(['ping'])
      expect(cluster.links(0).delivered(1)).toEqual(['pong'])
      // Started once per session: every session but the last has ended.
      for (const [rank, peer] of [
        [0, 1],
        [1, 0]
      ] as const) {
        const links = cluster.links(rank)
        expect(links.count('sessionStarted', peer) - links.count('sessionEnded', peer)).toBe(1)
      }
    })

    it('a lone message leaves in the turn that sent it', () => {
      start()
      const before = cluster.recorded.length
      cluster.say(0, 1, 'alone')
      expect(cluster.recorded.slice(before).map((frame) => cluster.typeOf(frame))).toEqual(['DATA'])
    })

    it('the messages of a turn leave as one frame with one tag', () => {
      start()
      cluster.say(0, 1, ...numbered(200))
      expect(cluster.sent('DATA', 0)).toHaveLength(1)
      cluster.time.advance(100)
      expect(cluster.links(1).delivered(0)).toEqual(numbered(200))
    })

    it('messages gather while the window is full, and frames are filled to their size', () => {
      start()
      cluster.network.passes = ({ to }) => to !== 0 // no acknowledgement comes back
      for (let i = 0; i < 500; i++) cluster.say(0, 1, 'x'.repeat(1000))
      expect(cluster.sent('DATA', 0)).toHaveLength(LINK_FRAMES_IN_FLIGHT)
      cluster.network.passes = () => true
      cluster.time.advance(5000)
      expect(cluster.links(1).delivered(0)).toHaveLength(500)
      const lengths = cluster.sent('DATA', 0).map(({ bytes }) => bytes.length)
      expect(Math.max(...lengths)).toBeLessThanOrEqual(LINK_FRAME_BYTES + cluster.tagBytes)
      expect(lengths.filter((length) => length > LINK_FRAME_BYTES - 2000).length).toBeGreaterThan(5)
    })

    it('the largest message goes alone; a larger one is a mistake of the caller', () => {
      start()
      const largest = 'y'.repeat(LINK_MESSAGE_BYTES_MAX)
      cluster.say(0, 1, 'before', largest, 'after')
      cluster.time.advance(100)
      expect(cluster.links(1).delivered(0)).toEqual(['before', largest, 'after'])
      expect(() => cluster.links(0).send(1, new Uint8Array(LINK_MESSAGE_BYTES_MAX + 1))).toThrow('at most')
    })

    it('a standalone acknowledgement comes after four frames or 25 ms, and an idle link is silent', () => {
      start()
      cluster.time.advance(1000)
      const before = cluster.recorded.length
      for (let i = 0; i < 4; i++) cluster.say(0, 1, 'm')
      cluster.time.advance(3)
      expect(cluster.sent('ACK', 1).length).toBeGreaterThan(0)
      cluster.say(0, 1, 'one more')
      cluster.time.advance(60_000)
      expect(cluster.recorded.length - before).toBe(4 + 1 + 1 + 1)
    })

    it('what is unacknowledged leaves at once when the transport is connected again', () => {
      start()
      cluster.network.passes = () => false
      cluster.say(0, 1, 'a')
      cluster.say(0, 1, 'b')
      cluster.node(0).input((links) => links.disconnected(1))
      cluster.time.advance(20_000)
      cluster.network.passes = () => true
      cluster.node(0).input((links) => links.connected(1))
      cluster.time.advance(2)
      expect(cluster.links(1).delivered(0)).toEqual(['a', 'b'])
      expect(cluster.links(0).count('sessionEnded', 1)).toBe(0)
      expect(cluster.links(0).count('lagging', 1)).toBe(0)
    })

    it('over a long way the timeout adapts: few frames are sent twice', () => {
      start()
      cluster.network.passes = ({ from, to, bytes }) => {
        cluster.time.schedule(450, () => cluster.inject({ from, to, bytes }))
        return false
      }
      for (let i = 0; i < 50; i++) {
        cluster.say(0, 1, `${i}`)
        cluster.time.advance(3000)
      }
      cluster.time.advance(5000)
      expect(cluster.links(1).delivered(0)).toEqual(numbered(50, ''))
      expect(cluster.sent('DATA', 0).length).toBeLessThan(60)
    })

    it('without a session a message is dropped', () => {
      cluster = new AuthenticatedCluster({ members: 2, authenticator, cryptography })
      cluster.say(0, 1, 'too early')
      cluster.start()
      cluster.time.advance(1000)
      expect(cluster.links(1).delivered(0)).toEqual([])
      expect(cluster.links(1).count('sessionStarted', 0)).toBe(1)
    })

    it('state is a plain value, the same for the same run', () => {
      const run = () => {
        start({ seed: 5 })
        cluster.say(0, 1, 'a')
        cluster.time.advance(10)
        return JSON.stringify(cluster.links(0).state())
      }
      expect(run()).toBe(run())
    })
  }
)
