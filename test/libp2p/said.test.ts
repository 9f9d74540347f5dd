/** What a process says of itself to people: in libp2p's log, in a warning, and to `console.log`. */
import { inspect } from 'node:util'
import type { ComponentLogger } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import type { ServiceStatus } from '../../src/libp2p/service.ts'
import { StallWatch } from '../../src/libp2p/stall.ts'
import { UnconsumedWatch } from '../../src/libp2p/unconsumed.ts'
import { until } from '../waiting.ts'
import { clientReady, foundWithClients, startClient } from './client-support.ts'
import { allReady, collect, found, serviceOf, startGroup, startMember, stop } from './service-support.ts'

/** Every line of ours that was logged. */
function recordingLogger(): { logger: ComponentLogger; lines: string[] } {
  const lines: string[] = []
  const inner = defaultLogger()
  const say = (format: string, ...args: unknown[]) => {
    lines.push(args.reduce<string>((line, value) => line.replace(/%\w/, String(value)), format))
  }
  const logger: ComponentLogger = {
    forComponent(name) {
      const log = inner.forComponent(name)
      if (name !== 'byzkit:service') return log
      return Object.assign(say, { enabled: true, trace: log.trace, error: say, newScope: log.newScope })
    }
  }
  return { logger, lines }
}

test('the log says which sessions begin and end, who is connected, and what stalls, and why', async () => {
  const founded = await found(4)
  const { logger, lines } = recordingLogger()
  const nodes = await startGroup(founded, (rank) => (rank === 0 ? { logger } : {}))
  await allReady(nodes)
  await until('all are connected', () => serviceOf(nodes[0]!).connectedMembers.length === 3)
  const own = collect(serviceOf(nodes[0]!))
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^member 0 of group [0-9a-f]{64} runs byzantine-reliable-channel, life \d+$/),
      'the stream with member 1 is open',
      'a session with member 1 begins',
      'connected with member 1',
      'ready: connected with a quorum'
    ])
  )
  await Promise.all([nodes[2]!, nodes[3]!].map(stop))
  await until('it is not ready', () => !serviceOf(nodes[0]!).ready)
  expect(lines).toContain('the stream with member 2 has ended')
  expect(lines.some((line) => /^not connected with member [23] any more: not ready$/.test(line))).toBe(true)
  await serviceOf(nodes[0]!).broadcast(utf8('x'))
  const stall =
    /^stalled: 1 broadcasts are under way: no quorum, 1 of 3 others are connected \(member 2: .*; member 3: /
  await until('it says that it is stalled', () => lines.some((line) => stall.test(line)))
  // With another stack it is refused, and that is said as well.
  const refused = await startMember(founded, 1 + 1, { stack: 'double-echo' })
  await until('it says so', () => lines.includes('member 2 begins again and is refused'))
  await stop(refused)
  expect(own).toEqual([])
})

describe('a stall', () => {
  const going: ServiceStatus = {
    self: 1,
    members: 4,
    ready: true,
    connected: [0, 2, 3],
    unreachable: [],
    lagging: [],
    unacknowledged: 0,
    waiting: 0,
    deliveriesOf: [0, 5, 0, 0],
    counts: { broadcasts: 5 }
  } as unknown as ServiceStatus
  const toldOf = (...statuses: Partial<ServiceStatus>[]) => {
    const lines: string[] = []
    const watch = new StallWatch((line) => lines.push(line))
    for (const status of statuses) watch.look({ ...going, ...status })
    return lines
  }
  const times = (count: number, status: Partial<ServiceStatus>) => Array.from({ length: count }, () => status)
  const stuck = { counts: { broadcasts: 7 } as ServiceStatus['counts'] }

  test('is told once, with its reason; a new reason too, and its end', () => {
    expect(toldOf(...times(9, stuck))).toEqual([
      'stalled: 2 broadcasts are under way: the other members have not delivered them yet'
    ])
    const full = { ...stuck, waiting: 3, unacknowledged: 4 }
    const lagging = { ...full, unacknowledged: 0, lagging: [0, 3] }
    expect(toldOf(...times(6, full), ...times(2, lagging), {})).toEqual([
      'stalled: 3 broadcasts wait for the window: 4 deliveries wait for the application to consume them',
      'stalled: 3 broadcasts wait for the window: members 0, 3 do not keep up',
      'stalled no more'
    ])
    const absent = [{ member: 0, since: 0, reason: 'no address leads to it', addresses: [] }]
    expect(toldOf(...times(5, { ...full, ready: false, connected: [2], unreachable: absent }))).toEqual([
      'stalled: 3 broadcasts wait for the window: no quorum, 1 of 3 others are connected (member 0: no address leads to it)'
    ])
  })

  test('is none as long as anything is delivered, or nothing is asked for', () => {
    const delivering = Array.from({ length: 9 }, (_, at) => ({ ...stuck, deliveriesOf: [0, at % 7, 0, 0] }))
    expect(toldOf(...delivering, ...times(9, {}))).toEqual([])
  })
})

describe('deliveries that nobody consumes', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('are warned of once before they stop a window, and again if it happens again', () => {
    const warnings: string[] = []
    const watch = new UnconsumedWatch(8, (message) => warnings.push(message))
    for (let waiting = 1; waiting <= 8; waiting++) watch.look(waiting, true)
    for (let waiting = 1; waiting <= 3; waiting++) watch.look(waiting, false)
    expect(warnings).toEqual([])
    for (let waiting = 4; waiting <= 8; waiting++) watch.look(waiting, false)
    expect(warnings).toEqual([
      expect.stringMatching(/^4 deliveries wait and nobody consumes them: .* whom 8 wait/)
    ])
    watch.look(8, true)
    watch.look(1, false)
    watch.look(5, false)
    expect(warnings).toHaveLength(2)
  })

  test('are warned of by a member, in a warning of the process', async () => {
    const nodes = await startGroup(await found(4), () => ({ options: { windowInstances: 8 } }))
    await allReady(nodes)
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const ours = () => warn.mock.calls.filter(([message]) => String(message).includes('nobody consumes'))
    const logs = nodes.slice(1).map((node) => collect(serviceOf(node)))
    for (let i = 0; i < 8; i++) await serviceOf(nodes[0]!).broadcast(utf8(`${i}`))
    await until('all is delivered', () => logs.every((log) => log.length === 8))
    await until('it is delivered at home', () => serviceOf(nodes[0]!).status().unacknowledged === 8)
    expect(ours()).toEqual([
      [expect.stringMatching(/^byzkit: member 0: 4 deliveries wait/), { code: 'BYZKIT_UNCONSUMED' }]
    ])
  })
})

test('console.log shows what a service is and how it is', async () => {
  const founded = await foundWithClients(4, 1)
  const { group } = founded
  const nodes = await startGroup(founded)
  await allReady(nodes)
  await until('all are connected', () => serviceOf(nodes[0]!).connectedMembers.length === 3)
  const client = await startClient(founded, 0)
  await clientReady(client)
  const id = Buffer.from(serviceOf(nodes[0]!).group.id).toString('hex').slice(0, 8)
  expect(group.genesis.f).toBe(1)
  // On a busy machine the others may seem to be slow.
  expect(inspect(serviceOf(nodes[0]!)).replace(/\d+ faults/, 'some faults')).toBe(
    `byzkit member 0 of 4, f = 1, byzantine-reliable-channel, group ${id}: ready, connected with 1, 2, 3, some faults seen`
  )
  expect(inspect({ client: client.service })).toMatch(
    new RegExp(
      `client: byzkit client of 4 members, f = 1, [\\w-]+, group ${id}: ready, connected with [0-3], `
    )
  )
  const alone = await startMember(await found(4), 2)
  onTestFinished(() => stop(alone))
  expect(inspect(serviceOf(alone))).toContain(': running, connected with nobody, 0 faults seen')
  await stop(alone)
  expect(inspect(serviceOf(alone))).toContain(': stopped, connected with nobody')
})
