/** Somebody has to check the checker: known-good histories pass, and each way to break one is noticed by name. */
import { describe, expect, it } from 'vitest'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import type { Fault } from '../../src/core/fault.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'
import type { Property } from '../../src/stacks/stack.ts'

const ALL: Property[] = [
  'validity',
  'no duplication',
  'integrity',
  'consistency',
  'totality',
  'FIFO delivery',
  'accuracy'
]
const m = Uint8Array.of(1)
const other = Uint8Array.of(2)
const CORRECT = [0, 1, 2]
const LIAR = 3

const broadcast = (process: number, sequence = 0, payload = m): HistoryEvent => ({
  time: 0,
  process,
  kind: 'broadcast',
  sequence,
  payload
})
const accepted = (process: number, sequence = 0): HistoryEvent => ({
  time: 0,
  process,
  kind: 'accepted',
  sequence
})
const deliver = (process: number, sender: number, sequence = 0, payload = m): HistoryEvent => ({
  time: 1,
  process,
  kind: 'deliver',
  sender,
  sequence,
  payload,
  position: 0
})
const gap = (process: number, sender: number, from: number, to: number): HistoryEvent => ({
  time: 1,
  process,
  kind: 'gap',
  sender,
  from,
  to
})
const names = (by: number, process: number, certainty: Fault['certainty']): HistoryEvent => ({
  time: 1,
  process: by,
  kind: 'fault',
  fault: { process, kind: 'equivocation', certainty, detail: 'd' }
})

const history = (events: HistoryEvent[]): History => ({
  n: 4,
  f: 1,
  correct: CORRECT,
  events,
  complete: true
})
const violated = (...events: HistoryEvent[]) =>
  checkBroadcast(history(events), ALL).map(({ property }) => property)
const everywhere = (sender: number, sequence = 0, payload = m) =>
  CORRECT.map((id) => deliver(id, sender, sequence, payload))

describe('good histories', () => {
  it('everybody delivers what a correct member broadcast', () => {
    expect(violated(broadcast(0), accepted(0), ...everywhere(0))).toEqual([])
  })
  it('everybody delivers the same from a liar, or nobody anything', () => {
    expect(violated(...everywhere(LIAR))).toEqual([])
    expect(violated()).toEqual([])
  })
  it('what a liar does itself is not judged', () => {
    expect(violated(deliver(LIAR, 0), deliver(LIAR, 0, 0, other), names(LIAR, 0, 'proven'))).toEqual([])
  })
  it('a broadcast that a crash lost before it was accepted need not be delivered', () => {
    expect(violated(broadcast(0))).toEqual([])
  })
  it('of two broadcasts under one number, the first lost in a crash, either may be delivered', () => {
    expect(violated(broadcast(0), broadcast(0, 0, other), accepted(0), ...everywhere(0, 0, other))).toEqual(
      []
    )
  })
  it('a gap excuses what is in it, and nothing else', () => {
    expect(violated(broadcast(0), accepted(0), deliver(0, 0), deliver(1, 0), gap(2, 0, 0, 1))).toEqual([])
    expect(violated(broadcast(0), accepted(0), deliver(0, 0), deliver(1, 0), gap(2, 1, 0, 1))).toContain(
      'validity'
    )
  })
  it('suspecting a correct member is no violation, naming a liar is none either', () => {
    expect(violated(names(0, 1, 'suspected'), names(0, LIAR, 'certain'), names(1, LIAR, 'proven'))).toEqual(
      []
    )
  })
})

describe('bad histories', () => {
  it('validity: a correct member never delivers what a correct member broadcast', () => {
    expect(violated(broadcast(0), accepted(0), deliver(0, 0), deliver(1, 0))).toEqual([
      'validity',
      'totality'
    ])
  })
  it('no duplication: one process delivers an instance twice', () => {
    expect(violated(...everywhere(LIAR), deliver(1, LIAR))).toContain('no duplication')
  })
  it('integrity: delivered from a correct member that broadcast something else, or nothing', () => {
    expect(violated(broadcast(0, 0, other), accepted(0), ...everywhere(0))).toContain('integrity')
    expect(violated(...everywhere(0))).toContain('integrity')
  })
  it('consistency: two correct members deliver different payloads in one instance', () => {
    expect(violated(deliver(0, LIAR), deliver(1, LIAR), deliver(2, LIAR, 0, other))).toEqual(['consistency'])
  })
  it('validity: a gap of a correct member beyond what it broadcast is a lie believed', () => {
    expect(violated(broadcast(0), accepted(0), deliver(0, 0), deliver(1, 0), gap(2, 0, 0, 2))).toEqual([
      'validity'
    ])
  })

  it('starvation: what never came stayed away from one correct member alone', () => {
    const [alone] = checkBroadcast(history([broadcast(0), accepted(0), deliver(0, 0), deliver(1, 0)]), [
      'validity'
    ])
    expect(alone).toMatchObject({ property: 'validity', starved: 2 })
    const [both] = checkBroadcast(history([broadcast(0), accepted(0), deliver(0, 0)]), ['validity'])
    expect(both?.starved).toBeUndefined()
  })

  it('totality: one correct member delivers from a liar, another never does', () => {
    expect(violated(deliver(0, LIAR), deliver(1, LIAR))).toEqual(['totality'])
  })
  it('FIFO delivery: out of order, or with a hole', () => {
    expect(violated(...everywhere(LIAR, 1))).toContain('FIFO delivery')
    expect(violated(...everywhere(LIAR, 0), ...everywhere(LIAR, 2))).toContain('FIFO delivery')
  })
  it('accuracy: a correct member is named certain or proven', () => {
    expect(violated(names(0, 1, 'certain'))).toEqual(['accuracy'])
    expect(violated(names(0, 1, 'proven'))).toEqual(['accuracy'])
  })
  it('safety is judged in a run that was cut short, progress is not', () => {
    const cut = {
      ...history([broadcast(0), accepted(0), deliver(0, 0), deliver(1, 0, 0, other)]),
      complete: false
    }
    expect(checkBroadcast(cut, ALL).map(({ property }) => property)).toEqual(['integrity', 'consistency'])
  })
})
