/** Naming: each lie that a correct process can know is named by it, in the life in which it heard it, for what it is. */
import { describe, expect, it } from 'vitest'
import { checkNaming } from '../../src/checkers/naming.ts'
import type { FaultKind } from '../../src/core/fault.ts'
import type { Lie } from '../../src/simulator/history.ts'
import { CORRECT, type Drawn, historyOf, right } from './broadcast-histories.ts'

const KINDS: readonly FaultKind[] = ['equivocation', 'contradicting-vote']
const PLACES = [
  { process: 0, liar: 5, at: 0 },
  { process: 2, liar: 6, at: 120 },
  { process: 4, liar: 5, at: 225 }
]
type Place = (typeof PLACES)[number]

const heard = ({ process, liar, at }: Place, kinds = KINDS): Lie => ({
  time: at,
  at,
  process,
  liar,
  kinds,
  detail: 'sent two payloads in instance 5/0'
})
const names = (
  { process, liar }: Place,
  kind: FaultKind = 'equivocation',
  certainty: 'proven' | 'certain' | 'suspected' = 'certain'
): Drawn => ({ kind: 'fault', process, fault: { process: liar, kind, certainty, detail: 'd' } })
const life = (kind: 'crash' | 'stop' | 'restart', process: number): Drawn =>
  kind === 'stop' ? { kind, process, cause: 'c' } : { kind, process }

/** The right history with these events where the lie is heard. */
const told = (place: Place, events: readonly Drawn[], changes: { lies?: readonly Lie[] } = {}): string[] => {
  const whole = right()
  const all = [...whole.slice(0, place.at), ...events, ...whole.slice(place.at)]
  return checkNaming(historyOf(all, { lies: [heard(place)], ...changes })).map(
    ({ property, detail }) => `${property}: ${detail}`
  )
}
const unnamed = ({ process, liar }: Place) => [
  `naming: member ${process} never named member ${liar} for equivocation or contradicting-vote: it sent two payloads in instance 5/0`
]

it('nobody heard a lie, or it is not known what was heard', () => {
  expect(checkNaming(historyOf(right(), { lies: [] }))).toEqual([])
  expect(checkNaming(historyOf(right()))).toEqual([])
})

describe.each(PLACES)('member $liar lies to member $process after $at events', (place) => {
  it.each(KINDS)('who names it for %s, certain or proven, at once or later, names it', (kind) => {
    for (const certainty of ['certain', 'proven'] as const) {
      expect(told(place, [names(place, kind, certainty)])).toEqual([])
      expect(told({ ...place, at: 225 }, [names(place, kind, certainty)], { lies: [heard(place)] })).toEqual(
        []
      )
    }
  })
  it('nobody names it', () => {
    expect(told(place, [])).toEqual(unnamed(place))
  })
  it('a suspicion names nobody', () => {
    expect(told(place, [names(place, 'equivocation', 'suspected')])).toEqual(unnamed(place))
  })
  it('another fault than the lie is another', () => {
    expect(told(place, [names(place, 'malformed')])).toEqual(unnamed(place))
  })
  it('another member is named, or another names it', () => {
    const other = place.liar === 5 ? 6 : 5
    expect(told(place, [names({ ...place, liar: other })])).toEqual(unnamed(place))
    const by = CORRECT.find((process) => process !== place.process) ?? 0
    expect(told(place, [names({ ...place, process: by })])).toEqual(unnamed(place))
  })
  it('it was named before, in the same life, for what is named once', () => {
    expect(
      told({ ...place, at: 0 }, [names(place)], { lies: [{ ...heard(place), at: place.at + 1 }] })
    ).toEqual([])
  })
  it.each(['crash', 'stop'] as const)('it was named before, in a life that ended: %s', (kind) => {
    const ended = [names(place), life(kind, place.process), life('restart', place.process)]
    const lies = [{ ...heard(place), at: place.at + ended.length }]
    expect(told(place, ended, { lies })).toEqual(unnamed(place))
    // The end of another's life is none of its own.
    const other = [
      names(place),
      life(kind, (place.process + 1) % 5),
      life('restart', (place.process + 1) % 5)
    ]
    expect(told(place, other, { lies })).toEqual([])
  })
  it.each(['crash', 'stop'] as const)('it is named only in the next life: %s', (kind) => {
    const next = [life(kind, place.process), life('restart', place.process), names(place)]
    expect(told(place, next)).toEqual(unnamed(place))
  })
  it('a liar need name nobody, and who is correct tells no lies', () => {
    expect(told(place, [], { lies: [heard({ ...place, process: 6 })] })).toEqual([])
    expect(told(place, [], { lies: [heard({ ...place, liar: 1 })] })).toEqual([])
  })
  it('of several lies each is named', () => {
    const malformed = { ...heard(place, ['malformed']), detail: 'sent 3 bytes' }
    const second = `naming: member ${place.process} never named member ${place.liar} for malformed: it sent 3 bytes`
    expect(told(place, [names(place)], { lies: [heard(place), malformed] })).toEqual([second])
    expect(told(place, [], { lies: [heard(place), malformed] })).toEqual([...unnamed(place), second])
    expect(
      told(place, [names(place), names(place, 'malformed')], { lies: [heard(place), malformed] })
    ).toEqual([])
  })
})

it('a violation is placed at the event after which the lie was heard', () => {
  const [first, last] = PLACES.filter(({ at }) => at !== 120).map((place) =>
    checkNaming(historyOf(right(), { lies: [heard(place)] })).map(({ at }) => at)
  )
  expect([first, last]).toEqual([[0], [224]])
})
