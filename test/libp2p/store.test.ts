/** The key-value store over libp2p: members keep it beside their broadcast, clients and members use it. */
import { describe, expect, test } from 'vitest'
import { mutate } from '../../src/adversary/mutate.ts'
import { perjure } from '../../src/adversary/perjure.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { PutOptions, Store, ValueProgress } from '../../src/libp2p/store-service.ts'
import { HANGS_MS } from '../waiting.ts'
import {
  allConnected,
  clientReady,
  failure,
  foundWithClients,
  publicKeyOf,
  type RunningClient,
  startClient
} from './client-support.ts'
import {
  allReady,
  blamed,
  dataFolder,
  type MemberOptions,
  serviceOf,
  startGroup,
  startMember,
  stop
} from './service-support.ts'

const MIB = 1024 * 1024
const SHORT_MS = 50
/** Of very many operations at once the last may take long. */
const PATIENT = { timeout: HANGS_MS }

async function groupWithStore(clients: number, options: (rank: number) => MemberOptions = () => ({})) {
  const founded = await foundWithClients(4, clients)
  const members = await startGroup(founded, options)
  await allReady(members)
  await allConnected(members)
  const running: RunningClient[] = []
  for (let client = 0; client < clients; client++) running.push(await startClient(founded, client))
  await Promise.all(running.map(clientReady))
  return { founded, members, clients: running, keys: founded.clientSeeds.map(publicKeyOf) }
}

async function allKeys(store: Store): Promise<string[]> {
  const keys: string[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page: { keys: readonly { key: string }[]; next: string | null } = await store.list(
      after === undefined ? PATIENT : { after, ...PATIENT }
    )
    keys.push(...page.keys.map(({ key }) => key))
    after = page.next
  }
  return keys
}

/** Bytes of which no two chunks are equal. */
function large(length: number, first: number): Uint8Array {
  const value = new Uint8Array(length)
  for (let at = 0; at < length; at += 4096) value.set([first, at >> 20, at >> 12], at)
  return value
}

describe('the store', () => {
  test('is put, got, deleted and listed by two clients with keys of their own, and by a member', async () => {
    const { founded, members, clients, keys } = await groupWithStore(2)
    const [a, b] = clients.map(({ service }) => service.store()) as [Store, Store]
    expect(await a.get('colour')).toEqual({ value: null, timestamp: 0, deleted: false })
    expect(await a.put('colour', utf8('red'))).toEqual({ timestamp: 1 })
    expect(await b.put('colour', utf8('blue'))).toEqual({ timestamp: 1 })
    await a.put('shape', utf8('round'))
    const seen = clients[1]!.service.store({ writer: keys[0]! })
    expect((await seen.get('colour')).value).toEqual(utf8('red'))
    expect((await seen.get('colour', { consistency: 'regular' })).value).toEqual(utf8('red'))
    expect(await seen.list()).toEqual({
      keys: [
        { key: 'colour', timestamp: 1 },
        { key: 'shape', timestamp: 1 }
      ],
      next: null
    })
    expect(await a.delete('colour')).toEqual({ timestamp: 2 })
    expect(await seen.get('colour')).toEqual({ value: null, timestamp: 2, deleted: true })
    expect(await allKeys(seen)).toEqual(['shape'])
    expect((await b.get('colour')).value).toEqual(utf8('blue'))

    const writers = [keys[0]!, founded.group.genesis.publicKeys[2]!]
    const member = serviceOf(members[2]!)
    await clients[0]!.service.store({ writers }).put('both', utf8('x'))
    expect(await member.store({ writers }).put('both', utf8('y'))).toEqual({ timestamp: 2 })
    expect((await clients[1]!.service.store({ writers }).get('both')).value).toEqual(utf8('y'))
    for (const { service } of clients) expect(blamed(service)).toEqual([])
  })

  test('is compared and set by the only writer of a key; of a shared one it names the replicated store', async () => {
    const { clients, keys } = await groupWithStore(2)
    const store = clients[0]!.service.store()
    expect(await store.compareAndSet('n', { timestamp: 0 }, utf8('1'))).toEqual({
      swapped: true,
      timestamp: 1
    })
    expect(await store.compareAndSet('n', { value: utf8('1') }, utf8('2'))).toEqual({
      swapped: true,
      timestamp: 2
    })
    expect(await store.compareAndSet('n', { timestamp: 1 }, utf8('3'))).toEqual({
      swapped: false,
      found: { value: utf8('2'), timestamp: 2, deleted: false }
    })
    const shared = clients[0]!.service.store({ writers: keys })
    const refused = shared.compareAndSet('n', { timestamp: 0 }, utf8('1'))
    await expect(refused).rejects.toThrow('use the replicated store')
    expect(await failure(refused)).toEqual({ name: 'InvalidParametersError', definite: true })
  })

  test('refuses what cannot be, says that it had no effect, and gives up in time', async () => {
    const { clients, members, keys } = await groupWithStore(1)
    const service = clients[0]!.service
    const refused = { name: 'InvalidParametersError', definite: true }
    expect(await failure(service.store().put('x'.repeat(257), utf8('')))).toEqual(refused)
    expect(await failure(service.store().put(1 as unknown as string, utf8('')))).toEqual(refused)
    expect(await failure(service.store().put('x', 'text' as unknown as Uint8Array))).toEqual(refused)
    expect(await failure(service.store().list({ limit: 0 }))).toEqual(refused)
    expect(await failure(serviceOf(members[0]!).store({ writer: keys[0]! }).delete('x'))).toEqual(refused)
    expect(() => service.store({ writer: new Uint8Array(31) })).toThrow('32 bytes')
    expect(() => service.store({ writers: [keys[0]!, keys[0]!] })).toThrow('each of them once')
    await Promise.all(members.slice(0, 2).map(stop))
    const get = service.store().get('x', { timeout: SHORT_MS })
    expect(await failure(get)).toEqual({ name: 'TimeoutError', definite: true })
    const put = service.store().put('x', utf8('late'), { timeout: SHORT_MS })
    expect(await failure(put)).toEqual({ name: 'TimeoutError', definite: false })
  })

  test('keeps 1,000 keys, and lists them', async () => {
    const { clients } = await groupWithStore(1)
    const store = clients[0]!.service.store()
    const keys = Array.from({ length: 1000 }, (_, at) => `key ${String(at).padStart(4, '0')}`)
    await Promise.all(keys.map((key) => store.put(key, utf8(key), PATIENT)))
    expect(await allKeys(store)).toEqual(keys)
    expect(
      (await store.list({ after: 'key 0499', limit: 2, ...PATIENT })).keys.map(({ key }) => key)
    ).toEqual(['key 0500', 'key 0501'])
    const values = await Promise.all(keys.map((key) => store.get(key, PATIENT)))
    expect(values.map(({ value }) => value)).toEqual(keys.map(utf8))
  })
})

describe('a value of 2 MiB', () => {
  test('is put and got while one member is stopped', async () => {
    const { members, clients, keys } = await groupWithStore(2)
    await stop(members[3]!)
    const value = large(2 * MIB, 1)
    expect(await clients[0]!.service.store().put('large', value)).toEqual({ timestamp: 1 })
    const seen = clients[1]!.service.store({ writer: keys[0]! })
    expect(Buffer.from((await seen.get('large')).value!).equals(value)).toBe(true)
    const { swapped } = await clients[0]!.service.store().compareAndSet('large', { value }, large(2 * MIB, 2))
    expect(swapped).toBe(true)
  })

  test('tells how far it is, in events as js-libp2p has them', async () => {
    const { clients, keys } = await groupWithStore(2)
    const value = large(2 * MIB, 1)
    const told: ValueProgress[] = []
    const onProgress = (event: ValueProgress) => told.push(event)
    await clients[0]!.service.store().put('large', value, { onProgress })
    await clients[1]!.service.store({ writer: keys[0]! }).get('large', { onProgress })
    for (const type of ['byzkit:store:put', 'byzkit:store:get']) {
      const bytes = told.filter((event) => event.type === type).map(({ detail }) => detail.bytes)
      expect(bytes).toEqual([...new Set(bytes)].sort((a, b) => a - b))
      expect(bytes.length).toBeGreaterThan(8)
      expect(bytes.at(-1)).toBe(value.length)
    }
    expect(told.every(({ detail }) => detail.total === value.length)).toBe(true)
    // A short value comes at once.
    await clients[0]!.service.store().put('small', utf8('x'), { onProgress: () => expect.unreachable() })
  })

  test('is given up for what its listener throws', async () => {
    const { clients } = await groupWithStore(1)
    const store = clients[0]!.service.store()
    await store.put('large', large(2 * MIB, 1))
    const cause = new Error('a listener of an application')
    const thrown = () => {
      throw cause
    }
    await expect(store.get('large', { onProgress: thrown })).rejects.toMatchObject({
      name: 'AbortError',
      definite: true,
      cause
    })
    await expect(store.put('large', large(2 * MIB, 2), { onProgress: thrown })).rejects.toMatchObject({
      name: 'AbortError',
      definite: false,
      cause
    })
    // It was begun, and is finished.
    await store.put('large', large(MIB, 3))
    expect(Buffer.from((await store.get('large')).value!).equals(large(MIB, 3))).toBe(true)
    const wrong = { onProgress: 7 } as unknown as PutOptions
    await expect(store.put('large', utf8('x'), wrong)).rejects.toThrow(
      'onProgress: expected a function, not 7'
    )
  })

  test.each([perjure, mutate])('is put and got although a member $name', async (behaviour) => {
    const { clients, keys } = await groupWithStore(2, (rank) => (rank === 1 ? { behaviour } : {}))
    const seen = clients[1]!.service.store({ writer: keys[0]! })
    for (const round of [1, 2]) {
      const value = large(2 * MIB, round)
      expect(await clients[0]!.service.store().put('large', value)).toEqual({ timestamp: round })
      expect(Buffer.from((await seen.get('large')).value!).equals(value)).toBe(true)
      expect(await allKeys(seen)).toEqual(['large'])
    }
    for (const { service } of clients) for (const { fault } of service.faults) expect(fault.process).toBe(1)
  })
})

describe('a member', () => {
  test('that starts again on its folder has what it kept, large values too', async () => {
    const folders = await Promise.all([0, 1, 2, 3].map(dataFolder))
    const { founded, members, clients } = await groupWithStore(1, (rank) => ({ data: folders[rank]! }))
    const store = clients[0]!.service.store()
    await store.put('small', utf8('x'))
    await store.put('large', large(MIB, 1))
    await serviceOf(members[0]!).store().put('own', utf8('a'))
    await stop(members[3]!)
    await stop(members[0]!)
    const again = await startMember(founded, 0, { data: folders[0]! })
    await allReady([again])
    // Three of four are there: each of them is needed.
    expect((await store.get('small')).value).toEqual(utf8('x'))
    expect(Buffer.from((await store.get('large')).value!).equals(large(MIB, 1))).toBe(true)
    expect(await serviceOf(again).store().put('own', utf8('b'))).toEqual({ timestamp: 2 })
  })

  test('that is recorded: its operations on the store are replayed, and those of clients that it serves', async () => {
    const lines: string[] = []
    const { members, clients } = await groupWithStore(1, (rank) =>
      rank === 2 ? { record: (line) => lines.push(line) } : {}
    )
    await stop(members[3]!)
    await clients[0]!.service.store().put('large', large(MIB / 4, 1))
    const store = serviceOf(members[2]!).store()
    expect(await store.put('x', utf8('a'))).toEqual({ timestamp: 1 })
    expect(await store.get('x')).toEqual({ value: utf8('a'), timestamp: 1, deleted: false })
    expect(await store.get('x', { consistency: 'regular' })).toMatchObject({ timestamp: 1 })
    expect(await store.compareAndSet('x', { timestamp: 7 }, utf8('b'))).toMatchObject({ swapped: false })
    expect(await store.compareAndSet('x', { value: utf8('a') }, utf8('b'))).toMatchObject({ swapped: true })
    expect(await store.list({ limit: 5 })).toEqual({ keys: [{ key: 'x', timestamp: 2 }], next: null })
    expect(await store.delete('x')).toEqual({ timestamp: 3 })
    const asked = lines.flatMap((line) => (line.includes('"service":"store"') ? [JSON.parse(line).name] : []))
    expect(asked).toEqual(['put', 'get', 'getRegular', 'compareAndSet', 'compareAndSet', 'list', 'delete'])
    await stop(members[2]!)
    const { MemberReplay } = await import('../../src/laboratory/replayed-member.ts')
    const replay = new MemberReplay({ name: 'file' })
    for (const line of lines) replay.line(line)
    expect(replay.end()).toMatchObject({ difference: undefined, ending: 'stopped' })
  })
})
