/** The properties of a leaderless store: a right history passes, and each rule is broken by itself. */
import { describe, expect, it } from 'vitest'
import {
  checkLeaderlessStore,
  LEADERLESS_STORE_PROPERTIES,
  leaderlessLandmarks,
  SETTLED_MS
} from '../../src/checkers/leaderless-stores.ts'
import { leaderlessService } from '../../src/leaderless/service.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'

const { name: service } = leaderlessService
const ONE = 3
const TWO = 4
const KEY = 'key 0'
/** A put that took so long may have asked a second replica. */
const SLOW_US = 150_000
const LATE_US = SETTLED_MS * 1000 + 1_000_000

const bytes = (value: number) => Uint8Array.of(value, value)
/** Of three puts through one replica the context has the number of the last that was seen. */
const contextOf = (counter: number) => ({ clock: counter === 0 ? [] : [{ rank: 0, counter }], time: counter })

type Timed = HistoryEvent
const invoke = (process: number, number: number, name: string, given: object = {}, time = 0): Timed => ({
  time,
  process,
  kind: 'invoke',
  service,
  name,
  number,
  arguments: { key: KEY, ...given }
})
const got = (
  process: number,
  number: number,
  values: readonly number[],
  counter: number,
  changes: object = {},
  time = 0
): Timed => ({
  time,
  process,
  kind: 'return',
  service,
  name: 'get',
  number,
  result: {
    values: values.map(bytes),
    deleted: false,
    context: contextOf(counter),
    consistency: 'regular',
    ...changes
  }
})
const written = (process: number, number: number, changes: object = {}, time = 0): Timed => ({
  time,
  process,
  kind: 'return',
  service,
  name: 'put',
  number,
  result: { written: true, consistency: 'regular', conflict: false, ...changes }
})
const final = (process: number, values: readonly number[], counter: number, changes: object = {}) => [
  invoke(process, 1, 'get', { quorum: 1 }, LATE_US),
  got(process, 1, values, counter, { consistency: 'eventual', ...changes }, LATE_US)
]
const crash = (process: number): Timed => ({ time: 0, process, kind: 'crash' })

/** Two puts that do not know each other, a get of both, a put that replaces them, a get of that; and the end. */
const RIGHT: readonly Timed[] = [
  invoke(ONE, 1, 'put', { value: bytes(1) }),
  invoke(TWO, 1, 'put', { value: bytes(2) }),
  written(ONE, 1),
  written(TWO, 1),
  invoke(ONE, 2, 'get'),
  got(ONE, 2, [1, 2], 2),
  invoke(ONE, 3, 'put', { value: bytes(3), context: contextOf(2) }),
  written(ONE, 3),
  invoke(TWO, 2, 'get'),
  got(TWO, 2, [3], 3),
  ...final(0, [3], 3),
  ...final(1, [3], 3),
  ...final(2, [3], 3)
]
const LAST = RIGHT.length

const told = (events: readonly Timed[], changes: Partial<History> = {}) =>
  checkLeaderlessStore(
    { n: 3, f: 1, correct: [0, 1, 2, ONE, TWO], events, complete: true, ...changes },
    Object.keys(LEADERLESS_STORE_PROPERTIES)
  ).map(({ property, detail, at }) => `${property} at ${at}: ${detail}`)

const of = (number: number, process: number) =>
  `operation ${number} of client ${process - 3}, a get of key 0,`

describe('right histories', () => {
  it('pass', () => expect(told(RIGHT)).toEqual([]))
  it('a get that overlaps a put returns it, or not', () => {
    for (const values of [[1], [1, 2]])
      expect(
        told([
          ...RIGHT.slice(0, 2),
          written(ONE, 1),
          invoke(ONE, 2, 'get'),
          got(ONE, 2, values, 1),
          written(TWO, 1)
        ])
      ).toEqual([])
  })
  it('a get from a partial quorum, or of a put to one, may miss it', () => {
    expect(told(RIGHT.with(9, got(TWO, 2, [1], 1, { consistency: 'eventual' })))).toEqual([])
    const weak = RIGHT.with(7, written(ONE, 3, { consistency: 'eventual' }))
    expect(told(weak.with(9, got(TWO, 2, [1, 2], 2)))).toEqual([])
  })
  it('a put that was asked of two replicas, and seen before it returned, shows once more', () => {
    const slow = RIGHT.with(2, written(ONE, 1, {}, SLOW_US))
    expect(told(slow.with(9, got(TWO, 2, [1, 3], 3)))).toEqual([])
    const seenEarly = [...RIGHT.slice(0, 2), ...RIGHT.slice(3, 6), written(ONE, 1), ...RIGHT.slice(6)]
    expect(told(seenEarly.with(9, got(TWO, 2, [1, 3], 3)))).toEqual([])
  })
  it('a put that was refused, or whose client crashed, is there or not', () => {
    for (const values of [[1], [1, 2]]) {
      const seen = RIGHT.with(5, got(ONE, 2, values, 2))
      const refused = { written: false, refusal: 'too many keys' }
      expect(told(seen.with(3, written(TWO, 1, refused)))).toEqual([])
      expect(told(seen.with(3, crash(TWO)))).toEqual([])
    }
  })
})

describe('no creation', () => {
  it.each([5, 9])('event %i: a get returns what nobody had put', (at) => {
    const process = at === 5 ? ONE : TWO
    const values = at === 5 ? [1, 2, 7] : [3, 7]
    expect(told(RIGHT.with(at, got(process, 2, values, at === 5 ? 2 : 3)))).toEqual([
      `no creation at ${at}: ${of(2, process)} returned 0707, which nobody had put`
    ])
  })
  it('a get returns what was put later, or under another key', () => {
    expect(told(RIGHT.with(5, got(ONE, 2, [1, 2, 3], 2)))).toContain(
      `no creation at 5: ${of(2, ONE)} returned 0303, which nobody had put`
    )
    const elsewhere = RIGHT.with(1, invoke(TWO, 1, 'put', { key: 'key 1', value: bytes(2) }))
    expect(told(elsewhere)[0]).toBe(`no creation at 5: ${of(2, ONE)} returned 0202, which nobody had put`)
  })
})

describe('regularity', () => {
  it('a get misses a put that had returned before it began', () => {
    expect(told(RIGHT.with(5, got(ONE, 2, [1], 1)))[0]).toBe(
      `regularity at 5: ${of(2, ONE)} did not return 0202 of client 1, which had returned before`
    )
    expect(told(RIGHT.with(9, got(TWO, 2, [], 3)))).toEqual([
      `regularity at 9: ${of(2, TWO)} did not return 0303 of client 0, which had returned before`
    ])
  })
  it('a get returns what a put or a delete had replaced that had returned before it began', () => {
    expect(told(RIGHT.with(9, got(TWO, 2, [2, 3], 3)))).toEqual([
      `regularity at 9: ${of(2, TWO)} returned 0202, which 0303 of client 0 had replaced before`
    ])
    const deleted = RIGHT.with(6, invoke(ONE, 3, 'delete', { context: contextOf(2) }))
      .with(9, got(TWO, 2, [1], 3, { deleted: true }))
      .slice(0, 10)
    expect(told(deleted)).toEqual([
      `regularity at 9: ${of(2, TWO)} returned 0101, which the delete of client 0 had replaced before`
    ])
  })
  it('a put without the context of the get replaces nothing', () => {
    const blind = RIGHT.with(6, invoke(ONE, 3, 'put', { value: bytes(3) }))
    expect(told(blind.slice(0, 10))).toEqual([
      `regularity at 9: ${of(2, TWO)} did not return 0101 of client 0, which had returned before`,
      `regularity at 9: ${of(2, TWO)} did not return 0202 of client 1, which had returned before`
    ])
  })
})

describe('in the end', () => {
  const lost = (process: number) =>
    `operation 1 of member ${process}, a get of key 0, did not return 0303 of client 0, in the end`

  it('no lost update: what nobody has replaced is at no replica', () => {
    const events = [...RIGHT.slice(0, 10), ...final(0, [], 3), ...final(1, [], 3)]
    expect(told(events)).toEqual([`no lost update at 11: ${lost(0)}`, `no lost update at 13: ${lost(1)}`])
    expect(told(events, { complete: false })).toEqual([])
  })
  it('no lost update: what a partial quorum took may be lost with a member that is down, and no other way', () => {
    const weak = RIGHT.with(7, written(ONE, 3, { consistency: 'eventual' })).slice(0, 10)
    const end = [...final(0, [], 3), ...final(1, [], 3)]
    expect(told([...weak, ...end])).toHaveLength(2)
    expect(told([...weak, crash(2), ...end])).toEqual([])
    expect(told([...RIGHT.slice(0, 10), crash(2), ...end])).toHaveLength(2)
  })
  it.each([
    ['values', [1, 2], 3, {}, '0101, 0202'],
    ['a delete', [3], 3, { deleted: true }, '0303 and a delete'],
    ['what is known', [3], 4, {}, '0303']
  ] as const)('convergence: two replicas differ in %s', (_, values, counter, changes, shown) => {
    const events = [...RIGHT.slice(0, 12), ...final(1, values, counter, changes)]
    expect(told(events)).toContain(
      `convergence at 13: operation 1 of member 1, a get of key 0, returned ${shown} in the end, and that of member 0 0303`
    )
  })
  it('convergence: gets that are not final, and those of other keys, need not agree', () => {
    const early = final(1, [1, 2], 2).map((event) => ({ ...event, time: LATE_US - 2_000_000 }))
    expect(told([...RIGHT.slice(0, 12), ...early])).toEqual([])
    const [asked, answered] = final(1, [], 0) as [Timed, Timed]
    expect(
      told([...RIGHT.slice(0, 12), { ...asked, arguments: { key: 'key 9' } } as Timed, answered])
    ).toEqual([])
  })
  it('the landmark says that replicas were compared, and a partial quorum missed something', () => {
    expect(leaderlessLandmarks(RIGHT)).toEqual(['replicas-compared'])
    expect(leaderlessLandmarks(RIGHT.slice(0, 12))).toEqual([])
    const missed = RIGHT.slice(0, 12).with(9, got(TWO, 2, [], 3, { consistency: 'eventual' }))
    expect(leaderlessLandmarks(missed)).toEqual(['partial-quorum-missed-a-put'])
  })
})

it('termination: what never returns, unless its client crashed, or the run was cut off', () => {
  const open = [...RIGHT, invoke(TWO, 9, 'put', { value: bytes(9) })]
  const hangs = `termination at ${LAST + 1}: operation 9 of client 1, a put, never returned`
  expect(told(open)).toContain(hangs)
  expect(told(open, { complete: false })).toEqual([])
  expect(told([...open, crash(TWO)])).not.toContain(hangs)
})

it('accuracy: a correct process is named', () => {
  const fault = { process: 1, kind: 'protocol-violation', certainty: 'certain', detail: 'd' } as const
  const [violation] = told([...RIGHT, { time: LATE_US, process: 0, kind: 'fault', fault }])
  expect(violation).toMatch(/^accuracy at 16: /)
})
