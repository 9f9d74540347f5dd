import { describe, expect, it } from 'vitest'
import { DoubleEcho, type DoubleEchoOptions } from '../../src/broadcast/double-echo.ts'
import type { Message } from '../../src/core/messages.ts'
import { BroadcastSolo, digestOf, payload } from './solo.ts'

const PATH = 'double-echo'
const SENDER = 1
const WINDOW = 4

function solo(options: DoubleEchoOptions = {}, disk?: Map<string, Uint8Array>) {
  return new BroadcastSolo(
    4,
    0,
    (env, ports, up) => new DoubleEcho(env, PATH, ports, { windowInstances: WINDOW, ...options }, up),
    disk
  )
}
type S = ReturnType<typeof solo>

const text = (sequence: number) => payload(`m${sequence}`)

function deliver(p: S, sequence: number, sender = SENDER): void {
  if (sender !== p.self)
    p.receive(sender, PATH, { type: 'SEND', sequence, payload: text(sequence), signature: null })
  for (const from of [1, 2, 3]) {
    p.receive(from, PATH, { type: 'READY', sender, sequence, digest: digestOf(text(sequence)) })
  }
}

function deliverOwn(p: S, sequence: number, bytes: Uint8Array): void {
  for (const from of [1, 2, 3])
    p.receive(from, PATH, { type: 'READY', sender: p.self, sequence, digest: digestOf(bytes) })
}

const status = (p: S, from: number, base: number) =>
  p.receive(from, `${PATH}/windows`, { type: 'STATUS', bases: [base, base, base, base] })

describe("one's own window", () => {
  it('refuses a broadcast beyond it, and says when it admits one again', () => {
    const p = solo()
    p.sessions(PATH)
    p.do((component) => {
      for (let i = 0; i < WINDOW; i++) component.broadcast(text(i))
      expect(() => component.broadcast(text(WINDOW))).toThrow(
        expect.objectContaining({ name: 'WindowFullError' })
      )
    })
    expect(p.ready).toBe(0)
    deliver(p, 0, p.self)
    expect(p.ready).toBe(0) // delivered, but the layer above has not taken it over
    p.do((component) => component.acknowledge(p.self, 0))
    expect(p.ready).toBe(1)
    p.do((component) => expect(component.broadcast(text(WINDOW))).toBe(WINDOW))
  })

  it('refuses more bytes under way than windowBytesMax, but admits any payload alone', () => {
    const p = solo({ windowBytesMax: 5 })
    p.sessions(PATH)
    p.do((component) => {
      component.broadcast(payload('longer than five'))
      expect(() => component.broadcast(payload('m'))).toThrow(
        expect.objectContaining({ name: 'WindowFullError' })
      )
    })
    deliverOwn(p, 0, payload('longer than five'))
    p.do((component) => component.acknowledge(p.self, 0))
    expect(p.ready).toBe(1)
    p.do((component) => {
      component.broadcast(payload('abc'))
      expect(() => component.broadcast(payload('def'))).toThrow(
        expect.objectContaining({ name: 'WindowFullError' })
      )
      component.broadcast(payload('de'))
    })
    const again = solo({ windowBytesMax: 5 }, p.disk)
    again.do((component) => component.restore())
    expect(() => again.component.broadcast(payload('f'))).toThrow(
      expect.objectContaining({ name: 'WindowFullError' })
    )
  })

  it('refuses a payload that is too long, in a sentence', () => {
    const p = solo({ payloadBytesMax: 3 })
    p.do((component) =>
      expect(() => component.broadcast(payload('four'))).toThrow(
        expect.objectContaining({
          name: 'InvalidParametersError',
          message: expect.stringContaining('at most 3 bytes')
        })
      )
    )
  })
})

describe('who speaks of members that there are not is named, and what it says is ignored', () => {
  const NOBODY = 4
  const digest = digestOf(text(0))
  it.each<[string, string, Message]>([
    ['a report about too few', 'windows', { type: 'STATUS', bases: [1, 1, 1] }],
    ['a report about too many', 'windows', { type: 'STATUS', bases: [1, 1, 1, 1, 1] }],
    ['a gap', 'windows', { type: 'GAP', sender: NOBODY, retainedFrom: 3 }],
    ['a question', 'payloads', { type: 'PULL', sender: NOBODY, sequence: 0, digest }],
    ['an answer', 'payloads', { type: 'PAYLOAD', sender: NOBODY, sequence: 0, payload: text(0) }]
  ])('%s', (_, port, message) => {
    const p = solo()
    p.sessions(PATH)
    const before = JSON.stringify(p.component.state())
    p.receive(2, `${PATH}/${port}`, message)
    expect(p.faults).toMatchObject([{ process: 2, kind: 'malformed', certainty: 'certain' }])
    expect(JSON.stringify(p.component.state())).toBe(before)
    expect(p.sent).toEqual([])
  })
  it.each(['ECHO', 'READY'])('a vote: %s', (type) => {
    const p = solo()
    p.sessions(PATH)
    const vote = { type, sender: NOBODY, sequence: 0, digest }
    p.receive(2, PATH, type === 'ECHO' ? { ...vote, signature: null } : vote)
    expect(p.faults).toMatchObject([{ process: 2, kind: 'malformed', certainty: 'certain' }])
  })
})

describe('the window for a sender', () => {
  it('ignores what is beyond it and keeps nothing of it (known failure 7)', () => {
    const p = solo()
    p.sessions(PATH)
    const before = JSON.stringify(p.component.state())
    for (const sequence of [WINDOW, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      p.receive(SENDER, PATH, { type: 'SEND', sequence, payload: text(0), signature: null })
      p.receive(2, PATH, { type: 'READY', sender: SENDER, sequence, digest: digestOf(text(0)) })
    }
    expect(JSON.stringify(p.component.state())).toBe(before)
    expect(p.sentOf('ECHO')).toEqual([])
    // Each is suspected, and nobody for certain: it may know of a report that has not come here.
    expect(p.faults.map(({ process, kind, certainty }) => `${process}: ${kind} ${certainty}`)).toEqual(
      [1, 2, 3].flatMap(() => [`${SENDER}: flooding suspected`, '2: flooding suspected'])
    )
  })

  it('holds at most one window of instances, whatever a million messages say (known failures 7 and 19)', () => {
    const p = solo()
    p.sessions(PATH)
    for (let sequence = 0; sequence < 2000; sequence++) {
      p.receive(2, PATH, { type: 'READY', sender: SENDER, sequence, digest: digestOf(text(sequence)) })
      p.receive(3, PATH, {
        type: 'ECHO',
        sender: SENDER,
        sequence,
        digest: digestOf(text(sequence)),
        signature: null
      })
    }
    const state = p.component.state() as { instances: unknown[][] }
    expect(state.instances[SENDER]).toHaveLength(WINDOW)
  })

  it('does not move until the layer above acknowledges: delivered instances press back', () => {
    const p = solo()
    p.sessions(PATH)
    for (let sequence = 0; sequence < 2 * WINDOW; sequence++) deliver(p, sequence)
    expect(p.delivered).toHaveLength(WINDOW)
    for (let sequence = 0; sequence < WINDOW; sequence++)
      p.do((component) => component.acknowledge(SENDER, sequence))
    deliver(p, WINDOW)
    expect(p.delivered).toHaveLength(WINDOW + 1)
  })
})

describe('what peers admit', () => {
  it('a vote beyond the window of a peer is kept, and sent when the peer reports that its window moved', () => {
    const p = solo()
    p.sessions(PATH)
    for (let sequence = 0; sequence < WINDOW; sequence++) {
      deliver(p, sequence)
      p.do((component) => component.acknowledge(SENDER, sequence))
    }
    p.sent.length = 0
    p.receive(SENDER, PATH, { type: 'SEND', sequence: WINDOW, payload: text(WINDOW), signature: null })
    expect(p.sentOf('ECHO')).toEqual([])
    status(p, 2, 1)
    expect(p.sentOf('ECHO')).toMatchObject([{ to: 2, message: { sequence: WINDOW } }])
    status(p, 2, 1)
    expect(p.sentOf('ECHO')).toHaveLength(1)
  })

  it('in a new session everything that the peer admits is sent again', () => {
    const p = solo()
    p.sessions(PATH)
    p.do((component) => component.broadcast(text(0)))
    p.sent.length = 0
    p.session(PATH, 3)
    expect(
      p.sent
        .filter(({ to, message }) => to === 3 && message.type !== 'STATUS')
        .map(({ message }) => message.type)
    ).toEqual(['SEND', 'ECHO'])
  })

  it('a delivered instance is answered with READY alone', () => {
    const p = solo()
    p.sessions(PATH)
    deliver(p, 0)
    p.do((component) => component.acknowledge(SENDER, 0))
    p.sent.length = 0
    p.session(PATH, 3)
    expect(
      p.sent.filter(({ to, path }) => to === 3 && path === PATH).map(({ message }) => message.type)
    ).toEqual(['READY'])
  })

  it('reports its bases when they moved, at the latest after a while', () => {
    const p = solo()
    p.sessions(PATH)
    deliver(p, 0)
    p.do((component) => component.acknowledge(SENDER, 0))
    expect(p.sentOf('STATUS')).toEqual([])
    p.passTime(200)
    expect(p.sentOf('STATUS').map(({ to }) => to)).toEqual([1, 2, 3])
    p.passTime(10_000)
    expect(p.sentOf('STATUS')).toHaveLength(3)
  })
})

describe('retention', () => {
  const run = (p: S, count: number, from = 0) => {
    for (let sequence = from; sequence < count; sequence++) {
      deliver(p, sequence)
      p.do((component) => component.acknowledge(SENDER, sequence))
    }
  }
  /** As it comes, two others report it: with this process a correct majority. */
  const runReported = (p: S, count: number) => {
    for (let sequence = 0; sequence < count; sequence++) {
      deliver(p, sequence)
      p.do((component) => component.acknowledge(SENDER, sequence))
      for (const peer of [1, 2]) status(p, peer, sequence + 1)
    }
  }
  const retained = (p: S) => (p.component.state() as { instances: unknown[][] }).instances[SENDER]?.length

  it('keeps a delivered instance until every member reports a base above it', () => {
    const p = solo()
    p.sessions(PATH)
    run(p, 3)
    status(p, 1, 3)
    status(p, 2, 3)
    expect(retained(p)).toBe(3)
    status(p, 3, 2)
    expect(retained(p)).toBe(1)
    expect([...p.disk.keys()].filter((key) => key.includes('/record/'))).toHaveLength(1)
    expect([...p.disk.keys()].filter((key) => key.includes('/payload/'))).toHaveLength(1)
  })

  it('keeps at most retentionCountMax instances for a member that never reports', () => {
    const p = solo({ retentionCountMax: 2 })
    p.sessions(PATH)
    runReported(p, 10)
    expect(retained(p)).toBe(2)
  })

  it('keeps at most retentionBytesMax bytes for a member that never reports', () => {
    const p = solo({ retentionBytesMax: 5 })
    p.sessions(PATH)
    runReported(p, 10) // two bytes each
    expect(retained(p)).toBe(2)
  })

  it('drops nothing before it is beyond the retention of 2f+1 members: the base waits, and goes on with the report', () => {
    const p = solo({ retentionCountMax: 2, windowInstances: 2 })
    p.sessions(PATH)
    run(p, 5) // as many as the bounds and a window hold, and one more
    status(p, 1, 5) // it and this process are two, and one of them may lie
    run(p, 7, 5)
    expect(p.component.base(SENDER)).toBe(5)
    expect(retained(p)).toBe(5 + 2) // and the window, which is acknowledged
    // Acknowledged it is, durably, the one at the base too.
    expect([...p.disk.keys()].filter((key) => key.includes('/acknowledged/'))).toHaveLength(2)
    status(p, 2, 3)
    expect(p.component.base(SENDER)).toBe(6) // 0 is beyond the retention of three
    status(p, 2, 7)
    status(p, 1, 7)
    expect(p.component.base(SENDER)).toBe(7)
    expect(retained(p)).toBe(2)
    expect([...p.disk.keys()].filter((key) => key.includes('/acknowledged/'))).toEqual([])
  })

  it('nor by bytes, although older ones were dropped before', () => {
    const p = solo({ retentionBytesMax: 5, windowInstances: 4 })
    p.sessions(PATH)
    runReported(p, 6) // two bytes each: two are left
    expect(retained(p)).toBe(2)
    run(p, 14, 6)
    status(p, 2, 14) // one says that it has them: it may lie, and the third member never reported anything
    expect(p.component.base(SENDER)).toBe(14)
    expect(retained(p)).toBe(10)
    p.sent.length = 0
    p.session(PATH, 3)
    status(p, 3, 0)
    // Beyond its own five bytes is all but the last one, which has three.
    expect(p.sentOf('GAP')).toMatchObject([{ to: 3, message: { sender: SENDER, retainedFrom: 13 } }])
  })

  it('what is beyond its own retention it vouches for as a gap, dropped or not', () => {
    const p = solo({ retentionCountMax: 2, windowInstances: 4 })
    p.sessions(PATH)
    run(p, 5)
    expect(retained(p)).toBe(5)
    p.sent.length = 0
    p.session(PATH, 3)
    status(p, 3, 0)
    expect(p.sentOf('GAP')).toMatchObject([{ to: 3, message: { sender: SENDER, retainedFrom: 3 } }])
  })

  it('memory and disk do not grow with the number of broadcasts (known failure 19)', () => {
    const p = solo()
    p.sessions(PATH)
    const sizes: [number, number][] = []
    for (let sequence = 0; sequence < 1000; sequence++) {
      deliver(p, sequence)
      p.do((component) => component.acknowledge(SENDER, sequence))
      for (const peer of [1, 2, 3]) status(p, peer, sequence + 1)
      p.sent.length = 0
      if (sequence === 10 || sequence === 999) {
        sizes.push([JSON.stringify(p.component.state()).length, p.disk.size])
      }
    }
    const [[stateEarly, diskEarly], [stateLate, diskLate]] = sizes as [[number, number], [number, number]]
    expect(diskLate).toBe(diskEarly)
    expect(stateLate).toBeLessThan(stateEarly + 80) // longer numbers
  })
})

describe('gaps', () => {
  const gap = (p: S, from: number, retainedFrom: number) =>
    p.receive(from, `${PATH}/windows`, { type: 'GAP', sender: SENDER, retainedFrom })

  it('a member that asks for less than is retained is told so', () => {
    const p = solo({ retentionCountMax: 1 })
    p.sessions(PATH)
    for (let sequence = 0; sequence < 3; sequence++) {
      deliver(p, sequence)
      p.do((component) => component.acknowledge(SENDER, sequence))
      for (const peer of [1, 2]) status(p, peer, sequence + 1)
    }
    p.sent.length = 0
    p.session(PATH, 3)
    expect(p.sentOf('GAP')).toMatchObject([{ to: 3, message: { sender: SENDER, retainedFrom: 2 } }])
  })

  it('a member that waits for what is dropped meanwhile is told too, without asking', () => {
    const p = solo({ retentionCountMax: 1 })
    p.sessions(PATH)
    for (let sequence = 0; sequence < 3; sequence++) {
      deliver(p, sequence)
      p.do((component) => component.acknowledge(SENDER, sequence))
      for (const peer of [1, 2]) status(p, peer, sequence + 1)
    }
    p.passTime(200)
    expect(p.sentOf('GAP').map(({ to, message }) => [to, message.retainedFrom])).toEqual([[3, 2]])
  })

  it('f members cannot make a process skip anything; f+1 can, and one of them is correct', () => {
    const p = solo()
    p.sessions(PATH)
    for (let i = 0; i < 5; i++) gap(p, 2, 1000)
    expect(p.gaps).toEqual([])
    gap(p, 3, 7)
    expect(p.gaps).toEqual([[SENDER, 0, 7]])
    expect(p.component.base(SENDER)).toBe(7)
  })

  it('what was delivered above a hole is not skipped, and not lost in a crash', () => {
    const p = solo()
    p.sessions(PATH)
    deliver(p, 1)
    gap(p, 2, 3)
    gap(p, 3, 3)
    expect(p.gaps).toEqual([[SENDER, 0, 1]])
    const again = solo({}, p.disk)
    again.do((component) => component.restore())
    expect(again.delivered.map(({ sequence }) => sequence)).toEqual([1])
    p.do((component) => component.acknowledge(SENDER, 1))
    expect(p.gaps).toEqual([
      [SENDER, 0, 1],
      [SENDER, 2, 3]
    ])
  })
})
