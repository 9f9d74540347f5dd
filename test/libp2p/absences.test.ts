import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Absences, UNREACHABLE_AFTER_MS, UNREACHABLE_INTERVAL_MS } from '../../src/libp2p/absences.ts'

const A = '/ip4/10.0.0.3/tcp/9100'
const B = '/ip4/10.0.0.4/tcp/9100'

/** What member 1 of three remembers: it is dialled by member 0, and dials member 2. */
function begun(): Absences {
  const absences = new Absences(
    [
      { rank: 0, peerId: {} as PeerId, multiaddrs: [multiaddr('/ip4/10.0.0.1/tcp/9100')] },
      { rank: 2, peerId: {} as PeerId, multiaddrs: [multiaddr(A), multiaddr(B)] }
    ],
    (member) => member > 1
  )
  absences.begin()
  return absences
}

describe('what is remembered of members that are not connected', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is, from the start, each of their addresses and who is to dial', () => {
    expect(begun().list).toEqual([
      {
        member: 0,
        since: 1_000_000,
        reason: 'it is the one to dial, and has not',
        addresses: [{ address: '/ip4/10.0.0.1/tcp/9100', error: 'not dialled from here', since: 1_000_000 }]
      },
      {
        member: 2,
        since: 1_000_000,
        reason: 'no address leads to it',
        addresses: [
          { address: A, error: 'not tried yet', since: 1_000_000 },
          { address: B, error: 'not tried yet', since: 1_000_000 }
        ]
      }
    ])
  })

  test('is the last error of each address, and since when there is one: one of each, however often', () => {
    const absences = begun()
    for (let i = 0; i < 100; i++) {
      vi.advanceTimersByTime(1000)
      absences.dialFailed(2, A, `failure ${i}`)
    }
    expect(absences.list[1]?.addresses).toEqual([
      { address: A, error: 'failure 99', since: 1_001_000 },
      { address: B, error: 'not tried yet', since: 1_000_000 }
    ])
  })

  test('is gone once they are connected, and begins anew when they are not any more', () => {
    const absences = begun()
    absences.dialFailed(2, A, 'refused')
    absences.connected(2)
    absences.dialFailed(2, A, 'late news')
    expect(absences.list.map(({ member }) => member)).toEqual([0])
    vi.advanceTimersByTime(5000)
    absences.disconnected(2)
    expect(absences.list[1]).toMatchObject({ since: 1_005_000, addresses: [{ error: 'not tried yet' }, {}] })
  })

  test('tells an open connection without a session, and what was seen of the member meanwhile', () => {
    const absences = begun()
    absences.setOpen(2, true)
    absences.fault({ process: 2, kind: 'wrong-group', certainty: 'suspected', detail: 'f is 2, not 1' })
    expect(absences.list[1]?.reason).toBe(
      'the connection is open, and no session has begun; wrong-group: f is 2, not 1'
    )
    absences.setOpen(2, false)
    expect(absences.list[1]?.reason).toBe('no address leads to it; wrong-group: f is 2, not 1')
  })

  test('is told when it has lasted, and then at a bounded rate', () => {
    const absences = begun()
    const told = (ms: number) => {
      let times = 0
      for (let passed = 0; passed < ms; passed += 1000) {
        vi.advanceTimersByTime(1000)
        times += absences.takeDue().filter(({ member }) => member === 2).length
      }
      return times
    }
    expect(told(UNREACHABLE_AFTER_MS - 1000)).toBe(0)
    expect(told(1000)).toBe(1)
    expect(told(10 * UNREACHABLE_INTERVAL_MS)).toBe(10)
    absences.connected(2)
    expect(told(UNREACHABLE_INTERVAL_MS)).toBe(0)
    absences.disconnected(2)
    expect(told(UNREACHABLE_AFTER_MS)).toBe(1)
    absences.end()
    expect(absences.takeDue()).toEqual([])
  })
})
