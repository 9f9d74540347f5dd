/** A peer of whom the layer above has enough for now: its link accepts no more than was on its way. */
import { expect, test } from 'vitest'
import { INTAKE_OVERRUN_BYTES_MAX, WAITING_MESSAGE_OVERHEAD_BYTES } from '../../src/links/constants.ts'
import { AuthenticatedCluster, numbered } from './authenticated-cluster.ts'

const BYTES = 32 * 1024
const count = (3 * INTAKE_OVERRUN_BYTES_MAX) / BYTES
const texts = numbered(count).map((text) => text.padEnd(BYTES, '.'))

function flooded(press: boolean): AuthenticatedCluster {
  const cluster = new AuthenticatedCluster({ members: 4 }).start()
  if (press) cluster.node(0).input((links) => links.press(1, true))
  for (const text of texts) cluster.say(1, 0, text)
  cluster.say(2, 0, ...numbered(10))
  cluster.time.advance(20_000)
  return cluster
}

test('while it is pressed, no more than the overrun is accepted of it, and the others are not held up', () => {
  const cluster = flooded(true)
  const accepted = cluster.links(0).delivered(1)
  expect(accepted.length).toBeGreaterThan(0)
  expect(accepted.length * BYTES).toBeLessThanOrEqual(INTAKE_OVERRUN_BYTES_MAX)
  expect(cluster.links(0).delivered(2)).toEqual(numbered(10))
})

test('reliable delivery, FIFO delivery, no duplication: once it is free all comes, in the same session', () => {
  const cluster = flooded(true)
  cluster.node(0).input((links) => links.press(1, false))
  cluster.time.advance(60_000)
  expect(cluster.links(0).delivered(1)).toEqual(texts)
  expect(cluster.links(0).count('sessionStarted', 1)).toBe(1)
})

test('accuracy: neither end names the other for it', () => {
  const cluster = flooded(true)
  cluster.node(0).input((links) => links.press(1, false))
  cluster.time.advance(60_000)
  expect([...cluster.faults(0), ...cluster.faults(1)]).toEqual([])
})

test('short messages count what they take while they wait, not their few bytes', () => {
  const cluster = new AuthenticatedCluster({ members: 2 }).start()
  cluster.node(0).input((links) => links.press(1, true))
  for (let turn = 0; turn < 200; turn++) {
    cluster.say(1, 0, ...numbered(100))
    cluster.time.advance(1)
  }
  cluster.time.advance(20_000)
  const accepted = cluster.links(0).delivered(1).length
  expect(accepted).toBeGreaterThan(0)
  expect(accepted).toBeLessThanOrEqual(INTAKE_OVERRUN_BYTES_MAX / WAITING_MESSAGE_OVERHEAD_BYTES)
})

test('control: who is not pressed is accepted at once', () => {
  expect(flooded(false).links(0).delivered(1)).toEqual(texts)
})
