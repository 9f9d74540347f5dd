/** The properties of a max-register: a right history passes, each rule is broken by itself, and every small one is judged right. */
import { describe, expect, it } from 'vitest'
import { checkMaxRegister, MAX_REGISTER_PROPERTIES } from '../../src/checkers/max-registers.ts'
import { maxRegisterService } from '../../src/registers/max-register-service.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'

const { name: service } = maxRegisterService
const CLIENT = 4

const invoke = (number: number, value?: number): HistoryEvent => {
  const name = value === undefined ? 'read' : 'raise'
  return {
    time: 0,
    process: CLIENT,
    kind: 'invoke',
    service,
    name,
    number,
    arguments: value === undefined ? {} : { value }
  }
}
const returned = (name: 'read' | 'raise', number: number, result: number): HistoryEvent => {
  return { time: 0, process: CLIENT, kind: 'return', service, name, number, result }
}

const told = (events: readonly HistoryEvent[], changes: Partial<History> = {}) =>
  checkMaxRegister(
    { n: 4, f: 1, correct: [0, 1, 2, 3, CLIENT], events, complete: true, ...changes },
    Object.keys(MAX_REGISTER_PROPERTIES)
  ).map(({ property, detail, at }) => `${property} at ${at}: ${detail}`)

/** Raises to 3 and 5, of which the second goes on while three read: the old value, the new one, the new one. */
const RIGHT = [
  invoke(1),
  returned('read', 1, 0),
  invoke(2, 3),
  returned('raise', 2, 3),
  invoke(3, 5),
  invoke(4),
  invoke(5),
  returned('read', 4, 3),
  returned('read', 5, 5),
  invoke(6),
  returned('read', 6, 5),
  returned('raise', 3, 5)
]

it('a right history passes', () => expect(told(RIGHT)).toEqual([]))

it.each([
  [7, 4, 0, 3],
  [10, 6, 3, 5]
])('atomicity: event %i, a read below what was there when it began', (at, number, value, there) => {
  expect(told(RIGHT.with(at, returned('read', number, value)))).toEqual([
    `atomicity at ${at}: operation ${number} of client 0, a read, returned ${value}, below ${there}, which was there when it began`
  ])
})

it.each([1, 7, 10])('atomicity: event %i, a read of what nobody raised it to yet', (at) => {
  const [, number = 0] = [0, (RIGHT[at] as { number: number }).number]
  const [first] = told(RIGHT.with(at, returned('read', number, 9)))
  expect(first).toBe(
    `atomicity at ${at}: operation ${number} of client 0, a read, returned 9, to which nobody had raised the register`
  )
})

it('termination: what never returns, unless its client crashed, or the run was cut off', () => {
  const cut = RIGHT.slice(0, -1)
  expect(told(cut)).toEqual(['termination at 11: operation 3 of client 0, a raise, never returned'])
  expect(told(cut, { complete: false })).toEqual([])
  expect(told([...cut, { time: 0, process: CLIENT, kind: 'crash' }])).toEqual([])
})

interface Drawn {
  readonly value: number | undefined
  readonly from: number
  readonly to: number
  readonly result: number
}

/** Whether some order of the operations explains all of them: each order is tried. */
function isExplained(left: readonly Drawn[], max = 0): boolean {
  if (left.length === 0) return true
  const earliest = Math.min(...left.map(({ to }) => to))
  return left.some((one, index) => {
    if (one.from > earliest) return false
    if (one.value === undefined && one.result !== max) return false
    return isExplained(left.toSpliced(index, 1), Math.max(max, one.value ?? 0))
  })
}

describe('against every order of small histories', () => {
  it('a history is judged atomic if and only if some order explains it', () => {
    const verdicts = new Set<boolean>()
    for (let seed = 1; seed <= 3000; seed++) {
      const random = new SeededRandom(seed, 'history')
      const moments = Array.from({ length: 10 }, (_, moment) => moment)
      const drawn = Array.from({ length: 5 }, (): Drawn => {
        const [a = 0, b = 0] = [0, 0].map(() => moments.splice(random.below(moments.length), 1)[0])
        const value = random.below(2) === 0 ? undefined : 1 + random.below(3)
        return { value, from: Math.min(a, b), to: Math.max(a, b), result: value ?? random.below(4) }
      })
      const events: HistoryEvent[] = []
      drawn.forEach(({ value, from, to, result }, index) => {
        events[from] = invoke(index, value)
        events[to] = returned(value === undefined ? 'read' : 'raise', index, result)
      })
      const isAtomic = told(events).length === 0
      expect(isAtomic, `seed ${seed}`).toBe(isExplained(drawn))
      verdicts.add(isAtomic)
    }
    expect(verdicts.size).toBe(2)
  })
})
