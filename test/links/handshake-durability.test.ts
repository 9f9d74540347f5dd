/**
 * What the handshake makes durable is durable before anybody is told: with whom a session has begun remembers, whatever
 * crashes, in which life it met the other. On that rests who may serve, and who is refused (decision 0012).
 */
import { describe, expect, it } from 'vitest'
import type { ProcessId } from '../../src/core/group.ts'
import { openFrame } from '../../src/links/frames.ts'
import { AUTHENTICATIONS, AuthenticatedCluster } from './authenticated-cluster.ts'
import type { Frame } from './harness.ts'

/** The frames by which a process first hears of another's life, by who is asked: the lower rank, or the higher one. */
const NEWS = [
  { keeper: 0, by: 'WAKE' },
  { keeper: 0, by: 'ACCEPT' },
  { keeper: 1, by: 'INIT' }
] as const

/** The life that a process remembers of another. */
function remembered(cluster: AuthenticatedCluster, at: ProcessId, peer: ProcessId): number {
  const { links } = cluster.links(at).state() as { links: { peer: number; link: { life: number } }[] }
  return links.find((one) => one.peer === peer)?.link.life ?? 0
}

/** The life of its receiver that a frame tells of; undefined if it tells of none. */
function toldLife(cluster: AuthenticatedCluster, { bytes }: Frame): number | undefined {
  const frame = openFrame(bytes, cluster.tagBytes)?.frame
  return frame !== undefined && 'seen' in frame ? frame.seen : undefined
}

describe.each(AUTHENTICATIONS)('%s, cryptography %s', (authenticator, cryptography) => {
  describe.each(NEWS)('process $keeper hears of a life by $by', ({ keeper, by }) => {
    const other = 1 - keeper
    const LIFE = 3

    /** Until the first frame that tells of the life of the other has come. */
    function heard(held: boolean): AuthenticatedCluster {
      const cluster = new AuthenticatedCluster({ members: 2, authenticator, cryptography })
      cluster.restart(other, { life: LIFE })
      let isHeard = false
      cluster.network.passes = (frame) => {
        if (frame.from === keeper) return by !== 'WAKE' || isHeard
        const passes = isHeard || cluster.typeOf(frame) === by
        isHeard ||= passes
        return passes
      }
      if (held) cluster.holdDisk(keeper)
      cluster.start()
      cluster.time.advance(2000)
      expect(isHeard).toBe(true)
      return cluster
    }

    it('nobody is told of it, and no session begins, before it is durable', () => {
      const cluster = heard(true)
      const told = cluster.recorded.filter(({ from }) => from === keeper)
      expect(told.filter((frame) => (toldLife(cluster, frame) ?? 0) > 0)).toEqual([])
      expect(
        told.map((frame) => cluster.typeOf(frame)).filter((type) => type !== 'INIT' && type !== 'WAKE')
      ).toEqual([])
      expect(cluster.links(other).count('sessionStarted', keeper)).toBe(0)
    })
    it('once it is durable, a session begins at both', () => {
      const cluster = heard(true)
      cluster.node(keeper).input(() => cluster.sync(keeper))
      cluster.time.advance(10_000)
      for (const [at, peer] of [
        [0, 1],
        [1, 0]
      ] as const)
        expect(cluster.links(at).count('sessionStarted', peer)).toBe(1)
    })
    it('a crash before that forgets it, and the other has begun nothing that it forgot', () => {
      const cluster = heard(true)
      expect(cluster.links(other).count('sessionStarted', keeper)).toBe(0)
      cluster.restart(keeper)
      expect(remembered(cluster, keeper, other)).toBe(0)
    })
    it('a crash after that forgets nothing', () => {
      const cluster = heard(false)
      expect(cluster.links(other).count('sessionStarted', keeper)).toBe(1)
      cluster.restart(keeper)
      expect(remembered(cluster, keeper, other)).toBe(LIFE)
    })
  })
})
