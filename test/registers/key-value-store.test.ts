/** The key-value store, line by line and against liars. */
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/messages.ts'
import type { Answered } from '../../src/exchange/call-id.ts'
import { LIST_ENTRIES_MAX, LIST_KEYS_MAX, LISTS_OPEN_MAX } from '../../src/registers/constants.ts'
import type {
  CompareAndSetResult,
  Expected,
  GetResult,
  ListOptions,
  ListResult,
  Owner
} from '../../src/registers/key-value-store.ts'
import type { WriteResult } from '../../src/registers/register.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { CONTENT } from '../../src/registers/signed-value.ts'
import { asked } from '../exchange/asked.ts'
import { extent } from '../extent.ts'
import { bytes, KeyValueGroup, text } from './key-value-group.ts'

const sizes = [4, 5, 6, 7]

const put = (group: KeyValueGroup, key: string, value: string, owner: Owner = group.key(), client = 0) =>
  group.ask<WriteResult>((returned) => group.client(client).put(owner, key, bytes(value), returned))

const remove = (group: KeyValueGroup, key: string, owner: Owner = group.key(), client = 0) =>
  group.ask<WriteResult>((returned) => group.client(client).delete(owner, key, returned))

const get = (group: KeyValueGroup, key: string, owner: Owner = group.key(), client = 1) => {
  const result = group.ask<GetResult>((returned) => group.client(client).get(owner, key, returned))
  return { ...result, value: text(result.value) }
}

const list = (group: KeyValueGroup, options: ListOptions = {}, owner: Owner = group.key(), client = 1) => {
  const { keys, next } = group.ask<ListResult>((returned) =>
    group.client(client).list(owner, options, returned)
  )
  return { keys: keys.map(({ key }) => key), next }
}

const compareAndSet = (group: KeyValueGroup, key: string, expected: Expected, value: string) =>
  group.ask<CompareAndSetResult>((returned) =>
    group.client().compareAndSet(group.key(), key, expected, bytes(value), returned)
  )

/** Keys that sort as they are numbered. */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `k${String(index).padStart(5, '0')}`)

const accused = (group: KeyValueGroup) =>
  [...group.members.values()]
    .flatMap(({ faults }) => faults)
    .filter(({ certainty }) => certainty !== 'suspected')

describe.each(sizes)('with %i members', (n) => {
  test('validity: a get returns the last value put, and nothing before the first', () => {
    const group = new KeyValueGroup({ n })
    expect(get(group, 'a')).toEqual({ value: null, timestamp: 0, deleted: false })
    expect(put(group, 'a', 'one')).toEqual({ written: true, timestamp: 1 })
    expect(put(group, 'a', 'two')).toEqual({ written: true, timestamp: 2 })
    expect(get(group, 'a')).toEqual({ value: 'two', timestamp: 2, deleted: false })
    expect(get(group, 'b')).toEqual({ value: null, timestamp: 0, deleted: false })
  })

  test('termination: f silent members keep nobody from getting, putting and listing', () => {
    const group = new KeyValueGroup({ n })
    for (let rank = 0; rank < group.group.f; rank++) group.silence(rank)
    put(group, 'a', 'one')
    expect(get(group, 'a').value).toBe('one')
    expect(list(group).keys).toEqual(['a'])
  })

  test('completeness of list: members that hide keys, and others that were away, keep none from being listed', () => {
    const group = new KeyValueGroup({ n })
    const liars = group.group.f
    for (let rank = 0; rank < liars; rank++)
      group.lies(rank, (message) =>
        message.type === 'KEYS' ? { ...message, entries: [], more: false } : message
      )
    group.silence(n - 1)
    for (const key of ['a', 'b', 'c']) put(group, key, key)
    remove(group, 'b')
    group.silence(n - 1, false)
    expect(list(group).keys).toEqual(['a', 'c'])
    expect(accused(group)).toEqual([])
  })

  test('authenticity: a key that a member invents is not listed, and the member is named', () => {
    const group = new KeyValueGroup({ n })
    put(group, 'a', 'one')
    group.lies(0, (message) => {
      if (message.type !== 'KEYS') return message
      const { entries } = message as Message & { entries: readonly { header: object }[] }
      return {
        ...message,
        entries: [...entries, ...entries.map((entry) => ({ ...entry, name: 'b' }))]
      } as Message
    })
    expect(list(group)).toEqual({ keys: ['a'], next: null })
    group.run()
    expect(group.faultsOf(n + 1)).toContain('certain 0: invalid-signature')
    expect(group.at(n + 1).landmarks).toContain('invented-key-rejected')
  })

  test('authenticity: the value of another register is no answer, and its member is named', () => {
    const group = new KeyValueGroup({ n })
    put(group, 'a', 'one')
    put(group, 'b', 'two')
    const other = group.signed(0, soleWriter(group.key(), 'b'), 9, bytes('nine'))
    group.lies(0, (message) => (message.type === 'VALUE' ? { ...message, value: other } : message))
    expect(get(group, 'a').value).toBe('one')
    group.run()
    expect(group.faultsOf(n + 1)).toContain('certain 0: invalid-signature')
  })
})

describe('delete', () => {
  test('leaves a tombstone: timestamps never go back', () => {
    const group = new KeyValueGroup()
    put(group, 'a', 'one')
    expect(remove(group, 'a')).toEqual({ written: true, timestamp: 2 })
    expect(get(group, 'a')).toEqual({ value: null, timestamp: 2, deleted: true })
    expect(put(group, 'a', 'three')).toEqual({ written: true, timestamp: 3 })
    expect(get(group, 'a')).toEqual({ value: 'three', timestamp: 3, deleted: false })
  })

  test('a tombstone with a value is none', () => {
    const group = new KeyValueGroup()
    const register = soleWriter(group.key(), 'a')
    const value = group.signed(0, register, 1, bytes('buried'), CONTENT.tombstone)
    group.forge(4, 0, { type: 'WRITE', call: asked(1), register, value })
    group.run()
    expect(group.faultsOf(0)).toEqual(['certain 4: invalid-signature'])
  })

  test('a deleted key stays deleted where a member shows its old value', () => {
    const group = new KeyValueGroup()
    group.silence(3)
    put(group, 'a', 'one')
    const pages: Message[] = []
    group.lies(2, (message) => {
      if (message.type !== 'KEYS') return message
      pages.push(message)
      return { ...(pages[0] as Message), call: message.call as Answered }
    })
    expect(list(group).keys).toEqual(['a'])
    remove(group, 'a')
    expect(list(group).keys).toEqual([])
    expect(pages.length).toBe(2)
  })
})

describe('list', () => {
  test('is in pages, in ascending order, of one owner alone', () => {
    const group = new KeyValueGroup()
    const keys = numbered(2 * LIST_ENTRIES_MAX + 10)
    for (const key of [...keys].reverse()) put(group, key, 'value')
    put(group, 'k00000x', 'of another', group.key(1), 1)
    expect(list(group)).toEqual({ keys, next: null })
    expect(list(group, { limit: 3 })).toEqual({ keys: keys.slice(0, 3), next: keys[2] })
    expect(list(group, { after: keys[2] as string, limit: 2 })).toEqual({
      keys: keys.slice(3, 5),
      next: keys[4]
    })
    expect(list(group, { after: keys.at(-1) as string })).toEqual({ keys: [], next: null })
    expect(list(group, { limit: 150 }).keys).toEqual(keys.slice(0, 150))
    for (const key of keys.slice(0, 200)) remove(group, key)
    expect(list(group, { limit: 5 }).keys).toEqual(keys.slice(200, 205))
  })

  test('goes no further than the shortest page of the quorum: a member that was away has fewer keys to a page', () => {
    const group = new KeyValueGroup()
    const keys = numbered(3 * LIST_ENTRIES_MAX)
    for (const [index, key] of keys.entries()) {
      group.silence(0, index % 2 === 0)
      put(group, key, 'value')
    }
    group.silence(0, false)
    group.silence(3)
    expect(list(group)).toEqual({ keys, next: null })
  })

  test('a page that says there is more and is not full does not count, and its member is named', () => {
    const group = new KeyValueGroup()
    for (const key of ['a', 'b', 'c']) put(group, key, 'value')
    group.lies(0, (message) => {
      if (message.type !== 'KEYS') return message
      return { ...message, entries: (message.entries as Message[]).slice(0, 1), more: true }
    })
    group.carried.clear()
    expect(list(group)).toEqual({ keys: ['a', 'b', 'c'], next: null })
    expect(group.carried.get('LIST')).toBe(4)
    group.run()
    expect(group.faultsOf(5)).toEqual(['certain 0: protocol-violation'])
  })

  test('pages out of order, with a key twice, too long, or of another question do not count', () => {
    const group = new KeyValueGroup()
    for (const key of ['a', 'b', 'c']) put(group, key, 'value')
    const lies: ((message: Message) => Message)[] = [
      (message) => ({ ...message, entries: [...(message.entries as Message[])].reverse() }),
      (message) => {
        const entries = message.entries as Message[]
        return { ...message, entries: [...entries.slice(0, 1), ...entries] }
      },
      (message) => ({ type: 'ACK', call: message.call as Answered })
    ]
    for (const [index, lie] of lies.entries()) {
      group.lies(0, (message) => (message.type === 'KEYS' ? lie(message) : message))
      expect(list(group).keys).toEqual(['a', 'b', 'c'])
      group.run()
      expect(group.faultsOf(5).length).toBe(index + 1)
    }
    group.lies(0, (message) => message)
    let whole: Message | undefined
    group.lies(1, (message) => {
      if (message.type !== 'KEYS') return message
      whole ??= message
      return { ...whole, call: message.call as Answered }
    })
    expect(list(group).keys).toEqual(['a', 'b', 'c'])
    group.run()
    expect(list(group, { limit: 1 })).toEqual({ keys: ['a'], next: 'a' })
    group.run()
    expect(group.faultsOf(5)).toContain('certain 1: protocol-violation')
  })

  test('a page that begins with the key that it is to begin after does not count', () => {
    const group = new KeyValueGroup()
    for (const key of ['a', 'b', 'c']) put(group, key, 'value')
    let whole: Message | undefined
    group.lies(1, (message) => {
      if (message.type !== 'KEYS') return message
      whole ??= message
      return { ...whole, call: message.call as Answered }
    })
    expect(list(group).keys).toEqual(['a', 'b', 'c'])
    group.run()
    expect(group.faultsOf(5)).toEqual([])
    // Three keys, from the one on after which two are wanted.
    expect(list(group, { after: 'a' })).toEqual({ keys: ['b', 'c'], next: null })
    group.run()
    expect(group.faultsOf(5)).toEqual(['certain 1: protocol-violation'])
  })

  test('a client that asks for no keys, or of writers out of order, is named', () => {
    const group = new KeyValueGroup()
    const ask = { type: 'LIST', call: asked(1), writers: [group.key()], after: null, limit: 0 }
    group.forge(4, 0, ask)
    group.forge(4, 1, { ...ask, writers: [group.key(), group.key()], limit: 1 })
    group.run()
    expect(group.faultsOf(0)).toEqual(['certain 4: protocol-violation'])
    expect(group.faultsOf(1)).toEqual(['certain 4: protocol-violation'])
  })

  test('so many lists at once and no more; one that was given up makes room', () => {
    const group = new KeyValueGroup()
    const owner = group.key()
    const operations = Array.from({ length: LISTS_OPEN_MAX }, () => group.client().list(owner, {}, () => {}))
    expect(() => group.client().list(owner, {}, () => {})).toThrow(/under way already/)
    group.at(4).process.input(() => {})
    operations[0]?.abandon()
    operations[0]?.abandon()
    group.client().list(owner, {}, () => {})
    expect(() => group.client().list(owner, {}, () => {})).toThrow(/under way already/)
    group.at(4).process.input(() => {})
    group.run()
    expect(group.client().state()).toMatchObject({ lists: 0 })
  })

  test('what cannot be is refused at once', () => {
    const group = new KeyValueGroup()
    const { client } = { client: group.client() }
    expect(() => client.list(group.key(), { limit: 0 }, () => {})).toThrow(/expected 1 to/)
    expect(() => client.list(group.key(), { limit: LIST_KEYS_MAX + 1 }, () => {})).toThrow(/expected 1 to/)
    expect(() => client.get(new Uint8Array(31), 'a', () => {})).toThrow(/32 bytes/)
    expect(() => client.get([], 'a', () => {})).toThrow(/1 to 16 writers/)
    expect(() => client.get(group.key(), 'a'.repeat(257), () => {})).toThrow(
      /well-formed text of at most 256/
    )
    expect(() => client.get(group.key(), '\ud800', () => {})).toThrow(/well-formed/)
    expect(() => client.put(group.key(1), 'a', bytes('not mine'), () => {})).toThrow(/no writer of a/)
    expect(() => client.delete(group.key(1), 'a', () => {})).toThrow(/no writer of a/)
  })
})

describe('keys of an access list', () => {
  test('are written by each of them, and by nobody else', () => {
    const group = new KeyValueGroup({ clients: 3 })
    const owners = [group.key(0), group.key(1)]
    expect(put(group, 'a', 'first', owners, 0)).toEqual({ written: true, timestamp: 1 })
    expect(put(group, 'a', 'second', [...owners].reverse(), 1)).toEqual({ written: true, timestamp: 2 })
    expect(get(group, 'a', owners, 2).value).toBe('second')
    expect(() => group.client(2).put(owners, 'a', bytes('third'), () => {})).toThrow(/no writer/)
    expect(get(group, 'a', group.key(0), 2).value).toBe(null)
    expect(list(group, {}, owners, 2).keys).toEqual(['a'])
  })
})

describe('compare-and-set', () => {
  test('writes where the timestamp or the value is as expected, and nowhere else', () => {
    const group = new KeyValueGroup()
    expect(compareAndSet(group, 'a', { timestamp: 0 }, 'one')).toEqual({ swapped: true, timestamp: 1 })
    expect(compareAndSet(group, 'a', { timestamp: 0 }, 'two')).toEqual({
      swapped: false,
      found: { value: bytes('one'), timestamp: 1, deleted: false }
    })
    expect(compareAndSet(group, 'a', { value: bytes('two') }, 'three').swapped).toBe(false)
    expect(compareAndSet(group, 'a', { value: null }, 'three').swapped).toBe(false)
    expect(compareAndSet(group, 'a', { value: bytes('one') }, 'three')).toEqual({
      swapped: true,
      timestamp: 2
    })
    remove(group, 'a')
    expect(compareAndSet(group, 'a', { value: null }, 'four')).toEqual({ swapped: true, timestamp: 4 })
    expect(get(group, 'a').value).toBe('four')
  })

  test('of several that are asked for at once, the first one swaps', () => {
    const group = new KeyValueGroup()
    const results: boolean[] = []
    for (const value of ['one', 'two', 'three'])
      group
        .client()
        .compareAndSet(group.key(), 'a', { timestamp: 0 }, bytes(value), ({ swapped }) =>
          results.push(swapped)
        )
    group.at(4).process.input(() => {})
    group.run()
    expect(results).toEqual([true, false, false])
    expect(get(group, 'a').value).toBe('one')
  })

  test('of what others may write is refused: that takes consensus', () => {
    const group = new KeyValueGroup()
    const expected = { timestamp: 0 }
    const refused = /consensus: use the replicated store/
    for (const owner of [[group.key(0), group.key(1)], group.key(1)])
      expect(() => group.client().compareAndSet(owner, 'a', expected, bytes('one'), () => {})).toThrow(
        refused
      )
  })

  test('once it writes, giving up on it does not let the next operation overtake it', () => {
    const group = new KeyValueGroup()
    const done: string[] = []
    const operation = group
      .client()
      .compareAndSet(group.key(), 'a', { timestamp: 0 }, bytes('one'), () => done.push('swapped'))
    group.client().get(group.key(), 'a', ({ value }) => done.push(text(value) ?? 'nothing'))
    group.at(4).process.input(() => {})
    group.run(() => (group.carried.get('WRITE') ?? 0) > 0)
    for (const rank of [1, 2, 3]) group.silence(rank)
    group.carried.clear()
    operation.abandon()
    group.run()
    expect(group.carried.get('READ')).toBe(undefined)
    for (const rank of [1, 2, 3]) group.silence(rank, false)
    for (const rank of [1, 2, 3]) group.connect(rank)
    group.run()
    expect(done).toEqual(['swapped', 'one'])
  })
})

describe('bounds of an owner', () => {
  test('too many registers: deleted keys count, others do not; what is there can still be written', () => {
    const group = new KeyValueGroup({ options: { registersPerOwnerMax: 3 } })
    for (const key of ['a', 'b', 'c']) put(group, key, 'value')
    expect(put(group, 'd', 'value')).toEqual({ written: false, refusal: 'too many registers' })
    remove(group, 'a')
    expect(put(group, 'e', 'value')).toEqual({ written: false, refusal: 'too many registers' })
    expect(put(group, 'a', 'again').written).toBe(true)
    expect(put(group, 'a', 'of another', group.key(1), 1).written).toBe(true)
    expect(list(group).keys).toEqual(['a', 'b', 'c'])
  })

  test('too many bytes: overwrites count by what they add, and a deletion makes room', () => {
    const group = new KeyValueGroup({ options: { registerBytesPerOwnerMax: 100 } })
    const value = (length: number) => 'x'.repeat(length)
    expect(put(group, 'a', value(60)).written).toBe(true)
    expect(put(group, 'b', value(40)).written).toBe(true)
    expect(put(group, 'a', value(61))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(put(group, 'a', value(50)).written).toBe(true)
    expect(put(group, 'b', value(50)).written).toBe(true)
    expect(put(group, 'c', value(1))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(remove(group, 'a').written).toBe(true)
    expect(put(group, 'c', value(50)).written).toBe(true)
    expect(put(group, 'd', value(1))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(compareAndSet(group, 'a', { value: null }, value(1))).toEqual({
      swapped: false,
      refusal: 'too many bytes'
    })
    expect(get(group, 'b').value).toBe(value(50))
  })

  test('are the same after a restart', () => {
    const group = new KeyValueGroup({ options: { registersPerOwnerMax: 2, registerBytesPerOwnerMax: 10 } })
    put(group, 'b', '12345')
    put(group, 'a', '1234')
    for (const rank of group.group.ranks) group.crash(rank)
    for (const rank of group.group.ranks) group.start(rank)
    for (const rank of group.group.ranks) group.connect(rank)
    expect(list(group).keys).toEqual(['a', 'b'])
    expect(put(group, 'c', '')).toEqual({ written: false, refusal: 'too many registers' })
    expect(put(group, 'a', '123456')).toEqual({ written: false, refusal: 'too many bytes' })
    expect(put(group, 'a', '12345').written).toBe(true)
  })
})

describe('over crashes of the client', () => {
  test('a put that a crash interrupted is finished by the next life', () => {
    const group = new KeyValueGroup()
    put(group, 'a', 'one')
    group.client().put(group.key(), 'a', bytes('two'), () => {})
    group.at(4).process.input(() => {})
    group.crash(4)
    expect(get(group, 'a').value).toBe('one')
    group.restart(4)
    group.run()
    expect(group.at(4).resumed).toEqual(['a'])
    expect(get(group, 'a')).toEqual({ value: 'two', timestamp: 2, deleted: false })
    expect(put(group, 'a', 'three')).toEqual({ written: true, timestamp: 3 })
  })
})

describe('consistency', () => {
  const interrupted = (consistency: 'regular' | 'atomic') => {
    const group = new KeyValueGroup({ options: { consistency } })
    put(group, 'a', 'nothing yet')
    group.run()
    // The write reaches member 0 alone.
    for (const rank of [1, 2, 3]) group.silence(rank)
    group.client().put(group.key(), 'a', bytes('one'), () => {})
    group.at(4).process.input(() => {})
    group.run()
    for (const rank of [1, 2]) group.silence(rank, false)
    group.carried.clear()
    expect(get(group, 'a').value).toBe('one')
    return group.carried.get('WRITE') ?? 0
  }

  test('an atomic get writes back what not all of a quorum have; a regular one writes nothing', () => {
    expect(interrupted('atomic')).toBe(3)
    expect(interrupted('regular')).toBe(0)
  })
})

/** Operations under way at a time. */
const BATCH = 200

test('thousands of keys are put, got and listed', () => {
  const group = new KeyValueGroup()
  const keys = numbered(extent(2000, 10_000))
  for (let first = 0; first < keys.length; first += BATCH) {
    const some = keys.slice(first, first + BATCH)
    let written = 0
    for (const key of some)
      group.client().put(group.key(), key, bytes(key), (result) => {
        if (result.written) written++
      })
    group.at(4).process.input(() => {})
    // Nobody asks for so much in no time.
    group.passTime(100)
    const read: (string | null)[] = []
    for (const key of some) group.client(1).get(group.key(), key, ({ value }) => read.push(text(value)))
    group.at(5).process.input(() => {})
    group.passTime(100)
    expect(written).toBe(some.length)
    expect(read).toEqual(some)
  }
  const found: string[] = []
  for (let after: string | null = null, first = true; first || after !== null; first = false) {
    const page = list(group, { after })
    found.push(...page.keys)
    after = page.next
  }
  expect(found).toEqual(keys)
  expect(accused(group)).toEqual([])
})
