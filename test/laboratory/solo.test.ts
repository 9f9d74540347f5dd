/** One process alone: what it is given, when it acts, and how that is drawn. */
import { describe, expect, it } from 'vitest'
import { Component } from '../../src/core/component.ts'
import type { Environment } from '../../src/core/environment.ts'
import { defineMessages } from '../../src/core/messages.ts'
import { uint } from '../../src/core/shapes.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import type { Port, Ports } from '../../src/links/ports.ts'
import { diagramOf } from '../../src/viewer/solo-diagram.ts'

const messages = defineMessages({ COUNT: [0, { count: uint() }] })

/** Stores the highest count that it heard, tells the others of it, and again after a second. */
class Counting extends Component<{ highest(count: number): void }> {
  readonly #port: Port<{ type: 'COUNT'; count: number }>
  readonly heard: number[] = []

  constructor(env: Environment, ports: Ports) {
    super(env, 'counting', { highest: (count) => this.heard.push(count) })
    this.heard.push(...this.store.restored('').map(([, value]) => value[0] ?? 0))
    this.#port = ports.open('counting', messages, {
      deliver: (from, { count }) => this.#hear(from, count),
      resync: (peer) => this.#port.send(peer, { type: 'COUNT', count: this.heard.at(-1) ?? 0 })
    })
  }

  say(count: number): void {
    this.request('say', [count], () => this.#hear(this.env.self, count))
  }

  state() {
    return this.heard
  }

  #hear(from: number, count: number): void {
    if (count > 99 && from !== this.env.self)
      this.env.observer.fault({
        process: from,
        kind: 'flooding',
        certainty: 'certain',
        detail: 'counts high'
      })
    if (count <= (this.heard.at(-1) ?? 0)) return
    this.store.put('highest', Uint8Array.of(count))
    this.indicate.highest(count)
    this.#port.sendAll({ type: 'COUNT', count })
    this.env.clock.setTimer(1000, () => this.#port.sendAll({ type: 'COUNT', count }))
  }
}

const solo = (disk?: Map<string, Uint8Array>) =>
  new Solo({ members: 3, make: (env, ports) => new Counting(env, ports), ...(disk && { disk }) })
const hears = (p: Solo<unknown>, count: number, from = 1) =>
  p.receive(from, 'counting', { type: 'COUNT', count })

describe('one process alone', () => {
  it('acts on what it is asked and hears, and says whom it accuses', () => {
    const p = solo()
    p.do((counting) => counting.say(4))
    hears(p, 100, 2)
    expect(p.sentOf('COUNT').map(({ to, message }) => [to, message.count])).toEqual([
      [1, 4],
      [2, 4],
      [1, 100],
      [2, 100]
    ])
    expect(p.component.heard).toEqual([4, 100])
    expect(p.faults).toMatchObject([{ process: 2, kind: 'flooding' }])
  })

  it('sets timers that go off as time passes, and not before', () => {
    const p = solo()
    hears(p, 4)
    p.passTime(999)
    expect(p.sent).toHaveLength(2)
    p.passTime(1)
    expect(p.sent).toHaveLength(4)
  })

  it('says nothing that waits for a slow disk', () => {
    const p = solo()
    p.slow = true
    hears(p, 4)
    expect({ sent: p.sent, stored: p.disk.size }).toEqual({ sent: [], stored: 0 })
    p.sync()
    expect({ sent: p.sent.length, stored: p.disk.size }).toEqual({ sent: 2, stored: 1 })
  })

  it('begins its next life with what this one has stored', () => {
    const p = solo()
    hears(p, 4)
    const next = solo(p.disk)
    next.startSession(2)
    expect(next.env.fresh).toBe(false)
    expect(next.sent).toMatchObject([{ to: 2, message: { count: 4 } }])
    next.endSession(2)
    hears(next, 5)
    expect(next.sent.slice(1).map(({ to }) => to)).toEqual([1])
  })

  it('knows its ports, and throws what a handler throws', () => {
    const p = solo()
    expect(() => p.receive(1, 'other', { type: 'COUNT', count: 1 })).toThrow(
      'there is no port other: there are counting'
    )
    const broken = new Solo({
      members: 3,
      make: (_, ports) =>
        ports.open('counting', messages, {
          deliver: () => {
            throw new RangeError('a bug')
          },
          resync() {}
        })
    })
    expect(() => hears(broken, 1)).toThrow('a bug')
    expect(broken.stopped).toBeInstanceOf(RangeError)
  })
})

it('is drawn: requests, messages, indications, faults and sessions, each in its lane', () => {
  const p = solo()
  p.startSession(1)
  p.events.length = 0
  p.do((counting) => counting.say(4))
  p.passTime(20)
  hears(p, 100, 2)
  expect(diagramOf(p).split('\n')).toEqual([
    '        ms  p0     p1     p2',
    '     0.000  ·      │      │      p0 counting.say(4)',
    '     0.000  ·      │      │      p0 counting.highest(4)',
    '     0.000  ●      │      │      → p1  COUNT count 4',
    '     0.000  ●      │      │      → p2  COUNT count 4',
    '    20.000  ◀      │      │      p2 → p0  COUNT count 100',
    '    20.000  ⚑      │      │      p0 names p2 certain of flooding: counts high',
    '    20.000  ·      │      │      p0 counting.highest(100)',
    '    20.000  ●      │      │      → p1  COUNT count 100',
    '    20.000  ●      │      │      → p2  COUNT count 100'
  ])
})
