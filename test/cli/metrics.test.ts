/** What `byzkit node --metrics` serves. */
import { beforeAll, describe, expect, it } from 'vitest'
import { listenForMetrics, registryOf } from '../../src/cli/metrics.ts'
import { METRICS } from '../../src/libp2p/metrics.ts'
import type { CountedFault, ServiceStatus } from '../../src/libp2p/service.ts'

const status: ServiceStatus = {
  self: 1,
  group: 'ab'.repeat(32),
  epoch: 0,
  members: 4,
  faulty: 1,
  stack: 'double-echo',
  incarnation: 3,
  durability: 'disk',
  behaviour: null,
  state: 'running',
  ready: true,
  connected: [0, 2],
  encryption: [],
  unreachable: [],
  clients: 0,
  lagging: [2],
  cutOff: [{ process: 3, until: 1 }],
  delivered: [7, 0, 1, 0],
  deliveriesOf: [5, 0, 2, 0],
  waiting: 0,
  unacknowledged: 5,
  faults: 2,
  services: {},
  counts: {
    framesIn: 10,
    framesOut: 11,
    framesLost: 0,
    bytesIn: 100,
    bytesOut: 110,
    messagesIn: 20,
    messagesOut: 21,
    broadcasts: 1,
    deliveries: 8,
    turns: 30,
    commits: 4,
    writes: 9,
    verifications: 0
  }
}

const fault: CountedFault = {
  fault: { process: 3, kind: 'equivocation', certainty: 'proven', detail: 'x' },
  count: 2,
  firstSeen: 0
}

const LANDMARK = 'a"b\\c\nd'

describe('metrics', () => {
  const member = { status: () => status, faults: [fault], landmarks: new Map([[LANDMARK, 1]]) }
  let text: string

  beforeAll(async () => {
    const registry = await registryOf(member)
    // What counts is not how often somebody looks.
    await registry.metrics()
    text = await registry.metrics()
  })

  const who = 'group="abababab",process="1"'
  it.each([
    `byzkit_members{${who}} 4`,
    `byzkit_ready{${who}} 1`,
    `byzkit_connected_members{${who}} 2`,
    `byzkit_lagging_members{${who}} 1`,
    `byzkit_cut_off_processes{${who}} 1`,
    `byzkit_delivered{${who},sender="0"} 7`,
    `byzkit_deliveries_total{${who},sender="0"} 5`,
    `byzkit_deliveries_total{${who},sender="2"} 2`,
    `byzkit_frames_total{${who},direction="in"} 10`,
    `byzkit_faults_total{${who},member="3",kind="equivocation",certainty="proven"} 2`,
    `byzkit_landmarks_total{${who},landmark="a\\"b\\\\c\\nd"} 1`
  ])('have %s', (line) => {
    expect(text.split('\n')).toContain(line)
  })

  it('of agreement are those of a member that replicates a machine, and of no other', async () => {
    const replica = {
      view: 5,
      primary: 1,
      target: 6,
      executed: 130,
      stable: 128,
      missing: [3],
      waiting: 4,
      entered: 2,
      batches: 30,
      requests: 90
    }
    expect(text).not.toMatch(/^byzkit_view/m)
    const agreeing = { ...member, status: () => ({ ...status, services: { replica } }) }
    const lines = (await (await registryOf(agreeing)).metrics()).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        `byzkit_view{${who}} 5`,
        `byzkit_view_changing{${who}} 1`,
        `byzkit_executed_batch{${who}} 130`,
        `byzkit_stable_batch{${who}} 128`,
        `byzkit_waiting_requests{${who}} 4`,
        `byzkit_views_total{${who}} 2`,
        `byzkit_batches_total{${who}} 30`,
        `byzkit_batched_requests_total{${who}} 90`
      ])
    )
  })

  it('are lines of the text format, each name explained once, counters as counters', () => {
    const lines = text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
    for (const line of lines)
      expect(line).toMatch(/^(# HELP byzkit_\w+ .+|# TYPE byzkit_\w+ \w+|byzkit_\w+\{.+\} -?\d+)$/)
    const types = lines.flatMap((line) => (line.startsWith('# TYPE') ? [line.split(' ').slice(2)] : []))
    expect(types).toEqual(METRICS.map(({ name, type }) => [name, type]))
    for (const [name, type] of types)
      expect([name, type === 'counter']).toEqual([name, name?.endsWith('_total')])
  })

  it('say that the member is starting until it has, and then what it is now', async () => {
    const server = await listenForMetrics(0)
    const look = (init = {}) => fetch(`http://127.0.0.1:${server.port}/metrics`, init)
    expect((await look()).status).toBe(503)
    expect((await look({ method: 'POST' })).status).toBe(404)
    let ready = true
    await server.serve({ ...member, status: () => ({ ...status, ready }) })
    expect(await (await look()).text()).toContain(`byzkit_ready{${who}} 1`)
    ready = false
    expect(await (await look()).text()).toContain(`byzkit_ready{${who}} 0`)
    await server.close()
  })

  it('of a member that cannot say anything say so, and take nobody down', async () => {
    const server = await listenForMetrics(0)
    let fails = false
    await server.serve({
      ...member,
      get faults() {
        if (fails) throw new Error('no faults today')
        return []
      }
    })
    fails = true
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`)
    expect([response.status, await response.text()]).toEqual([500, 'no faults today\n'])
    await server.close()
  })
})
