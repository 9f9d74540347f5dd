/** When sessions begin and end, and that nothing old comes into a new one. */
import { describe, expect, it } from 'vitest'
import {
  AUTHENTICATIONS,
  AuthenticatedCluster,
  type AuthenticatedClusterInit,
  numbered
} from './authenticated-cluster.ts'

const pairs = [
  [0, 1],
  [1, 0]
] as const

describe.each(AUTHENTICATIONS)('sessions, %s, cryptography %s', (authenticator, cryptography) => {
  const start = (init: Partial<AuthenticatedClusterInit> = {}) =>
    new AuthenticatedCluster({ members: 2, authenticator, cryptography, ...init }).start()

  const balance = (cluster: AuthenticatedCluster, rank: number, peer: number) => {
    const links = cluster.links(rank)
    return links.count('sessionStarted', peer) - links.count('sessionEnded', peer)
  }

  const works = (cluster: AuthenticatedCluster, name: string) => {
    cluster.say(0, 1, name)
    cluster.say(1, 0, name)
    cluster.time.advance(2000)
    expect(
      cluster
        .links(1)
        .delivered(0)
        .filter((text) => text === name)
    ).toEqual([name])
    expect(
      cluster
        .links(0)
        .delivered(1)
        .filter((text) => text === name)
    ).toEqual([name])
    for (const [rank, peer] of pairs) expect(balance(cluster, rank, peer)).toBe(1)
  }

  it.each([0, 1])('a restart of process %i begins one new session at each end', (restarted) => {
    const cluster = start()
    works(cluster, 'first life')
    cluster.reborn(restarted)
    cluster.time.advance(2000)
    const other = 1 - restarted
    expect(cluster.links(other).count('sessionStarted', restarted)).toBe(2)
    expect(cluster.links(other).count('sessionEnded', restarted)).toBe(1)
    expect(cluster.links(restarted).count('sessionStarted', other)).toBe(1)
    works(cluster, 'second life')
  })

  it.each([0, 1])(
    'a restart of process %i is noticed though its peer is the only one with messages',
    (restarted) => {
      const cluster = start()
      cluster.time.advance(1000)
      cluster.reborn(restarted)
      cluster.say(1 - restarted, restarted, 'of the old session')
      cluster.time.advance(2000)
      cluster.say(1 - restarted, restarted, 'of the new session')
      cluster.time.advance(2000)
      expect(cluster.links(restarted).delivered(1 - restarted)).toEqual(['of the new session'])
    }
  )

  it('a data frame of the old session alone makes the higher rank say that it is unknown', () => {
    const cluster = start()
    cluster.time.advance(1000)
    cluster.network.passes = (frame) => cluster.typeOf(frame) !== 'WAKE'
    cluster.reborn(1)
    cluster.time.advance(1000)
    cluster.say(0, 1, 'lost with its session')
    cluster.time.advance(1000)
    expect(cluster.sent('UNKNOWN', 1).length).toBeGreaterThan(0)
    works(cluster, 'new')
  })

  it.each([1, 2, 3])('both restart at once, over a bad network (seed %i)', (seed) => {
    const cluster = start({ seed })
    works(cluster, 'first')
    Object.assign(cluster.network, { loss: 30, duplication: 30, jitterMs: 200 })
    for (let round = 0; round < 5; round++) {
      cluster.reborn(0)
      cluster.reborn(1)
      cluster.time.advance(300 * round)
    }
    Object.assign(cluster.network, { loss: 0, duplication: 0, jitterMs: 0 })
    cluster.time.advance(20_000)
    works(cluster, 'last')
  })

  it.each([0, 1])(
    'restarts under load: per life of %i, what arrives is a run without gap or repetition',
    (restarted) => {
      const cluster = start({ seed: 3 })
      Object.assign(cluster.network, { loss: 10, duplication: 30, jitterMs: 60 })
      const other = 1 - restarted
      const received: string[][] = []
      for (let life = 0; life < 6; life++) {
        for (let i = 0; i < 40; i++) {
          cluster.say(0, 1, `${life}.${i}`)
          cluster.say(1, 0, `${life}.${i}`)
          cluster.time.advance(20)
        }
        received.push(cluster.links(restarted).delivered(other))
        cluster.reborn(restarted)
      }
      received.push(cluster.links(other).delivered(restarted))
      for (const texts of received) {
        expect(new Set(texts).size).toBe(texts.length)
        const order = texts.map((text) => text.split('.').map(Number)).map(([life, i]) => life! * 1000 + i!)
        expect(order).toEqual([...order].sort((a, b) => a - b))
      }
    }
  )

  it('messages queued in an old session never arrive in the new one', () => {
    const cluster = start()
    cluster.time.advance(1000)
    cluster.network.passes = (frame) => cluster.typeOf(frame) !== 'DATA'
    cluster.say(0, 1, ...numbered(50, 'old'))
    cluster.reborn(1)
    cluster.time.advance(5000)
    expect(cluster.links(0).count('sessionStarted', 1)).toBe(2)
    cluster.network.passes = () => true
    cluster.time.advance(20_000)
    works(cluster, 'new')
    expect(cluster.links(1).delivered(0)).toEqual(['new'])
  })

  it.each(pairs)('overflow from %i to %i ends the session; a fresh handshake begins the next', (from, to) => {
    const cluster = start({ unackedBytesMax: 100_000 })
    cluster.time.advance(1000)
    cluster.network.passes = (frame) => frame.to !== to
    for (let i = 0; i < 200; i++) cluster.say(from, to, 'z'.repeat(1000))
    const links = cluster.links(from)
    expect(links.indications.map(({ name, text }) => `${name} ${text}`.trim())).toEqual([
      'sessionStarted',
      'lagging',
      'sessionEnded overflow'
    ])
    expect(cluster.faults(from)).toEqual(['lagging suspected'])
    // It does not spin: no session and few attempts while the peer is silent.
    const before = cluster.recorded.length
    cluster.time.advance(60_000)
    expect(cluster.recorded.filter((frame) => frame.from === from).length - before).toBeLessThan(30)
    expect(links.count('sessionStarted', to)).toBe(1)
    expect(cluster.recorded.slice(before).filter((frame) => cluster.typeOf(frame) === 'DATA')).toEqual([])
    cluster.network.passes = () => true
    cluster.time.advance(10_000)
    expect(links.count('sessionStarted', to)).toBe(2)
    expect(links.count('recovered', to)).toBe(1)
    works(cluster, 'caught up')
  })

  it.each(pairs)(
    'process %i does not give session after session to process %i, which reads nothing',
    (from, to) => {
      const cluster = start({ unackedBytesMax: 10_000 })
      const balanced = () => balance(cluster, from, to) === 1
      cluster.network.passes = (frame) =>
        frame.from === from || !(['ACK', 'DATA'].includes(cluster.typeOf(frame) ?? '') && balanced())
      for (let ms = 0; ms < 60_000; ms += 10) {
        cluster.say(from, to, 'q'.repeat(2000))
        cluster.say(to, from, 'it hears that its session is unknown, and asks for one')
        cluster.time.advance(10)
      }
      expect(cluster.links(from).count('sessionStarted', to)).toBeGreaterThan(3)
      expect(cluster.links(from).count('sessionStarted', to)).toBeLessThan(20)
    }
  )

  it.each([0, 1])(
    'process %i restarting without end does not make its peer resync without end',
    (restarted) => {
      const cluster = start()
      for (let i = 0; i < 100; i++) {
        cluster.reborn(restarted)
        cluster.time.advance(20)
      }
      expect(cluster.links(1 - restarted).count('sessionStarted', restarted)).toBeLessThan(8)
      cluster.time.advance(5000)
      works(cluster, 'at rest')
    }
  )

  it('a lost CONFIRM comes again, though the other end still has its old session', () => {
    const cluster = start()
    cluster.time.advance(1000)
    let lost = 0
    cluster.network.passes = (frame) => cluster.typeOf(frame) !== 'CONFIRM' || lost++ > 0
    cluster.reborn(0)
    cluster.time.advance(1000)
    expect(lost).toBeGreaterThan(1)
    expect(cluster.links(1).count('sessionStarted', 0)).toBe(2)
  })

  it('a late frame of the old session does not disturb the handshake of the next (known failure 21)', () => {
    const cluster = start({ unackedBytesMax: 10_000 })
    cluster.time.advance(1000)
    cluster.network.passes = ({ from }) => from !== 0
    cluster.say(0, 1, 'late')
    const late = cluster.recorded.at(-1)!
    cluster.say(0, 1, 'x'.repeat(20_000))
    expect(cluster.links(0).count('sessionEnded', 1)).toBe(1)
    cluster.network.passes = (frame) => {
      if (cluster.typeOf(frame) === 'CONFIRM') cluster.inject(late)
      return true
    }
    cluster.time.advance(10_000)
    expect(cluster.links(0).count('sessionStarted', 1)).toBe(2)
    expect(cluster.sent('UNKNOWN')).toEqual([])
  })

  it('several frames lost at once are recovered in one timeout, not one timeout each', () => {
    const cluster = start()
    cluster.network.passes = ({ from }) => from !== 0
    for (let i = 0; i < 10; i++) cluster.say(0, 1, `${i}`)
    cluster.network.passes = () => true
    cluster.time.advance(700)
    expect(cluster.links(1).delivered(0)).toEqual(numbered(10, ''))
  })

  it('a connected peer that acknowledges nothing for two seconds is lagging, until it does', () => {
    const cluster = start()
    cluster.network.passes = ({ to }) => to !== 1
    cluster.say(0, 1, 'unread')
    cluster.time.advance(1900)
    expect(cluster.links(0).count('lagging', 1)).toBe(0)
    cluster.time.advance(200)
    expect(cluster.links(0).count('lagging', 1)).toBe(1)
    cluster.network.passes = () => true
    cluster.time.advance(10_000)
    expect(cluster.links(0).indications.map(({ name }) => name)).toEqual([
      'sessionStarted',
      'lagging',
      'recovered'
    ])
    expect(cluster.links(1).delivered(0)).toEqual(['unread'])
  })

  it('the transport disconnecting and connecting ends no session', () => {
    const cluster = start()
    for (let round = 0; round < 10; round++) {
      cluster.say(0, 1, `${round}`)
      for (const [rank, peer] of pairs) cluster.node(rank).input((links) => links.disconnected(peer))
      cluster.time.advance(10)
      for (const [rank, peer] of pairs) cluster.node(rank).input((links) => links.connected(peer))
    }
    cluster.time.advance(1000)
    expect(cluster.links(1).delivered(0)).toEqual(numbered(10, ''))
    for (const [rank, peer] of pairs) expect(cluster.links(rank).count('sessionStarted', peer)).toBe(1)
  })

  it.each([0, 1])('an older life of process %i is refused; an equal one begins a session', (returned) => {
    const cluster = start()
    const other = 1 - returned
    cluster.reborn(returned, { life: 7 })
    cluster.time.advance(2000)
    works(cluster, 'seventh')
    cluster.reborn(returned, { life: 6, amnesia: true })
    cluster.time.advance(20_000)
    cluster.say(returned, other, 'from the grave')
    cluster.time.advance(1000)
    expect(cluster.faults(other)).toContain('stale-life suspected')
    expect(cluster.links(other).delivered(returned)).not.toContain('from the grave')
    cluster.reborn(returned, { life: 7 })
    cluster.time.advance(20_000)
    works(cluster, 'seventh again')
  })

  it.each([0, 1])(
    'process %i, which lost what it had stored, is refused in a newer life too, and learns why',
    (returned) => {
      const cluster = start()
      const other = 1 - returned
      works(cluster, 'before')
      cluster.reborn(returned, { life: 5, amnesia: true })
      cluster.time.advance(20_000)
      cluster.say(returned, other, 'from the void')
      cluster.time.advance(1000)
      expect(cluster.faults(other)).toContain('amnesia suspected')
      expect(cluster.links(other).delivered(returned)).not.toContain('from the void')
      expect(cluster.faults(returned)).toContain('amnesia suspected')
    }
  )

  it.each([0, 1])(
    'process %i, whose store was put back, is refused in a newer life too, and learns why',
    (returned) => {
      const cluster = start()
      const other = 1 - returned
      works(cluster, 'before')
      for (const life of [2, 3]) {
        cluster.reborn(returned, { life })
        cluster.time.advance(20_000)
      }
      works(cluster, 'with all that it had stored')
      const sessions = cluster.links(other).count('sessionStarted', returned)
      cluster.reborn(returned, { life: 7, previous: 2 })
      cluster.time.advance(20_000)
      cluster.say(returned, other, 'from the past')
      cluster.time.advance(1000)
      expect(cluster.node(other).faults.at(-1)).toMatchObject({
        kind: 'amnesia',
        certainty: 'suspected',
        process: returned,
        detail: 'began life 7 with what life 2 had stored; life 3 was seen'
      })
      expect(cluster.links(other).delivered(returned)).not.toContain('from the past')
      expect(cluster.links(other).count('sessionStarted', returned)).toBe(sessions)
      expect(cluster.faults(returned)).toContain('amnesia suspected')
    }
  )

  it.each([
    [0, 'emptied'],
    [1, 'put back']
  ] as const)(
    'process %i, whose store was %s, is refused in all lives after that one, met in it or not',
    (returned, how) => {
      const cluster = start()
      const other = 1 - returned
      works(cluster, 'before')
      for (const life of [2, 3]) {
        cluster.reborn(returned, { life })
        cluster.time.advance(20_000)
      }
      const sessions = cluster.links(other).count('sessionStarted', returned)
      // Nobody meets it in the first one.
      cluster.restart(returned, { life: 7, ...(how === 'emptied' ? { amnesia: true } : { previous: 2 }) })
      for (const life of [8, 9]) {
        cluster.reborn(returned, { life })
        cluster.time.advance(20_000)
      }
      cluster.say(returned, other, 'from the past')
      cluster.time.advance(1000)
      expect(cluster.faults(other)).toContain('amnesia suspected')
      expect(cluster.links(other).count('sessionStarted', returned)).toBe(sessions)
      expect(cluster.links(other).delivered(returned)).not.toContain('from the past')
    }
  )

  it.each([0, 1])('process %i, of which lives went unseen, is not refused', (returned) => {
    const cluster = start()
    works(cluster, 'before')
    cluster.crash(1 - returned)
    cluster.reborn(returned, { life: 5 })
    cluster.reborn(returned, { life: 6 })
    cluster.reborn(1 - returned)
    cluster.time.advance(20_000)
    works(cluster, 'after')
    expect(cluster.faults(1 - returned)).toEqual([])
    expect(cluster.faults(returned)).toEqual([])
  })

  it.each([0, 1])('process %i, which kept its store, is not refused for a newer life', (returned) => {
    const cluster = start()
    works(cluster, 'before')
    cluster.reborn(returned, { life: 5 })
    cluster.time.advance(20_000)
    works(cluster, 'after')
    expect(cluster.faults(1 - returned)).toEqual([])
    expect(cluster.faults(returned)).toEqual([])
  })

  it.each([0, 1])('the life numbers that process %i has seen survive its restart', (keeper) => {
    const cluster = start()
    const other = 1 - keeper
    cluster.reborn(other, { life: 9 })
    cluster.time.advance(2000)
    cluster.crash(other)
    cluster.reborn(keeper)
    cluster.reborn(other, { life: 8, amnesia: true })
    cluster.time.advance(20_000)
    expect(cluster.faults(keeper)).toContain('stale-life suspected')
    expect(cluster.links(keeper).count('sessionStarted', other)).toBe(0)
  })
})
