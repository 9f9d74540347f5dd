/** From a run to rows, messages, states and marks. */
import { describe, expect, test } from 'vitest'
import { tellBroadcast } from '../../src/checkers/broadcast-history.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { describeEvent, visible } from '../../src/viewer/describe.ts'
import { pageData } from '../../src/viewer/page-model.ts'
import { CONTROLS, equivocation } from './runs.ts'

const data = pageData(equivocation)
const textAt = (event: number) => data.events[event]?.text

describe('messages', () => {
  const of = (from: number, to: number, type: string) =>
    data.messages.filter((message) => message.from === from && message.to === to && message.type === type)
  const ends = (from: number, to: number, type: string) =>
    of(from, to, type).flatMap(({ ends }) => ends.map(({ how }) => how))

  test('a message that arrives twice is received, and then a duplicate', () => {
    expect(ends(0, 1, 'ECHO')).toEqual(['received', 'duplicate'])
  })

  test('a lost one ends where the network lost it, and its row names its type', () => {
    expect(ends(0, 3, 'ECHO')).toEqual(['lost'])
    const [lost] = data.events.filter(({ kind }) => kind === 'lost')
    expect(lost?.text).toBe('p3 will not receive ECHO of p0: the network dropped it')
    expect(lost).toMatchObject({ path: 'double-echo', instances: ['2/1'] })
  })

  test('one that is on its way when the run ends has no end', () => {
    expect(ends(3, 0, 'SEND')).toEqual([])
    expect(of(3, 0, 'SEND')).toHaveLength(1)
  })

  test('send and receive are the ends of one message, and its contents are kept once', () => {
    const [message] = of(2, 0, 'SEND')
    expect(data.events[message?.send ?? -1]?.kind).toBe('send')
    expect(data.events[message?.ends[0]?.event ?? -1]).toMatchObject({ kind: 'receive', process: 0 })
    expect(message?.contents).toEqual({ type: 'SEND', sequence: 1, payload: { hex: '6c656674' } })
    expect(data.events.filter(({ kind, contents }) => kind === 'send' && contents !== undefined)).toEqual([])
  })

  test('a receive without a send in the trace is kept', () => {
    const receive = equivocation.events.filter(({ kind }) => kind === 'receive').slice(0, 1)
    const { messages } = pageData({ ...equivocation, events: receive, violations: [], explanation: [] })
    expect(messages).toMatchObject([{ send: -1, from: 2, to: 0, ends: [{ event: 0, how: 'received' }] }])
  })
})

test('violations are at the event of the trace that the history counts, and what never came at the end', () => {
  const [consistency, totality] = data.violations
  expect(textAt(consistency?.event ?? -1)).toBe('p1 delivers 2/1: "right"')
  expect(data.events[totality?.event ?? -1]).toMatchObject({ kind: 'end', process: -1 })
  expect(textAt(totality?.event ?? -1)).toBe('the run ends: member 3 never delivered 2/1')
  expect(pageData({ ...equivocation, violations: [] }).events.some(({ kind }) => kind === 'end')).toBe(false)
})

test('states have no row: they belong to the event after which they came about', () => {
  expect(data.events.some(({ kind }) => kind === 'state')).toBe(false)
  expect(data.states.map(({ after }) => textAt(after))).toEqual([
    'p0 sets timer 1 to 200 ms',
    'p0 ← p2  SEND sequence 1, payload "left"'
  ])
})

test('the explanation is numbered by rows, although states lie between its events', () => {
  expect(data.explanation.map(({ event }) => textAt(event))).toEqual(
    data.explanation.map(({ sentence }) => sentence)
  )
  expect(data.explanation.map(({ sentence }) => sentence)).toEqual([
    'p2 → p1  SEND sequence 1, payload "right"',
    'p1 ← p2  SEND sequence 1, payload "right"',
    'p1 delivers 2/1: "right"'
  ])
})

test('an explanation that names no event of the trace is left out', () => {
  expect(pageData({ ...equivocation, explanation: [-1, 9_999, 0.5] }).explanation).toEqual([])
})

test('components and broadcasts are listed, each once', () => {
  expect(data.paths).toEqual(['double-echo', 'double-echo/log'])
  expect(data.instances).toEqual(['1/1', '2/1', '3/1'])
})

test('a message that names no sender may belong to a broadcast of either end', () => {
  const send = data.events.find(({ kind, process }) => kind === 'send' && process === 3)
  expect(send?.instances).toEqual(['0/1', '3/1'])
})

describe('text', () => {
  test('what cannot be seen is shown by its number', () => {
    expect(visible(CONTROLS)).toBe('a\\u{a}b\\u{1b}[2Jc\\u{0}d\\u{202e}e\\u{200f}f\\u{2028}g')
    expect(visible('Grüße, שלום, 你好 👋')).toBe('Grüße, שלום, 你好 👋')
  })

  test('bytes are text where they are readable, and else their two ends', () => {
    const text = (payload: Uint8Array) =>
      describeEvent(tellBroadcast({ time: 0, process: 1, kind: 'broadcast', sequence: 3, payload }))
    expect(text(utf8('hello'))).toBe('p1 broadcasts 3: "hello"')
    expect(text(utf8('x'.repeat(100)))).toBe(`p1 broadcasts 3: "${'x'.repeat(32)}…"`)
    expect(text(Uint8Array.of(1, 2))).toBe('p1 broadcasts 3: 0102')
    expect(text(new Uint8Array(32))).toBe('p1 broadcasts 3: 000000..000000')
  })
})
