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

const cases: readonly (readonly [
  string,
  readonly Operation[],
  safe: boolean,
  regular: boolean,
  atomic: boolean
])[] = [
  ['the last value', [...twoWrites, op(1, 'read', 2, 9, 10)], true, true, true],
  ['new-old inversion', [...twoWrites, op(1, 'read', 2, 4, 5), op(2, 'read', 1, 6, 7)], true, true, false],
  ['a value from nowhere, beside a write', [...twoWrites, op(1, 'read', 7, 4, 5)], true, false, false],
  ['stale read', [...twoWrites, op(1, 'read', 1, 9, 10)], false, false, false],
  ['the initial value after a write', [...twoWrites, op(1, 'read', null, 9, 10)], false, false, false],
  ['read from the future', [op(1, 'read', 1, 1, 2), op(0, 'write', 1, 3, 4)], false, false, false],
  [
    'a write without an answer may take effect after the next one',
    [op(0, 'write', 1, 1), op(0, 'write', 2, 3, 4), op(1, 'read', 1, 5, 6), op(1, 'read', 2, 7, 8)],
    true,
    true,
    false
  ],
  [
    'a write that failed is no write',
    [op(0, 'write', 1, 1, 4, { outcome: 'fail' }), op(1, 'read', 1, 2, 3)],
    false,
    false,
    false
  ]
]

test.each(cases)('%s', (_, history, safe, regular, atomic) => {
  expect(checkSafe(history, register).contradiction === undefined).toBe(safe)
  expect(checkRegular(history, register).contradiction === undefined).toBe(regular)
  expect(checkLinearizable(history, register).contradiction === undefined).toBe(atomic)
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
