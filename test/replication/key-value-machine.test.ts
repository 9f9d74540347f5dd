/** The key-value machine: each operation, several at once, conditions; and what any machine's answers are. */
import { describe, expect, it } from 'vitest'
import { assert } from '../../src/core/assert.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { RESULT_BYTES_MAX } from '../../src/replication/constants.ts'
import {
  type Condition,
  KeyValueMachine,
  LISTED_KEYS_MAX,
  PAIR_VALUE_BYTES_MAX,
  type PairOperation,
  pairCommand,
  readPairResult
} from '../../src/replication/key-value-machine.ts'
import { StateMap } from '../../src/replication/managed-state.ts'
import { applyCommand, MachineError, type StateMachine } from '../../src/replication/state-machine.ts'

function machineOf(machine: StateMachine = new KeyValueMachine()) {
  const state = new StateMap(nobleBackend.sha256)
  const context = {
    state,
    client: new Uint8Array(32),
    sequence: 3,
    index: 2,
    timeMs: 0,
    random: new Uint8Array(32)
  }
  const apply = (command: Uint8Array) => applyCommand(machine, command, context)
  const ask = (operations: readonly PairOperation[], conditions: readonly Condition[] = []) => {
    const { kind, result } = apply(pairCommand(operations, conditions))
    if (kind === 'error') return 'error'
    const { applied, answers } = readPairResult(result) ?? { applied: false, answers: [] }
    const shown = answers.map(({ done, value, keys }) =>
      [String(done), ...(value === null ? [] : [textOf(value)]), ...keys.map(textOf)].join(' ')
    )
    return [applied ? 'applied' : 'refused', ...shown]
  }
  return { apply, ask, state }
}
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const get = (key: string) => ({ type: 'get', key: utf8(key) }) as const
const del = (key: string) => ({ type: 'delete', key: utf8(key) }) as const
const put = (key: string, value: string) => ({ type: 'put', key: utf8(key), value: utf8(value) }) as const
const append = (key: string, value: string) =>
  ({ type: 'append', key: utf8(key), value: utf8(value) }) as const
const list = (prefix: string, after = '') =>
  ({ type: 'list', prefix: utf8(prefix), after: utf8(after) }) as const
const when = (key: string, value: string | null) => ({
  key: utf8(key),
  value: value === null ? null : utf8(value)
})

describe('operations', () => {
  it('get, put, append, delete', () => {
    const { ask } = machineOf()
    expect(ask([get('a')])).toEqual(['applied', 'false'])
    expect(ask([put('a', '1')])).toEqual(['applied', 'true'])
    expect(ask([append('a', '2')])).toEqual(['applied', 'true'])
    expect(ask([append('b', '3')])).toEqual(['applied', 'true'])
    expect(ask([get('a'), get('b')])).toEqual(['applied', 'true 12', 'true 3'])
    expect(ask([del('a'), del('a')])).toEqual(['applied', 'true', 'false'])
    expect(ask([get('a')])).toEqual(['applied', 'false'])
  })

  it('a value that is empty is there', () => {
    const { ask } = machineOf()
    ask([put('a', '')])
    expect(ask([get('a')])).toEqual(['applied', 'true '])
  })

  it('a list is of the keys that begin so, in their order, from the one after', () => {
    const { ask } = machineOf()
    ask(['b', 'a', 'ab', 'aa', 'c', ''].map((key) => put(key, '1')))
    expect(ask([list('a')])).toEqual(['applied', 'true a aa ab'])
    expect(ask([list('a', 'aa')])).toEqual(['applied', 'true ab'])
    expect(ask([list('b', 'a')])).toEqual(['applied', 'true b'])
    expect(ask([list('a', 'b')])).toEqual(['applied', 'true'])
    expect(ask([list('', 'c')])).toEqual(['applied', 'true'])
  })

  it('a long list comes in pieces', () => {
    const { ask } = machineOf()
    const keys = Array.from({ length: LISTED_KEYS_MAX + 1 }, (_, at) => `k${String(at).padStart(3, '0')}`)
    for (const key of keys) ask([put(key, '')])
    const [, first = ''] = ask([list('k')])
    expect(first.split(' ')).toEqual(['false', ...keys.slice(0, -1)])
    expect(ask([list('k', keys.at(-2))])).toEqual(['applied', `true ${keys.at(-1)}`])
  })
})

describe('conditions', () => {
  it('compare-and-set: what is there decides', () => {
    const { ask } = machineOf()
    expect(ask([put('a', '1')], [when('a', null)])).toEqual(['applied', 'true'])
    expect(ask([put('a', '2')], [when('a', null)])).toEqual(['refused', 'true 1'])
    expect(ask([put('a', '2')], [when('a', '0')])).toEqual(['refused', 'true 1'])
    expect(ask([put('a', '2')], [when('a', '1')])).toEqual(['applied', 'true'])
    expect(ask([put('b', '2')], [when('b', '1')])).toEqual(['refused', 'false'])
  })

  it('all of them must hold, or nothing takes effect', () => {
    const { ask } = machineOf()
    ask([put('a', '1')])
    const both = [when('a', '1'), when('b', '1')]
    expect(ask([put('a', '2'), put('b', '2')], both)).toEqual(['refused', 'true 1', 'false'])
    expect(ask([get('a')])).toEqual(['applied', 'true 1'])
  })
})

describe('an error', () => {
  it('is the answer to what is no command', () => expect(machineOf().apply(utf8('?')).kind).toBe('error'))

  it('takes back the operations before it', () => {
    const { ask } = machineOf()
    ask([put('long', 'x'.repeat(PAIR_VALUE_BYTES_MAX))])
    expect(ask([put('a', '1'), append('long', 'y')])).toBe('error')
    expect(ask([get('a')])).toEqual(['applied', 'false'])
  })

  it('is what more answers are than a result holds', () => {
    const { ask } = machineOf()
    ask([put('long', 'x'.repeat(PAIR_VALUE_BYTES_MAX))])
    expect(ask([put('a', '1'), get('long'), get('long')])).toBe('error')
    expect(ask([get('a')])).toEqual(['applied', 'false'])
  })
})

describe('any machine', () => {
  const thrown = (error: unknown) =>
    machineOf({
      apply(_, { state }) {
        state.set(utf8('a'), utf8('1'))
        throw error
      }
    })

  it('whatever it throws is an error without a text, and nothing has changed', () => {
    for (const error of [new Error('secret'), 'text', undefined, new RangeError('out of range')]) {
      const { apply, state } = thrown(error)
      expect(apply(utf8(''))).toEqual({ kind: 'error', result: new Uint8Array() })
      expect(state.get(utf8('a'))).toBeUndefined()
    }
  })

  it('a result that is too long, or none, is an error', () => {
    for (const result of [new Uint8Array(RESULT_BYTES_MAX + 1), undefined as never])
      expect(machineOf({ apply: () => result }).apply(utf8('')).kind).toBe('error')
    expect(machineOf({ apply: () => new Uint8Array(RESULT_BYTES_MAX) }).apply(utf8('')).kind).toBe('result')
  })

  it('an end of the stack is no answer: the member stops, and says where', () => {
    const endless = (): Uint8Array => concat(endless())
    const { apply, state } = machineOf({
      apply(_, context) {
        context.state.set(utf8('a'), utf8('1'))
        return endless()
      }
    })
    expect(() => apply(utf8(''))).toThrow(MachineError)
    expect(() => apply(utf8(''))).toThrow(/command 2 of batch 3, of client 0{64}/)
    expect(state.get(utf8('a'))).toBeUndefined()
  })

  it('an end of the memory, and an invariant of ours, are none either', () => {
    expect(() => thrown(new RangeError('Array buffer allocation failed')).apply(utf8(''))).toThrow(
      MachineError
    )
    const broken = machineOf({ apply: () => assert(false, 'an invariant') as never })
    expect(() => broken.apply(utf8(''))).toThrow(MachineError)
  })
})

const concat = (bytes: Uint8Array) => Uint8Array.of(0, ...bytes)
