/** How often a peer may begin a session: each makes its other end send again what was missed. */
import { describe, expect, it } from 'vitest'
import { HANDSHAKE_RETRY_MAX_MS, SESSION_AGE_MIN_MS, SESSIONS_AT_ONCE } from '../../src/links/constants.ts'
import { SessionPace } from '../../src/links/session-pace.ts'
import { AuthenticatedCluster } from './authenticated-cluster.ts'
import { VirtualTime } from './virtual-time.ts'

const RETAINED_BYTES = 50_000
const SECONDS = 120

/**
 * Member `victim` sends all that it retains whenever a session begins, as broadcasts do; its peer begins one as often as
 * it can. @returns bytes that the victim sends, by the retained bytes
 */
function pulled(peer: 0 | 1, again: (cluster: AuthenticatedCluster, sinceMs: number) => void): number {
  const victim = 1 - peer
  const cluster = new AuthenticatedCluster({ members: 2 }).start()
  let resent = 0
  for (let ms = 0; ms < SECONDS * 1000; ms += 50) {
    const started = cluster.links(victim).count('sessionStarted', peer)
    if (started > resent) cluster.say(victim, peer, 'r'.repeat(RETAINED_BYTES))
    resent = started
    again(cluster, ms)
    cluster.time.advance(50)
  }
  const bytes = cluster.sent('DATA', victim).reduce((sum, frame) => sum + frame.bytes.length, 0)
  return bytes / RETAINED_BYTES
}

describe.each([0, 1] as const)('process %i', (peer) => {
  it('begins session after session: of two a second that it asks for, its peer gives one in five seconds', () => {
    const copies = pulled(peer, (cluster, ms) => {
      if (ms % SESSION_AGE_MIN_MS === 0) cluster.reborn(peer)
    })
    // The attack has reached its target: more than one who restarts now and then.
    expect(copies).toBeGreaterThan(SESSIONS_AT_ONCE)
    const patient = (SECONDS * 1000) / HANDSHAKE_RETRY_MAX_MS
    expect(copies).toBeLessThan(patient + 2 * SESSIONS_AT_ONCE + 4)
  })

  it('restarts a few times, and gets its session at once each time (control)', () => {
    const victim = 1 - peer
    const cluster = new AuthenticatedCluster({ members: 2 }).start()
    for (let restarts = 1; restarts < SESSIONS_AT_ONCE; restarts++) {
      cluster.time.advance(SESSION_AGE_MIN_MS)
      cluster.reborn(peer)
      cluster.time.advance(300)
      expect(cluster.links(victim).count('sessionStarted', peer)).toBe(1 + restarts)
    }
  })

  it('restarts every ten seconds for ever, and never waits (control)', () => {
    const victim = 1 - peer
    const cluster = new AuthenticatedCluster({ members: 2 }).start()
    for (let restarts = 1; restarts < 50; restarts++) {
      cluster.time.advance(10_000)
      cluster.reborn(peer)
      cluster.time.advance(300)
      expect(cluster.links(victim).count('sessionStarted', peer)).toBe(1 + restarts)
    }
  })

  it('waits at most the longest delay of a handshake, however often it restarted before', () => {
    const victim = 1 - peer
    const cluster = new AuthenticatedCluster({ members: 2 }).start()
    for (let restarts = 0; restarts < 100; restarts++) {
      cluster.reborn(peer)
      cluster.time.advance(SESSION_AGE_MIN_MS)
    }
    const before = cluster.links(victim).count('sessionStarted', peer)
    // Its own retries are at most as far apart as the wait is long.
    cluster.time.advance(2 * HANDSHAKE_RETRY_MAX_MS)
    expect(cluster.links(victim).count('sessionStarted', peer)).toBeGreaterThanOrEqual(before)
    cluster.say(peer, victim, 'in session')
    cluster.time.advance(100)
    expect(cluster.links(victim).delivered(peer).at(-1)).toBe('in session')
  })
})

it('a client that is started anew for each of its operations has its session within a second each time', () => {
  const cluster = new AuthenticatedCluster({ members: 1, clients: 1 }).start()
  for (let starts = 1; starts < 20; starts++) {
    cluster.reborn(1)
    cluster.time.advance(1000)
    expect(cluster.links(0).count('sessionStarted', 1)).toBe(1 + starts)
  }
})

it('a clock that is set back makes nobody wait for ever', () => {
  const time = new VirtualTime()
  time.now = 1_000_000
  const pace = new SessionPace(
    time.clock((handler) => handler()),
    true
  )
  for (let session = 0; session < 20; session++) pace.begun()
  expect(pace.waitMs).toBe(HANDSHAKE_RETRY_MAX_MS)
  time.now = 0
  expect(pace.waitMs).toBe(0)
})
