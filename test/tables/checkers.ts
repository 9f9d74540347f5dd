/** The judges of registers, for every history of up to three operations: what they say is what the definitions say. */
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { casRegisterModel, type ObjectModel, registerModel } from '../../src/checkers/models.ts'
import type { Operation } from '../../src/checkers/operations.ts'
import { checkRegular, checkSafe } from '../../src/checkers/regularity.ts'
import { hasOrder, isRegular } from '../checkers/brute-force.ts'
import { op } from '../checkers/support.ts'
import { product } from './inputs.ts'
import type { Row, Table } from './table.ts'

const OPERATIONS_MAX = 3

/** How an operation may be, but for its moments. */
type Kind = readonly [
  f: string,
  value: number | null | readonly [number | null, number],
  outcome: 'ok' | 'info' | 'fail'
]

const READS: readonly Kind[] = [
  ['read', null, 'ok'],
  ['read', 1, 'ok'],
  ['read', 2, 'ok']
]
const WRITES: readonly Kind[] = [
  ['write', 1, 'ok'],
  ['write', 2, 'ok'],
  ['write', 1, 'info']
]
const SWAPS: readonly Kind[] = [
  ['cas', [null, 1], 'ok'],
  ['cas', [1, 2], 'ok'],
  ['cas', [1, 2], 'fail'],
  ['cas', [null, 2], 'info']
]

/** Each operation begins after the ones before it, and returns at any moment after that, if at all. */
function* moments(kinds: readonly Kind[]): Generator<readonly Operation[]> {
  type Open = readonly { readonly at: number; readonly kind: Kind }[]
  function* from(
    begun: number,
    open: Open,
    done: readonly Operation[],
    at: number
  ): Generator<readonly Operation[]> {
    const next = kinds[begun]
    if (next === undefined && open.length === 0) yield [...done].sort((a, b) => a.invoked - b.invoked)
    if (next !== undefined) {
      const [f, value, outcome] = next
      if (outcome === 'info')
        yield* from(begun + 1, open, [...done, op(begun, f, value as never, at)], at + 1)
      else yield* from(begun + 1, [...open, { at, kind: next }], done, at + 1)
    }
    for (const one of open) {
      const [f, value, outcome] = one.kind
      const process = kinds.indexOf(one.kind)
      const ended = op(process, f, value as never, one.at, at, { outcome })
      yield* from(
        begun,
        open.filter((other) => other !== one),
        [...done, ended],
        at + 1
      )
    }
  }
  yield* from(0, [], [], 0)
}

function* histories(kinds: readonly Kind[]): Generator<readonly Operation[]> {
  for (let length = 1; length <= OPERATIONS_MAX; length++)
    // Of their own: two alike are two operations.
    for (const chosen of product(...Array.from({ length }, () => kinds)))
      yield* moments((chosen as readonly Kind[]).map((kind) => [...kind] as Kind))
}

/** By one writer, one write at a time; a write that was never answered stays open while it goes on. */
function* ofOneWriter(): Generator<readonly Operation[]> {
  for (const history of histories([...READS, ...WRITES])) {
    const writes = history.filter(({ f }) => f === 'write')
    const isOrdered = writes.every(({ returned }, index) => {
      const next = writes[index + 1]
      return next === undefined || returned === undefined || returned < next.invoked
    })
    if (isOrdered)
      yield history.map((operation) =>
        operation.f === 'write' ? { ...operation, process: 'writer' } : operation
      )
  }
}

function* agree(
  all: Iterable<readonly Operation[]>,
  judge: (history: readonly Operation[]) => boolean,
  definition: (history: readonly Operation[]) => boolean
): Generator<Row> {
  for (const history of all) {
    const valid = definition(history)
    yield [judge(history) === valid, () => `is ${valid ? 'right' : 'wrong'}: ${JSON.stringify(history)}`]
  }
}

const isLinearizable = (model: ObjectModel) => (history: readonly Operation[]) =>
  checkLinearizable(history, model).contradiction === undefined

export const checkers: Table = {
  'a history of a register is called linearizable exactly if it has an order': () =>
    agree(histories([...READS, ...WRITES]), isLinearizable(registerModel()), (history) =>
      hasOrder(history, null)
    ),
  'a history with compare-and-set is called linearizable exactly if it has an order': () =>
    agree(histories([...READS.slice(0, 2), ...SWAPS]), isLinearizable(casRegisterModel()), (history) =>
      hasOrder(history, null)
    ),
  'a history is called regular exactly if each read returns the last value or a concurrent one': () =>
    agree(
      ofOneWriter(),
      (history) => checkRegular(history, registerModel()).contradiction === undefined,
      (history) => isRegular(history, null)
    ),
  'a history is called safe exactly if each read without a concurrent write returns the last value': () =>
    agree(
      ofOneWriter(),
      (history) => checkSafe(history, registerModel()).contradiction === undefined,
      (history) => isRegular(history, null, true)
    )
}
