/**
 * Any service over libp2p, from its declaration alone: detectors, a max-register, every register, broadcasts, and a stack
 * of somebody's own.
 */
import { describe, expect, test } from 'vitest'
import { broadcastService } from '../../src/broadcast/service.ts'
import { registerStacks } from '../../src/catalogue/index.ts'
import { linkStacks } from '../../src/catalogue/links.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { defineService } from '../../src/core/service.ts'
import { detectorService } from '../../src/detectors/service.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { MemberReplay } from '../../src/laboratory/replayed-member.ts'
import { leaderlessService } from '../../src/leaderless/service.ts'
import type { Told } from '../../src/libp2p/offered-service.ts'
import { REQUEST_WAITERS_MAX } from '../../src/libp2p/requests.ts'
import { linkService } from '../../src/links/service.ts'
import { maxRegisterService } from '../../src/registers/max-register-service.ts'
import { registerService } from '../../src/registers/service.ts'
import { mailbox, mailboxService, UNREAD_MAX } from '../fixtures/mailbox.ts'
import { HANGS_MS, until } from '../waiting.ts'
import {
  allConnected,
  clientReady,
  failure,
  foundWithClients,
  publicKeyOf,
  startClient
} from './client-support.ts'
import {
  allReady,
  found,
  type MemberNode,
  serviceOf,
  startGroup,
  startMember,
  stop
} from './service-support.ts'

const REQUEST = { timeout: HANGS_MS }
const SHORT_MS = 20
const NONE_MS = 0

/** What is told from now on, consumed at once. */
function listen<T>(indications: AsyncIterable<T>): T[] {
  const told: T[] = []
  const consume = async () => {
    for await (const indication of indications) told.push(indication)
  }
  consume().catch(() => {})
  return told
}

const noFaults = (nodes: readonly MemberNode[]) => {
  for (const node of nodes) expect(serviceOf(node).faults).toEqual([])
}

describe('exclude-on-timeout', () => {
  test('strong completeness: every correct member is told that a member has crashed', async () => {
    const nodes = await startGroup(await found(4), () => ({ stack: 'exclude-on-timeout' }))
    await allReady(nodes)
    await stop(nodes[3]!)
    const told = nodes.slice(0, 3).map((node) => listen(serviceOf(node).indications(detectorService)))
    const knows = (all: readonly Told<typeof detectorService>[]) =>
      all.some(({ name, values }) => name === 'detected' && values.member === 3)
    await until('everybody knows', () => told.every(knows))
    noFaults(nodes.slice(0, 3))
  })

  test('offers nothing that it does not declare: no broadcast, no registers', async () => {
    const [node] = await startGroup(await found(1, 0), () => ({ stack: 'exclude-on-timeout' }))
    const service = serviceOf(node!)
    expect(service.service(detectorService)).toEqual({})
    const detail = 'exclude-on-timeout offers no service "registers"; it offers detector'
    expect(() => service.service(registerService)).toThrow(detail)
    expect(() => service.indications(broadcastService)).toThrow('offers no service "broadcast"')
    expect(() => service.deliveries()).toThrow('exclude-on-timeout delivers no broadcasts')
    expect(() => service.acknowledge(0)).toThrow('exclude-on-timeout delivers no broadcasts')
    await expect(service.broadcast(utf8('x'))).rejects.toThrow('offers no service "broadcast"')
    expect(await failure(service.register('x').read())).toEqual({
      name: 'InvalidParametersError',
      definite: true
    })
    expect(service.status()).toMatchObject({ stack: 'exclude-on-timeout', delivered: [0], waiting: 0 })
  })
})

describe('majority-max-register', () => {
  const stack = 'majority-max-register'

  test('atomicity: what one raises everybody reads, members and clients, many at once', async () => {
    const founded = await foundWithClients(4, 1)
    const nodes = await startGroup(founded, () => ({ stack }))
    await allConnected(nodes)
    const client = await startClient(founded, 0, { stack, durability: 'memory' })
    await clientReady(client)
    const processes = [...nodes.map(serviceOf), client.service]
    const [first, ...others] = processes.map((service) => service.service(maxRegisterService))
    const values = Array.from({ length: OPERATIONS_OPEN_MAX + 100 }, (_, value) => value)
    expect(await Promise.all(values.map((value) => first!.raise({ value }, REQUEST)))).toEqual(values)
    for (const other of others) expect(await other.read({}, REQUEST)).toBe(values.length - 1)
    await others[3]!.raise({ value: 5000 }, REQUEST)
    expect(await first!.read()).toBe(5000)
    noFaults(nodes)
    expect(client.service.faults).toEqual([])
  })

  test('its requests are checked, given up, late and interrupted as those of registers are', async () => {
    const founded = await found(4)
    const node = await startMember(founded, 0, { stack })
    const max = serviceOf(node).service(maxRegisterService)
    const wrong = { name: 'InvalidParametersError', definite: true }
    const invalid = (given: object, options = {}) => max.raise(given as { value: number }, options)
    await expect(invalid({ value: -1 })).rejects.toThrow(
      'max-register.raise: value: expected an unsigned integer'
    )
    await expect(invalid({})).rejects.toThrow('value: expected an unsigned integer')
    await expect(invalid({ value: 1, more: 2 })).rejects.toThrow('it takes no "more", but value')
    await expect(invalid(5 as unknown as object)).rejects.toThrow(
      'expected its arguments by their names, not 5'
    )
    await expect(invalid({ value: 1 }, { timeout: NONE_MS })).rejects.toThrow('timeout: expected 1 to')
    expect(await failure(invalid({ value: 'x' }))).toEqual(wrong)

    const late = max.read({}, { timeout: SHORT_MS })
    await expect(late).rejects.toThrow('the max-register.read has not returned within 20 ms')
    expect(await failure(late)).toEqual({ name: 'TimeoutError', definite: true })
    const abort = new AbortController()
    const raise = max.raise({ value: 1 }, { signal: abort.signal })
    const read = max.read({}, { signal: abort.signal })
    abort.abort(new Error('changed my mind'))
    expect(await failure(raise)).toEqual({ name: 'AbortError', definite: false })
    expect(await failure(read)).toEqual({ name: 'AbortError', definite: true })

    const all = OPERATIONS_OPEN_MAX + REQUEST_WAITERS_MAX
    // One raise is finished whether somebody waits for it or not.
    const raises = Array.from({ length: all - 1 }, (_, value) => max.raise({ value }, REQUEST))
    for (const each of raises) each.catch(() => {})
    expect(await failure(max.read())).toEqual({ name: 'WindowFullError', definite: true })
    await stop(node)
    expect(await failure(raises[0]!)).toEqual({ name: 'OperationInterruptedError', definite: false })
    expect(await failure(raises.at(-1)!)).toEqual({ name: 'OperationInterruptedError', definite: true })
    expect(await failure(max.read())).toEqual({ name: 'NotStartedError', definite: true })
  })

  test('a client without a data folder reads and does not raise', async () => {
    const founded = await foundWithClients(4, 1)
    const nodes = await startGroup(founded, () => ({ stack }))
    await allConnected(nodes)
    const client = await startClient(founded, 0, { stack })
    await clientReady(client)
    const max = client.service.service(maxRegisterService)
    expect(await max.read({}, REQUEST)).toBe(0)
    expect(await failure(max.raise({ value: 1 }))).toEqual({ name: 'InvalidParametersError', definite: true })
  })

  test('a member of it is recorded, and replayed to the last byte', async () => {
    const lines: string[] = []
    const record = (line: string) => lines.push(line)
    const nodes = await startGroup(await found(4), (rank) => (rank === 0 ? { stack, record } : { stack }))
    await allReady(nodes)
    const max = serviceOf(nodes[0]!).service(maxRegisterService)
    await max.raise({ value: 5 }, REQUEST)
    await max.read({}, REQUEST)
    await stop(nodes[0]!)
    const replay = new MemberReplay({ name: 'recording' })
    for (const line of lines) replay.line(line)
    expect(replay.end()).toMatchObject({ difference: undefined, ending: 'stopped' })
    expect(lines.filter((line) => line.includes('"service":"max-register"'))).toHaveLength(2)
  })

  test('has no client where no stack has one', async () => {
    const founded = await foundWithClients(4, 1)
    const refused = startClient(founded, 0, { stack: 'exclude-on-timeout' })
    await expect(refused).rejects.toThrow('exclude-on-timeout has no clients')
  })
})

describe('leaderless-store', () => {
  const stack = 'leaderless-store'
  const quorum = { size: null, sloppy: false }
  const own = { ...quorum, context: null }
  const texts = (values: readonly Uint8Array[]) => values.map((value) => Buffer.from(value).toString()).sort()

  test('no lost update: concurrent values are siblings at clients and members until one replaces them', async () => {
    const founded = await foundWithClients(4, 2)
    const nodes = await startGroup(founded, () => ({ stack }))
    await allConnected(nodes)
    const start = (client: number) => startClient(founded, client, { stack, durability: 'memory' })
    const clients = await Promise.all([start(0), start(1)])
    await Promise.all(clients.map(clientReady))
    const processes = [...clients.map(({ service }) => service), serviceOf(nodes[3]!)]
    const [a, b, member] = processes.map((process) => process.service(leaderlessService))
    const key = 'cart'
    expect(await a!.get({ key, ...quorum }, REQUEST)).toMatchObject({ values: [], deleted: false })
    expect(await a!.put({ key, value: utf8('milk'), ...own }, REQUEST)).toMatchObject({ written: true })
    // Whoever is asked first may be one of the few that have not heard of milk.
    const bread = () => b!.put({ key, value: utf8('bread'), ...own }, REQUEST)
    await expect.poll(bread).toMatchObject({ conflict: true })
    // A put that takes long is asked for again, of another member, and may then stand there twice.
    const seen = async (by = a!) => {
      const { values, context } = await by.get({ key, ...quorum }, REQUEST)
      return { texts: [...new Set(texts(values))], context }
    }
    expect((await seen(member)).texts).toEqual(['bread', 'milk'])
    const replaced = async () => {
      const { context } = await seen(member)
      await member!.put({ key, value: utf8('both'), ...own, context }, REQUEST)
      return (await seen()).texts
    }
    await expect.poll(replaced).toEqual(['both'])
    const deleted = async () => {
      await b!.delete({ key, ...own, context: (await seen()).context }, REQUEST)
      return a!.get({ key, ...quorum }, REQUEST)
    }
    await expect.poll(deleted).toMatchObject({ values: [], deleted: true })
    noFaults(nodes)
  })

  test('termination: one member is down, and puts and gets return', async () => {
    const nodes = await startGroup(await found(4), () => ({ stack }))
    await allConnected(nodes)
    await stop(nodes[1]!)
    const [first, , third] = nodes.map((node) => serviceOf(node).service(leaderlessService))
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
      const put = await first!.put({ key, value: utf8(key), ...own }, REQUEST)
      expect(put).toMatchObject({ written: true, consistency: 'regular' })
      const { values } = await third!.get({ key, ...quorum }, REQUEST)
      expect(new Set(texts(values))).toEqual(new Set([key]))
    }
  })
})

describe.each(linkStacks.map(({ name }) => [name] as const))('%s', (stack) => {
  test('what is sent to a member is delivered there', async () => {
    const nodes = await startGroup(await found(4), () => ({ stack }))
    await allConnected(nodes)
    const told = listen(serviceOf(nodes[1]!).indications(linkService))
    const message = utf8('x')
    await serviceOf(nodes[0]!).service(linkService).transmit({ to: 1, message }, REQUEST)
    await until('it is delivered', () => told.length > 0)
    expect(told[0]).toEqual({ name: 'deliver', values: { from: 0, message } })
    noFaults(nodes)
  })
})

describe.each(registerStacks.map((stack) => [stack.name, stack] as const))('%s', (name, { resilience }) => {
  test('validity: what its writer has written is read elsewhere, by either face', async () => {
    const n = Array.from({ length: 4 }, (_, more) => 4 + more).find((size) => resilience.admits(size, 1)) ?? 4
    const founded = await foundWithClients(n, 2, 1)
    const nodes = await startGroup(founded, () => ({ stack: name }))
    await allConnected(nodes)
    const start = (client: number) => startClient(founded, client, { stack: name, durability: 'memory' })
    const clients = await Promise.all([start(0), start(1)])
    await Promise.all(clients.map(clientReady))
    const [writer, reader] = [clients[0].service, clients[1].service]
    const [key] = founded.clientSeeds.map(publicKeyOf) as [Uint8Array]
    await writer.register('greeting').write(utf8('a'), REQUEST)
    const read = await reader.register('greeting', { writer: key }).read(REQUEST)
    expect(read.value).toEqual(utf8('a'))
    const [own, registers] = [writer.service(registerService), reader.service(registerService)]
    const register = { writers: [key], name: 'greeting' }
    const written = await own.write({ register, value: Buffer.from('b') }, REQUEST)
    expect(written.written).toBe(true)
    expect((await registers.read({ register }, REQUEST)).value).toEqual(utf8('b'))
    const nothing = { registers: 1 } as unknown as { register: typeof register }
    const wrong = { name: 'InvalidParametersError', definite: true }
    expect(await failure(registers.read(nothing))).toEqual(wrong)
    expect(reader.faults).toEqual([])
    noFaults(nodes)
  })
})

test('a register that has no regular read says so', async () => {
  const [node] = await startGroup(await found(1, 0), () => ({ stack: 'majority-voting-register' }))
  const read = serviceOf(node!).register('x').read({ consistency: 'regular' })
  await expect(read).rejects.toThrow('registers.readRegular: registers has no readRegular')
  expect(await failure(read)).toEqual({ name: 'InvalidParametersError', definite: true })
})

test('registers beside another stack than a broadcast: on request, and never beside its own', async () => {
  const nodes = await startGroup(await found(4), () => ({ stack: 'exclude-on-timeout', registers: true }))
  await allConnected(nodes)
  await serviceOf(nodes[0]!).register('x').write(utf8('kept'), REQUEST)
  const { publicKeys } = serviceOf(nodes[0]!).group
  const read = serviceOf(nodes[1]!).register('x', { writer: publicKeys[0]! }).read(REQUEST)
  expect((await read).value).toEqual(utf8('kept'))
  const both = startMember(await found(4), 0, { stack: 'majority-voting-register', registers: true })
  await expect(both).rejects.toThrow('registers: majority-voting-register offers registers itself')
})

test('broadcasts as any other service: requests by name, indications that are consumed by asking for the next', async () => {
  const nodes = await startGroup(await found(4))
  await allReady(nodes)
  const [first, second] = nodes.map(serviceOf)
  const told = first!.indications(broadcastService)[Symbol.asyncIterator]()
  const broadcasts = second!.service(broadcastService)
  expect(await broadcasts.broadcast({ payload: utf8('a') })).toBe(0)
  expect(await broadcasts.broadcast({ payload: utf8('b') })).toBe(1)
  const values = { position: 0, sender: 1, sequence: 0, payload: utf8('a') }
  expect((await told.next()).value).toEqual({ name: 'deliver', values })
  expect(first!.status()).toMatchObject({ delivered: [0, 0, 0, 0] })
  expect((await told.next()).value?.values).toMatchObject({ sequence: 1 })
  await until('the first is acknowledged', () => first!.status().delivered[1] === 1)
  expect(() => first!.deliveries()[Symbol.asyncIterator]()).toThrow('have a consumer already')
  await told.return?.()
  const [again] = listen(first!.deliveries())
  expect(again).toBeUndefined()
})

describe("a stack of one's own, with a service of its own", () => {
  const letter = (text: string) => utf8(text)

  test('its requests wait for space, several are under way, and each returns once the letter was read', async () => {
    const nodes = await startGroup(await found(4), () => ({ stack: mailbox }))
    await allConnected(nodes)
    const [sender, receiver] = nodes.map(serviceOf)
    const box = sender!.service(mailboxService)
    const returned: number[] = []
    const written = Array.from({ length: 3 * UNREAD_MAX }, (_, i) => letter(`${i}`))
    const posts = written.map((bytes) => box.post({ to: 1, letter: bytes }))
    // What was asked for does not change any more.
    for (const bytes of written) bytes.fill(0)
    for (const post of posts) void post.then((count) => returned.push(count))
    // As many as may lie unread have come; nobody has read one.
    const unread = () => receiver!.service(mailboxService).unread()
    await expect.poll(unread).toBe(UNREAD_MAX)
    expect(returned).toEqual([])
    const letters: string[] = []
    for await (const told of receiver!.indications(mailboxService)) {
      if (told.name !== 'arrive') continue
      const { from, letter } = told.values
      expect(from).toBe(0)
      letters.push(new TextDecoder().decode(letter))
      if (letters.length === posts.length - 1) break
    }
    expect(letters).toEqual(Array.from({ length: posts.length - 1 }, (_, i) => `${i}`))
    // The last one that was given was not consumed, and the one after it was not given.
    await until('the others have returned', () => returned.length === posts.length - 2)
    expect(await unread()).toBe(2)
    const rest = listen(receiver!.indications(mailboxService))
    await Promise.all(posts)
    expect(rest).toHaveLength(2)
    expect(returned).toEqual(Array.from({ length: posts.length }, (_, i) => i + 1))
    noFaults(nodes)
  })

  test('an argument that is too long is refused where it enters, and a service that it does not have', async () => {
    const [node] = await startGroup(await found(1, 0), () => ({ stack: mailbox }))
    const box = serviceOf(node!).service(mailboxService)
    await expect(box.post({ to: 0, letter: new Uint8Array(101) })).rejects.toThrow(
      'mailbox.post: letter: expected a byte string of 0 to 100 bytes, not 101'
    )
    const other = defineService({ name: 'letters', requests: {}, indications: {} })
    expect(() => serviceOf(node!).service(other)).toThrow(
      'mailbox offers no service "letters"; it offers mailbox'
    )
  })
})
