/** What the service promises to its application. */
import { rm } from 'node:fs/promises'
import { serviceCapabilities } from '@libp2p/interface'
import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/broadcast/delivery-log.ts'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { BROADCAST_WAITERS_MAX } from '../../src/libp2p/broadcast-operations.ts'
import { patience, until } from '../waiting.ts'
import { allConnected, foundWithClients, startClient } from './client-support.ts'
import {
  allReady,
  collect,
  dataFolder,
  described,
  found,
  type MemberNode,
  serviceOf,
  startGroup,
  startMember,
  stop
} from './service-support.ts'
import { memoryGrowthMiB } from './transport-support.ts'

const name = (error: unknown) => (error instanceof Error ? error.name : String(error))

async function group(n = 4, options = {}): Promise<MemberNode[]> {
  const nodes = await startGroup(await found(n), () => options)
  await allReady(nodes)
  return nodes
}

describe('broadcast', () => {
  test('resolves with the name under which it is delivered', async () => {
    const nodes = await group()
    const logs = nodes.map((node) => collect(serviceOf(node)))
    expect(await serviceOf(nodes[2]!).broadcast(utf8('a'))).toEqual({ sender: 2, sequence: 0 })
    expect(await serviceOf(nodes[2]!).broadcast(Buffer.from('b'))).toEqual({ sender: 2, sequence: 1 })
    await until('both are delivered', () => logs.every((log) => log.length === 2))
    for (const log of logs) expect(described(log)).toEqual(['2/0: a', '2/1: b'])
  })

  test('keeps what it was given, although the caller writes over it', async () => {
    const nodes = await group()
    const log = collect(serviceOf(nodes[1]!))
    const payload = utf8('before')
    const broadcast = serviceOf(nodes[0]!).broadcast(payload)
    payload.fill(0)
    await broadcast
    await until('it is delivered', () => log.length === 1)
    expect(described(log)).toEqual(['0/0: before'])
  })

  test('waits while the window is full, in order, and is aborted by its signal', async () => {
    const nodes = await group(4, { options: { windowInstances: 4 } })
    const service = serviceOf(nodes[0]!)
    const others = nodes.slice(1).map((node) => collect(serviceOf(node)))
    const accepted: number[] = []
    const broadcasts = Array.from({ length: 20 }, (_, i) =>
      service.broadcast(utf8(`${i}`)).then(({ sequence }) => accepted.push(sequence))
    )
    const abort = new AbortController()
    const aborted = service.broadcast(utf8('aborted'), { signal: abort.signal }).catch((error) => error)
    await until('the window is full', () => service.status().waiting === 17)
    abort.abort(new Error('changed my mind'))
    expect(await aborted).toMatchObject({
      name: 'AbortError',
      definite: true,
      cause: new Error('changed my mind')
    })
    await until('it is delivered elsewhere', () => others.every((log) => log.length === 4))
    await until('it is accepted', () => accepted.length === 4)
    // What is broadcast after that elsewhere comes through, and nothing of it comes before.
    await serviceOf(nodes[1]!).broadcast(utf8('after'))
    await until('the others go on', () => others.every((log) => log.some(({ sender }) => sender === 1)))
    expect(accepted).toEqual([0, 1, 2, 3])
    for (const log of others) expect(log.length).toBe(5)
    // Its own deliveries are what holds it back.
    const own = collect(service)
    await Promise.all(broadcasts)
    await until('all is delivered', () => own.length === 21)
    expect(accepted).toEqual(Array.from({ length: 20 }, (_, i) => i))
    await serviceOf(nodes[1]!).broadcast(utf8('the last'))
    await until('the last is delivered', () => own.length > 21)
    expect(own.filter(({ sender }) => sender === 0).length).toBe(20)
  })

  test('refuses what is too long, and more than may wait', async () => {
    const nodes = await group(4, { options: { windowInstances: 4, payloadBytesMax: 100 } })
    const service = serviceOf(nodes[0]!)
    expect(name(await service.broadcast(new Uint8Array(101)).catch((e) => e))).toBe('InvalidParametersError')
    const outcomes = Array.from({ length: BROADCAST_WAITERS_MAX + 5 }, () =>
      service.broadcast(new Uint8Array(1)).then(
        () => 'accepted',
        (error) => name(error)
      )
    )
    expect(await outcomes.at(-1)).toBe('WindowFullError')
    await stop(nodes[0]!)
    const settled = await Promise.all(outcomes)
    expect(settled.filter((outcome) => outcome === 'accepted').length).toBe(4)
    expect(settled.filter((outcome) => outcome === 'NotStartedError').length).toBe(BROADCAST_WAITERS_MAX)
    expect(name(await service.broadcast(new Uint8Array(1)).catch((e) => e))).toBe('NotStartedError')
  })
})

test('other services of a node find it by what it offers: a member, or a client', async () => {
  const founded = await foundWithClients(4, 1)
  const member = serviceOf(await startMember(founded, 0)) as object
  const client = (await startClient(founded, 0)).service as object
  const named = (service: object) => [
    (service as { [serviceCapabilities]?: unknown })[serviceCapabilities],
    Object.prototype.toString.call(service)
  ]
  expect(named(member)).toEqual([['@byzkit/member'], '[object @byzkit/member]'])
  expect(named(client)).toEqual([['@byzkit/client'], '[object @byzkit/client]'])
})

describe('deliveries', () => {
  test('have one consumer at a time; the next goes on with what was not acknowledged', async () => {
    const nodes = await group()
    const service = serviceOf(nodes[0]!)
    for (let i = 0; i < 3; i++) await service.broadcast(utf8(`${i}`))
    const first = service.deliveries()[Symbol.asyncIterator]()
    expect((await first.next()).value).toMatchObject({ position: 0 })
    expect((await first.next()).value).toMatchObject({ position: 1 })
    expect(() => service.deliveries()[Symbol.asyncIterator]()).toThrow('consumer')
    await first.return?.()
    const positions: number[] = []
    for await (const { position } of service.deliveries()) {
      positions.push(position)
      if (position === 2) break
    }
    expect(positions).toEqual([1, 2])
  })

  test('are aborted by their signal, and end when the member stops', async () => {
    const nodes = await group()
    const service = serviceOf(nodes[0]!)
    const abort = new AbortController()
    const waiting = service.deliveries({ signal: abort.signal })[Symbol.asyncIterator]()
    const next = waiting.next().catch((error) => error)
    abort.abort(new Error('enough'))
    expect(await next).toMatchObject({ name: 'AbortError', cause: new Error('enough') })
    expect(await waiting.next()).toEqual({ done: true, value: undefined })
    const later = service.deliveries()[Symbol.asyncIterator]().next()
    await stop(nodes[0]!)
    expect(await later).toEqual({ done: true, value: undefined })
  })

  test('that nobody reads stop the senders, within bounded memory, and go on when somebody does', async () => {
    const windowInstances = 8
    const nodes = await group(4, { options: { windowInstances } })
    const payload = new Uint8Array(1024)
    let accepted = 0
    for (const node of nodes) {
      const broadcastForEver = async () => {
        for (;;) {
          await serviceOf(node).broadcast(payload)
          accepted++
        }
      }
      broadcastForEver().catch(() => {})
    }
    await until('all windows are full', () => accepted === 4 * windowInstances)
    // What is accepted at its sender comes to the others later.
    const delivered = () =>
      nodes.every((node) => serviceOf(node).status().unacknowledged === 4 * windowInstances)
    await until('all of it is delivered', delivered)
    const grown = await memoryGrowthMiB(async () => {
      // More is asked for, and given up: it leaves nothing behind.
      for (let round = 0; round < 100; round++) {
        const abort = new AbortController()
        const { signal } = abort
        const asked = nodes.map((node) => serviceOf(node).broadcast(payload.slice(), { signal }))
        abort.abort(new Error('given up'))
        for (const outcome of await Promise.allSettled(asked)) expect(outcome.status).toBe('rejected')
      }
    })
    expect(grown).toBeLessThan(4)
    expect(delivered()).toBe(true)
    expect(accepted).toBe(4 * windowInstances)
    const logs = nodes.map((node) => collect(serviceOf(node)))
    await until('traffic flows', () => logs.every((log) => log.length > 20 * windowInstances))
  })

  test('come as events too, and are acknowledged by position', async () => {
    const nodes = await group(4, { options: { windowInstances: 2 } })
    const log: Delivery[] = []
    for (const node of nodes) {
      const service = serviceOf(node)
      service.addEventListener('delivery', ({ detail }) => {
        if (node === nodes[0]) log.push(detail)
        service.acknowledge(detail.position)
      })
    }
    for (let i = 0; i < 10; i++) await serviceOf(nodes[1]!).broadcast(utf8(`${i}`))
    await until('all are delivered', () => log.length === 10)
    expect(log.map(({ position }) => position)).toEqual(log.map((_, i) => i))
    expect(() => serviceOf(nodes[0]!).acknowledge(10)).toThrow('not delivered')
    await until('none is kept', () => serviceOf(nodes[0]!).status().unacknowledged === 0)
  })

  test('after a restart take the last position of the life before, and refuse one that no life has had', async () => {
    const founded = await found(4)
    const folder = await dataFolder()
    const nodes = await startGroup(founded, (rank) => (rank === 0 ? { data: folder } : {}))
    await allReady(nodes)
    const log = collect(serviceOf(nodes[0]!))
    for (let i = 0; i < 3; i++) await serviceOf(nodes[1]!).broadcast(utf8(`${i}`))
    await until('all are acknowledged', () => serviceOf(nodes[0]!).status().delivered[1] === 3)
    await stop(nodes[0]!)
    const service = serviceOf(await startMember(founded, 0, { data: folder }))
    const begin = (after: number) => service.deliveries({ after })[Symbol.asyncIterator]()
    expect(() => begin(3)).toThrow('after: 3 was not delivered yet, in no life; the next is 3')
    const next = begin(2).next()
    await serviceOf(nodes[1]!).broadcast(utf8('one more'))
    expect((await next).value?.position).toBe(3)
    expect(log.map(({ position }) => position)).toEqual([0, 1, 2])
  })

  test('go on although a listener throws, or its promise is rejected', async () => {
    const nodes = await group()
    const service = serviceOf(nodes[0]!)
    service.addEventListener('delivery', () => {
      throw new Error('a mistake of the application')
    })
    service.addEventListener('delivery', async () => {
      throw new Error('another one')
    })
    const log = collect(service)
    for (let i = 0; i < 3; i++) await service.broadcast(utf8(`${i}`))
    await until('all are delivered', () => log.length === 3)
    expect(service.status().state).toBe('running')
  })
})

describe('a member that restarts on an emptied data folder', () => {
  test('is refused, although it had lived but once, and both sides are told why', async () => {
    const founded = await found(4)
    const folder = await dataFolder()
    const others = await Promise.all([0, 1, 2].map((rank) => startMember(founded, rank)))
    const first = await startMember(founded, 3, { data: folder })
    // At both ends: who has never met it cannot tell that it has lost something.
    await allConnected([...others, first])
    await stop(first)
    await rm(folder, { recursive: true })
    const second = await startMember(founded, 3, { data: folder })
    const amnesia = (node: MemberNode) =>
      serviceOf(node).faults.some(({ fault }) => fault.kind === 'amnesia' && fault.process === 3)
    await until('the others see it', () => others.every(amnesia))
    await until('it learns of it', () => amnesia(second))
    expect(serviceOf(second).connectedMembers).toEqual([])
    expect(serviceOf(second).faults.every(({ fault }) => fault.certainty === 'suspected')).toBe(true)
  })
})

describe('a member that restarts with its data folder', () => {
  test('has lost nothing, and gives nothing twice to an application that passes its position', async () => {
    const founded = await found(4)
    const folders = await Promise.all(founded.seeds.map(() => dataFolder()))
    const nodes = await startGroup(founded, (rank) => ({ data: folders[rank]! }))
    await allReady(nodes)
    const others = nodes.slice(0, 3).map((node) => collect(serviceOf(node)))
    const mine = collect(serviceOf(nodes[3]!))
    const sent: string[] = []
    const send = async (rank: number, count: number) => {
      for (let i = 0; i < count; i++) {
        const { sequence } = await serviceOf(nodes[rank]!).broadcast(utf8('x'))
        sent.push(`${rank}/${sequence}: x`)
      }
    }
    await Promise.all([send(0, 20), send(3, 20)])
    await until('something is delivered', () => mine.length > 10)
    const life = serviceOf(nodes[3]!).incarnation
    await stop(nodes[3]!)
    const consumed = mine.length
    await send(0, 30)
    nodes[3] = await startMember(founded, 3, { data: folders[3]! })
    expect(serviceOf(nodes[3]).incarnation).toBeGreaterThan(life)
    const rest = collect(serviceOf(nodes[3]), { after: consumed - 1 })
    await allReady(nodes)
    await send(3, 5)
    await until('all is delivered', () => mine.length + rest.length >= 75)
    await until('and to the others', () => others.every((log) => log.length >= 75))
    expect(described([...mine, ...rest])).toEqual(sent.sort())
    for (const log of others) expect(described(log)).toEqual(sent)
    expect(rest.map(({ position }) => position)).toEqual(rest.map((_, i) => consumed + i))
    expect(
      nodes.flatMap((node) => serviceOf(node).faults.filter(({ fault }) => fault.certainty !== 'suspected'))
    ).toEqual([])
  })

  test('on the same libp2p node goes on as well', async () => {
    const founded = await found(4)
    const data = await dataFolder()
    const nodes = await startGroup(founded, (rank) => (rank === 0 ? { data } : {}))
    await allReady(nodes)
    const service = serviceOf(nodes[0]!)
    const logs = nodes.slice(1).map((node) => collect(serviceOf(node)))
    await service.broadcast(utf8('before'))
    await nodes[0]!.stop()
    expect(service.status().state).toBe('stopped')
    await nodes[0]!.start()
    await allReady(nodes)
    expect(await service.broadcast(utf8('after'))).toEqual({ sender: 0, sequence: 1 })
    const own = collect(service)
    await until('both are delivered', () => [own, ...logs].every((log) => log.length === 2))
  })
})

describe('a member', () => {
  test('tells who is connected, and when it is ready', async () => {
    const founded = await found(4)
    const first = await startMember(founded, 0)
    const service = serviceOf(first)
    const events: string[] = []
    for (const event of ['member:connect', 'member:disconnect', 'ready'] as const) {
      service.addEventListener(event, ({ detail }) => events.push(`${event} ${detail ?? ''}`.trim()))
    }
    const abort = new AbortController()
    const waiting = service.whenReady({ signal: abort.signal }).catch((error) => error)
    abort.abort(new Error('given up'))
    expect(await waiting).toMatchObject({ name: 'AbortError', cause: new Error('given up') })
    expect(service.ready).toBe(false)
    const second = await startMember(founded, 1)
    await until('they meet', () => service.connectedMembers.length === 1)
    expect(service.ready).toBe(false)
    await startMember(founded, 2)
    await service.whenReady({ signal: patience() })
    expect(service.connectedMembers).toEqual([1, 2])
    await stop(second)
    await until('it is gone', () => !service.ready)
    expect(events).toEqual(['member:connect 1', 'member:connect 2', 'ready', 'member:disconnect 1'])
  })

  test('whose process fails says so, rejects what waits, and is gone for its peers', async () => {
    const founded = await found(4)
    const faulty = {
      name: 'test',
      powers: 'fails in a handler',
      live: true,
      effect: {},
      create: () => ({
        start() {},
        ask() {
          throw new Error('a bug')
        },
        deliver() {},
        sessionStarted() {},
        sessionEnded() {}
      })
    }
    const nodes = await startGroup(founded, (rank) => (rank === 0 ? { behaviour: faulty } : {}))
    await allReady(nodes)
    const service = serviceOf(nodes[0]!)
    const stopped = new Promise<Error>((resolve) => {
      service.addEventListener('crash', ({ detail }) => resolve(detail))
    })
    const waiting = service.deliveries()[Symbol.asyncIterator]().next().catch(name)
    const broadcast = service.broadcast(utf8('x')).catch(name)
    expect((await stopped).message).toBe('a bug')
    expect(await waiting).toBe('ProcessStoppedError')
    expect(await broadcast).toBe('ProcessStoppedError')
    expect(service.status().state).toBe('crashed')
    await until('peers see it', () => !serviceOf(nodes[1]!).connectedMembers.includes(0))
    await stop(nodes[0]!)
    expect(service.status().state).toBe('stopped')
  })

  test('stops during traffic, again and again', async () => {
    const nodes = await group(4, { options: { windowInstances: 64 } })
    const logs = nodes.map((node) => collect(serviceOf(node)))
    for (const node of nodes) {
      const broadcastForEver = async () => {
        for (;;) await serviceOf(node).broadcast(new Uint8Array(1000))
      }
      for (let i = 0; i < 8; i++) broadcastForEver().catch(() => {})
    }
    await until('traffic flows', () => logs.every((log) => log.length > 100))
    await Promise.all(nodes.map((node) => node.stop()))
    await Promise.all(nodes.map((node) => node.stop()))
    for (const node of nodes) expect(serviceOf(node).status().state).toBe('stopped')
  })

  test('has a status of plain JSON', async () => {
    const nodes = await group()
    const service = serviceOf(nodes[1]!)
    const log = collect(service)
    await service.broadcast(utf8('x'))
    await until('it is delivered', () => log.length === 1)
    await until('it is connected', () => service.connectedMembers.length === 3)
    const status = service.status()
    expect(JSON.parse(JSON.stringify(status))).toEqual(status)
    expect(status).toMatchObject({
      self: 1,
      group: toHex(service.group.id),
      members: 4,
      faulty: 1,
      stack: 'byzantine-reliable-channel',
      durability: 'memory',
      behaviour: null,
      state: 'running',
      ready: true,
      connected: [0, 2, 3],
      counts: { broadcasts: 1, deliveries: 1 }
    })
    expect(status.counts.messagesIn).toBeGreaterThan(0)
    expect(status.counts.bytesOut).toBeGreaterThan(0)
  })
})
