/** Histories that the literature knows by name, right and wrong, and what is blamed for the wrong ones. */
import { describe, expect, test } from 'vitest'
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { casRegisterModel, kvModel, type ObjectModel, registerModel } from '../../src/checkers/models.ts'
import { HistoryError, type Operation, UndecidedError } from '../../src/checkers/operations.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { randomHistory } from './random-history.ts'
import { op } from './support.ts'

const [register, cas, kv] = [registerModel(), casRegisterModel(), kvModel]
const x = { key: 'x' }
const failed = { outcome: 'fail' } as const

type Case = readonly [name: string, model: ObjectModel, history: readonly Operation[]]

const right: readonly Case[] = [
  ['nothing at all', register, []],
  ['a read of the initial value', register, [op(0, 'read', null, 1, 2)]],
  [
    'a read beside a write sees the old value',
    register,
    [op(0, 'write', 1, 1, 4), op(1, 'read', null, 2, 3)]
  ],
  ['a read beside a write sees the new value', register, [op(0, 'write', 1, 1, 4), op(1, 'read', 1, 2, 3)]],
  [
    'Herlihy and Wing 1990, figure 1: writes that overlap are ordered by what was read after',
    register,
    [op(0, 'write', 1, 1, 5), op(1, 'write', 2, 2, 4), op(2, 'read', 1, 6, 7)]
  ],
  ['moments that touch overlap', register, [op(0, 'write', 1, 1, 2), op(1, 'read', null, 2, 3)]],
  [
    'a write that was never answered is seen late',
    register,
    [op(0, 'write', 1, 1), op(1, 'read', null, 2, 3), op(1, 'read', 1, 4, 5)]
  ],
  [
    'and may never be',
    register,
    [op(0, 'write', 1, 1), op(1, 'read', null, 2, 3), op(1, 'read', null, 4, 5)]
  ],
  ['a write that failed is not seen', register, [op(0, 'write', 1, 1, 2, failed), op(1, 'read', null, 3, 4)]],
  [
    'equal values are equal in any order of their fields',
    register,
    [op(0, 'write', { a: 1, b: [2] }, 1, 2), op(1, 'read', { b: [2], a: 1 }, 3, 4)]
  ],
  ['a cas that fails saw another value', cas, [op(0, 'write', 1, 1, 2), op(1, 'cas', [0, 2], 3, 4, failed)]],
  [
    'of two cas that compete one fails',
    cas,
    [op(0, 'cas', [null, 1], 1, 4), op(1, 'cas', [null, 2], 2, 3, failed)]
  ],
  ['an absent key reads as null', kv, [op(0, 'get', null, 1, 2, x)]],
  ['or as the empty string', kv, [op(0, 'get', '', 1, 2, x)]],
  ['an append begins an absent key', kv, [op(0, 'append', 'a', 1, 2, x), op(0, 'get', 'a', 3, 4, x)]],
  [
    'a deleted key is absent',
    kv,
    [op(0, 'put', 'a', 1, 2, x), op(0, 'delete', null, 3, 4, x), op(0, 'get', null, 5, 6, x)]
  ],
  ['keys are independent', kv, [op(0, 'put', 'a', 1, 2, x), op(1, 'get', null, 3, 4, { key: 'y' })]]
]

test.each(right)('linearizable: %s', (_, model, history) => {
  expect(checkLinearizable(history, model).contradiction).toBeUndefined()
})

/** The numbers are the places, in the history, of what contradicts itself. */
const wrong: readonly (readonly [...Case, blamed: readonly number[]])[] = [
  [
    'stale read',
    register,
    [op(0, 'write', 1, 1, 2), op(0, 'write', 2, 3, 4), op(1, 'read', 1, 5, 6)],
    [1, 2]
  ],
  [
    'read of the initial value after a write',
    register,
    [op(0, 'write', 1, 1, 2), op(1, 'read', null, 3, 4)],
    [0, 1]
  ],
  ['value from nowhere', register, [op(0, 'write', 1, 1, 2), op(1, 'read', 7, 3, 4)], [1]],
  ['read from the future', register, [op(1, 'read', 1, 1, 2), op(0, 'write', 1, 3, 4)], [0]],
  ['read of a write that failed', register, [op(0, 'write', 1, 1, 2, failed), op(1, 'read', 1, 3, 4)], [1]],
  [
    'new-old inversion: regular, not atomic (CGR11 chapter 4)',
    register,
    [op(0, 'write', 1, 1, 2), op(0, 'write', 2, 3, 10), op(1, 'read', 2, 4, 5), op(2, 'read', 1, 6, 7)],
    [2, 3]
  ],
  [
    'a write that was never answered is seen, and then no more',
    register,
    [op(0, 'write', 1, 1, 2), op(0, 'write', 2, 3), op(1, 'read', 2, 4, 5), op(1, 'read', 1, 6, 7)],
    [2, 3]
  ],
  [
    'readers that see two writes in different orders',
    register,
    [
      op(0, 'write', 1, 1, 10),
      op(1, 'write', 2, 1, 10),
      op(2, 'read', 1, 2, 3),
      op(2, 'read', 2, 4, 5),
      op(3, 'read', 2, 2, 3),
      op(3, 'read', 1, 4, 5)
    ],
    [2, 4, 3, 5]
  ],
  [
    'lost update',
    cas,
    [op(0, 'write', 0, 1, 2), op(0, 'cas', [0, 1], 3, 5), op(1, 'cas', [0, 2], 4, 6)],
    [1, 2]
  ],
  [
    'cas that fails on the value it asks for',
    cas,
    [op(0, 'write', 1, 1, 2), op(1, 'cas', [1, 2], 3, 4, failed)],
    [0, 1]
  ],
  [
    'stale read at the end of a chain of cas',
    cas,
    [
      ...Array.from({ length: 50 }, (_, i) =>
        op(0, 'cas', [i === 0 ? null : i, i + 1], 2 * i + 1, 2 * i + 2)
      ),
      op(1, 'read', 49, 101, 102)
    ],
    [49, 50]
  ],
  [
    'lost append',
    kv,
    [op(0, 'append', 'a', 1, 2, x), op(1, 'append', 'b', 3, 4, x), op(0, 'get', 'b', 5, 6, x)],
    [0, 2]
  ],
  ['append that took effect twice', kv, [op(0, 'append', 'a', 1, 2, x), op(0, 'get', 'aa', 3, 4, x)], [0, 1]],
  [
    'deleted key that comes back',
    kv,
    [op(0, 'put', 'a', 1, 2, x), op(0, 'delete', null, 3, 4, x), op(1, 'get', 'a', 5, 6, x)],
    [1, 2]
  ]
]

test.each(wrong)('not linearizable: %s', (_, model, history, blamed) => {
  const { contradiction } = checkLinearizable(history, model)
  expect(contradiction?.operations).toEqual(blamed.map((place) => history[place]))
  expect(contradiction?.reason).toMatch(/^process \d [^\n]+$/)
})

test('the first key in order of appearance that is wrong is named, with where its values came from', () => {
  const history = [
    op(0, 'put', 'a', 1, 2, { key: 'fine' }),
    op(0, 'put', 'a', 3, 4, x),
    op(0, 'put', 'b', 5, 6, x),
    op(1, 'get', 'a', 7, 8, x),
    op(1, 'get', 'z', 9, 10, { key: 'y' })
  ]
  expect(checkLinearizable(history, kv)).toMatchObject({
    keys: 3,
    contradiction: { key: 'x', operations: [history[2], history[3]], context: [history[1]] }
  })
})

test('a register may begin with another value than null', () => {
  const history = [op(0, 'read', 0, 1, 2)]
  expect(checkLinearizable(history, registerModel(0)).contradiction).toBeUndefined()
  expect(checkLinearizable(history, register).contradiction).toBeDefined()
})

describe('what does not fit the model is refused, by its place', () => {
  test.each<[string, ObjectModel, Operation, string]>([
    [
      'an unknown operation',
      register,
      op(0, 'cas', [1, 2], 3, 4),
      'line 3: a register has no cas, but read, write'
    ],
    [
      'one named like a method',
      register,
      op(0, 'toString', 1, 3, 4),
      'line 3: a register has no toString, but read, write'
    ],
    ['a store without a key', kv, op(0, 'get', 1, 3, 4), 'line 3: get without a key'],
    ['a cas of one value', cas, op(0, 'cas', 1, 3, 4), 'line 3: the value of cas is [old, new]'],
    ['an append of a number', kv, op(0, 'append', 1, 3, 4, x), 'line 3: the value of append is a string'],
    ['a write of nothing', register, op(0, 'write', undefined, 3, 4), 'line 3: write without a value'],
    [
      'a read of nothing',
      register,
      op(0, 'read', undefined, 3, 4),
      'line 4: ok of a read without the value that was read'
    ],
    [
      'an answer of another value',
      register,
      { ...op(0, 'write', 1, 3, 4), result: 2 },
      'line 4: ok of a write with another value than its invocation on line 3'
    ],
    [
      'an answer before the question',
      register,
      op(0, 'write', 1, 3, 2),
      'line 3: write was answered, but not after its invocation'
    ]
  ])('%s', (_, model, operation, message) => {
    expect(() => checkLinearizable([operation], model)).toThrow(new HistoryError(message))
  })
})

test('5,000 operations of 10 processes on one key, right, and with one stale read near the end', () => {
  const random = new SeededRandom(1, 'long')
  const init = { operations: 5000, processes: 10, values: 0, infoPpm: 5_000, readPpm: 500_000 }
  const history = randomHistory(random, { ...init, model: 'cas-register' })
  expect(checkLinearizable(history, cas).contradiction).toBeUndefined()
  const reads = history.filter(({ f, outcome }) => f === 'read' && outcome === 'ok')
  const [early, late] = [reads[100]!, reads.at(-100)!]
  const stale = history.map((operation) =>
    operation === late ? { ...late, result: early.result } : operation
  )
  const { contradiction } = checkLinearizable(stale, cas)
  expect(contradiction?.operations.length).toBeLessThan(5)
  expect(contradiction?.operations.map(({ invoked }) => invoked)).toContain(late.invoked)
})

test('a thousand writes that were never answered do no harm', () => {
  const lost = Array.from({ length: 1000 }, (_, i) => op(i, 'write', i % 10, i))
  const reads = Array.from({ length: 1000 }, (_, i) =>
    op('reader', 'read', (i * 7) % 10, 1001 + 2 * i, 1002 + 2 * i)
  )
  expect(checkLinearizable([...lost, ...reads], register).contradiction).toBeUndefined()
  const impossible = [...lost, ...reads, op('reader', 'read', 11, 9001, 9002)]
  expect(checkLinearizable(impossible, register).contradiction?.operations).toEqual([impossible.at(-1)])
})

test('a history that takes more than the bound allows is not judged at all', () => {
  const init = { operations: 200, processes: 10, values: 0, infoPpm: 0, readPpm: 500_000 }
  const history = randomHistory(new SeededRandom(1, 'bound'), { ...init, model: 'register' })
  expect(() => checkLinearizable(history, register, { effortMax: 20 })).toThrow(UndecidedError)
  expect(checkLinearizable(history, register).contradiction).toBeUndefined()
})
