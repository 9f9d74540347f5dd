/** The properties of a failure detector: a right history passes, and each rule is broken by itself, and told with its reason. */
import { expect, it } from 'vitest'
import { checkDetector, DETECTOR_PROPERTIES } from '../../src/checkers/detectors.ts'
import { detectorService } from '../../src/detectors/service.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'

const crash = (process: number): HistoryEvent => ({ time: 0, process, kind: 'crash' })
const detected = (process: number, member: number): HistoryEvent => {
  const told = { service: detectorService.name, name: 'detected', values: { member } }
  return { time: 0, process, kind: 'indicate', ...told }
}

/** Member 3 crashes, then 2, and those who are up then are told of it. */
const RIGHT = [
  crash(3),
  detected(0, 3),
  detected(2, 3),
  crash(2),
  detected(1, 3),
  detected(1, 2),
  detected(0, 2)
]

const told = (events: readonly HistoryEvent[], changes: Partial<History> = {}) =>
  checkDetector(
    { n: 4, f: 3, correct: [0, 1, 2, 3], events, complete: true, ...changes },
    Object.keys(DETECTOR_PROPERTIES)
  ).map(({ property, detail, at }) => `${property} at ${at}: ${detail}`)

it('a right history passes', () => expect(told(RIGHT)).toEqual([]))

it.each([
  [4, 3, 1],
  [5, 2, 1],
  [6, 2, 0]
])('strong completeness: without event %i, %i is never detected by %i', (at, crashed, process) => {
  const missing = RIGHT.filter((_, index) => index !== at)
  const detail = `strong completeness at 6: member ${crashed} crashed, and member ${process} never detected it`
  expect(told(missing)).toEqual([detail])
  expect(told(missing, { complete: false })).toEqual([])
})

it('strong completeness: who has crashed itself need not be told', () => {
  expect(told(RIGHT.filter((_, index) => index !== 2))).toEqual([])
})

it.each([0, 1, 3])('strong accuracy: a detection before event %i, of who has not crashed yet', (at) => {
  const early = [...RIGHT.slice(0, at), detected(1, 2), ...RIGHT.slice(at)]
  expect(told(early)).toEqual([`strong accuracy at ${at}: member 1 detected member 2, which had not crashed`])
})

it('what a liar says that it detects is nothing', () => {
  const lie = [detected(1, 0), ...RIGHT]
  expect(told(lie, { correct: [0, 2, 3] })).toEqual([])
})
