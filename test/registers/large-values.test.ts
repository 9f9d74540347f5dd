/** Values that travel in chunks. */
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/messages.ts'
import { isBulk } from '../../src/core/store.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { BodyTree, encodeReference } from '../../src/exchange/body.ts'
import {
  BODY_BYTES_MAX,
  BODY_STALLED_MS,
  CHUNK_BYTES,
  CHUNKS_ASKED_MAX,
  CHUNKS_SERVED_MAX
} from '../../src/exchange/constants.ts'
import { BODIES_STAGED_MAX } from '../../src/registers/constants.ts'
import type { CompareAndSetResult, GetResult } from '../../src/registers/key-value-store.ts'
import { sharedBy, soleWriter, type WriteResult } from '../../src/registers/register.ts'
import { CONTENT } from '../../src/registers/signed-value.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { asked } from '../exchange/asked.ts'
import { extent } from '../extent.ts'
import { KeyValueGroup } from './key-value-group.ts'

const KIB = 1024
const MIB = 1024 * KIB

const valueWith = (size: number, seed = 1) => new SeededRandom(seed, 'value').bytes(size)

const put = (group: KeyValueGroup, key: string, value: Uint8Array) =>
  group.ask<WriteResult>((returned) => group.client().put(group.key(), key, value, returned))

const get = (group: KeyValueGroup, key: string, client = 1) =>
  group.ask<GetResult>((returned) => group.client(client).get(group.key(), key, returned))

/** Asks, and lets happen what can: it may not return yet. */
function begin(group: KeyValueGroup, process: number, request: () => void): void {
  request()
  group.at(process).process.input(() => {})
}

const same = (a: Uint8Array | null, b: Uint8Array) => a !== null && Buffer.compare(a, b) === 0

/** Chunks on the disk of a process. */
const chunksAt = (group: KeyValueGroup, process: number) =>
  [...group.at(process).disk.keys()].filter((key) => isBulk(key)).length

const fetched = (group: KeyValueGroup) => group.carried.get('CHUNK') ?? 0

const accused = (group: KeyValueGroup) =>
  [...group.members.values()]
    .flatMap(({ faults }) => faults)
    .filter(({ certainty }) => certainty !== 'suspected')

/** A reference that the first client has signed, of a body that it need not have. */
function signedReference(group: KeyValueGroup, key: string, timestamp: number, body: Uint8Array) {
  const { reference } = new BodyTree(group.at(0).env.crypto.hash, body)
  const register = soleWriter(group.key(), key)
  const value = group.signed(0, register, timestamp, encodeReference(reference), CONTENT.body)
  return { register, value }
}

const changed = (message: Message): Message => {
  const chunk = Uint8Array.from(message.chunk as Uint8Array)
  chunk[9] = (chunk[9] ?? 0) ^ 1
  return { ...message, chunk }
}

describe.each([4, 5, 6, 7])('with %i members', (n) => {
  test.each([
    ['64 KiB', 64 * KIB, 0],
    ['64 KiB and a byte', 64 * KIB + 1, 2],
    ['1 MiB', MIB, 16]
  ])('validity: a value of %s is put, got by others, and replaced', (_, size, chunks) => {
    const group = new KeyValueGroup({ n })
    const value = valueWith(size)
    expect(put(group, 'a', value)).toEqual({ written: true, timestamp: 1 })
    group.run()
    for (const rank of group.group.ranks) expect(chunksAt(group, rank)).toBe(chunks)
    expect(chunksAt(group, n)).toBe(0)
    group.carried.clear()
    const result = get(group, 'a')
    expect(same(result.value, value)).toBe(true)
    expect(result.timestamp).toBe(1)
    expect(fetched(group)).toBe(chunks)
    put(group, 'a', valueWith(size, 2))
    group.run()
    expect(same(get(group, 'a').value, valueWith(size, 2))).toBe(true)
    for (const rank of group.group.ranks) expect(chunksAt(group, rank)).toBe(chunks)
    expect(accused(group)).toEqual([])
  })

  test('termination: f members that hold a body and give none of it only cost time', () => {
    const group = new KeyValueGroup({ n })
    const value = valueWith(MIB)
    put(group, 'a', value)
    group.run()
    const { f } = group.group
    for (let rank = 0; rank < f; rank++)
      group.lies(rank, (message) => (message.type === 'CHUNK' ? undefined : message))
    const results: GetResult[] = []
    begin(group, n + 1, () => group.client(1).get(group.key(), 'a', (result) => results.push(result)))
    for (let i = 0; i < 20 && results.length === 0; i++) group.passTime(BODY_STALLED_MS)
    expect(same(results[0]?.value ?? null, value)).toBe(true)
    expect(accused(group)).toEqual([])
  })

  test('integrity: a wrong chunk is not taken, its member is named, and others give the right one', () => {
    const group = new KeyValueGroup({ n })
    const value = valueWith(MIB)
    put(group, 'a', value)
    group.run()
    group.lies(0, (message) => (message.type === 'CHUNK' ? changed(message) : message))
    expect(same(get(group, 'a').value, value)).toBe(true)
    expect(group.at(n + 1).faults.map(({ process, certainty }) => [process, certainty])).toEqual([
      [0, 'certain']
    ])
  })
})

describe('several at once of one client', () => {
  const KEYS = ['a', 'b', 'c']

  test('are written, each chunk asked for once by each member, and nobody waits for another to be asked', () => {
    const group = new KeyValueGroup()
    const results: WriteResult[] = []
    for (const [index, key] of KEYS.entries())
      begin(group, 4, () =>
        group.client().put(group.key(), key, valueWith(MIB, index), (result) => results.push(result))
      )
    group.run()
    expect(results.map(({ written }) => written)).toEqual([true, true, true])
    expect(fetched(group)).toBe(KEYS.length * 16 * 4)
    expect(accused(group)).toEqual([])
  })

  test('are read, each chunk asked for once, and nobody waits for another to be asked', () => {
    const group = new KeyValueGroup()
    for (const [index, key] of KEYS.entries()) put(group, key, valueWith(MIB, index))
    group.run()
    group.carried.clear()
    const results = new Map<string, GetResult>()
    for (const key of KEYS)
      begin(group, 5, () => group.client(1).get(group.key(), key, (result) => results.set(key, result)))
    group.run()
    for (const [index, key] of KEYS.entries())
      expect(same(results.get(key)?.value ?? null, valueWith(MIB, index))).toBe(true)
    expect(fetched(group)).toBe(KEYS.length * 16)
    expect(accused(group)).toEqual([])
  })
})

describe('a write', () => {
  test('is acknowledged by members that hold the whole body, and shown by no other', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(10))
    let chunks = 0
    group.lies(4, (message) => {
      if (message.type === 'CHUNK') chunks++
      return message.type === 'CHUNK' && chunks > 40 ? undefined : message
    })
    const results: WriteResult[] = []
    begin(group, 4, () =>
      group.client().put(group.key(), 'a', valueWith(MIB), (result) => results.push(result))
    )
    group.run()
    group.passTime(10 * BODY_STALLED_MS)
    // Three members want 48 chunks.
    const whole = group.group.ranks.filter((rank) => chunksAt(group, rank) === 16).length
    expect(results).toEqual([])
    expect(group.carried.get('ACK')).toBe(4 + whole)
    expect(get(group, 'a').timestamp).toBe(1)
    group.lies(4, (message) => message)
    group.connect(4)
    group.run()
    expect(results).toEqual([{ written: true, timestamp: 2 }])
    expect(same(get(group, 'a').value, valueWith(MIB))).toBe(true)
  })

  test('with a wrong chunk is not acknowledged, and its writer is named', () => {
    const group = new KeyValueGroup()
    group.lies(4, (message) => (message.type === 'CHUNK' ? changed(message) : message))
    const results: WriteResult[] = []
    begin(group, 4, () =>
      group.client().put(group.key(), 'a', valueWith(MIB), (result) => results.push(result))
    )
    group.run()
    expect(results).toEqual([])
    for (const rank of group.group.ranks) {
      expect(group.faultsOf(rank)).toEqual(['certain 4: protocol-violation'])
      expect(chunksAt(group, rank)).toBe(0)
    }
    expect(get(group, 'a').value).toBe(null)
  })

  test('that a crash of the writer interrupted is finished by its next life, from its own disk', () => {
    const group = new KeyValueGroup()
    const value = valueWith(MIB)
    put(group, 'a', valueWith(10))
    begin(group, 4, () => group.client().put(group.key(), 'a', value, () => {}))
    group.run(() => fetched(group) > 10)
    group.crash(4)
    expect(same(get(group, 'a').value, valueWith(10))).toBe(true)
    expect(chunksAt(group, 4)).toBe(16)
    group.restart(4)
    group.run()
    expect(group.at(4).resumed).toEqual(['a'])
    expect(same(get(group, 'a').value, value)).toBe(true)
    expect(chunksAt(group, 4)).toBe(0)
    expect(accused(group)).toEqual([])
  })

  test('that was never signed leaves nothing on the disk of its writer', () => {
    const group = new KeyValueGroup()
    // Without a quorum it does not get so far: its first write asks whether it has lost its store.
    for (const rank of [0, 1, 2]) group.silence(rank)
    begin(group, 4, () => group.client().put(group.key(), 'a', valueWith(MIB), () => {}))
    group.run()
    expect(chunksAt(group, 4)).toBe(16)
    group.crash(4)
    group.start(4)
    expect(chunksAt(group, 4)).toBe(0)
  })

  test('goes on where a member crashes meanwhile: what it had is dropped, and asked for again', () => {
    const group = new KeyValueGroup()
    const results: WriteResult[] = []
    group.silence(3)
    begin(group, 4, () =>
      group.client().put(group.key(), 'a', valueWith(MIB), (result) => results.push(result))
    )
    group.run(() => fetched(group) > 20)
    group.crash(0)
    group.start(0)
    expect(chunksAt(group, 0)).toBe(0)
    group.run()
    expect(results).toEqual([])
    group.connect(0)
    group.run()
    expect(results).toEqual([{ written: true, timestamp: 1 }])
    expect(chunksAt(group, 0)).toBe(16)
    expect(accused(group)).toEqual([])
  })

  test('of the same value again moves no chunk', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(MIB))
    group.run()
    group.carried.clear()
    expect(put(group, 'a', valueWith(MIB))).toEqual({ written: true, timestamp: 2 })
    group.run()
    expect(fetched(group)).toBe(0)
    for (const rank of group.group.ranks) expect(chunksAt(group, rank)).toBe(16)
    expect(same(get(group, 'a').value, valueWith(MIB))).toBe(true)
  })

  test('compares and sets large values too', () => {
    const group = new KeyValueGroup()
    const compareAndSet = (expected: Uint8Array, value: Uint8Array) =>
      group.ask<CompareAndSetResult>((returned) =>
        group.client().compareAndSet(group.key(), 'a', { value: expected }, value, returned)
      )
    put(group, 'a', valueWith(MIB))
    expect(compareAndSet(valueWith(MIB, 2), valueWith(10)).swapped).toBe(false)
    expect(compareAndSet(valueWith(MIB), valueWith(MIB, 2)).swapped).toBe(true)
    expect(same(get(group, 'a').value, valueWith(MIB, 2))).toBe(true)
  })

  test('beyond the largest value is refused at once', () => {
    const group = new KeyValueGroup()
    const value = new Uint8Array(BODY_BYTES_MAX + 1)
    expect(() => group.client().put(group.key(), 'a', value, () => {})).toThrow(/at most 67108864 bytes/)
    expect(() => group.client().compareAndSet(group.key(), 'a', { timestamp: 0 }, value, () => {})).toThrow(
      /at most 67108864 bytes/
    )
  })
})

describe('a read', () => {
  test('writes back to those who lack it, the body too', () => {
    const group = new KeyValueGroup()
    group.silence(3)
    put(group, 'a', valueWith(MIB))
    group.silence(3, false)
    group.silence(0)
    expect(same(get(group, 'a').value, valueWith(MIB))).toBe(true)
    expect(chunksAt(group, 3)).toBe(16)
    group.silence(1)
    group.silence(0, false)
    expect(same(get(group, 'a').value, valueWith(MIB))).toBe(true)
    expect(accused(group)).toEqual([])
  })

  test('in the middle of a body that is replaced begins again with the newer value', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(4 * MIB))
    group.run()
    const results: GetResult[] = []
    begin(group, 5, () => group.client(1).get(group.key(), 'a', (result) => results.push(result)))
    group.run(() => fetched(group) > 64 * 4 + 8)
    group.silence(5)
    expect(put(group, 'a', valueWith(MIB, 2)).written).toBe(true)
    group.run()
    expect(results).toEqual([])
    group.silence(5, false)
    group.connect(5)
    group.run()
    expect(results.map(({ timestamp, value }) => [timestamp, same(value, valueWith(MIB, 2))])).toEqual([
      [2, true]
    ])
    expect(group.at(5).landmarks).toContain('body-read-restarted')
    expect(accused(group)).toEqual([])
  })

  test('termination: a liar that answers with a body that was replaced, and is silent then, holds nobody up', () => {
    const group = new KeyValueGroup()
    group.lies(3, (message) => (['CHUNK', 'MISSING'].includes(message.type) ? undefined : message))
    put(group, 'a', valueWith(MIB))
    group.run()
    const before = fetched(group)
    const results: GetResult[] = []
    begin(group, 5, () => group.client(1).get(group.key(), 'a', (result) => results.push(result)))
    group.run(() => fetched(group) > before)
    group.silence(5)
    expect(put(group, 'a', valueWith(MIB, 2)).written).toBe(true)
    group.run()
    group.silence(5, false)
    group.connect(5)
    group.passTime(4 * BODY_STALLED_MS)
    expect(results.map(({ timestamp, value }) => [timestamp, same(value, valueWith(MIB, 2))])).toEqual([
      [2, true]
    ])
    expect(accused(group)).toEqual([])
  })

  test('however short the values are that travel whole: shorter than a reference', () => {
    const group = new KeyValueGroup({ options: { valueBytesMax: 1 } })
    expect(put(group, 'a', valueWith(2)).written).toBe(true)
    expect(same(get(group, 'a').value, valueWith(2))).toBe(true)
    expect(accused(group)).toEqual([])
  })

  test('names a member that answers again with what it did not hold, and returns without it', () => {
    const group = new KeyValueGroup()
    group.silence(3)
    put(group, 'a', valueWith(10))
    group.run()
    const { register, value } = signedReference(group, 'a', 9, valueWith(MIB))
    group.lies(0, (message) => {
      if (message.type === 'VALUE') return { ...message, register, value }
      return message
    })
    // Member 3 answers late, so that at first there are no three answers but with the liar's.
    const results: GetResult[] = []
    begin(group, 5, () => group.client(1).get(group.key(), 'a', (result) => results.push(result)))
    group.run()
    expect(results).toEqual([])
    expect(group.faultsOf(5)).toEqual(['certain 0: protocol-violation'])
    group.silence(3, false)
    group.connect(3)
    group.run()
    expect(results.map((result) => same(result.value, valueWith(10)))).toEqual([true])
  })

  test('of a reference that a liar alone has, and says nothing about, returns what the others have', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(10))
    group.run()
    const { register, value } = signedReference(group, 'a', 9, valueWith(MIB))
    group.lies(0, (message) => {
      if (message.type === 'VALUE') return { ...message, register, value }
      return message.type === 'MISSING' ? undefined : message
    })
    expect(same(get(group, 'a').value, valueWith(10))).toBe(true)
  })

  test('of what two liars put around the value of a correct member still returns', () => {
    const group = new KeyValueGroup({ n: 7 })
    put(group, 'a', valueWith(10))
    group.run()
    // A write that is under way is at one correct member; the faulty writer has signed references below and above it.
    const middle = group.signed(0, soleWriter(group.key(), 'a'), 5, valueWith(20))
    group.forge(7, 6, {
      type: 'WRITE',
      call: asked(99),
      register: soleWriter(group.key(), 'a'),
      value: middle
    })
    group.run()
    for (const [rank, timestamp] of [
      [0, 4],
      [1, 9]
    ] as const) {
      const { register, value } = signedReference(group, 'a', timestamp, valueWith(MIB, timestamp))
      group.lies(rank, (message) => {
        if (message.type === 'VALUE') return { ...message, register, value }
        return message.type === 'MISSING' ? undefined : message
      })
    }
    expect([1, 5]).toContain(get(group, 'a').timestamp)
  })

  test('that is given up asks for nothing more, and makes room for the next', () => {
    const group = new KeyValueGroup()
    const keys = [...'abcdefgh']
    for (const key of keys) put(group, key, valueWith(MIB))
    group.run()
    const before = fetched(group)
    const operations = keys.map((key) => group.client(1).get(group.key(), key, () => {}))
    group.at(5).process.input(() => {})
    group.run(() => fetched(group) > before + 8)
    expect(group.client(1).state()).toMatchObject({ bodies: { transfers: keys.slice(0, 4).map(() => ({})) } })
    // First those that wait, then those that do not: nobody has a place any more.
    for (const operation of operations.reverse()) operation.abandon()
    group.carried.clear()
    group.run()
    expect(fetched(group)).toBeLessThanOrEqual(4 * CHUNKS_ASKED_MAX)
    for (const key of keys) expect(same(get(group, key).value, valueWith(MIB))).toBe(true)
  })
})

describe('bounds', () => {
  const options = { registerBytesPerOwnerMax: 2 * MIB }

  test('bodies count against the bytes of their owner, and the old one until the new one is there', () => {
    const group = new KeyValueGroup({ options })
    expect(put(group, 'a', valueWith(MIB)).written).toBe(true)
    group.run()
    expect(put(group, 'b', valueWith(MIB + 1))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(put(group, 'a', valueWith(MIB + 1))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(put(group, 'a', valueWith(MIB, 2)).written).toBe(true)
    group.run()
    expect(put(group, 'b', valueWith(MIB)).written).toBe(true)
    group.run()
    expect(put(group, 'c', valueWith(1))).toEqual({ written: false, refusal: 'too many bytes' })
    const deleted = group.ask<WriteResult>((returned) => group.client().delete(group.key(), 'a', returned))
    expect(deleted.written).toBe(true)
    group.run()
    for (const rank of group.group.ranks) expect(chunksAt(group, rank)).toBe(16)
    expect(put(group, 'c', valueWith(MIB)).written).toBe(true)
  })

  test('references without bodies hold no more room than their owner has, and lose it to the next one', () => {
    const group = new KeyValueGroup({ options })
    group.lies(4, (message) => (message.type === 'CHUNK' || message.type === 'MISSING' ? undefined : message))
    const write = (key: string, timestamp: number, size: number) => {
      const { register, value } = signedReference(group, key, timestamp, valueWith(size, timestamp))
      group.forge(4, 0, { type: 'WRITE', call: asked(timestamp), register, value })
      group.run()
    }
    write('a', 1, 2 * MIB)
    write('b', 2, 65 * KIB)
    expect(group.carried.get('REFUSED')).toBe(1)
    write('a', 3, MIB)
    write('b', 4, 65 * KIB)
    expect(group.carried.get('REFUSED')).toBe(1)
    expect(chunksAt(group, 0)).toBe(0)
    expect(group.client().state()).toMatchObject({})
    expect(JSON.stringify(group.at(0).store.state())).not.toContain('"a","root","a"')
  })

  test('so many bodies of an owner are on their way to a member, and no more', () => {
    const group = new KeyValueGroup()
    for (let i = 0; i <= BODIES_STAGED_MAX; i++) {
      const { register, value } = signedReference(group, `k${i}`, 1, valueWith(10))
      group.forge(4, 0, { type: 'WRITE', call: asked(i), register, value })
    }
    group.lies(4, (message) => (message.type === 'MISSING' ? undefined : message))
    group.run()
    expect(group.carried.get('REFUSED')).toBe(1)
  })

  test('so many of what one writer has signed, however many lists of writers it invents', () => {
    const group = new KeyValueGroup()
    const { reference } = new BodyTree(defaultBackend.sha256, valueWith(10))
    for (let i = 0; i <= BODIES_STAGED_MAX; i++) {
      const register = sharedBy([group.key(), new Uint8Array(32).fill(i)], 'a')
      const value = group.signed(0, register, 1, encodeReference(reference), CONTENT.body)
      group.forge(4, 0, { type: 'WRITE', call: asked(i), register, value })
    }
    group.lies(4, (message) => (message.type === 'MISSING' ? undefined : message))
    group.run()
    expect(group.carried.get('REFUSED')).toBe(1)
  })

  test('a body that its writer gave up is dropped, with what was reserved for it', () => {
    const group = new KeyValueGroup({ options })
    const { register, value } = signedReference(group, 'a', 1, valueWith(2 * MIB))
    for (const rank of group.group.ranks)
      group.forge(4, rank, { type: 'WRITE', call: asked(1), register, value })
    group.run()
    // The client has no such body, and says so.
    expect(group.at(0).store.state()).toMatchObject({ bodies: { transfers: [] } })
    expect(put(group, 'b', valueWith(2 * MIB)).written).toBe(true)
  })

  test('a reference that is none is no value', () => {
    const group = new KeyValueGroup()
    const register = soleWriter(group.key(), 'a')
    const value = group.signed(0, register, 1, valueWith(5), CONTENT.body)
    group.forge(4, 0, { type: 'WRITE', call: asked(1), register, value })
    group.run()
    expect(group.faultsOf(0)).toEqual(['certain 4: invalid-signature'])
  })

  test('and a reader takes none from a member either', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(10))
    group.run()
    const register = soleWriter(group.key(), 'a')
    const value = group.signed(0, register, 9, valueWith(5), CONTENT.body)
    group.lies(0, (message) => (message.type === 'VALUE' ? { ...message, value } : message))
    expect(get(group, 'a').timestamp).toBe(1)
    group.run()
    expect(group.faultsOf(5)).toEqual(['certain 0: invalid-signature'])
  })

  test('a body that is on its way twice is not dropped for being given up once', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(10))
    group.run()
    const results: WriteResult[] = []
    begin(group, 4, () =>
      group.client().put(group.key(), 'a', valueWith(MIB), (result) => results.push(result))
    )
    group.run(() => chunksAt(group, 0) >= 8)
    const { register, value } = signedReference(group, 'a', 9, valueWith(MIB))
    group.forge(5, 0, { type: 'WRITE', call: asked(1), register, value })
    group.run()
    expect(results.map(({ written }) => written)).toEqual([true])
    expect(chunksAt(group, 0)).toBe(16)
    expect(same(get(group, 'a').value, valueWith(MIB))).toBe(true)
  })

  test('what is asked for beyond so many chunks at once is ignored', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(MIB))
    group.run()
    group.carried.clear()
    const { reference } = new BodyTree(group.at(0).env.crypto.hash, valueWith(MIB))
    const register = soleWriter(group.key(), 'a')
    for (let i = 0; i < 2 * CHUNKS_SERVED_MAX; i++)
      group.forge(5, 0, {
        type: 'FETCH',
        transfer: asked(i),
        subject: register,
        root: reference.root,
        index: i % 16
      })
    group.forge(5, 1, {
      type: 'FETCH',
      transfer: asked(0),
      subject: { writers: [], name: '' },
      root: reference.root,
      index: 0
    })
    group.run()
    expect(fetched(group)).toBe(CHUNKS_SERVED_MAX)
    expect(group.faultsOf(0)[0]).toBe('suspected 5: flooding')
    expect(group.faultsOf(1)).toEqual(['certain 5: protocol-violation'])
  })

  test('accuracy: what a slow disk answers to an earlier life of a reader is not said to the next one', () => {
    const group = new KeyValueGroup({ diskMs: 1 })
    for (const [key, seed] of [
      ['a', 1],
      ['b', 2]
    ] as const) {
      const results: WriteResult[] = []
      begin(group, 4, () =>
        group.client().put(group.key(), key, valueWith(MIB, seed), (result) => results.push(result))
      )
      group.passTime(100)
      expect(results.length).toBe(1)
    }
    begin(group, 5, () => group.client(1).get(group.key(), 'a', () => {}))
    group.run()
    group.crash(5)
    group.restart(5)
    const results: GetResult[] = []
    begin(group, 5, () => group.client(1).get(group.key(), 'b', (result) => results.push(result)))
    group.run()
    group.passTime(100)
    expect(results.map(({ value }) => same(value, valueWith(MIB, 2)))).toEqual([true])
    expect(group.faultsOf(5)).toEqual([])
  })

  test('accuracy: a chunk that an earlier life had asked for is none of the body that this one asks for, and no lie', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(MIB, 1))
    put(group, 'b', valueWith(MIB, 2))
    group.run()
    const chunks: Message[] = []
    group.lies(0, (message) => {
      if (message.type !== 'CHUNK') return message
      chunks.push(message)
      return undefined
    })
    begin(group, 5, () => group.client(1).get(group.key(), 'a', () => {}))
    group.run()
    const late = chunks.splice(0)
    expect(late.length).toBeGreaterThan(0)
    group.crash(5)
    group.restart(5)
    const results: GetResult[] = []
    begin(group, 5, () => group.client(1).get(group.key(), 'b', (result) => results.push(result)))
    group.run()
    // Of the other body, and of the same transfer and chunk but for the life.
    const names = (messages: Message[]) =>
      messages.map(({ transfer, index }) => [(transfer as { number: number }).number, index])
    expect(names(late)).toEqual(names(chunks))
    group.lies(0, (message) => message)
    for (const message of [...late, ...chunks]) group.forge(0, 5, message)
    group.run()
    expect(results.map(({ value }) => same(value, valueWith(MIB, 2)))).toEqual([true])
    expect(group.faultsOf(5)).toEqual([])
  })

  test('a session that ends in the middle costs what was under way, and nobody is named', () => {
    const group = new KeyValueGroup()
    put(group, 'a', valueWith(4 * MIB))
    group.run()
    const results: GetResult[] = []
    begin(group, 5, () => group.client(1).get(group.key(), 'a', (result) => results.push(result)))
    for (let i = 1; i < 6; i++) {
      group.run(() => fetched(group) > 64 * 4 + 8 * i)
      group.loseAll()
      group.connect(5)
    }
    group.run()
    expect(results.map(({ value }) => same(value, valueWith(4 * MIB)))).toEqual([true])
    expect([...group.members.values()].flatMap(({ faults }) => faults)).toEqual([])
  })
})

test.each([extent(16, 64)])('%i MiB are put and got with a window of chunks under way', (mib) => {
  const group = new KeyValueGroup({ sharesDisks: true })
  const value = new Uint8Array((mib / 64) * BODY_BYTES_MAX)
  for (let at = 0; at < value.length; at += CHUNK_BYTES) value.set(valueWith(32, at), at)
  expect(put(group, 'a', value).written).toBe(true)
  group.run()
  expect(chunksAt(group, 0)).toBe(16 * mib)
  expect(same(get(group, 'a').value, value)).toBe(true)
  // To and from each of four members.
  expect(group.peakBytes).toBeLessThan(4 * (CHUNKS_ASKED_MAX + 1) * (CHUNK_BYTES + 1024))
  expect(accused(group)).toEqual([])
})
