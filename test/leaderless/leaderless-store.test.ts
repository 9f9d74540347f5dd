import { describe, expect, test } from 'vitest'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import type { OpenOperation } from '../../src/exchange/operation.ts'
import {
  KEY_CHARACTERS_MAX,
  PUT_PATIENCE_MS,
  READ_REPAIR_WAIT_MS,
  READ_REPAIRS_WAITING_MAX,
  SIBLING_BYTES_PER_REPLICA_MAX,
  SIBLINGS_PER_REPLICA_MAX,
  STORED_VALUE_BYTES_MAX
} from '../../src/leaderless/constants.ts'
import { leaderlessMessages } from '../../src/leaderless/messages.ts'
import type { PutResult } from '../../src/leaderless/requests.ts'
import { answerTo, asked, unasked } from '../exchange/asked.ts'
import { bytesOf, Cluster, textsOf, versionsOf } from './cluster.ts'

const NEVER = 10 ** 9
/** Repairs are the subject of their own tests. */
const quiet = { antiEntropyPeriodMs: NEVER }

describe('get, put, delete', () => {
  test('a get returns what was put; a key that nobody put has no value', () => {
    const cluster = new Cluster({ n: 5 })
    expect(cluster.put(5, 'a', 'one')).toEqual({ written: true, consistency: 'regular', conflict: false })
    expect(textsOf(cluster.get(5, 'a'))).toEqual(['one'])
    expect(cluster.get(5, 'b')).toEqual({
      values: [],
      deleted: false,
      context: { clock: [], time: 0 },
      consistency: 'regular'
    })
    expect(cluster.faults).toEqual([])
  })

  test('a put with the context of a get replaces what that saw, and nothing else', () => {
    const cluster = new Cluster({ n: 3, clients: 2 })
    cluster.put(3, 'a', 'one')
    const { context } = cluster.get(3, 'a')
    cluster.put(4, 'a', 'two')
    cluster.put(3, 'a', 'three', { context })
    const both = cluster.get(4, 'a')
    expect(textsOf(both)).toEqual(['three', 'two'])
    cluster.put(4, 'a', 'four', { context: both.context })
    expect(textsOf(cluster.get(3, 'a'))).toEqual(['four'])
  })

  test('a delete has the same causality: a concurrent put survives it, beside the tombstone', () => {
    const cluster = new Cluster({ n: 3 })
    cluster.put(3, 'a', 'one')
    const { context } = cluster.get(3, 'a')
    cluster.put(3, 'a', 'two')
    cluster.delete(3, 'a', { context })
    const both = cluster.get(3, 'a')
    expect([textsOf(both), both.deleted]).toEqual([['two'], true])
    cluster.delete(3, 'a', { context: both.context })
    const none = cluster.get(3, 'a')
    expect([textsOf(none), none.deleted]).toEqual([[], true])
  })

  test('a deleted value does not come back from a replica that had missed the delete', () => {
    const cluster = new Cluster({ n: 3, options: { antiEntropyPeriodMs: 1000 } })
    cluster.put(3, 'a', 'one')
    cluster.run(100)
    cluster.crash(2)
    cluster.delete(3, 'a', { context: cluster.get(3, 'a').context })
    cluster.start(2)
    cluster.run(3000)
    expect([0, 1, 2].map((rank) => versionsOf(cluster.stored(rank, 'a')))).toEqual([[null], [null], [null]])
  })

  test('a member is a client too', () => {
    const cluster = new Cluster({ n: 3 })
    cluster.put(1, 'a', 'one')
    expect(textsOf(cluster.get(2, 'a'))).toEqual(['one'])
  })

  test('an operation that was given up returns nothing, and makes room', () => {
    const cluster = new Cluster({ n: 3 })
    const told: unknown[] = []
    cluster.ask(3, (store) => {
      store.put('a', bytesOf('one'), {}, (result) => told.push(result)).abandon()
      store.get('a', {}, (result) => told.push(result)).abandon()
    })
    const begun: OpenOperation[] = []
    cluster.ask(3, (store) => {
      begun.push(store.get('a', {}, (result) => told.push(result)))
      begun.push(store.put('a', bytesOf('one'), {}, (result) => told.push(result)))
    })
    cluster.ask(3, () => {
      for (const operation of begun) operation.abandon()
    })
    expect(cluster.at(3).store.state()).toMatchObject({ calls: [] })
    cluster.ask(3, (store) => store.get('b', {}, (result) => told.push(result)))
    cluster.run(1000)
    expect(told).toHaveLength(1)
  })
})

describe('quorums', () => {
  test.each([
    { r: 1, w: 2 },
    { r: 2, w: 1 },
    { r: 1, w: 1 }
  ])('a store with r = $r and w = $w of 3 is refused unless it is sloppy by name', (options) => {
    expect(() => new Cluster({ n: 3, options })).toThrow(/r \+ w is not above 3.*miss it.*sloppy: true/)
    expect(new Cluster({ n: 3, options: { ...options, sloppy: true } }).put(3, 'a', 'x')).toMatchObject({
      consistency: 'eventual'
    })
  })

  test('an operation that leaves the strict quorums is refused, or says what it is', () => {
    const cluster = new Cluster({ n: 3 })
    const tell = () => {}
    cluster.ask(3, (store) => {
      expect(() => store.get('a', { r: 1 }, tell)).toThrow(/r = 1 and w = 2 of 3.*sloppy: true/)
      expect(() => store.put('a', bytesOf('x'), { w: 1 }, tell)).toThrow(/r = 2 and w = 1 of 3/)
      expect(() => store.get('a', { r: 4 }, tell)).toThrow(/r: expected 1 to 3/)
      expect(() => store.get('a', { r: 0, sloppy: true }, tell)).toThrow(/r: expected 1 to 3/)
      expect(() => store.put('a', bytesOf('x'), { w: 1.5 }, tell)).toThrow(/w: expected 1 to 3/)
    })
    expect(cluster.put(3, 'a', 'x', { w: 1, sloppy: true })).toMatchObject({ consistency: 'eventual' })
    expect(cluster.get(3, 'a', { r: 1, sloppy: true }).consistency).toBe('eventual')
    expect(cluster.get(3, 'a', { r: 3 }).consistency).toBe('regular')
  })

  test('read-one write-all and read-all write-one are strict', () => {
    for (const options of [
      { r: 1, w: 3 },
      { r: 3, w: 1 }
    ]) {
      const cluster = new Cluster({ n: 5, options })
      cluster.put(5, 'a', 'x')
      expect(cluster.get(5, 'a')).toMatchObject({ consistency: 'regular', values: [bytesOf('x')] })
    }
  })

  test('more replicas than members, or none, are refused', () => {
    expect(() => new Cluster({ n: 3, options: { replicas: 4 } })).toThrow(/replicas: expected 1 to 3/)
    expect(() => new Cluster({ n: 9, options: { replicas: 8 } })).toThrow(/replicas: expected 1 to 7/)
    expect(() => new Cluster({ n: 3, options: { replicas: 0 } })).toThrow(/replicas: expected 1 to 3/)
  })

  test('termination: with replicas - w of them down a put returns, and a get with replicas - r', () => {
    for (const down of [0, 1, 2]) {
      const cluster = new Cluster({ n: 3 })
      cluster.crash(down)
      expect(cluster.put(3, 'a', 'x')).toMatchObject({ written: true })
      expect(textsOf(cluster.get(3, 'a'))).toEqual(['x'])
    }
  })

  test('with more of them down it waits, and goes on when they are back', () => {
    const cluster = new Cluster({ n: 3 })
    const results: PutResult[] = []
    cluster.crash(0)
    cluster.crash(1)
    cluster.ask(3, (store) => store.put('a', bytesOf('x'), {}, (result) => results.push(result)))
    cluster.run(5000)
    expect(results).toEqual([])
    cluster.start(0)
    cluster.run(1000)
    expect(results).toMatchObject([{ written: true }])
  })

  test('regular, not atomic: during a put a later get may miss what an earlier one saw', () => {
    const slow = { links: new Set<string>() }
    const cluster = new Cluster({
      n: 3,
      clients: 3,
      options: quiet,
      delayUs: (from, to) => (slow.links.has(`${from}-${to}`) ? 3_000_000 : undefined)
    })
    const [first, second, third] = cluster.replicasOf('a') as readonly [number, number, number]
    cluster.run(100)
    // The put has reached its first replica alone; each get hears from two replicas, the second one not from that.
    slow.links = new Set([`3-${second}`, `3-${third}`, `${second}-4`, `4-${third}`, `5-${first}`])
    let returned = false
    cluster.ask(3, (store) => {
      store.put('a', bytesOf('new'), {}, () => {
        returned = true
      })
    })
    cluster.run(100)
    slow.links.delete(`${second}-4`)
    const early = cluster.get(4, 'a')
    const late = cluster.get(5, 'a')
    expect([textsOf(early), textsOf(late), returned]).toEqual([['new'], [], false])
    expect([early.consistency, late.consistency]).toEqual(['regular', 'regular'])
  })
})

describe('read repair', () => {
  test('a get brings the replicas that were behind up to date, those too that it did not wait for', () => {
    const cluster = new Cluster({ n: 3, options: quiet })
    cluster.put(3, 'a', 'old', { w: 3 })
    const { context } = cluster.get(3, 'a')
    // Its session begins, and resync with it, before there is anything to find.
    cluster.crash(2)
    cluster.start(2)
    cluster.run(200)
    const behind = cluster.replicasOf('a').at(-1) as number
    cluster.inject(3, behind, { type: 'GET', call: asked(999), key: 'a' })
    const ahead = cluster.replicasOf('a')[0] as number
    cluster.inject(3, ahead, {
      type: 'PUT',
      call: asked(1000),
      key: 'a',
      context: context.clock,
      number: new Uint8Array(16),
      time: 1,
      value: bytesOf('new')
    })
    expect(textsOf(cluster.get(3, 'a', { r: 3 }))).toEqual(['new'])
    cluster.run(200)
    for (const rank of [0, 1, 2]) expect(versionsOf(cluster.stored(rank, 'a'))).toEqual(['new'])
    expect(cluster.landmarks.get('read-repair')).toBe(2)
  })

  test('with a replica down it repairs the others after a while', () => {
    const cluster = new Cluster({ n: 3, options: quiet })
    const [first, second, third] = cluster.replicasOf('a') as readonly [number, number, number]
    cluster.run(100)
    cluster.inject(3, second, putOf('x'))
    cluster.crash(third)
    expect(textsOf(cluster.get(3, 'a'))).toEqual(['x'])
    cluster.run(READ_REPAIR_WAIT_MS / 2)
    expect(versionsOf(cluster.stored(first, 'a'))).toEqual([])
    cluster.run(READ_REPAIR_WAIT_MS)
    expect(versionsOf(cluster.stored(first, 'a'))).toEqual(['x'])
  })

  test('beyond so many gets that wait to repair, the oldest repairs at once', () => {
    const cluster = new Cluster({ n: 3, options: quiet })
    const [first, second, third] = cluster.replicasOf('a') as readonly [number, number, number]
    cluster.run(100)
    cluster.inject(3, second, putOf('x'))
    cluster.crash(third)
    cluster.ask(3, (store) => {
      for (let get = 0; get <= READ_REPAIRS_WAITING_MAX; get++) store.get('a', {}, () => {})
    })
    cluster.run(READ_REPAIR_WAIT_MS / 2)
    expect(versionsOf(cluster.stored(first, 'a'))).toEqual(['x'])
  })
})

describe('a put whose first replica does not answer', () => {
  test('asks the next one, and is one put still when the first had taken it in', () => {
    const slow = { from: -1 }
    const cluster = new Cluster({
      n: 3,
      options: quiet,
      delayUs: (from) => (from === slow.from ? 3 * PUT_PATIENCE_MS * 1000 : undefined)
    })
    cluster.run(100)
    slow.from = cluster.replicasOf('a')[0] as number
    cluster.put(3, 'a', 'x')
    expect(cluster.landmarks.get('put-asks-another-replica')).toBe(1)
    cluster.run(5 * PUT_PATIENCE_MS)
    slow.from = -1
    expect(cluster.get(3, 'a', { r: 3 }).values).toHaveLength(1)
    cluster.run(1000)
    for (const rank of [0, 1, 2]) expect(cluster.stored(rank, 'a').versions).toHaveLength(1)
  })

  test('a replica that was asked twice, since its session ended, gives one dot', () => {
    const cluster = new Cluster({ n: 3, options: quiet })
    const first = cluster.replicasOf('a')[0] as number
    cluster.inject(3, first, putOf('x'))
    cluster.inject(3, first, putOf('x'))
    cluster.run(100)
    expect(cluster.stored(first, 'a')).toMatchObject({ clock: [{ counter: 1 }], versions: [{ counter: 1 }] })
  })
})

describe('answers', () => {
  test('of each replica that was asked the first one counts, and no other', () => {
    const cluster = new Cluster({ n: 4, options: quiet, delayUs: () => 1_000_000 })
    cluster.run(100)
    const results: unknown[] = []
    cluster.ask(4, (store) => store.get('a', {}, (result) => results.push(result)))
    const [first, second] = cluster.replicasOf('a') as readonly [number, number]
    const other = [0, 1, 2, 3].find((rank) => !cluster.replicasOf('a').includes(rank)) as number
    const answer = {
      type: 'STATE',
      call: answerTo(leaderlessMessages, { type: 'GET', call: asked(1), key: 'a' }),
      key: 'a',
      state: { clock: [], versions: [] }
    } as const
    for (const from of [first, first, other]) cluster.inject(from, 4, answer)
    expect(results).toHaveLength(0)
    cluster.inject(second, 4, answer)
    expect(results).toHaveLength(1)
  })

  test('one of another type, of another key, or with an impossible state is named and does not count', () => {
    const cluster = new Cluster({ n: 3, options: quiet, delayUs: () => 1_000_000 })
    cluster.run(100)
    const results: unknown[] = []
    cluster.ask(3, (store) => {
      for (let get = 0; get < 3; get++) store.get('a', { r: 3 }, (result) => results.push(result))
    })
    const state = { clock: [], versions: [] }
    const to = (number: number) =>
      answerTo(leaderlessMessages, { type: 'GET', call: asked(number), key: 'a' })
    for (const from of [0, 1, 2]) {
      cluster.inject(from, 3, { type: 'MERGED', call: to(1) })
      cluster.inject(from, 3, { type: 'STATE', call: to(2), key: 'b', state })
      const impossible = { clock: [{ rank: 7, counter: 1 }], versions: [] }
      cluster.inject(from, 3, { type: 'STATE', call: to(3), key: 'a', state: impossible })
    }
    expect(results).toEqual([])
    expect(cluster.faults.map(({ process }) => process)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2])
    // The right ones count after them; those to other questions, and of another life, do not.
    for (const from of [0, 1, 2]) {
      const right = { type: 'STATE', key: 'a', state } as const
      cluster.inject(from, 3, { ...right, call: { ...to(1), question: to(2).question } })
      cluster.inject(from, 3, { ...right, call: { ...to(1), life: 2 } })
      expect(results).toHaveLength(0)
    }
    expect(cluster.faults).toHaveLength(12)
    for (const from of [0, 1, 2])
      for (const number of [1, 2, 3])
        cluster.inject(from, 3, { type: 'STATE', key: 'a', state, call: to(number) })
    expect(results).toHaveLength(3)
  })
})

describe('durability', () => {
  test('what was acknowledged is there after a crash at that very moment, by whichever way it was told', () => {
    for (const self of [0, 3]) {
      const cluster = new Cluster({ n: 3, options: { ...quiet, replicas: 1, r: 1, w: 1 } })
      cluster.run(100)
      const key = keyOf(cluster, 0)
      let crashed = false
      cluster.ask(self, (store) => {
        store.put(key, bytesOf('x'), {}, () => {
          cluster.crash(0)
          crashed = true
        })
      })
      cluster.run(1000)
      expect([crashed, versionsOf(cluster.stored(0, key))]).toEqual([true, ['x']])
      cluster.start(0)
      expect(textsOf(cluster.get(3, key))).toEqual(['x'])
    }
  })

  test('after a restart a replica goes on counting where it was', () => {
    const cluster = new Cluster({ n: 3, options: quiet })
    const first = cluster.replicasOf('a')[0] as number
    cluster.put(3, 'a', 'one')
    cluster.run(100)
    cluster.crash(first)
    cluster.start(first)
    cluster.put(3, 'a', 'two')
    expect(textsOf(cluster.get(3, 'a'))).toEqual(['one', 'two'])
    expect(cluster.stored(first, 'a').clock).toEqual([{ rank: first, counter: 2 }])
  })
})

describe('last-writer-wins', () => {
  const options = { conflicts: 'last-writer-wins' } as const

  test('of concurrent puts the highest timestamp is kept, and says so', () => {
    const cluster = new Cluster({ n: 3, clients: 2, options })
    cluster.put(3, 'a', 'one')
    cluster.run(10)
    expect(cluster.put(4, 'a', 'two')).toEqual({
      written: true,
      consistency: 'highest timestamp',
      conflict: false
    })
    expect(cluster.get(3, 'a')).toMatchObject({ values: [bytesOf('two')], consistency: 'highest timestamp' })
  })

  test('its danger: a put that came later, of a writer whose clock is behind, is lost without a word', () => {
    const clockOffMs = (process: number) => (process === 4 ? 60_000 : 120_000)
    const cluster = new Cluster({ n: 3, clients: 2, options, clockOffMs })
    cluster.put(3, 'a', 'first')
    expect(cluster.put(4, 'a', 'later')).toMatchObject({ written: true })
    expect(textsOf(cluster.get(4, 'a'))).toEqual(['first'])
  })

  test('a put with the context of a get wins over what that saw, whatever the clocks say', () => {
    const clockOffMs = (process: number) => (process === 4 ? -60_000 : 120_000)
    const cluster = new Cluster({ n: 3, clients: 2, options, clockOffMs })
    cluster.put(3, 'a', 'first')
    cluster.put(4, 'a', 'later', { context: cluster.get(4, 'a').context })
    expect(textsOf(cluster.get(3, 'a'))).toEqual(['later'])
  })

  test('a clock before its origin counts as zero', () => {
    const cluster = new Cluster({ n: 3, options, clockOffMs: () => -60_000 })
    cluster.put(3, 'a', 'x')
    expect(cluster.get(3, 'a')).toMatchObject({ values: [bytesOf('x')], context: { time: 1 } })
  })

  test('siblings of a replica that should keep none are named', () => {
    const cluster = new Cluster({ n: 3, options })
    const version = { rank: 0, number: new Uint8Array(16), time: 1, value: null }
    const versions = [1, 2].map((counter) => ({ ...version, counter }))
    const state = { clock: [{ rank: 0, counter: 2 }], versions }
    cluster.inject(1, 0, { type: 'REPAIR', key: 'a', state })
    expect(cluster.faults).toMatchObject([{ process: 1 }])
  })

  test('a wall clock of the host is used in place of the process clock', () => {
    const cluster = new Cluster({ n: 3, options: { ...options, wallClockMs: () => 1_234_567.8 } })
    cluster.put(3, 'a', 'x')
    expect(cluster.get(3, 'a').context.time).toBe(1_234_567)
  })
})

describe('bounds', () => {
  const tell = () => {}

  test('keys, values and open operations that are too long or too many are refused to the caller', () => {
    const cluster = new Cluster({ n: 3 })
    cluster.ask(3, (store) => {
      expect(() => store.get('k'.repeat(KEY_CHARACTERS_MAX + 1), {}, tell)).toThrow(/key: expected/)
      expect(() => store.get('\ud800', {}, tell)).toThrow(/well-formed/)
      expect(() => store.put('a', new Uint8Array(STORED_VALUE_BYTES_MAX + 1), {}, tell)).toThrow(
        /value: expected/
      )
      for (let open = 0; open < OPERATIONS_OPEN_MAX; open++) store.get('a', {}, tell)
      expect(() => store.get('a', {}, tell)).toThrow(/1024 operations/)
    })
    cluster.run(1000)
    cluster.ask(3, (store) => store.get('k'.repeat(KEY_CHARACTERS_MAX), {}, tell))
    expect(() => new Cluster({ n: 3, options: { valueBytesMax: STORED_VALUE_BYTES_MAX + 1 } })).toThrow(
      /valueBytesMax/
    )
  })

  test('the context of another key is refused', () => {
    const cluster = new Cluster({ n: 7 })
    const context = { clock: [0, 1, 2, 3].map((rank) => ({ rank, counter: 1 })), time: 1 }
    cluster.ask(7, (store) => expect(() => store.delete('a', { context }, tell)).toThrow(/not of this key/))
  })

  test('a replica keeps so many keys, and refuses a put of one more, but none of those it has', () => {
    const cluster = new Cluster({ n: 3, options: { keysMax: 2 } })
    cluster.put(3, 'a', 'x')
    cluster.put(3, 'b', 'x')
    cluster.run(100)
    expect(cluster.put(3, 'c', 'x')).toEqual({ written: false, refusal: 'too many keys' })
    expect(cluster.put(3, 'b', 'y')).toMatchObject({ written: true })
    for (const rank of [0, 1, 2]) expect(cluster.keysOf(rank)).toBe(2)
  })

  test('a put goes to the next replica at once where the first has no room; where too many have none it is refused', () => {
    const cluster = new Cluster({ n: 3, options: { ...quiet, keysMax: 1 } })
    cluster.run(100)
    const [first, second] = cluster.replicasOf('a') as readonly [number, number]
    cluster.inject(3, first, { ...putOf('x'), key: 'other' })
    const began = cluster.now
    expect(cluster.put(3, 'a', 'x')).toMatchObject({ written: true })
    expect(cluster.now - began).toBeLessThan(PUT_PATIENCE_MS * 1000)
    const fuller = new Cluster({ n: 3, options: { ...quiet, keysMax: 1 } })
    fuller.run(100)
    for (const rank of [first, second]) fuller.inject(3, rank, { ...putOf('x'), key: 'other' })
    expect(fuller.put(3, 'a', 'x')).toEqual({ written: false, refusal: 'too many keys' })
  })

  test.each([
    ['takes it in', [0, 1], 2],
    ['keeps it too', [1], 2],
    ['keeps it too, of all three', [1], 3]
  ] as const)(
    'termination: a put is refused where nobody that is left %s, although a replica is down and says nothing',
    (_, full, w) => {
      const cluster = new Cluster({ n: 3, options: { ...quiet, keysMax: 1 } })
      cluster.run(100)
      const replicas = cluster.replicasOf('a')
      for (const index of full) cluster.inject(3, replicas[index] ?? 0, { ...putOf('x'), key: 'other' })
      cluster.run(100)
      if (w === 2) cluster.crash(replicas[2] ?? 0)
      const began = cluster.now
      expect(cluster.put(3, 'a', 'x', { w })).toEqual({ written: false, refusal: 'too many keys' })
      expect(cluster.now - began).toBeLessThan(3 * PUT_PATIENCE_MS * 1000)
    }
  )

  test('a put that one replica has refused waits for those that are back later', () => {
    const cluster = new Cluster({ n: 3, options: { ...quiet, keysMax: 1 } })
    cluster.run(100)
    const [first = 0, second = 0, third = 0] = cluster.replicasOf('a')
    cluster.inject(3, first, { ...putOf('x'), key: 'other' })
    cluster.crash(second)
    cluster.crash(third)
    cluster.after(5 * PUT_PATIENCE_MS, () => cluster.start(second))
    cluster.after(5 * PUT_PATIENCE_MS, () => cluster.start(third))
    expect(cluster.put(3, 'a', 'x')).toMatchObject({ written: true })
  })

  test('a replica lets in so many siblings, by number and by bytes; a put that replaces them is let in', () => {
    for (const [value, most] of [
      ['x', SIBLINGS_PER_REPLICA_MAX],
      ['x'.repeat(STORED_VALUE_BYTES_MAX), SIBLING_BYTES_PER_REPLICA_MAX / STORED_VALUE_BYTES_MAX]
    ] as const) {
      const cluster = new Cluster({ n: 3 })
      for (let put = 0; put < 3 * most; put++)
        expect(cluster.put(3, 'a', value, { w: 3 })).toMatchObject({ written: true })
      expect(cluster.put(3, 'a', value)).toEqual({ written: false, refusal: 'too many siblings' })
      const { values, context } = cluster.get(3, 'a')
      expect(values).toHaveLength(3 * most)
      expect(cluster.put(3, 'a', 'one', { context })).toMatchObject({ written: true })
      expect(textsOf(cluster.get(3, 'a'))).toEqual(['one'])
      expect(cluster.faults).toEqual([])
    }
  })
})

describe('what no correct process sends is named, and changes nothing', () => {
  const ones = (n: number) => Array.from({ length: n }, (_, rank) => ({ rank, counter: 1 }))
  const version = { rank: 0, counter: 2, number: new Uint8Array(16), time: 1, value: null }

  test.each([
    ['a version that the clock does not cover', { clock: ones(1), versions: [version] }],
    ['a clock out of order', { clock: ones(2).reverse(), versions: [] }],
    ['a clock of a member that is no replica', { clock: [{ rank: 9, counter: 1 }], versions: [] }],
    [
      'versions that are out of order',
      { clock: [{ rank: 0, counter: 2 }], versions: [version, { ...version, counter: 1 }] }
    ],
    [
      'more siblings than a replica lets in',
      {
        clock: [{ rank: 0, counter: 99 }],
        versions: Array.from({ length: SIBLINGS_PER_REPLICA_MAX + 1 }, (_, counter) => ({
          ...version,
          counter: counter + 1
        }))
      }
    ]
  ])('a state with %s', (_, state) => {
    const cluster = new Cluster({ n: 3 })
    cluster.inject(1, 0, { type: 'REPAIR', key: 'a', state })
    cluster.inject(3, 0, { type: 'MERGE', call: asked(1), key: 'a', state })
    cluster.run(100)
    expect(cluster.faults.map(({ process, certainty }) => [process, certainty])).toEqual([
      [1, 'certain'],
      [3, 'certain']
    ])
    expect(cluster.keysOf(0)).toBe(0)
  })

  test('a counter at its end is refused, not overrun', () => {
    const cluster = new Cluster({ n: 3, options: quiet })
    const clock = [0, 1, 2].map((rank) => ({ rank, counter: 2 ** 52 }))
    const context = { clock, time: 0 }
    expect(cluster.put(3, 'a', 'x', { context })).toEqual({ written: false, refusal: 'counter exhausted' })
  })

  test('a key of others; questions to a client; answers of one; anti-entropy of a client', () => {
    const cluster = new Cluster({ n: 7, clients: 2 })
    const other = [0, 1, 2, 3, 4, 5, 6].find((rank) => !cluster.replicasOf('a').includes(rank)) as number
    cluster.inject(7, other, { type: 'GET', call: asked(1), key: 'a' })
    cluster.inject(1, 7, { type: 'GET', call: asked(1), key: 'a' })
    cluster.inject(8, 7, { type: 'MERGED', call: unasked(1) })
    cluster.inject(8, 0, { type: 'COMPARE', exchange: asked(1), root: new Uint8Array(16) })
    cluster.inject(7, 1, {
      ...putOf('x'),
      key: keyOf(cluster, 1),
      context: [0, 1, 2, 3].map((rank) => ({ rank, counter: 1 }))
    })
    expect(cluster.faults.map(({ process }) => process)).toEqual([7, 1, 8, 8, 7])
    expect(new Set(cluster.faults.map(({ kind }) => kind))).toEqual(new Set(['protocol-violation']))
  })
})

function keyOf(cluster: Cluster, rank: number): string {
  for (let index = 0; ; index++) if (cluster.replicasOf(`k${index}`).includes(rank)) return `k${index}`
}

function putOf(value: string) {
  return {
    type: 'PUT',
    call: asked(1000),
    key: 'a',
    context: [] as { rank: number; counter: number }[],
    number: new Uint8Array(16).fill(7),
    time: 1,
    value: bytesOf(value)
  } as const
}
