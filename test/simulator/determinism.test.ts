import { describe, expect, it } from 'vitest'
import { SimulatedClock } from '../../src/simulator/clock.ts'
import { Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { runStack } from './support.ts'

const rough = { rates: { partitions: 2, sessionEnds: 3, crashes: 3, syncFailurePpm: 20_000 } }

describe('one seed, one run', () => {
  it.each(['ideal', 'real'] as const)(
    '%s links: the same seed gives the same digest and history',
    (links) => {
      const [a, b] = [1, 2].map(() => runStack('double-echo', 5, 7, { ...rough, links }))
      expect(a?.digest).toBe(b?.digest)
      expect(a?.history.events).toEqual(b?.history.events)
    }
  )

  it('another seed gives another run', () => {
    const digests = new Set(
      Array.from({ length: 20 }, (_, seed) => runStack('double-echo', 4, seed, rough).digest)
    )
    expect(digests.size).toBe(20)
  })

  it('watching a run does not change it', () => {
    const events: unknown[] = []
    const watched = runStack('double-echo', 4, 3, { ...rough, sink: (event) => events.push(event) })
    expect(events.length).toBeGreaterThan(100)
    expect(watched.digest).toBe(runStack('double-echo', 4, 3, rough).digest)
  })
})

describe('SeededRandom', () => {
  it('means the same on every machine (golden values)', () => {
    const random = new SeededRandom(1, 'golden')
    expect([random.next(), random.next(), random.below(10), random.bytes(3)]).toMatchInlineSnapshot(`
      [
        451910336,
        3932367180,
        5,
        Uint8Array [
          189,
          146,
          148,
        ],
      ]
    `)
  })
  it('sub-streams of one seed are independent', () => {
    const draw = (name: string) =>
      Array.from({ length: 4 }, new SeededRandom(1, name).next.bind(new SeededRandom(1, name)))
    expect(draw('a')).not.toEqual(draw('b'))
  })
  it('below is uniform within a few percent', () => {
    const random = new SeededRandom(5, 'uniform')
    const counts = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]!++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })
})

describe('Scheduler', () => {
  it('of simultaneous events the precedence decides, in whatever order they were scheduled', () => {
    const orders = [
      ['link', 'process'],
      ['process', 'link']
    ].map((scheduling) => {
      const scheduler = new Scheduler()
      const order: string[] = []
      for (const name of scheduling) scheduler.at(5, () => order.push(name), name === 'link' ? 1 : 2)
      scheduler.at(5, () => order.push('harness'))
      while (scheduler.step(100));
      return order.join()
    })
    expect(orders).toEqual(['harness,link,process', 'harness,link,process'])
  })

  it('runs in order of time, and of scheduling among equals', () => {
    const scheduler = new Scheduler()
    const order: string[] = []
    scheduler.at(5, () => order.push('c'))
    scheduler.at(1, () => order.push('a'))
    scheduler.at(5, () => order.push('d'))
    scheduler.at(3, () => order.push('b'))
    while (scheduler.step(100));
    expect(order.join('')).toBe('abcd')
  })
})

describe('SimulatedClock', () => {
  it('has an offset, drifts and jumps; timers measure its own time', () => {
    const scheduler = new Scheduler()
    const clock = new SimulatedClock(scheduler, { offsetMs: 1000, driftPpm: 100_000 }, (handler) => handler())
    let fired = -1
    clock.setTimer(110, () => {
      fired = scheduler.now
    })
    while (scheduler.step(1_000_000));
    expect(fired).toBe(100_000) // 110 ms of a clock that runs ten percent fast
    expect(clock.now()).toBe(1000 + 110)
    clock.jump(-5000)
    expect(clock.now()).toBe(1110 - 5000)
  })
})
