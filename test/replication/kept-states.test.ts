/** States on disk: parts that have not changed are there once, and what no state has is deleted. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { CHUNK_BYTES } from '../../src/exchange/constants.ts'
import { WRITTEN_BYTES_PER_TURN } from '../../src/replication/constants.ts'
import { type FetchedPart, KeptStates, readParts } from '../../src/replication/kept-states.ts'
import type { ChangedPart } from '../../src/replication/managed-state.ts'

/** @param later - when what is to be written in a later turn is; default: at once */
function disk(
  entries: readonly (readonly [string, Uint8Array])[] = [],
  later: (then: () => void) => void = (then) => then()
) {
  const values = new Map(entries)
  const reads: (() => void)[] = []
  const store = {
    put: (key: string, value: Uint8Array) => void values.set(key, value),
    delete: (key: string) => void values.delete(key),
    restored: (prefix: string) =>
      [...values].flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : []
      ),
    read: (key: string, then: (value: Uint8Array | undefined) => void) =>
      void reads.push(() => then(values.get(key)))
  }
  const states = new KeptStates(store, nobleBackend.sha256, later, WRITTEN_BYTES_PER_TURN)
  const read = () => {
    let found: readonly string[] | undefined
    states.read((parts) => {
      found = parts.map(([name, encoded]) => `${name}=${new TextDecoder().decode(encoded)}`).sort()
    })
    for (const answer of reads.splice(0)) answer()
    return found
  }
  /** @returns the digest of a state that is written at once */
  const write = (sequence: number, changed: readonly ChangedPart[]) => {
    let digest = new Uint8Array()
    states.write(sequence, changed, (whole) => {
      digest = Uint8Array.from(whole)
    })
    return digest
  }
  return { states, values, read, write }
}

const part = (name: string, value?: string): ChangedPart => [
  name,
  () => (value === undefined ? undefined : utf8(value))
]
const bulk = (values: ReadonlyMap<string, unknown>) => [...values.keys()].filter((key) => key.startsWith('*'))

it('the last state is read, each part as it was written last', () => {
  const { values, write } = disk()
  write(2, [part('a', '1'), part('b', '1')])
  write(4, [part('a', '2'), part('b'), part('c', '3')])
  const later = disk([...values])
  expect(later.states.last).toBe(4)
  expect(later.read()).toEqual(['a=2', 'c=3'])
})

it('there is none at first', () => {
  const { states, read } = disk()
  expect(states.last).toBe(0)
  expect(read()).toBeUndefined()
})

describe('the digest', () => {
  it('is that of what the state is, whatever was written when', () => {
    const one = disk()
    one.write(2, [part('a', '1'), part('b', '1')])
    const other = disk()
    expect(one.write(4, [part('b', '2')])).toEqual(other.write(4, [part('b', '2'), part('a', '1')]))
  })

  it.each([
    ['another part', [part('a', '2'), part('b', '1')]],
    ['another name', [part('c', '1'), part('b', '1')]],
    ['a part less', [part('a', '1')]]
  ])('differs by %s', (_, parts) => {
    const digest = disk().write(2, [part('a', '1'), part('b', '1')])
    expect(disk().write(2, parts)).not.toEqual(digest)
  })

  it('goes on from what an earlier life has written', () => {
    const { values, write } = disk()
    write(2, [part('a', '1'), part('b', '1')])
    const later = disk([...values])
    expect(later.write(4, [part('a', '2')])).toEqual(write(4, [part('a', '2')]))
  })
})

it('parts are deleted with the last state that has them', () => {
  const { states, values, read, write } = disk()
  write(2, [part('a', '1'), part('b', '1')])
  write(4, [part('a', '2')])
  states.forget(2)
  expect(bulk(values)).toHaveLength(2)
  expect(read()).toEqual(['a=2', 'b=1'])
  write(6, [part('b')])
  states.forget(4)
  expect(bulk(values)).toHaveLength(1)
  states.forget(4)
  expect(read()).toEqual(['a=2'])
})

describe('a state that others had', () => {
  /** What is fetched of a member: all parts of its last state. */
  function partsOf({ states, values }: ReturnType<typeof disk>, digest: Uint8Array): FetchedPart[] {
    const parts = readParts(states.listOf(digest) ?? new Uint8Array()) ?? []
    const read = new Map(
      disk([...values])
        .read()
        ?.map((one) => one.split('=') as [string, string])
    )
    return parts.map((one) => ({ ...one, encoded: utf8(read.get(one.name) ?? ''), kept: true }))
  }

  it('takes the place of the own ones from its number on, and shares what is alike with those before', () => {
    const donor = disk()
    donor.write(2, [part('a', '1'), part('b', '1')])
    const digest = donor.write(6, [part('b', '6'), part('c', '6')])
    const one = disk()
    one.write(2, [part('a', '1'), part('d', '1')])
    one.write(8, [part('a', '8'), part('c', '8')])
    const before = bulk(one.values).length
    one.states.install(6, partsOf(donor, digest))
    expect(one.states.last).toBe(6)
    expect(one.read()).toEqual(['a=1', 'b=6', 'c=6'])
    // Two parts of state 8 are gone, and two have come: `a` is where it was.
    expect(bulk(one.values)).toHaveLength(before)
    expect(one.states.listOf(digest)).toEqual(donor.states.listOf(digest))
    const later = disk([...one.values])
    expect(later.read()).toEqual(['a=1', 'b=6', 'c=6'])
    later.states.forget(2)
    expect(later.read()).toEqual(['a=1', 'b=6', 'c=6'])
  })

  it('is written over a part of the same name and number', () => {
    const donor = disk()
    const digest = donor.write(4, [part('a', 'right')])
    const one = disk()
    one.write(4, [part('a', 'wrong'), part('b', 'wrong')])
    one.states.install(4, partsOf(donor, digest))
    expect(one.read()).toEqual(['a=right'])
    expect(bulk(one.values)).toHaveLength(1)
  })
})

it('a large part is in chunks, each of which is read by itself', () => {
  const one = disk()
  const large = 'x'.repeat(CHUNK_BYTES + 1)
  const digest = one.write(2, [part('a', large)])
  const [listed] = readParts(one.states.listOf(digest) ?? new Uint8Array()) ?? []
  expect(bulk(one.values)).toHaveLength(2)
  expect(one.read()).toEqual([`a=${large}`])
  const lengths: (number | undefined)[] = []
  const root = listed?.body.root ?? new Uint8Array()
  for (const index of [0, 1, 2])
    one.states.readChunk('a', root, index, (chunk) => lengths.push(chunk?.chunk.length))
  one.read()
  expect(lengths).toEqual([CHUNK_BYTES, 1, undefined])
  one.states.forget(2)
  expect(bulk(one.values)).toEqual([])
})

describe('a state that is larger than what one turn writes', () => {
  const large = 'x'.repeat(2 * CHUNK_BYTES + 1)
  const changed = [part('a', large), part('c', '4')]

  /** State 2 is whole, with `a` and `b`; state 4 changes `a` and has a new `c`, and is begun. */
  function begun() {
    const turns: (() => void)[] = []
    const one = disk([], (then) => void turns.push(then))
    one.write(2, [part('a', '2'), part('b', '2')])
    const whole: number[] = []
    one.states.write(4, changed, () => whole.push(4))
    /** The next turn. @returns bytes that it has written in bulk */
    const goOn = () => {
      const before = new Map(one.values)
      turns.shift()?.()
      const written = [...one.values].filter(
        ([key, value]) => key.startsWith('*') && before.get(key) !== value
      )
      return written.reduce((sum, [, value]) => sum + value.length, 0)
    }
    const finish = () => {
      while (turns.length > 0) goOn()
    }
    return { ...one, turns, whole, goOn, finish }
  }

  it('is written in several, and is none before it is whole', () => {
    const { states, turns, whole, goOn, values, read } = begun()
    const proofBytes = 256
    const written: number[] = []
    while (turns.length > 0) {
      expect(states.last).toBe(2)
      expect(whole).toEqual([])
      written.push(goOn())
    }
    expect(written.length).toBeGreaterThan(1)
    for (const bytes of written) expect(bytes).toBeLessThanOrEqual(WRITTEN_BYTES_PER_TURN + proofBytes)
    expect(whole).toEqual([4])
    expect(states.last).toBe(4)
    expect(read()).toEqual([`a=${large}`, 'b=2', 'c=4'])
    expect([...values.keys()].filter((key) => key.startsWith('unfinished/'))).toEqual([])
  })

  it('encodes little more in a turn than it writes', () => {
    const turns: (() => void)[] = []
    const one = disk([], (then) => void turns.push(then))
    const half = 'x'.repeat(WRITTEN_BYTES_PER_TURN / 2)
    let encoded = 0
    const counted = [...'abcdefgh'].map((name): ChangedPart => {
      const [, encode] = part(name, half)
      return [
        name,
        () => {
          encoded++
          return encode()
        }
      ]
    })
    const inTurns: number[] = []
    one.states.write(2, counted, () => {})
    for (;;) {
      inTurns.push(encoded)
      encoded = 0
      const next = turns.shift()
      if (next === undefined) break
      next()
    }
    expect(inTurns.reduce((sum, count) => sum + count)).toBe(counted.length)
    expect(Math.max(...inTurns)).toBeLessThanOrEqual(3)
    expect(one.read()).toEqual(counted.map(([name]) => `${name}=${half}`))
  })

  it('has the digest that it has when it is written at once', () => {
    const { states, finish } = begun()
    finish()
    const other = disk()
    const digest = other.write(4, [...changed, part('b', '2')])
    expect(states.listOf(digest)).toBeDefined()
  })

  it('is not there for a life that begins before, which drops what was written of it', () => {
    const { values, goOn } = begun()
    goOn()
    const later = disk([...values])
    later.states.dropUnfinished()
    expect(later.states.last).toBe(2)
    expect(later.read()).toEqual(['a=2', 'b=2'])
    expect(bulk(later.values)).toHaveLength(2)
    expect(later.values.size).toBe(3)
    later.write(4, changed)
    expect(later.read()).toEqual([`a=${large}`, 'b=2', 'c=4'])
  })

  it('is there for a life that begins after, which drops nothing', () => {
    const { values, finish } = begun()
    finish()
    const later = disk([...values])
    later.states.dropUnfinished()
    expect(later.read()).toEqual([`a=${large}`, 'b=2', 'c=4'])
  })

  it('is whole before the next one is begun, which is made upon it', () => {
    const { states, whole, finish, read } = begun()
    states.write(6, [part('c', '6')], () => whole.push(6))
    expect(whole).toEqual([4, 6])
    finish()
    expect(whole).toEqual([4, 6])
    expect(read()).toEqual([`a=${large}`, 'b=2', 'c=6'])
  })

  it('keeps the parts that it shares with one that is forgotten meanwhile', () => {
    const { states, finish, read } = begun()
    states.forget(2)
    finish()
    expect(read()).toEqual([`a=${large}`, 'b=2', 'c=4'])
  })

  it('is given up when a state of others is installed', () => {
    const { states, values, whole, goOn, finish, read } = begun()
    goOn()
    states.install(6, [])
    finish()
    expect(whole).toEqual([])
    expect(states.last).toBe(6)
    expect(read()).toBeUndefined()
    states.forget(2)
    expect(bulk(values)).toEqual([])
    expect([...values.keys()].filter((key) => key.startsWith('unfinished/'))).toEqual([])
  })
})
