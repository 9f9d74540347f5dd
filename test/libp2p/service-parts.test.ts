/** The parts of the service, one by one. */
import { describe, expect, test, vi } from 'vitest'
import type { Certainty, Fault } from '../../src/core/fault.ts'
import { createGroup } from '../../src/core/group.ts'
import { Connectivity } from '../../src/libp2p/connectivity.ts'
import { CountedFaults } from '../../src/libp2p/counted-faults.ts'
import { GuardedEvents } from '../../src/libp2p/guarded-events.ts'
import { RealClock } from '../../src/libp2p/real-clock.ts'
import { faultOf } from '../../src/libp2p/refused-peer.ts'
import { secureRandom } from '../../src/libp2p/secure-random.ts'

describe('counted faults', () => {
  const fault = (certainty: Certainty, process = 1): Fault => ({
    process,
    kind: 'flooding',
    certainty,
    detail: certainty
  })

  test('are one entry for each member and kind, with the most certain fault', () => {
    const faults = new CountedFaults()
    expect(faults.add(fault('suspected'))).toBe('new')
    for (let i = 0; i < 1000; i++) expect(faults.add(fault('suspected'))).toBeUndefined()
    expect(faults.add(fault('proven'))).toBe('new')
    expect(faults.add(fault('certain'))).toBeUndefined()
    expect(faults.add(fault('suspected', 2))).toBe('new')
    expect(faults.list.map(({ fault: { certainty }, count }) => [certainty, count])).toEqual([
      ['proven', 1003],
      ['suspected', 1]
    ])
    expect(faults.total).toBe(1004)
  })

  test('are told again after a while, not at full speed', () => {
    vi.useFakeTimers()
    try {
      const faults = new CountedFaults()
      let told = 0
      for (let i = 0; i < 10_000; i++) {
        if (faults.add(fault('suspected')) !== undefined) told++
        vi.advanceTimersByTime(1)
      }
      expect(told).toBe(10)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('a refused peer is a suspect, and what it shows as its genesis may be anything', () => {
  const genesis = { ours: new Uint8Array(3), theirs: new Uint8Array([1, 2, 3]) }
  expect(faultOf(2, { kind: 'wrong-group', detail: 'is in another group', genesis })).toMatchObject({
    process: 2,
    kind: 'wrong-group',
    certainty: 'suspected',
    detail: 'is in another group: it shows no genesis'
  })
  expect(faultOf(2, { kind: 'other-version', detail: 'x' }).kind).toBe('protocol-violation')
  expect(faultOf(2, { kind: 'flooding', detail: 'x' }).kind).toBe('flooding')
})

describe('connectivity', () => {
  function connectivity() {
    const events: string[] = []
    const group = createGroup({
      id: new Uint8Array(32),
      f: 2,
      publicKeys: Array.from({ length: 7 }, () => new Uint8Array(32))
    })
    const parts = new Connectivity(group, 0, {
      connected: (peer) => events.push(`+${peer}`),
      disconnected: (peer) => events.push(`-${peer}`),
      ready: () => events.push('ready')
    })
    return { events, parts }
  }

  test('takes a connection and a session; a session that is replaced changes nothing', () => {
    const { events, parts } = connectivity()
    parts.opened(1)
    expect(events).toEqual([])
    parts.sessionStarted(1)
    parts.sessionEnded(1, 'replaced')
    parts.sessionStarted(1)
    parts.closed(1)
    parts.opened(1)
    parts.sessionEnded(1, 'overflow')
    expect(events).toEqual(['+1', '-1', '+1', '-1'])
  })

  test('is ready with a Byzantine quorum, this member included', async () => {
    const { events, parts } = connectivity()
    const ready = parts.whenReady({})
    for (const peer of [1, 2, 3, 4]) {
      expect(parts.ready).toBe(false)
      parts.sessionStarted(peer)
      parts.opened(peer)
    }
    await ready
    expect(events).toEqual(['+1', '+2', '+3', '+4', 'ready'])
    parts.end(new Error('stopped'))
    expect(parts.ready).toBe(false)
    expect(parts.connected).toEqual([])
  })
})

test('guarded events: a listener can be removed, is added once, and hurts nobody', async () => {
  const failures: string[] = []
  const events = new GuardedEvents<{ it: CustomEvent<number> }>((event, error) => {
    failures.push(`${event}: ${(error as Error).message}`)
  })
  const heard: number[] = []
  const listener = ({ detail }: CustomEvent<number>) => heard.push(detail)
  events.addEventListener('it', () => {
    throw new Error('thrown')
  })
  events.addEventListener('it', async () => {
    throw new Error('rejected')
  })
  events.addEventListener('it', { handleEvent: listener })
  events.addEventListener('it', listener)
  events.addEventListener('it', listener)
  events.safeDispatchEvent('it', { detail: 1 })
  events.removeEventListener('it', listener)
  events.safeDispatchEvent('it', { detail: 2 })
  await Promise.resolve()
  expect(heard).toEqual([1, 1, 2])
  expect(failures.sort()).toEqual(['it: rejected', 'it: rejected', 'it: thrown', 'it: thrown'])
})

test('the clock is monotonic, and nothing fires after it is stopped', () => {
  vi.useFakeTimers()
  try {
    const fired: string[] = []
    const clock = new RealClock((handler) => handler())
    clock.setTimer(10, () => fired.push('first'))
    clock.setTimer(20, () => fired.push('cancelled')).cancel()
    clock.setTimer(30, () => fired.push('late'))
    vi.advanceTimersByTime(25)
    clock.stop()
    clock.setTimer(1, () => fired.push('never'))
    vi.advanceTimersByTime(100)
    expect(fired).toEqual(['first'])
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('randomness: as many bytes as asked for, and every number below a bound', () => {
  expect(secureRandom.bytes(100_000).length).toBe(100_000)
  expect(
    secureRandom
      .bytes(100_000)
      .slice(-32)
      .some((byte) => byte !== 0)
  ).toBe(true)
  const seen = new Set(Array.from({ length: 500 }, () => secureRandom.below(5)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4])
  expect(secureRandom.below(1)).toBe(0)
})
