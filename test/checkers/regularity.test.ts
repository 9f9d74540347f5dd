/** Safe and regular registers of one writer: cases by name, and the definition tried out on random histories. */
import { expect, test } from 'vitest'
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { kvModel, registerModel } from '../../src/checkers/models.ts'
import { HistoryError, type Operation } from '../../src/checkers/operations.ts'
import { checkRegular, checkSafe } from '../../src/checkers/regularity.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { isRegular } from './brute-force.ts'
import { op } from './support.ts'

const register = registerModel()
const twoWrites = [op(0, 'write', 1, 1, 2), op(0, 'write', 2, 3, 8)]

/** Why each is wrong, if it is: the places of what is blamed, and the reason, as each of the three judges says it. */
interface Case {
  readonly name: string
  readonly history: readonly Operation[]
  readonly blamed?: readonly number[]
  readonly safe?: string
  readonly regular?: string
  readonly atomic?: string
}

const UNEXPLAINED = 'no order explains all of them, whatever else happened'
const missed = (read: string) =>
  `process 1 ${read} [9, 10]: process 0 write 2 [3, 8] was the last write before, and nothing that wrote the value that was read ran at the same time`
const fromNowhere = (read: string) => ({
  regular: `process 1 ${read}: nothing that had begun by then wrote this value`,
  atomic: `process 1 ${read}: nothing that had begun by then explains this answer`
})

const cases: readonly Case[] = [
  { name: 'the last value', history: [...twoWrites, op(1, 'read', 2, 9, 10)] },
  {
    name: 'new-old inversion',
    history: [...twoWrites, op(1, 'read', 2, 4, 5), op(2, 'read', 1, 6, 7)],
    blamed: [2, 3],
    atomic: `process 1 read → 2 [4, 5], process 2 read → 1 [6, 7]: ${UNEXPLAINED}`
  },
  {
    name: 'a value from nowhere, beside a write',
    history: [...twoWrites, op(1, 'read', 7, 4, 5)],
    blamed: [2],
    ...fromNowhere('read → 7 [4, 5]')
  },
  {
    name: 'stale read',
    history: [...twoWrites, op(1, 'read', 1, 9, 10)],
    blamed: [1, 2],
    safe: missed('read → 1'),
    regular: missed('read → 1'),
    atomic: `process 0 write 2 [3, 8], process 1 read → 1 [9, 10]: ${UNEXPLAINED}`
  },
  {
    name: 'the initial value after a write',
    history: [...twoWrites, op(1, 'read', null, 9, 10)],
    blamed: [1, 2],
    safe: missed('read → null'),
    regular: missed('read → null'),
    atomic: `process 0 write 2 [3, 8], process 1 read → null [9, 10]: ${UNEXPLAINED}`
  },
  {
    name: 'read from the future',
    history: [op(1, 'read', 1, 1, 2), op(0, 'write', 1, 3, 4)],
    blamed: [0],
    ...fromNowhere('read → 1 [1, 2]'),
    safe: fromNowhere('read → 1 [1, 2]').regular
  },
  {
    name: 'a write without an answer may take effect after the next one',
    history: [op(0, 'write', 1, 1), op(0, 'write', 2, 3, 4), op(1, 'read', 1, 5, 6), op(1, 'read', 2, 7, 8)],
    blamed: [2, 3],
    atomic: `process 1 read → 1 [5, 6], process 1 read → 2 [7, 8]: ${UNEXPLAINED}`
  },
  {
    name: 'a write that failed is no write',
    history: [op(0, 'write', 1, 1, 4, { outcome: 'fail' }), op(1, 'read', 1, 2, 3)],
    blamed: [1],
    ...fromNowhere('read → 1 [2, 3]'),
    safe: fromNowhere('read → 1 [2, 3]').regular
  }
]

test.each(cases)('$name', ({ history, blamed = [], safe, regular, atomic }) => {
  for (const [check, reason] of [
    [checkSafe, safe],
    [checkRegular, regular],
    [checkLinearizable, atomic]
  ] as const) {
    const { contradiction } = check(history, register)
    expect(contradiction?.reason).toBe(reason)
    if (reason !== undefined) expect(contradiction?.operations).toEqual(blamed.map((place) => history[place]))
  }
})

test('a stale read is blamed together with the write that it missed', () => {
  const history = [...twoWrites, op(1, 'read', 2, 9, 10), op(1, 'read', 1, 11, 12)]
  expect(checkRegular(history, register).contradiction).toMatchObject({
    operations: [history[1], history[3]],
    context: [history[0]]
  })
  const thin = [...twoWrites, op(1, 'read', 7, 9, 10)]
  expect(checkSafe(thin, register).contradiction?.operations).toEqual([thin[2]])
})

test('a store is judged by its puts, deletes and gets, each key with a writer of its own', () => {
  const [x, y] = [{ key: 'x' }, { key: 'y' }]
  const history = [
    op(0, 'put', 'a', 1, 2, x),
    op(1, 'put', 'b', 1, 2, y),
    op(0, 'delete', null, 3, 4, x),
    op(2, 'get', '', 5, 6, x)
  ]
  expect(checkRegular(history, kvModel)).toEqual({ keys: 2, contradiction: undefined })
  const back = [...history, op(2, 'get', 'a', 7, 8, x)]
  expect(checkRegular(back, kvModel).contradiction?.key).toBe('x')
})

test.each<[string, Operation[], RegExp]>([
  [
    'several writers',
    [op(0, 'write', 1, 1, 2), op(1, 'write', 2, 3, 4)],
    /^line 3: process 1 writes what process 0 has/
  ],
  [
    'writes that overlap',
    [op(0, 'write', 1, 1, 4), op(0, 'write', 2, 3, 5)],
    /^line 3: the write begins before that of line 1/
  ]
])('%s are refused', (_, history, message) => {
  for (const check of [checkSafe, checkRegular]) {
    expect(() => check(history, register)).toThrow(HistoryError)
    expect(() => check(history, register)).toThrow(message)
  }
})

test('append and cas are refused', () => {
  expect(() => checkRegular([op(0, 'append', 'a', 1, 2, { key: 'x' })], kvModel)).toThrow(
    /reads and writes only/
  )
})

/** One writer, and readers that mostly return what they may. */
function singleWriter(random: SeededRandom): Operation[] {
  const history: Operation[] = []
  let now = random.below(3)
  for (let writes = random.below(5); writes > 0; writes--) {
    const end = now + random.between(1, 4)
    const outcome = random.chance(150_000) ? 'info' : random.chance(100_000) ? 'fail' : 'ok'
    history.push(op(0, 'write', random.below(4), now, outcome === 'info' ? undefined : end, { outcome }))
    now = end + random.below(2)
  }
  const values = [null, ...history.map(({ value }) => value ?? null), 9]
  for (let reads = random.between(1, 4); reads > 0; reads--) {
    const from = random.below(16)
    history.push(op(reads, 'read', random.pick(values), from, from + random.below(6)))
  }
  return history
}

test('the judges say of 100,000 random histories what the definitions say', () => {
  const random = new SeededRandom(1, 'regular')
  const counts = { safe: 0, regular: 0 }
  for (let i = 0; i < 100_000; i++) {
    const history = singleWriter(random)
    const [safe, regular] = [isRegular(history, null, true), isRegular(history, null)]
    if (safe !== (checkSafe(history, register).contradiction === undefined))
      expect({ history, safe }).toBe('agreed')
    if (regular !== (checkRegular(history, register).contradiction === undefined))
      expect({ history, regular }).toBe('agreed')
    counts.safe += Number(safe)
    counts.regular += Number(regular)
  }
  expect(counts.regular).toBeGreaterThan(10_000)
  expect(counts.safe).toBeGreaterThan(counts.regular + 10_000)
  expect(counts.safe).toBeLessThan(90_000)
})
