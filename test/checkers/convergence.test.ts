import { expect, test } from 'vitest'
import { checkConvergence } from '../../src/checkers/convergence.ts'
import { kvModel, registerModel } from '../../src/checkers/models.ts'
import type { Operation } from '../../src/checkers/operations.ts'
import { op } from './support.ts'

const register = registerModel()
const writes = [op(0, 'write', 1, 1, 2), op(1, 'write', 2, 1, 2)]
const x = { key: 'x' }

test.each<[string, Operation[]]>([
  ['nobody reads', writes],
  [
    'all last reads agree, whatever was read before',
    [...writes, op(0, 'read', 1, 3, 4), op(1, 'read', 2, 3, 4), op(0, 'read', 2, 5, 6)]
  ],
  ['nothing was written', [op(0, 'read', null, 1, 2)]],
  ['the only write may not have happened', [op(0, 'write', 1, 1), op(1, 'read', null, 2, 3)]],
  ['or may have', [op(0, 'write', 1, 1), op(1, 'read', 1, 2, 3)]]
])('converged: %s', (_, history) => {
  expect(checkConvergence(history, register).contradiction).toBeUndefined()
})

test.each<[string, Operation[], number[]]>([
  ['final reads that differ', [...writes, op(0, 'read', 1, 3, 4), op(1, 'read', 2, 3, 4)], [2, 3]],
  ['a value that nobody wrote', [...writes, op(0, 'read', 3, 3, 4)], [2]],
  ['the initial value, although there was a write', [...writes, op(0, 'read', null, 3, 4)], [2]],
  ['a value whose write failed', [op(0, 'write', 1, 1, 2, { outcome: 'fail' }), op(1, 'read', 1, 3, 4)], [1]]
])('not converged: %s', (_, history, blamed) => {
  expect(checkConvergence(history, register).contradiction?.operations).toEqual(blamed.map((i) => history[i]))
})

test('with a marker only the reads after it count, and all of them', () => {
  const history = [...writes, op(2, 'read', 1, 3, 4), op(0, 'read', 2, 5, 6), op(1, 'read', 2, 7, 8)]
  expect(checkConvergence(history, register, { finalFrom: 5 }).contradiction).toBeUndefined()
  expect(checkConvergence(history, register, { finalFrom: 3 }).contradiction?.operations).toEqual([
    history[2],
    history[3]
  ])
})

test('appends may have come together in any order; keys are judged by themselves', () => {
  const appends = [
    op(0, 'append', 'a', 1, 2, x),
    op(1, 'append', 'b', 1, 2, x),
    op(0, 'put', 'z', 1, 2, { key: 'y' })
  ]
  expect(checkConvergence([...appends, op(0, 'get', 'ba', 3, 4, x)], kvModel)).toEqual({
    keys: 2,
    contradiction: undefined
  })
  expect(checkConvergence([...appends, op(0, 'get', 'bc', 3, 4, x)], kvModel).contradiction?.key).toBe('x')
})
