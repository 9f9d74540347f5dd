/** That the benchmarks measure what they say: everything arrives, at every member. Nothing is timed here. */
import { describe, expect, test } from 'vitest'
import { BroadcastGroup, doubleEchoSizes } from '../../src/cli/bench/broadcasts.ts'
import { benchLinks } from '../../src/cli/bench/links.ts'
import { DeliveryRecord } from '../../src/cli/bench/record.ts'
import { benchRegister } from '../../src/cli/bench/register.ts'
import { RegisterGroup } from '../../src/cli/bench/register-group.ts'
import { benchSimulator } from '../../src/cli/bench/simulator.ts'

const onProgress = () => {}

describe('the record of deliveries', () => {
  const record = (...payloads: [slot: number, byte: number][]) => {
    const made = new DeliveryRecord(2, 4)
    for (const [slot, byte] of payloads) made.put(slot, new Uint8Array(4).fill(byte))
    return made.digest()
  }

  test('does not depend on the order of deliveries, but on everything else', () => {
    expect(record([0, 1], [1, 2])).toBe(record([1, 2], [0, 1]))
    expect(record([0, 1], [1, 2])).not.toBe(record([0, 1], [1, 3]))
    expect(record([0, 1], [1, 2])).not.toBe(record([0, 1], [1, 2], [1, 2]))
    expect(record([0, 1])).not.toBe(record([0, 1], [1, 0]))
  })
})

test('links: what was sent is what was delivered, and every figure is a number', async () => {
  const { digests, figures } = await benchLinks({ rounds: 1, messages: 2000, messageBytes: 256, onProgress })
  expect(digests).toHaveLength(1)
  for (const { name, median } of figures) expect(median, name).toBeGreaterThan(0)
})

test('broadcast: all members of a group in processes of their own deliver the same', async () => {
  const group = await BroadcastGroup.start({
    members: 4,
    stack: 'double-echo',
    durability: 'disk',
    workload: { payloadBytes: 64, senders: 2 }
  })
  try {
    const first = await group.round(20, 4)
    const second = await group.round(20, 4)
    expect(second.digest).toBe(first.digest)
    // At least n - 1 SENDs and 2n(n - 1) votes for each.
    expect(first.messages).toBeGreaterThanOrEqual(27)
    expect(first.commits).toBeGreaterThan(0)
  } finally {
    await group.end()
  }
})

test('broadcast: messages are priced with their size on the wire', () => {
  const { send, vote } = doubleEchoSizes(1024)
  expect(send).toBeGreaterThan(1024)
  expect(vote).toBeGreaterThan(32)
  expect(vote).toBeLessThan(64)
})

test('registers: what the client reads is what it wrote, and every figure is a number', async () => {
  const { digests, figures } = await benchRegister({
    rounds: 1,
    operations: 16,
    lone: 4,
    valueBytes: 64,
    inFlight: 4,
    onProgress
  })
  expect(digests).toHaveLength(2) // in memory, and on disk
  for (const { name, median } of figures) expect(median, name).toBeGreaterThan(0)
})

test('registers: a member verifies each write once, the client each value that it reads', async () => {
  const group = await RegisterGroup.start({
    members: 4,
    workload: { registers: 8, valueBytes: 64 },
    durability: 'disk'
  })
  try {
    const writes = await group.run('write', 8, 8)
    expect(writes.latenciesMs).toHaveLength(8)
    // The slowest member may not have verified the last ones yet.
    expect(writes.member.verifications).toBeGreaterThanOrEqual(0.75)
    expect(writes.member.verifications).toBeLessThanOrEqual(1)
    expect(writes.client.commits).toBeGreaterThan(0)
    const reads = await group.run('atomic', 8, 1)
    expect(reads.client.verifications).toBe(1)
    expect(reads.spared).toBeGreaterThan(0)
    expect((await group.run('regular', 8, 4)).client.verifications).toBe(0)
  } finally {
    await group.end()
  }
})

test('simulator: the same seeds give the same traces', async () => {
  const { digests, figures } = await benchSimulator({
    rounds: 2,
    runs: 4,
    longBroadcasts: 10,
    violationMessages: 500,
    onProgress
  })
  expect(digests).toHaveLength(2) // of correct members, and of those with a liar
  for (const { name, median } of figures) expect(median, name).toBeGreaterThan(0)
})
