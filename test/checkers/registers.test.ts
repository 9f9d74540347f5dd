/**
 * The properties of registers over the history of a run: a right history passes, and each rule is broken by itself, at
 * several clients, at the beginning, in the middle and at the end, and told by its name and with the reason.
 */
import { describe, expect, it } from 'vitest'
import type { RegisterEvent } from '../../src/checkers/register-history.ts'
import { checkRegister } from '../../src/checkers/registers.ts'
import type { Fault } from '../../src/core/fault.ts'
import { nameOf } from '../../src/core/group.ts'
import type { History } from '../../src/simulator/history.ts'
import { tellRegister } from './register-histories.ts'

const MEMBERS = 4
const LIAR = 3
const WRITER = 4
const READERS = [5, 6]
const CLIENTS = [WRITER, ...READERS]
const ROUNDS = [1, 2, 3, 4, 5]

type Drawn = RegisterEvent extends infer E ? (E extends unknown ? Omit<E, 'time'> : never) : never

const invoke = (process: number, number: number, value: string | null = null): Drawn => ({
  kind: 'invoke',
  process,
  number,
  f: value === null ? 'read' : 'write',
  value
})
const written = (process: number, number: number): Drawn => ({
  kind: 'return',
  process,
  number,
  f: 'write',
  result: null
})
const found = (process: number, number: number, result: string | null): Drawn => ({
  kind: 'return',
  process,
  number,
  f: 'read',
  result
})
const life = (kind: 'crash' | 'restart', process: number): Drawn => ({ kind, process })

/** In each round the writer writes its number, and then the readers read it, one after the other. */
function right(): Drawn[] {
  return ROUNDS.flatMap((round) => [
    invoke(WRITER, round, `0${round}`),
    written(WRITER, round),
    ...READERS.flatMap((reader) => [invoke(reader, round), found(reader, round, `0${round}`)])
  ])
}

const isReturn = (process: number, number: number) => (event: Drawn) =>
  event.kind === 'return' && event.process === process && event.number === number
const changed = (matches: (event: Drawn) => boolean, ...by: Drawn[]): Drawn[] =>
  right().flatMap((event) => (matches(event) ? by : [event]))

const ALL = ['termination', 'validity', 'ordering', 'atomicity', 'accuracy']
function told(
  events: readonly Drawn[],
  properties: readonly string[] = ALL,
  consistency: 'safe' | 'regular' | 'atomic' = 'atomic',
  changes: Partial<History> = {}
): string[] {
  const history: History = {
    n: MEMBERS,
    f: 1,
    correct: [0, 1, 2, ...CLIENTS],
    events: events.map((event, time) => tellRegister({ time, ...event } as RegisterEvent)),
    complete: true,
    ...changes
  }
  return checkRegister(history, properties, consistency).map(
    ({ property, detail }) => `${property}: ${detail}`
  )
}

const PLACES = CLIENTS.flatMap((process) => [1, 3, 5].map((number) => ({ process, number })))
const fOf = (process: number) => (process === WRITER ? 'write' : 'read')

it('a right history passes, with every name and consistency', () => {
  for (const consistency of ['safe', 'regular', 'atomic'] as const)
    expect(told(right(), ALL, consistency)).toEqual([])
  expect(told([])).toEqual([])
})

describe('termination', () => {
  const hangs = ({ process, number }: { process: number; number: number }) =>
    `termination: operation ${number} of client ${process - MEMBERS}, a ${fOf(process)}, never returned`

  it.each(PLACES)('operation $number of $process hangs, whatever it does after it', (place) => {
    expect(told(changed(isReturn(place.process, place.number)), ['termination'])).toEqual([hangs(place)])
  })
  it.each(PLACES)('operation $number of $process hangs, and one of each other client does', (place) => {
    const others = CLIENTS.filter((client) => client !== place.process)
    const missing = [place, ...others.map((process) => ({ process, number: 2 }))]
    const events = right().filter(
      (event) => !missing.some(({ process, number }) => isReturn(process, number)(event))
    )
    expect(new Set(told(events, ['termination']))).toEqual(new Set(missing.map(hangs)))
  })
  it.each(PLACES)('a crash of $process cuts off operation $number, and no other', (place) => {
    const { process, number } = place
    const cut = [life('crash', process), life('restart', process)]
    expect(told(changed(isReturn(process, number), ...cut), ['termination'])).toEqual([])
    const other = CLIENTS.find((client) => client !== process) ?? WRITER
    const another = [life('crash', other), life('restart', other)]
    expect(told(changed(isReturn(process, number), ...another), ['termination'])).toEqual([hangs(place)])
    // A crash when it was over, or before it began, cuts nothing off.
    const before = [...cut, ...changed(isReturn(process, number))]
    expect(told(before, ['termination'])).toEqual([hangs(place)])
  })
  it.each([1, 3, 5])('write %i goes on in the next life, and hangs there', (number) => {
    const again: Drawn[] = [
      life('crash', WRITER),
      life('restart', WRITER),
      { kind: 'resume', process: WRITER, number }
    ]
    const events = changed(isReturn(WRITER, number), ...again)
    expect(told(events, ['termination'])).toEqual([hangs({ process: WRITER, number })])
    const finished = changed(isReturn(WRITER, number), ...again, written(WRITER, number))
    expect(told(finished, ['termination'])).toEqual([])
    // It is cut off again.
    const twice = changed(isReturn(WRITER, number), ...again, ...again.slice(0, 2))
    expect(told(twice, ['termination'])).toEqual([])
  })
  describe('of a write that somebody has read', () => {
    /** As write `number` is under way, a reader has read it and its writer crashes; then what comes next. */
    const interrupted = (number: number, ...next: Drawn[]): Drawn[] => [
      ...right().slice(0, 6 * (number - 1)),
      invoke(WRITER, number, `0${number}`),
      invoke(READERS[0] as number, number),
      found(READERS[0] as number, number, `0${number}`),
      life('crash', WRITER),
      ...next
    ]
    const crashes = (events: readonly Drawn[]) =>
      new Set(events.flatMap(({ kind, process }, at) => (kind === 'crash' && process === WRITER ? [at] : [])))
    const judged = (drawn: readonly Drawn[], resting = crashes(drawn)) => {
      const events = drawn.map((event, time) => tellRegister({ time, ...event } as RegisterEvent))
      const atRest = new Set(events.filter((_, at) => resting.has(at)))
      return told(drawn, ['termination'], 'atomic', { events, atRest })
    }
    const givenUp = (number: number) =>
      `termination: operation ${number} of client 0, a write that client 1 has read, is given up by the next life`
    const resume = (number: number): Drawn => ({ kind: 'resume', process: WRITER, number })
    const back = life('restart', WRITER)
    const another = (number: number) => [
      invoke(WRITER, number + 1, `0${number + 1}`),
      written(WRITER, number + 1)
    ]

    it.each([1, 3, 5])(
      'write %i is given up by the next life, which does nothing or something else',
      (number) => {
        expect(judged(interrupted(number, back))).toEqual([givenUp(number)])
        expect(judged(interrupted(number, back, ...another(number)))).toEqual([givenUp(number)])
        // Nor is it by the one after that.
        expect(judged(interrupted(number, back, life('crash', WRITER), back))).toEqual([givenUp(number)])
      }
    )
    it.each([1, 3, 5])('write %i goes on in the next life, or has no next life', (number) => {
      expect(judged(interrupted(number))).toEqual([])
      const goesOn = [back, resume(number), written(WRITER, number), ...another(number)]
      expect(judged(interrupted(number, ...goesOn))).toEqual([])
      const twice = [back, resume(number), life('crash', WRITER)]
      expect(judged(interrupted(number, ...twice, ...goesOn))).toEqual([])
      expect(judged(interrupted(number, ...twice, back))).toEqual([givenUp(number)])
    })
    it.each([1, 3, 5])(
      'nothing follows of write %i where it may not have been durable, or may be complete',
      (number) => {
        const events = interrupted(number, back, ...another(number))
        expect(judged(events, new Set())).toEqual([])
        expect(told(events, ['termination'])).toEqual([])
        const unread = events.filter((event) => !(event.kind === 'return' && event.result === `0${number}`))
        expect(judged(unread)).not.toContain(givenUp(number))
        // Once it was given up, a later crash says nothing of it.
        const later = [...events, life('crash', WRITER), back]
        expect(judged(later, new Set([later.length - 2]))).toEqual([])
      }
    )
  })
  it.each(PLACES)('is not judged of $process in a run that was cut short, nor of a liar', (place) => {
    const events = changed(isReturn(place.process, place.number))
    expect(told(events, ['termination'], 'atomic', { complete: false })).toEqual([])
    const correct = [0, 1, 2, ...CLIENTS].filter((process) => process !== place.process)
    expect(told(events, ['termination'], 'atomic', { correct })).toEqual([])
  })
})

const READS = READERS.flatMap((process) => [1, 3, 5].map((number) => ({ process, number })))

describe.each([
  ['validity', 'safe'],
  ['validity', 'regular'],
  ['atomicity', 'atomic']
] as const)('%s of a register that is %s', (property, consistency) => {
  it.each(READS)('$process reads at $number what nobody wrote', ({ process, number }) => {
    const events = changed(isReturn(process, number), found(process, number, 'ee'))
    const [violation, ...others] = told(events, [property], consistency)
    expect(others).toEqual([])
    expect(violation).toMatch(new RegExp(`^${property}: .*process ${process} read → "ee"`))
  })
  it.each(READS)('$process reads at $number what was overwritten, or the initial value', (place) => {
    const { process, number } = place
    const old = number === 1 ? null : `0${number - 1}`
    const [violation, ...others] = told(
      changed(isReturn(process, number), found(process, number, old)),
      [property],
      consistency
    )
    expect(others).toEqual([])
    expect(violation).toMatch(
      new RegExp(`^${property}: .*process ${process} read → ${old === null ? 'null' : `"${old}"`}`)
    )
  })
  it.each(READS)('$process reads at $number what is written only later', ({ process, number }) => {
    const events = [
      ...changed(isReturn(process, number), found(process, number, 'ff')),
      invoke(WRITER, 9, 'ff'),
      written(WRITER, 9)
    ]
    expect(told(events, [property], consistency)).toEqual([
      expect.stringMatching(new RegExp(`^${property}: .*process ${process} read → "ff"`))
    ])
  })
})

describe('ordering', () => {
  it.each([1, 2, 3, 4])(
    'one reads what is being written as %i, and then another the value before',
    (round) => {
      const old = round === 1 ? null : `0${round - 1}`
      const [first = 5, second = 6] = round % 2 === 0 ? READERS : [...READERS].reverse()
      const during = [
        invoke(first, 90),
        found(first, 90, `0${round}`),
        invoke(second, 91),
        found(second, 91, old)
      ]
      const events = changed(isReturn(WRITER, round), ...during, written(WRITER, round))
      // Regular: both may be returned while it is being written.
      expect(told(events, ['validity'], 'regular')).toEqual([])
      expect(told(events, ['ordering'], 'atomic')).toEqual([expect.stringMatching(/^ordering: /)])
      expect(told(events, ['validity', 'ordering'], 'atomic')).toEqual([expect.stringMatching(/^ordering: /)])
    }
  )
  it('what is not even valid is told by that name alone', () => {
    const events = changed(isReturn(5, 3), found(5, 3, 'ee'))
    expect(told(events, ['validity', 'ordering'], 'atomic')).toEqual([expect.stringMatching(/^validity: /)])
  })
})

describe('accuracy', () => {
  const names = (by: number, process: number, certainty: Fault['certainty']): Drawn => ({
    kind: 'fault',
    process: by,
    fault: { process, kind: 'protocol-violation', certainty, detail: 'd' }
  })
  it.each([
    [WRITER, 0],
    [5, 2],
    [1, 6]
  ])('%i names the correct %i', (by, process) => {
    expect(told([...right(), names(by, process, 'certain')])).toEqual([
      `accuracy: ${nameOf({ n: MEMBERS }, by)} named the correct ${nameOf({ n: MEMBERS }, process)} certain of protocol-violation: d`
    ])
    expect(told([...right(), names(by, process, 'suspected'), names(by, LIAR, 'certain')])).toEqual([])
    expect(told([...right(), names(LIAR, process, 'certain')])).toEqual([])
  })
})
