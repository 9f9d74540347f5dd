import { describe, expect, it } from 'vitest'
import { exposition, listenForMetrics } from '../../src/cli/metrics.ts'
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
  unreachable: [],
  clients: 0,
  lagging: [2],
  cutOff: [{ process: 3, until: 1 }],
  delivered: [7, 0, 1, 0],
  waiting: 0,
  unacknowledged: 5,
  faults: 2,
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

describe('metrics', () => {
  const text = exposition({ status: () => status, faults: [fault], landmarks: new Map([['a"b\\c\nd', 1]]) })

  it.each([
    'byzkit_members 4',
    'byzkit_ready 1',
    'byzkit_connected_members 2',
    'byzkit_lagging_members 1',
    'byzkit_cut_off_processes 1',
    'byzkit_delivered{sender="0"} 7',
    'byzkit_frames_in_total 10',
    'byzkit_faults_total{member="3",kind="equivocation",certainty="proven"} 2',
    'byzkit_landmarks_total{landmark="a\\"b\\\\c\\nd"} 1'
  ])('have %s', (line) => {
    expect(text.split('\n')).toContain(line)
  })

  it('are lines of the text format, each name explained once', () => {
    const lines = text.trimEnd().split('\n')
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE) byzkit_\w+ .+|byzkit_\w+(\{.+\})? -?\d+)$/)
    const names = lines.flatMap((line) => /^# TYPE (\w+)/.exec(line)?.[1] ?? [])
    expect(new Set(names).size).toBe(names.length)
    expect(text.endsWith('\n')).toBe(true)
  })

  it('say that the member is starting until it has', async () => {
    const server = await listenForMetrics(0)
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status).toBe(503)
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' })).status).toBe(404)
    await server.close()
  })
})
