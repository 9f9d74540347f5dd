/** What members show in the metrics of their libp2p nodes: one set, for all groups and nodes of a program. */
import type { CounterGroup, MetricGroup, Metrics } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { createLibp2p } from 'libp2p'
import { register } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { type CreateClientInit, createClient } from '../../src/libp2p/byzantine-client.ts'
import { CLIENT_METRICS } from '../../src/libp2p/client-metrics.ts'
import { toPrivateKey } from '../../src/libp2p/identity.ts'
import { METRICS, type Measured, memberMetrics, PROCESS_LABELS } from '../../src/libp2p/metrics.ts'
import { PublishedMetrics } from '../../src/libp2p/published-metrics.ts'
import type { ServiceStatus } from '../../src/libp2p/service.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import { until } from '../waiting.ts'
import { allConnected, clientConnected, foundWithClients, startClient } from './client-support.ts'
import { allReady, collect, found, serviceOf, startGroup, stop } from './service-support.ts'

/** Two members in one program, each on a node of its own and in two groups with other ranks. */
async function twoNodes(name: string, preserveExistingMetrics: boolean) {
  const { group, seeds } = await found(2, 0)
  const addresses = seeds.map((_, rank) => [`/memory/metrics-${name}-${rank}`])
  const one = { ...group, addresses }
  const { publicKeys, f } = group.genesis
  const genesis = { ...group.genesis, name: 'ab'.repeat(16), f, publicKeys: [...publicKeys].reverse() }
  const two = { ...group, genesis, addresses: [...addresses].reverse() }
  const nodes = []
  for (const [rank, seed] of seeds.entries()) {
    const node = await createLibp2p({
      privateKey: toPrivateKey(seed),
      addresses: { listen: addresses[rank]! },
      transports: [memory()],
      connectionEncrypters: [noise()],
      streamMuxers: [boundedYamux()],
      metrics: prometheusMetrics({
        collectDefaultMetrics: false,
        preserveExistingMetrics: rank > 0 && preserveExistingMetrics
      }),
      services: { one: byzantine({ group: one }), two: byzantine({ group: two }) }
    })
    onTestFinished(() => stop(node))
    nodes.push(node)
  }
  await Promise.all(nodes.flatMap(({ services }) => [services.one.whenReady(), services.two.whenReady()]))
  return nodes
}

/** Of these there may be none yet. */
const SOMETIMES: readonly string[] = [
  'byzkit_faults_total',
  'byzkit_landmarks_total',
  // Of members that replicate a machine.
  'byzkit_view',
  'byzkit_view_changing',
  'byzkit_executed_batch',
  'byzkit_stable_batch',
  'byzkit_waiting_requests',
  'byzkit_views_total',
  'byzkit_batches_total',
  'byzkit_batched_requests_total'
]

/** By the metric and the values of its labels. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const samples = await register.metrics()
  return new Map(
    [...samples.matchAll(/^(byzkit_\w+)\{\w+="(.*)"\} (\S+)$/gm)].map(([, name, label, value]) => [
      `${name} ${label}`,
      Number(value)
    ])
  )
}

async function shown(what: string, holds: (samples: ReadonlyMap<string, number>) => boolean) {
  let samples = await scrape()
  let isLooking = false
  const look = async () => {
    isLooking = true
    samples = await scrape()
    isLooking = false
  }
  await until(what, () => {
    if (!isLooking) void look()
    return holds(samples)
  })
  return samples
}

describe.each([
  ['forget those of earlier ones', false],
  ['preserve those of earlier ones', true]
])('two nodes, whose metrics %s, and two groups', (name, preserve) => {
  test('show all of it, counters as counters, by group and process', async () => {
    const nodes = await twoNodes(name.split(' ')[0] as string, preserve)
    for (const { services } of nodes) for (const service of Object.values(services)) collect(service)
    for (let i = 0; i < 3; i++) await nodes[0]!.services.one.broadcast(utf8(`${i}`))
    const { one, two } = nodes[0]!.services
    const members = [one, two].flatMap(({ group }) =>
      [0, 1].map((rank) => `${Buffer.from(group.id).toString('hex').slice(0, 8)}/${rank}`)
    )
    const samples = await shown('all are ready and have delivered', (now) =>
      [
        ...members.map((member) => now.get(`byzkit_ready ${member}`) === 1),
        ...[0, 1].map((rank) => now.get(`byzkit_deliveries_total ${members[rank]}/0`) === 3)
      ].every(Boolean)
    )
    expect(samples.get(`byzkit_deliveries_total ${members[2]}/0`)).toBe(0)
    expect(samples.get(`byzkit_broadcasts_total ${members[0]}`)).toBe(3)
    expect(samples.get(`byzkit_broadcasts_total ${members[1]}`)).toBe(0)
    const text = await register.metrics()
    for (const { name, type, labels } of METRICS) {
      expect(text).toContain(`# TYPE ${name} ${type}\n`)
      const label = [...PROCESS_LABELS, ...labels].join('_')
      if (!SOMETIMES.includes(name)) expect(text).toContain(`${name}{${label}="`)
    }
    // What has stopped is not ready any more.
    await stop(nodes[1]!)
    expect((await scrape()).get(`byzkit_ready ${members[1]}`)).toBe(0)
    expect((await scrape()).get(`byzkit_connected_members ${members[1]}`)).toBe(0)
  })
})

/** Metrics that keep what they are told. */
interface Told {
  readonly group: CounterGroup & MetricGroup
  readonly values: Map<string, number>
}

function fake(): { metrics: Metrics; told: Map<string, Told>; registered: string[] } {
  const told = new Map<string, Told>()
  const registered: string[] = []
  const registerGroup = (name: string) => {
    registered.push(name)
    const values = new Map<string, number>()
    const add = (given: { readonly [label: string]: number }, from: (label: string) => number) => {
      for (const [label, value] of Object.entries(given ?? {})) values.set(label, from(label) + value)
    }
    const group = {
      increment: (given: object) => add(given as never, (label) => values.get(label) ?? 0),
      update: (given: object) => add(given as never, () => 0),
      decrement() {},
      reset() {},
      timer: () => () => {}
    }
    told.set(name, { group: group as never, values })
    return group
  }
  // libp2p registers metrics of its own, and wraps functions to trace them.
  const metrics = new Proxy({} as Metrics, {
    get: (_, property) =>
      property === 'traceFunction' ? (_: string, traced: unknown) => traced : registerGroup
  })
  return { metrics, told, registered }
}

describe('a counter', () => {
  const counts = { broadcasts: 0, framesLost: 0, turns: 0, commits: 0, writes: 0, verifications: 0 }
  const flows = { messagesIn: 0, messagesOut: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }

  function member(self: number): Measured & { broadcasts: number } {
    const of = {
      broadcasts: 0,
      faults: [],
      landmarks: new Map<string, number>(),
      status: () =>
        ({
          self,
          group: 'cd'.repeat(32),
          connected: [],
          lagging: [],
          cutOff: [],
          delivered: [],
          deliveriesOf: [],
          counts: { ...counts, ...flows, broadcasts: of.broadcasts, deliveries: 0 }
        }) as unknown as ServiceStatus
    }
    return of
  }

  test('goes on where a life begins at 0 again, and each name is registered once for all members', () => {
    const { metrics, told, registered } = fake()
    const [first, second] = [member(0), member(1)]
    const published = [first, second].map((each) => new PublishedMetrics(metrics, each, memberMetrics))
    const broadcasts = () => Object.fromEntries(told.get('byzkit_broadcasts_total')!.values)
    const live = (broadcast: number) => {
      for (const each of published) each.begin()
      first.broadcasts = broadcast
      for (const each of published) each.end()
    }
    live(5)
    expect(broadcasts()).toEqual({ 'cdcdcdcd/0': 5, 'cdcdcdcd/1': 0 })
    live(2)
    expect(broadcasts()).toEqual({ 'cdcdcdcd/0': 7, 'cdcdcdcd/1': 0 })
    expect(registered).toEqual(METRICS.map(({ name }) => name))
  })
})

test('the last that is shown of a member that crashed is that it is connected with nobody', async () => {
  const { metrics, told } = fake()
  const failing = {
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
  const nodes = await startGroup(await found(4), (rank) =>
    rank === 0 ? { behaviour: failing, metrics: () => metrics } : {}
  )
  await allReady(nodes)
  const shown = (name: string) => [...told.get(name)!.values.values()]
  await until('it is shown that it is ready', () => shown('byzkit_ready')[0] === 1)
  expect(shown('byzkit_connected_members')[0]).toBeGreaterThan(1)
  serviceOf(nodes[0]!)
    .broadcast(utf8('x'))
    .catch(() => {})
  await until('it has crashed', () => serviceOf(nodes[0]!).status().state === 'crashed')
  expect([shown('byzkit_ready'), shown('byzkit_connected_members')]).toEqual([[0], [0]])
})

test('clients show what they do, by group and key, beside members that have the same metrics', async () => {
  const { metrics, told, registered } = fake()
  const founded = await foundWithClients(4, 2)
  const nodes = await startGroup(founded, (rank) => (rank === 0 ? { metrics: () => metrics } : {}))
  await allConnected(nodes)
  const clients = await Promise.all(
    [0, 1].map((client) => startClient(founded, client, { durability: 'memory', metrics: () => metrics }))
  )
  await Promise.all(clients.map(clientConnected))
  const [writer] = clients.map(({ service }) => service)
  await writer!.register('a').write(utf8('x'))
  const labels = clients.map(({ service }) => {
    const { group, client } = service.status()
    return `${group.slice(0, 8)}/${client.slice(0, 8)}`
  })
  const shown = (name: string, label: string) => told.get(`byzkit_client_${name}`)!.values.get(label)
  await until('both are shown', () =>
    labels.every((label) => shown('ready', label) === 1 && shown('connected_members', label) === 4)
  )
  await until('what was said is counted', () => shown('messages_total', `${labels[0]}/out`)! >= 4)
  expect(told.get('byzkit_ready')!.values.size).toBe(1)
  const names = [...METRICS, ...CLIENT_METRICS].map(({ name }) => name)
  // libp2p registers its own beside them.
  expect(registered.filter((name) => /^byzkit_/.test(name)).sort()).toEqual(names.sort())
  await clients[0]!.stop()
  expect(shown('ready', labels[0]!)).toBe(0)
})

test('what is no function makes no metrics of a client', async () => {
  const { group, clientSeeds } = await foundWithClients(4, 1)
  const init = { group, key: clientSeeds[0]!, metrics: 'all' } as unknown as CreateClientInit
  await expect(createClient(init)).rejects.toThrow(/^metrics: expected a function/)
})
