/** States on disk: parts that have not changed are there once, and what no state has is deleted. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { CHUNK_BYTES } from '../../src/exchange/constants.ts'
import { type FetchedPart, KeptStates, readParts } from '../../src/replication/kept-states.ts'
import type { ChangedPart } from '../../src/replication/managed-state.ts'

function disk(entries: readonly (readonly [string, Uint8Array])[] = []) {
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
  const states = new KeptStates(store, nobleBackend.sha256)
  const read = () => {
    let found: readonly string[] | undefined
    states.read((parts) => {
      found = parts.map(([name, encoded]) => `${name}=${new TextDecoder().decode(encoded)}`).sort()
    })
    for (const answer of reads.splice(0)) answer()
    return found
  }
  return { states, values, read }
}

const part = (name: string, value?: string): ChangedPart => [
  name,
  value === undefined ? undefined : utf8(value)
]
const bulk = (values: ReadonlyMap<string, unknown>) => [...values.keys()].filter((key) => key.startsWith('*'))

it('the last state is read, each part as it was written last', () => {
  const { states, values } = disk()
  states.write(2, [part('a', '1'), part('b', '1')])
  states.write(4, [part('a', '2'), part('b'), part('c', '3')])
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
    const one = disk().states
    one.write(2, [part('a', '1'), part('b', '1')])
    const other = disk().states
    expect(one.write(4, [part('b', '2')])).toEqual(other.write(4, [part('b', '2'), part('a', '1')]))
  })

  it.each([
    ['another part', [part('a', '2'), part('b', '1')]],
    ['another name', [part('c', '1'), part('b', '1')]],
    ['a part less', [part('a', '1')]]
  ])('differs by %s', (_, parts) => {
    const digest = disk().states.write(2, [part('a', '1'), part('b', '1')])
    expect(disk().states.write(2, parts)).not.toEqual(digest)
  })

  it('goes on from what an earlier life has written', () => {
    const { states, values } = disk()
    states.write(2, [part('a', '1'), part('b', '1')])
    const later = disk([...values]).states
    expect(later.write(4, [part('a', '2')])).toEqual(states.write(4, [part('a', '2')]))
  })
})

it('parts are deleted with the last state that has them', () => {
  const { states, values, read } = disk()
  states.write(2, [part('a', '1'), part('b', '1')])
  states.write(4, [part('a', '2')])
  states.forget(2)
  expect(bulk(values)).toHaveLength(2)
  expect(read()).toEqual(['a=2', 'b=1'])
  states.write(6, [part('b')])
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
    donor.states.write(2, [part('a', '1'), part('b', '1')])
    const digest = donor.states.write(6, [part('b', '6'), part('c', '6')])
    const one = disk()
    one.states.write(2, [part('a', '1'), part('d', '1')])
    one.states.write(8, [part('a', '8'), part('c', '8')])
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
    const digest = donor.states.write(4, [part('a', 'right')])
    const one = disk()
    one.states.write(4, [part('a', 'wrong'), part('b', 'wrong')])
    one.states.install(4, partsOf(donor, digest))
    expect(one.read()).toEqual(['a=right'])
    expect(bulk(one.values)).toHaveLength(1)
  })
})

it('a large part is in chunks, each of which is read by itself', () => {
  const one = disk()
  const large = 'x'.repeat(CHUNK_BYTES + 1)
  const digest = one.states.write(2, [part('a', large)])
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
