/** The managed state against a map that is sorted each time; what a failed command changed; bounds; buckets. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, toHex, utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import {
  STATE_ENTRY_BYTES,
  STATE_KEY_BYTES_MAX,
  STATE_VALUE_BYTES_MAX
} from '../../src/replication/constants.ts'
import { StateBoundError, StateMap } from '../../src/replication/managed-state.ts'

const hash = nobleBackend.sha256
const stateOf = (...pairs: readonly (readonly [string, string])[]) => {
  const state = new StateMap(hash)
  for (const [key, value] of pairs) state.set(utf8(key), utf8(value))
  return state
}
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const listed = (state: StateMap, from = '', to?: string) =>
  [...state.range(utf8(from), to === undefined ? undefined : utf8(to))].map((pair) =>
    pair.map(textOf).join('=')
  )

const key = fc.uint8Array({ maxLength: 2 })
const step = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 3 })) })

it('is a map in the order of the bytes of its keys', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), key, key, (steps, from, to) => {
      const state = new StateMap(hash)
      const model = new Map<string, readonly [Uint8Array, Uint8Array]>()
      for (const { key, value } of steps) {
        const before = model.get(toHex(key))
        if (value === null) {
          expect(state.delete(key)).toBe(model.delete(toHex(key)))
        } else {
          state.set(key, value)
          model.set(toHex(key), [key, value])
        }
        expect(before === undefined || value !== null || state.get(key) === undefined).toBe(true)
      }
      const inOrder = [...model.values()].sort(([a], [b]) => compareBytes(a, b))
      expect([...state.range(new Uint8Array())]).toEqual(inOrder)
      const within = inOrder.filter(([key]) => compareBytes(key, from) >= 0 && compareBytes(key, to) < 0)
      expect([...state.range(from, to)]).toEqual(within)
    }),
    { numRuns: 200 }
  )
})

it('keeps thousands of keys in order, whatever order they come and go in', () => {
  const state = new StateMap(hash)
  const keys = Array.from({ length: 5000 }, (_, at) => utf8(String((at * 7919) % 5000).padStart(4, '0')))
  for (const each of keys) state.set(each, each)
  for (const each of keys.slice(0, 4000)) state.delete(each)
  const left = keys.slice(4000).map(textOf).sort()
  expect([...state.range(new Uint8Array())].map(([each]) => textOf(each))).toEqual(left)
})

it('a range that is changed while it is walked goes on behind the key it has given', () => {
  const state = stateOf(['a', '1'], ['b', '2'], ['c', '3'])
  const seen: string[] = []
  for (const [each] of state.range(new Uint8Array())) {
    seen.push(textOf(each))
    state.delete(utf8('b'))
    state.set(utf8('bb'), each)
  }
  expect(seen).toEqual(['a', 'bb', 'c'])
})

describe('a failed command', () => {
  const failing = (state: StateMap, change: () => void) =>
    expect(() =>
      state.attempt(() => {
        change()
        throw new Error('no')
      })
    ).toThrow('no')

  it('leaves nothing behind of what it set and deleted, several times each', () => {
    const state = stateOf(['a', '1'], ['b', '2'])
    failing(state, () => {
      for (const value of ['x', 'y']) state.set(utf8('a'), utf8(value))
      state.delete(utf8('b'))
      state.set(utf8('b'), utf8('z'))
      state.set(utf8('c'), utf8('3'))
      state.delete(utf8('a'))
    })
    expect(listed(state)).toEqual(['a=1', 'b=2'])
  })

  it('takes back nothing of the command before', () => {
    const state = stateOf(['a', '1'])
    state.attempt(() => state.set(utf8('a'), utf8('2')))
    failing(state, () => state.set(utf8('b'), utf8('3')))
    expect(listed(state)).toEqual(['a=2'])
  })

  it('leaves the room that it took to others', () => {
    const state = new StateMap(hash, 2 * STATE_ENTRY_BYTES)
    failing(state, () => state.set(utf8('a'), new Uint8Array(STATE_ENTRY_BYTES - 1)))
    expect(() => state.set(utf8('b'), new Uint8Array(STATE_ENTRY_BYTES - 1))).not.toThrow()
  })
})

describe('bounds', () => {
  it('the longest key and value are kept, longer ones are refused', () => {
    const state = new StateMap(hash)
    state.set(new Uint8Array(STATE_KEY_BYTES_MAX), new Uint8Array(STATE_VALUE_BYTES_MAX))
    expect(() => state.set(new Uint8Array(STATE_KEY_BYTES_MAX + 1), utf8(''))).toThrow(StateBoundError)
    expect(() => state.set(utf8('a'), new Uint8Array(STATE_VALUE_BYTES_MAX + 1))).toThrow(StateBoundError)
  })

  it('a state that is full takes what is no longer than what it replaces', () => {
    const state = new StateMap(hash, STATE_ENTRY_BYTES + 3)
    state.set(utf8('a'), utf8('12'))
    expect(() => state.set(utf8('a'), utf8('123'))).toThrow(StateBoundError)
    expect(() => state.set(utf8('b'), utf8(''))).toThrow(StateBoundError)
    state.set(utf8('a'), utf8('34'))
    state.delete(utf8('a'))
    state.set(utf8('b'), utf8('56'))
    expect(listed(state)).toEqual(['b=56'])
  })
})

it('what a caller does to bytes that it gave or got changes nothing', () => {
  const value = utf8('1')
  const state = new StateMap(hash)
  state.set(utf8('a'), value)
  value[0] = 0
  state.get(utf8('a'))?.fill(0)
  for (const [, each] of state.range(new Uint8Array())) each.fill(0)
  expect(listed(state)).toEqual(['a=1'])
})

describe('buckets', () => {
  it('only those that have changed are told, once', () => {
    const state = stateOf(['a', '1'], ['b', '2'])
    expect(state.takeChanged()).toHaveLength(2)
    expect(state.takeChanged()).toEqual([])
    state.set(utf8('a'), utf8('3'))
    expect(state.takeChanged()).toHaveLength(1)
  })

  it('one that is empty again has no bytes', () => {
    const state = stateOf(['a', '1'])
    state.takeChanged()
    state.delete(utf8('a'))
    expect(state.takeChanged().map(([, encode]) => encode())).toEqual([undefined])
  })

  it('are encoded as they were when they were taken, and later ones as they are then', () => {
    const state = stateOf(['a', '1'], ['b', '2'], ['c', '3'])
    const first = state.takeChanged()
    state.set(utf8('a'), utf8('4'))
    state.set(utf8('a'), utf8('5'))
    state.delete(utf8('b'))
    expect(() =>
      state.attempt(() => {
        state.delete(utf8('c'))
        throw new Error('undone')
      })
    ).toThrow('undone')
    const madeOf = (parts: ReturnType<StateMap['takeChanged']>) => {
      const copy = new StateMap(hash)
      for (const [, encode] of parts) {
        const encoded = encode()
        if (encoded !== undefined) copy.install(encoded)
      }
      return listed(copy)
    }
    expect(madeOf(first)).toEqual(['a=1', 'b=2', 'c=3'])
    expect(madeOf(state.takeChanged())).toEqual(['a=5', 'c=3'])
  })

  it('equal states have equal buckets, however they came about', () => {
    const one = stateOf(['a', '1'], ['b', '2'], ['c', '3'])
    const other = stateOf(['c', '3'], ['b', '0'], ['d', '4'], ['a', '1'], ['b', '2'])
    other.delete(utf8('d'))
    const written = (state: StateMap) =>
      state.takeChanged().flatMap(([name, encode]) => {
        const encoded = encode()
        return encoded === undefined ? [] : [[name, encoded]]
      })
    expect(written(other)).toEqual(written(one))
  })

  it('a state that is made of its buckets is the same', () => {
    const state = stateOf(['a', '1'], ['b', '2'], ['c', '3'])
    const copy = new StateMap(hash)
    for (const [, encode] of state.takeChanged()) expect(copy.install(encode() ?? utf8(''))).toBe(true)
    expect(copy.state()).toEqual(state.state())
    expect(copy.takeChanged()).toEqual([])
    expect(copy.install(utf8('no bucket'))).toBe(false)
  })
})
