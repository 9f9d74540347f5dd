/** Frames of the session that bring it nothing: whoever sends many has to wait, by a transport that can make it. */
import { describe, expect, it } from 'vitest'
import {
  SESSIONLESS_WORK_BURST_US,
  SESSIONLESS_WORK_US_PER_SECOND,
  WORK_US
} from '../../src/links/constants.ts'
import { AuthenticatedCluster, numbered } from './authenticated-cluster.ts'
import type { Frame } from './harness.ts'

const SECONDS = 4
const OFFERED_PER_MS = 20
const READ_MAX =
  (SESSIONLESS_WORK_BURST_US + SECONDS * SESSIONLESS_WORK_US_PER_SECOND) / (WORK_US.frame + WORK_US.tag)

const busy = () => {
  const cluster = new AuthenticatedCluster({ members: 3 }).start()
  for (const [from, to] of [
    [0, 1],
    [1, 0]
  ] as const) {
    cluster.say(from, to, ...numbered(10))
    cluster.time.advance(1000)
  }
  return cluster
}

const last = (cluster: AuthenticatedCluster, type: string, from: number): Frame => {
  const frame = cluster.sent(type, from).findLast(({ to }) => from + to === 1)
  if (frame === undefined) throw new Error(`no ${type} of ${from}`)
  return frame
}

const broken = ({ bytes, ...frame }: Frame): Frame => ({
  ...frame,
  bytes: bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))
})

describe.each([
  ['acknowledgements of what is acknowledged', (cluster: AuthenticatedCluster) => last(cluster, 'ACK', 0)],
  ['questions whether the session lives', (cluster: AuthenticatedCluster) => last(cluster, 'CONFIRM', 0)],
  ['data that has arrived', (cluster: AuthenticatedCluster) => last(cluster, 'DATA', 0)],
  ['frames that are not authentic', (cluster: AuthenticatedCluster) => broken(last(cluster, 'DATA', 0))]
])('a flood of %s', (_, flood) => {
  it('is read as far as the budget goes, where its stream is not read meanwhile; the session goes on', () => {
    const cluster = busy()
    const frame = flood(cluster)
    let read = 0
    for (let ms = 0; ms < SECONDS * 1000; ms++) {
      for (let offered = 0; offered < OFFERED_PER_MS && !cluster.pressed.has('1 < 0'); offered++) {
        cluster.inject(frame)
        read++
      }
      cluster.time.advance(1)
    }
    // More than that was offered.
    expect(SECONDS * 1000 * OFFERED_PER_MS).toBeGreaterThan(3 * READ_MAX)
    expect(read).toBeGreaterThan(1000)
    expect(read).toBeLessThan(READ_MAX)
    // The answers that it has asked for may be too many for itself; nobody else is made to wait.
    const others = [...cluster.pressed].filter((pressed) => !['1 < 0', '0 < 1'].includes(pressed))
    expect(others).toEqual([])
    cluster.time.advance(1000)
    expect(cluster.pressed.size).toBe(0)
    cluster.say(0, 1, 'go on')
    cluster.time.advance(100)
    expect(cluster.links(1).delivered(0).at(-1)).toBe('go on')
    expect(cluster.links(1).count('sessionStarted', 0)).toBe(1)
  })

  it('by somebody in between, whom no transport makes wait, hurts no session', () => {
    const cluster = busy()
    const frame = flood(cluster)
    const before = cluster.links(1).delivered(0).length
    for (let round = 0; round < 20; round++) {
      for (let copy = 0; copy < 1000; copy++) cluster.inject(frame)
      cluster.say(0, 1, `${round}`)
      cluster.time.advance(10)
    }
    cluster.time.advance(1000)
    expect(cluster.links(1).delivered(0).slice(before)).toEqual(numbered(20, ''))
  })
})

it('a correct peer that sends as much as it can is never made to wait for that (control)', () => {
  const cluster = busy()
  Object.assign(cluster.network, { loss: 2, duplication: 2, jitterMs: 20 })
  for (let ms = 0; ms < 5000; ms++) {
    cluster.say(0, 1, `${ms}`)
    cluster.say(1, 0, `${ms}`)
    cluster.time.advance(1)
    expect(cluster.pressed.size).toBe(0)
  }
})
