/** Convergence: what was read at the end, by whom, and out of what it may have come; each way to be wrong by itself. */
import { describe, expect, test } from 'vitest'
import { checkConvergence } from '../../src/checkers/convergence.ts'
import { kvModel, type ObjectModel, registerModel } from '../../src/checkers/models.ts'
import { type Operation, UndecidedError } from '../../src/checkers/operations.ts'
import { op } from './support.ts'

const register = registerModel()
const writes = [op(0, 'write', 1, 1, 2), op(1, 'write', 2, 1, 2)]
const x = { key: 'x' }

const reasonOf = (history: readonly Operation[], model: ObjectModel, finalFrom?: number) => {
  const { contradiction, inconclusive } = checkConvergence(
    history,
    model,
    finalFrom === undefined ? {} : { finalFrom }
  )
  return contradiction?.reason ?? inconclusive ?? 'converged'
}

test.each<[string, Operation[]]>([
  [
    'all last reads agree, whatever was read before',
    [...writes, op(0, 'read', 1, 3, 4), op(1, 'read', 2, 3, 4), op(0, 'read', 2, 5, 6)]
  ],
  ['nothing was written', [op(0, 'read', null, 1, 2)]],
  ['the only write may not have happened', [op(0, 'write', 1, 1), op(1, 'read', null, 2, 3)]],
  ['or may have', [op(0, 'write', 1, 1), op(1, 'read', 1, 2, 3)]],
  ['it is being written while it is read', [op(0, 'write', 1, 2), op(1, 'read', 1, 1, 2)]]
])('converged: %s', (_, history) => {
  expect(reasonOf(history, register)).toBe('converged')
})

test.each<[string, Operation[], number[], string]>([
  [
    'final reads that differ',
    [...writes, op(0, 'read', 1, 3, 4), op(1, 'read', 2, 3, 4)],
    [2, 3],
    'process 0 read → 1 [3, 4], process 1 read → 2 [3, 4]: final reads that do not agree'
  ],
  [
    'final reads that differ, of the second and the third process',
    [...writes, op(0, 'read', 2, 3, 4), op(1, 'read', 2, 3, 4), op(2, 'read', 1, 9, 10)],
    [2, 4],
    'process 0 read → 2 [3, 4], process 2 read → 1 [9, 10]: final reads that do not agree'
  ],
  [
    'a value that nobody wrote',
    [...writes, op(0, 'read', 3, 3, 4)],
    [2],
    'process 0 read → 3 [3, 4]: nobody wrote that'
  ],
  [
    'the initial value, although there was a write',
    [...writes, op(0, 'read', null, 3, 4)],
    [2],
    'process 0 read → null [3, 4]: nobody wrote that'
  ],
  [
    'a value whose write failed',
    [op(0, 'write', 1, 1, 2, { outcome: 'fail' }), op(1, 'read', 1, 3, 4)],
    [1],
    'process 1 read → 1 [3, 4]: nobody wrote that'
  ],
  [
    'a value that is written only later, perhaps',
    [...writes, op(0, 'read', 3, 3, 4), op(1, 'write', 3, 5)],
    [2],
    'process 0 read → 3 [3, 4]: nobody had written that yet'
  ],
  [
    'a value that is written between two who read it',
    [...writes, op(1, 'write', 3, 5), op(0, 'read', 3, 6, 7), op(2, 'read', 3, 3, 4)],
    [4],
    'process 2 read → 3 [3, 4]: nobody had written that yet'
  ]
])('not converged: %s', (_, history, blamed, reason) => {
  expect(checkConvergence(history, register).contradiction?.operations).toEqual(blamed.map((i) => history[i]))
  expect(reasonOf(history, register)).toBe(reason)
})

test.each<[string, Operation[], ObjectModel, number | undefined, string]>([
  ['nothing happened', [], register, undefined, 'the object'],
  ['nobody reads', writes, register, undefined, 'the object'],
  [
    'all reads come before the last write has returned',
    [...writes, op(2, 'read', 1, 0, 2)],
    register,
    undefined,
    'the object'
  ],
  ['a read has no answer', [...writes, op(2, 'read', undefined, 3)], register, undefined, 'the object'],
  ['nobody reads after the marker', [...writes, op(2, 'read', 1, 3, 4)], register, 5, 'the object'],
  [
    'one key of three is read',
    [
      op(0, 'put', 'a', 1, 2, { key: 'x' }),
      op(0, 'put', 'a', 1, 2, { key: 'y' }),
      op(0, 'get', 'a', 3, 4, { key: 'y' }),
      op(0, 'put', 'a', 1, 2, { key: 'z' })
    ],
    kvModel,
    undefined,
    'key "x", key "z"'
  ]
])('not known: %s', (_, history, model, finalFrom, what) => {
  expect(reasonOf(history, model, finalFrom)).toBe(`convergence is not known: nobody read ${what} at the end`)
})

test('what one key shows is told, whatever is not known of another', () => {
  const history = [
    op(0, 'put', 'a', 1, 2, { key: 'y' }),
    op(0, 'put', 'a', 1, 2, x),
    op(0, 'get', 'b', 3, 4, x)
  ]
  expect(reasonOf(history, kvModel)).toBe(
    'process 0 read → "b" [3, 4]: nobody wrote that'.replace('read', 'get')
  )
})

test('with a marker only the reads after it count, and all of them', () => {
  const history = [...writes, op(2, 'read', 1, 3, 4), op(0, 'read', 2, 5, 6), op(1, 'read', 2, 7, 8)]
  expect(reasonOf(history, register, 5)).toBe('converged')
  expect(checkConvergence(history, register, { finalFrom: 3 }).contradiction?.operations).toEqual([
    history[2],
    history[3]
  ])
})

describe('appends', () => {
  const appended = (...pieces: string[]) => pieces.map((piece, index) => op(index, 'append', piece, 1, 2, x))
  const read = (value: string) => op(0, 'get', value, 3, 4, x)
  const wrong = (value: string) => `process 0 get → "${value}" [3, 4]: nobody wrote that`

  test.each<[string, Operation[], string]>([
    ['in any order', appended('a', 'b'), 'ba'],
    ['one of two, the other lost in a conflict', appended('a', 'b'), 'b'],
    ['twice what was appended twice', appended('a', 'a'), 'aa'],
    ['after a value that was put', [op(0, 'put', 'p', 1, 2, x), ...appended('a', 'b')], 'pab'],
    ['after a value that is none of text', [op(0, 'put', 7, 1, 2, x), ...appended('a')], '7a'],
    ['pieces that begin alike', appended('a', 'ab', 'b', 'aab'), 'abaabab'],
    ['an append of nothing', appended('', 'a'), 'a']
  ])('come %s', (_, history, value) => {
    expect(reasonOf([...history, read(value)], kvModel)).toBe('converged')
  })
  test.each<[string, Operation[], string]>([
    ['one of them twice', appended('a'), 'aa'],
    ['one of two twice', appended('a', 'b'), 'aba'],
    ['the last of three twice', appended('a', 'b', 'c'), 'abcc'],
    ['three times what was appended twice', appended('a', 'a'), 'aaa'],
    ['twice, after a value that was put', [op(0, 'put', 'p', 1, 2, x), ...appended('a')], 'paa'],
    ['what was put, twice', [op(0, 'put', 'p', 1, 2, x), ...appended('a')], 'ppa'],
    ['before the value that was put', [op(0, 'put', 'p', 1, 2, x), ...appended('a')], 'ap'],
    ['something that nobody appended', appended('a', 'b'), 'bc'],
    ['a piece of a piece', appended('abc'), 'ab']
  ])('do not make %s', (_, history, value) => {
    expect(reasonOf([...history, read(value)], kvModel)).toBe(wrong(value))
  })
  test('count only from their invocation on', () => {
    const later = [...appended('a'), read('aa'), op(1, 'append', 'a', 5, undefined, x)]
    expect(reasonOf(later, kvModel)).toBe('process 0 get → "aa" [3, 4]: nobody had written that yet')
  })
  test('thousands of them take no time, and what is too hard is called undecided', () => {
    const many = Array.from({ length: 3000 }, (_, index) => `x ${index} y`)
    expect(reasonOf([...appended(...many), read([...many].reverse().join(''))], kvModel)).toBe('converged')
    // As many a's as all together, put together in every way, and one more.
    const hard = Array.from({ length: 60 }, (_, index) => 'a'.repeat(index + 1))
    const history = [...appended(...hard), read(`${'a'.repeat(900)}b`)]
    expect(() => checkConvergence(history, kvModel)).toThrow(UndecidedError)
  })
  test('keys are judged by themselves', () => {
    const history = [
      ...appended('a', 'b'),
      op(0, 'put', 'z', 1, 2, { key: 'y' }),
      op(0, 'get', 'z', 3, 4, { key: 'y' })
    ]
    expect(checkConvergence([...history, read('ba')], kvModel)).toEqual({
      keys: 2,
      contradiction: undefined,
      inconclusive: undefined
    })
    expect(checkConvergence([...history, read('bc')], kvModel).contradiction?.key).toBe('x')
  })
})
