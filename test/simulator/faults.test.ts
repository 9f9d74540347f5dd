/** What network, disks and clocks do to a run: each fault by itself, as a choice. */
import { describe, expect, it } from 'vitest'
import { findStack } from '../../src/catalogue/index.ts'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import { broadcastRequest } from '../../src/laboratory/abstractions/broadcasts.ts'
import { registerRequest } from '../../src/laboratory/abstractions/registers.ts'
import { ScheduledChoices } from '../../src/simulator/choices.ts'
import { SimulatedDisk } from '../../src/simulator/disk.ts'
import { LinkPriorities } from '../../src/simulator/link-priorities.ts'
import { Partitions } from '../../src/simulator/partitions.ts'
import { Pauses } from '../../src/simulator/pauses.ts'
import type { Choice } from '../../src/simulator/schedule.ts'
import { MS, Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { expectNone } from '../violations.ts'
import { type RunChanges, runStack } from './support.ts'

const properties = findStack('double-echo')?.properties ?? []

/** A run of these choices alone. */
function runOf(schedule: readonly Choice[], changes: RunChanges = {}) {
  const events: TraceEvent[] = []
  const result = runStack('double-echo', 4, 1, {
    choices: new ScheduledChoices(schedule),
    sink: (event) => events.push(event),
    ...changes
  })
  expectNone(checkBroadcast(result.history, properties))
  return { ...result, trace: events }
}

const broadcast: Choice = broadcastRequest(0, 1, 50 * MS, 8)

describe('the network', () => {
  it('a one-way partition stops one direction only, and heals', () => {
    const partition = { kind: 'partition', at: 0, until: 10, side: [0, 1], oneWay: true } as const
    const partitions = new Partitions([partition])
    expect(partitions.separatedUntil(0, 2, 5)).toBe(10)
    expect(partitions.separatedUntil(2, 0, 5)).toBe(5)
    expect(partitions.separatedUntil(0, 1, 5)).toBe(5)
    expect(partitions.separatedUntil(0, 2, 10)).toBe(10)
    expect(new Partitions([{ ...partition, oneWay: false }]).separatedUntil(2, 0, 5)).toBe(10)
  })

  it('while it lasts, what is sent into it waits', () => {
    const until = 400 * MS
    const { history } = runOf([broadcast, { kind: 'partition', at: 0, until, side: [0], oneWay: true }])
    const deliveries = broadcastEvents(history).filter(({ kind }) => kind === 'deliver')
    expect(deliveries.length).toBe(4)
    for (const { time } of deliveries) expect(time).toBeGreaterThan(until)
  })

  it('a delayed message comes late, and no other', () => {
    const late = { kind: 'delay', from: 0, to: 1, number: 1, us: 300 * MS } as const
    const arrival = (schedule: Choice[]) =>
      runOf(schedule).trace.find(({ kind, process }) => kind === 'receive' && process === 1)?.time ?? 0
    const usual = arrival([broadcast])
    expect(
      runOf([broadcast, late]).trace.some(({ kind, time }) => kind === 'receive' && time >= usual + 200 * MS)
    ).toBe(true)
  })

  it('an ended session loses what is on its way, and the trace says so', () => {
    const sent = runOf([broadcast]).trace.find((event) => event.kind === 'send' && event.time > 40 * MS)
    const end = { kind: 'end-session', a: 0, b: 1, at: (sent?.time ?? 0) + 500 } as const
    const { trace, landmarks } = runOf([broadcast, end])
    expect(landmarks.get('session-ended')).toBe(1)
    expect(trace.some(({ kind }) => kind === 'lost')).toBe(true)
    expect(trace.some((event) => event.kind === 'session' && event.change === 'ended')).toBe(true)
  })

  it('ideal links lose and double messages where choices say so', () => {
    const { trace } = runOf([
      broadcast,
      { kind: 'lose', from: 0, to: 1, number: 2 },
      { kind: 'duplicate', from: 2, to: 3, number: 2, us: 5 * MS }
    ])
    const harmed = trace.flatMap((event) =>
      event.kind === 'frame' ? [[event.process, event.to, event.change]] : []
    )
    expect(harmed).toEqual(
      expect.arrayContaining([
        [0, 1, 'lost'],
        [2, 3, 'duplicated']
      ])
    )
    const sent = trace.filter((event) => event.kind === 'send' && event.process === 2 && event.to === 3)
    const received = trace.filter(
      (event) => event.kind === 'receive' && event.from === 2 && event.process === 3
    )
    expect(received.length).toBe(sent.length + 1)
  })

  it('real links: frames are lost, overtaken and duplicated, and every message arrives once', () => {
    const harms: Choice[] = [0, 1, 2, 3].flatMap((from) =>
      [0, 1, 2, 3].flatMap((to): Choice[] =>
        from === to
          ? []
          : [
              { kind: 'lose', from, to, number: 4 },
              { kind: 'overtake', from, to, number: 5, us: 30 * MS },
              { kind: 'duplicate', from, to, number: 6, us: 10 * MS }
            ]
      )
    )
    const { trace } = runOf([broadcast, ...harms], { links: 'real' })
    const changes = new Set(trace.flatMap((event) => (event.kind === 'frame' ? [event.change] : [])))
    expect([...changes].sort()).toEqual(['duplicated', 'lost', 'overtaken'])
    const received = trace.flatMap((event) => (event.kind === 'receive' ? [event.id] : []))
    expect(new Set(received).size).toBe(received.length)
  })
})

describe('a slow process', () => {
  const until = 400 * MS
  const deliveriesOf = (schedule: readonly Choice[]) =>
    broadcastEvents(runOf(schedule).history).filter(({ kind }) => kind === 'deliver')

  it('takes no step while it is paused, and goes on with all that came meanwhile', () => {
    const paused = deliveriesOf([broadcast, { kind: 'pause', process: 1, at: 40 * MS, until }])
    expect(paused.map(({ process }) => process).sort()).toEqual([0, 1, 2, 3])
    for (const { process, time } of paused) expect([process, time >= until]).toEqual([process, process === 1])
  })

  it('a pause that begins before another ends goes over into it', () => {
    const pauses = new Pauses(
      [
        { kind: 'pause', process: 0, at: 10, until: 20 },
        { kind: 'pause', process: 0, at: 20, until: 30 },
        { kind: 'pause', process: 1, at: 30, until: 40 }
      ],
      0
    )
    expect([9, 10, 19, 29, 30].map((now) => pauses.until(now))).toEqual([9, 30, 30, 30, 30])
  })

  it('does not come back from a crash before its pause is over', () => {
    const { history, trace } = runOf([
      broadcast,
      { kind: 'crash', process: 1, at: 60 * MS, until: 80 * MS },
      { kind: 'pause', process: 1, at: 70 * MS, until }
    ])
    const steps = trace.filter(({ process, time }) => process === 1 && time > 60 * MS && time < until)
    expect(steps.map(({ kind }) => kind)).toEqual(['restart'])
    const delivered = broadcastEvents(history).filter(
      ({ kind, process }) => kind === 'deliver' && process === 1
    )
    expect(delivered.length).toBe(1)
  })

  it('a client that comes back in a pause goes on after it with what it had begun', () => {
    const client = 3
    const { history } = runStack('logged-majority-voting-register', 3, 1, {
      clients: 1,
      choices: new ScheduledChoices([
        registerRequest(client, 1, 50 * MS, true),
        { kind: 'crash', process: client, at: 50 * MS + 500, until: 60 * MS },
        { kind: 'pause', process: client, at: 55 * MS, until }
      ])
    })
    const told = history.events.filter(({ process }) => process === client).map(({ kind }) => kind)
    expect(told).toEqual(['invoke', 'crash', 'restart', 'resume', 'return'])
  })

  it('what it was at when it was stopped does not happen when the pause is over', () => {
    const { trace } = runOf([
      broadcast,
      { kind: 'pause', process: 1, at: 50 * MS, until },
      { kind: 'crash', process: 1, at: 60 * MS, until: 10 ** 12 }
    ])
    expect(trace.filter(({ process, time }) => process === 1 && time > 60 * MS)).toEqual([])
  })
})

describe('omissions', () => {
  const all = (kind: 'omit-send' | 'omit-receive', process: number) =>
    Array.from({ length: 200 }, (_, index): Choice => ({ kind, process, number: index + 1 }))

  it('who omits is no correct process, and nothing has to come to it', () => {
    const { history, trace } = runOf([broadcast, ...all('omit-receive', 1)])
    expect(history.correct).toEqual([0, 2, 3])
    expect(trace.filter(({ kind, process }) => kind === 'receive' && process === 1)).toEqual([])
    expect(trace.some((event) => event.kind === 'lost' && event.reason === 'omitted')).toBe(true)
    expect(broadcastEvents(history).some(({ kind, process }) => kind === 'deliver' && process === 1)).toBe(
      false
    )
  })

  it('who omits to send is heard by nobody; the others go on', () => {
    const { history, trace } = runOf([broadcast, ...all('omit-send', 2)])
    expect(history.correct).toEqual([0, 1, 3])
    expect(trace.filter((event) => event.kind === 'receive' && event.from === 2)).toEqual([])
    const delivered = broadcastEvents(history).filter(({ kind }) => kind === 'deliver')
    expect(delivered.map(({ process }) => process).sort()).toEqual(expect.arrayContaining([0, 1, 3]))
  })

  it('one message alone is omitted: the n-th', () => {
    const sent = runOf([broadcast]).trace.filter(({ kind, process }) => kind === 'send' && process === 2)
    const { trace } = runOf([broadcast, { kind: 'omit-send', process: 2, number: 2 }])
    const lost = trace.flatMap((event) => (event.kind === 'lost' ? [event.id] : []))
    expect(lost).toEqual(sent.slice(1, 2).map((event) => (event.kind === 'send' ? event.id : 0)))
  })
})

describe('the disk', () => {
  const write = (key: string) => ({ key, value: Uint8Array.of(1) })
  const crashed = (left: 'all' | 'torn' | undefined) => {
    let dropped = 0
    const scheduler = new Scheduler()
    const choices = new ScheduledChoices(
      left === undefined ? [] : [{ kind: 'unsynced', process: 0, number: 1, left }]
    )
    const disk = new SimulatedDisk({
      process: 0,
      scheduler,
      choices,
      precedence: 0,
      onTornBatch: () => dropped++
    })
    disk.journal.append([write('a'), write('b')], () => {})
    disk.crash()
    disk.recover()
    return { keys: disk.restored('').map(([key]) => key), dropped }
  }

  it('a crash in a sync leaves the whole batch, or nothing; a torn one is dropped as a whole', () => {
    expect(crashed('all')).toEqual({ keys: ['a', 'b'], dropped: 0 })
    expect(crashed(undefined)).toEqual({ keys: [], dropped: 0 })
    expect(crashed('torn')).toEqual({ keys: [], dropped: 1 })
  })

  it('a failed sync is final: the member stops before anything of it is seen, and is started again', () => {
    const { history, trace } = runOf([broadcast, { kind: 'sync-fails', process: 0, number: 2, us: 100 * MS }])
    const kinds = history.events.filter(({ process }) => process === 0).map(({ kind }) => kind)
    expect(kinds).toContain('crash')
    expect(kinds).toContain('restart')
    const crash = trace.findIndex(({ kind }) => kind === 'crash')
    const restart = trace.findIndex(({ kind }) => kind === 'restart')
    expect(
      trace.slice(crash, restart).filter(({ process, kind }) => process === 0 && kind === 'send')
    ).toEqual([])
  })

  it('torn batches and failed syncs are reached by random runs', () => {
    let torn = 0
    let restarted = 0
    for (let seed = 1; seed <= 20; seed++) {
      const { landmarks } = runStack('double-echo', 4, seed, {
        rates: { crashes: 3, syncFailurePpm: 50_000 }
      })
      torn += landmarks.get('torn-batch-dropped') ?? 0
      restarted += landmarks.get('restarted') ?? 0
    }
    expect(torn).toBeGreaterThan(0)
    expect(restarted).toBeGreaterThan(40)
  })
})

describe('probabilistic concurrency testing', () => {
  it('links wait by priority, each with one of its own; at a change point one falls to the lowest', () => {
    const delays = (changePoints: number) => {
      const priorities = new LinkPriorities(12, changePoints, new SeededRandom(1, 'p'))
      return Array.from({ length: 600 }, (_, message) => priorities.delay(message % 12))
    }
    const without = delays(0)
    expect(new Set(without).size).toBe(12)
    expect(without.slice(0, 12)).toEqual(without.slice(588))
    const changed = delays(2)
    expect(new Set(changed).size).toBe(14)
    expect(changed.slice(588)).not.toEqual(without.slice(588))
  })
})

it('a failed sync is a fault that overlaps operations: the run is no vacuous pass', () => {
  const quietRun = runOf([broadcast])
  expect(quietRun.overlapping).toBe(0)
  // The one that stores the broadcast: the operation begins before it and ends after the restart.
  const failing = runOf([broadcast, { kind: 'sync-fails', process: 0, number: 1, us: 100 * MS }])
  expect(failing.overlapping).toBeGreaterThan(0)
})
