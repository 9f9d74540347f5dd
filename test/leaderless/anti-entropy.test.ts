import { describe, expect, test } from 'vitest'
import {
  ITEM_BYTES,
  ITEMS_MAX,
  NODES_COMPARED_MAX,
  STORED_VALUE_BYTES_MAX
} from '../../src/leaderless/constants.ts'
import type { LeaderlessMessage } from '../../src/leaderless/messages.ts'
import { LINK_MESSAGE_BYTES_MAX } from '../../src/links/constants.ts'
import { asked } from '../exchange/asked.ts'
import { type Arrived, bytesOf, Cluster, versionsOf } from './cluster.ts'

const PERIOD_MS = 1000
const options = { antiEntropyPeriodMs: PERIOD_MS }
const EXCHANGE: readonly LeaderlessMessage['type'][] = [
  'COMPARE',
  'SAME',
  'DESCRIBE',
  'NODES',
  'FETCH',
  'ITEMS',
  'OFFER',
  'TAKEN'
]

const ofExchange = (arrived: readonly Arrived[] = []) =>
  arrived.filter(({ message }) => EXCHANGE.includes(message.type))
const bytesIn = (arrived: readonly Arrived[]) => arrived.reduce((sum, { bytes }) => sum + bytes, 0)

let writes = 0
/** A put that one replica has and no other knows of. */
function putAt(
  cluster: Cluster,
  rank: number,
  key: string,
  value: Uint8Array,
  context: readonly never[] = []
): void {
  const number = new Uint8Array(16)
  new DataView(number.buffer).setUint32(0, ++writes)
  cluster.inject(cluster.group.n, rank, {
    type: 'PUT',
    call: asked(10 ** 6),
    key,
    context,
    number,
    time: 1,
    value
  })
}

describe('bytes follow from what differs, not from what there is', () => {
  /** Two members with so many keys in common; then so many more that differ, one round of anti-entropy for each. */
  function measure(keys: number, differences: readonly number[]): { bytes: number; messages: number }[] {
    const cluster = new Cluster({ n: 2, options: { ...options, replicas: 2 } })
    cluster.run(100)
    for (let key = 0; key < keys; key++) putAt(cluster, 0, `key ${key}`, bytesOf(`value ${key}`))
    // In the middle between two rounds.
    cluster.run(20.4 * PERIOD_MS)
    expect(cluster.keysOf(1)).toBe(keys)
    return differences.map((different, round) => {
      const changed = Array.from({ length: different }, (_, index) => 97 * (index + 1) + round)
      for (const key of changed) putAt(cluster, 1, `key ${key}`, bytesOf('another'))
      cluster.arrived = []
      cluster.run(PERIOD_MS)
      const arrived = ofExchange(cluster.arrived)
      for (const key of changed)
        expect(versionsOf(cluster.stored(0, `key ${key}`))).toEqual(['another', `value ${key}`])
      expect(cluster.faults).toEqual([])
      return { bytes: bytesIn(arrived), messages: arrived.length }
    })
  }

  test('10,000 keys with 0, 1 and 10 differences; 0 and 1 among 1,000', () => {
    const [none, one, ten] = measure(10_000, [0, 1, 10])
    const [noneOfFewer, oneOfFewer] = measure(1000, [0, 1])
    if (!none || !one || !ten || !noneOfFewer || !oneOfFewer) throw new Error('five measurements')
    expect(none.messages).toBe(2)
    expect(none.bytes).toBeLessThan(64)
    expect(one.bytes).toBeLessThan(2048)
    expect(ten.bytes).toBeLessThan(12 * one.bytes)
    expect(Math.abs(noneOfFewer.bytes - none.bytes)).toBeLessThan(8)
    // One level more, of sixteen digests.
    expect(one.bytes - oneOfFewer.bytes).toBeLessThan(600)
  })
})

describe('an exchange', () => {
  test('both ends come to have the join, whoever was behind', () => {
    const cluster = new Cluster({ n: 3, options })
    cluster.run(100)
    putAt(cluster, 0, 'a', bytesOf('low'))
    putAt(cluster, 2, 'b', bytesOf('high'))
    putAt(cluster, 0, 'c', bytesOf('one'))
    putAt(cluster, 2, 'c', bytesOf('two'))
    cluster.run(3 * PERIOD_MS)
    for (const rank of [0, 1, 2])
      expect(['a', 'b', 'c'].map((key) => versionsOf(cluster.stored(rank, key)))).toEqual([
        ['low'],
        ['high'],
        ['one', 'two']
      ])
  })

  test('a member that comes back is brought up to date by its first sessions, without waiting for the period', () => {
    const cluster = new Cluster({ n: 3, options: { antiEntropyPeriodMs: 10 ** 9 } })
    cluster.run(100)
    for (const down of [0, 1, 2]) {
      cluster.crash(down)
      cluster.put(3, `while ${down} is down`, 'x')
      cluster.start(down)
      cluster.run(500)
      expect(versionsOf(cluster.stored(down, `while ${down} is down`))).toEqual(['x'])
    }
  })

  test('one at a time with each neighbour: while its answer is out no other begins', () => {
    const slow = { on: false }
    const delayUs = (from: number, to: number) => (slow.on && from === 1 && to === 0 ? 10_000_000 : undefined)
    const cluster = new Cluster({ n: 2, options: { ...options, replicas: 2 }, delayUs })
    cluster.run(100)
    slow.on = true
    cluster.arrived = []
    cluster.run(8 * PERIOD_MS)
    expect(ofExchange(cluster.arrived).filter(({ message }) => message.type === 'COMPARE')).toHaveLength(1)
  })

  test('an exchange that a session took with it begins anew in the next', () => {
    const cluster = new Cluster({ n: 2, options: { antiEntropyPeriodMs: 10 ** 9, replicas: 2 } })
    cluster.run(100)
    for (let key = 0; key < 200; key++) putAt(cluster, 1, `key ${key}`, bytesOf('x'))
    // Sessions too short for an exchange, one after the other; the last one lasts.
    for (let session = 0; session < 5; session++) {
      cluster.run(10)
      cluster.endSession(0, 1)
    }
    cluster.run(2000)
    expect(cluster.keysOf(0)).toBe(200)
  })

  test('many large values come in messages of a bounded size', () => {
    const cluster = new Cluster({ n: 2, options: { ...options, replicas: 2 } })
    cluster.run(100)
    const large = new Uint8Array(STORED_VALUE_BYTES_MAX)
    for (let key = 0; key < 40; key++) putAt(cluster, key % 2, `large ${key}`, large)
    for (let key = 0; key < 1500; key++) putAt(cluster, key % 2, `small ${key}`, bytesOf('x'))
    // Two siblings of the largest value: all that a replica lets in.
    for (let put = 0; put < 4; put++) putAt(cluster, put % 2, 'siblings', large)
    cluster.arrived = []
    cluster.run(10 * PERIOD_MS)
    expect([cluster.keysOf(0), cluster.keysOf(1)]).toEqual([1541, 1541])
    const arrived = ofExchange(cluster.arrived)
    for (const { message, bytes } of arrived) {
      expect(bytes).toBeLessThanOrEqual(LINK_MESSAGE_BYTES_MAX)
      if ('items' in message) {
        expect(message.items.length).toBeLessThanOrEqual(ITEMS_MAX)
        if (message.items.length > 1) expect(bytes).toBeLessThanOrEqual(ITEM_BYTES + 1024)
      }
      if ('nodes' in message) expect(message.nodes.length).toBeLessThanOrEqual(NODES_COMPARED_MAX)
    }
  })

  test('members that share no key do not compare; answers to other questions are named', () => {
    const cluster = new Cluster({ n: 3, options: { ...options, replicas: 1 } })
    cluster.arrived = []
    cluster.run(5 * PERIOD_MS)
    expect(ofExchange(cluster.arrived)).toEqual([])
    cluster.inject(1, 0, { type: 'COMPARE', exchange: asked(1), root: new Uint8Array(16) })
    expect(cluster.faults).toMatchObject([{ process: 1, detail: 'compares keys where none is shared' }])

    const other = new Cluster({ n: 2, options: { ...options, replicas: 2 }, delayUs: () => 500_000 })
    other.run(200)
    const leaf = { path: Uint8Array.of(3), children: [], entries: [] }
    other.inject(1, 0, { type: 'TAKEN', exchange: asked(1) })
    other.inject(1, 0, { type: 'NODES', exchange: asked(1), nodes: [leaf] })
    other.inject(1, 0, { type: 'TAKEN', exchange: asked(99) })
    // Answers to what an earlier life had asked are none here, and no lies.
    other.inject(1, 0, { type: 'TAKEN', exchange: asked(1, 0) })
    expect(other.faults).toMatchObject([{ process: 1 }, { process: 1 }])
  })

  test('children below the last step of a hash are named, and not asked for', () => {
    const cluster = new Cluster({ n: 2, options: { ...options, replicas: 2 }, delayUs: () => 500_000 })
    cluster.run(200)
    const children = Array.from({ length: 16 }, (_, step) => new Uint8Array(step === 0 ? 16 : 0).fill(1))
    for (let depth = 0; depth <= 32; depth++) {
      expect(cluster.faults).toEqual([])
      const node = { path: new Uint8Array(depth), children, entries: [] }
      cluster.inject(1, 0, { type: 'NODES', exchange: asked(1), nodes: [node] })
    }
    expect(cluster.faults).toMatchObject([{ process: 1 }])
  })

  test('an item that is not shared, or that no replica can have, is named and not kept', () => {
    const cluster = new Cluster({ n: 7, options })
    const key = 'a'
    const outsider = cluster.group.ranks.find((rank) => !cluster.replicasOf(key).includes(rank)) as number
    const neighbour = cluster.ring.neighboursOf(outsider)[0] as number
    const dot = { rank: cluster.replicasOf(key)[0] as number, counter: 1 }
    const version = { ...dot, number: new Uint8Array(16), time: 1, value: bytesOf('x') }
    const state = { clock: [dot], versions: [version] }
    cluster.inject(neighbour, outsider, { type: 'OFFER', exchange: asked(1), items: [{ key, state }] })
    const [first, second] = cluster.replicasOf(key) as readonly [number, number]
    const impossible = { clock: [{ rank: outsider, counter: 1 }], versions: [] }
    cluster.inject(second, first, { type: 'OFFER', exchange: asked(1), items: [{ key, state: impossible }] })
    expect(cluster.faults.map(({ process }) => process)).toEqual([neighbour, second])
    cluster.run(10)
    expect([cluster.keysOf(outsider), cluster.keysOf(first)]).toEqual([0, 0])
  })

  test('what goes beyond the keys that a replica keeps is left out, and the rest still comes', () => {
    const cluster = new Cluster({ n: 2, options: { ...options, replicas: 2, keysMax: 60 } })
    cluster.run(100)
    for (let key = 0; key < 50; key++) putAt(cluster, 0, `low ${key}`, bytesOf('x'))
    for (let key = 0; key < 30; key++) putAt(cluster, 1, `high ${key}`, bytesOf('x'))
    cluster.run(5 * PERIOD_MS)
    expect([cluster.keysOf(0), cluster.keysOf(1)]).toEqual([60, 60])
    expect(cluster.landmarks.get('anti-entropy-refused')).toBeGreaterThan(0)
  })
})
