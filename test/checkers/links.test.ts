/** The properties of links: a right history passes, and each rule is broken by itself. */
import { describe, expect, it } from 'vitest'
import { checkLinks, LINK_PROPERTIES } from '../../src/checkers/links.ts'
import { linkService } from '../../src/links/service.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'

const { name: service } = linkService
const STUBBORN = ['stubborn delivery', 'no creation']
const LIAR = 3

const sent = (process: number, to: number, message: number): HistoryEvent => ({
  time: 0,
  process,
  kind: 'invoke',
  service,
  name: 'transmit',
  number: message,
  arguments: { to, message: Uint8Array.of(process, message) }
})
const delivered = (process: number, from: number, message: number, of = from): HistoryEvent => ({
  time: 0,
  process,
  kind: 'indicate',
  service,
  name: 'deliver',
  values: { from, message: Uint8Array.of(of, message) }
})
const crash = (process: number): HistoryEvent => ({ time: 0, process, kind: 'crash' })

/** Two messages from 0 to 1, one to 2; one back, which overlaps. */
const RIGHT: readonly HistoryEvent[] = [
  sent(0, 1, 1),
  sent(0, 2, 2),
  sent(0, 1, 3),
  delivered(1, 0, 1),
  sent(1, 0, 1),
  delivered(1, 0, 3),
  delivered(0, 1, 1),
  delivered(2, 0, 2)
]

const told = (
  events: readonly HistoryEvent[],
  properties: readonly string[] = Object.keys(LINK_PROPERTIES),
  changes: Partial<History> = {}
) =>
  checkLinks({ n: 4, f: 1, correct: [0, 1, 2], events, complete: true, ...changes }, properties).map(
    ({ property, detail, at }) => `${property} at ${at}: ${detail}`
  )

describe('right histories', () => {
  it('pass', () => expect(told(RIGHT)).toEqual([]))
  it('whatever comes from a liar, or at one, and what is sent to one', () => {
    const lies = [
      delivered(1, LIAR, 1),
      delivered(1, LIAR, 1),
      delivered(LIAR, 0, 9),
      sent(0, LIAR, 8),
      sent(LIAR, 0, 7)
    ]
    expect(told([...RIGHT, ...lies])).toEqual([])
  })
  it('who has stopped is owed nothing, nor is what it sent', () => {
    expect(told([...RIGHT.slice(0, 7), crash(2)])).toEqual([])
    expect(told([...RIGHT.slice(0, 3), crash(0)])).toEqual([])
  })
  it('a stubborn link delivers again, and in any order', () => {
    const [one, two] = [delivered(1, 0, 1), delivered(1, 0, 3)]
    expect(told([...RIGHT.with(3, two).with(5, one), one, two], STUBBORN)).toEqual([])
  })
})

it.each([
  [3, 1, '0001', 0],
  [5, 1, '0003', 0],
  [6, 0, '0101', 1],
  [7, 2, '0002', 0]
])('stubborn and reliable delivery: event %i does not come', (at, to, message, from) => {
  const events = RIGHT.toSpliced(at, 1)
  const detail = `member ${from} sent ${message}, and member ${to} never delivered it`
  expect(told(events, ['stubborn delivery', 'reliable delivery'])).toEqual([
    `stubborn delivery at 7: ${detail}`,
    `reliable delivery at 7: ${detail}`
  ])
  expect(told(events, ['reliable delivery'], { complete: false })).toEqual([])
})

it.each([3, 5, 6, 7])('no duplication: event %i comes again, at once or in the end', (at) => {
  const again = RIGHT[at] as HistoryEvent
  for (const events of [RIGHT.toSpliced(at, 0, again), [...RIGHT, again]]) {
    const violations = told(events)
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatch(/^no duplication at .*, again$/)
  }
})

describe('no creation, authenticity', () => {
  const created = ['no creation', 'authenticity']
  it.each([
    ['what nobody sent', delivered(1, 0, 9)],
    ['what another correct process sent', delivered(2, 1, 2, 0)],
    ['what was sent to another', delivered(2, 0, 1)]
  ])('%s', (_, event) => {
    const violations = told([...RIGHT, event], created)
    expect(violations).toHaveLength(2)
    for (const [index, property] of created.entries())
      expect(violations[index]).toMatch(new RegExp(`^${property} at 8: .*, which had not sent it there$`))
  })
  it('what is sent only later', () => {
    expect(told([RIGHT[3] as HistoryEvent, ...RIGHT.toSpliced(3, 1)], created)).toHaveLength(2)
  })
})

describe('FIFO delivery', () => {
  const [first, second] = [RIGHT[3], RIGHT[5]] as [HistoryEvent, HistoryEvent]
  it('two are delivered in the other order', () => {
    expect(told(RIGHT.with(3, second).with(5, first))).toEqual([
      'FIFO delivery at 3: member 1 delivered 0003 from member 0, and not yet what was sent before it',
      'FIFO delivery at 5: member 1 delivered 0001 from member 0, after what was sent later'
    ])
  })
  it('one is left out', () => {
    expect(told(RIGHT.toSpliced(3, 1), ['FIFO delivery'])).toEqual([
      'FIFO delivery at 4: member 1 delivered 0003 from member 0, and not yet what was sent before it'
    ])
  })
})

it('accuracy: a correct process is named for certain', () => {
  const fault = { process: 1, kind: 'invalid-mac', certainty: 'certain', detail: 'd' } as const
  const named = (certainty: 'certain' | 'suspected'): HistoryEvent => ({
    time: 0,
    process: 0,
    kind: 'fault',
    fault: { ...fault, certainty }
  })
  expect(told([...RIGHT, named('suspected')])).toEqual([])
  expect(told([...RIGHT, named('certain')])[0]).toMatch(/^accuracy at 8: /)
})
