/** That the benchmarks measure what they say: everything arrives, at every member. Nothing is timed here. */
import { describe, expect, test } from 'vitest'
import { BroadcastGroup, doubleEchoSizes } from '../../src/bench/broadcasts.ts'
import { benchConsensus, consensusRound, consensusSizes } from '../../src/bench/consensus.ts'
import { ConsensusGroup } from '../../src/bench/consensus-group.ts'
import { ConsensusLoad } from '../../src/bench/consensus-load.ts'
import { runRequests } from '../../src/bench/floors.ts'
import { benchLinks } from '../../src/bench/links.ts'
import { DeliveryRecord } from '../../src/bench/record.ts'
import { registerFigures, registerRound } from '../../src/bench/register.ts'
import { RegisterGroup } from '../../src/bench/register-group.ts'
import { benchSimulator } from '../../src/bench/simulator.ts'
import { benchStores } from '../../src/bench/stores.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { KeyValueMachine } from '../../src/replication/key-value-machine.ts'
import { StateMap } from '../../src/replication/managed-state.ts'
import { AT_LENGTH } from '../extent.ts'
import { turn } from '../waiting.ts'

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

describe('agreement', () => {
  test('messages are priced with their size on the wire', () => {
    const { request, command, reply, vote } = consensusSizes(1024)
    expect(command).toBeGreaterThan(1024)
    expect(command).toBeLessThan(1040)
    expect(request).toBeGreaterThan(1100)
    expect(reply).toBeLessThan(64)
    expect(vote).toBeLessThan(64)
  })

  const load = (submit: (command: Uint8Array) => Promise<Uint8Array>) =>
    new ConsensusLoad({ submit }, new Uint8Array(32).fill(7), 1024)

  test('commands are of the length that is asked for, as many at a time as are in flight, none of them twice', async () => {
    const seen = new Set<string>()
    const machine = new KeyValueMachine()
    const context = {
      state: new StateMap(defaultBackend.sha256),
      client: new Uint8Array(32),
      sequence: 1,
      index: 0,
      timeMs: 0
    }
    let underWay = 0
    let most = 0
    const times = await load(async (command) => {
      expect(command).toHaveLength(1024)
      seen.add(Buffer.from(command).toString('hex'))
      most = Math.max(most, ++underWay)
      await turn()
      underWay--
      return machine.apply(command, { ...context, random: new Uint8Array(32) })
    }).run(100, 5)
    expect([times.length, seen.size, most]).toEqual([100, 100, 5])
  })

  test('a command that is not applied ends the benchmark', async () => {
    const refused = load(async () => new Uint8Array())
    await expect(refused.run(1, 1)).rejects.toThrow('a put has not been applied')
  })
})

if (AT_LENGTH) {
  test('agreement: all members execute everything and have the same state, and every figure is a number', async () => {
    const plan = { rounds: 1, commands: 200, lone: 10, commandBytes: 256, inFlight: 40, onProgress }
    const { digests, figures } = await benchConsensus(plan)
    expect(digests).toHaveLength(2)
    for (const { name, median } of figures)
      expect(median, name).toBeGreaterThanOrEqual(name.endsWith('views that ended') ? 0 : Number.MIN_VALUE)
    const of = (name: string) => figures.find((figure) => figure.name === name)?.median ?? Number.NaN
    // A REQUEST, and a REPLY of each member, at least.
    expect(of('memory: messages a command')).toBeGreaterThanOrEqual(4)
    expect(of('durable: commands in a batch')).toBeGreaterThanOrEqual(1)
  })

  test('agreement: the digest is of what the clients have put', async () => {
    const group = await ConsensusGroup.start({
      members: 4,
      clients: 4,
      commandBytes: 256,
      durability: 'memory'
    })
    try {
      const of = { commands: 40, lone: 2, inFlight: 8 }
      const first = await consensusRound(group, of, 1)
      expect((await consensusRound(group, of, 1)).digest).not.toBe(first.digest)
      expect(await group.digest()).toBe(await group.digest())
    } finally {
      await group.end()
    }
  })

  test('links: what was sent is what was delivered, and every figure is a number', async () => {
    const { digests, figures } = await benchLinks({
      rounds: 1,
      messages: 2000,
      messageBytes: 256,
      onProgress
    })
    expect(digests).toHaveLength(1)
    for (const { name, median } of figures) expect(median, name).toBeGreaterThan(0)
  })

  test('registers: what the client reads is what it wrote, and every figure is a number', async () => {
    const plan = { rounds: 1, operations: 16, lone: 8, valueBytes: 64, inFlight: 8, onProgress }
    const floor = await runRequests({
      requestBytes: 64,
      answerBytes: 64,
      receivers: 1,
      quorum: 1,
      count: 10
    })
    const workload = { registers: 8, valueBytes: 64 }
    const group = await RegisterGroup.start({ members: 4, workload, durability: 'disk' })
    try {
      const round = await registerRound(group, plan, 1)
      const figures = registerFigures([{ one: floor, quorum: floor, memory: round, disk: round }], plan)
      for (const { name, median } of figures) expect(median, name).toBeGreaterThan(0)
      // The client verifies each value once; what the slowest member verifies may be counted a round late.
      expect(round.atomic.client.verifications).toBe(1)
      expect(round.again.client.verifications).toBe(0)
      expect(round.writes.member.verifications).toBeGreaterThanOrEqual(0.75)
    } finally {
      await group.end()
    }
  })

  test('stores: each is written and read in a group of its own, and what is read is what was written', async () => {
    const { digests, figures } = await benchStores({
      rounds: 1,
      operations: 16,
      lone: 8,
      valueBytes: 64,
      inFlight: 8,
      onProgress
    })
    // The same load in each: the same values, at the same timestamps.
    expect(new Set(digests).size).toBe(1)
    expect(digests).toHaveLength(3)
    for (const { name, median } of figures) expect(median, name).toBeGreaterThan(0)
    const messages = (name: string) => figures.find((figure) => figure.name === name)?.median ?? 0
    // A get, and a put, of three replicas, each asked and answering; a request to each of four members.
    expect(Math.round(messages('leaderless store: write: messages'))).toBe(12)
    expect(Math.round(messages('leaderless store: read: messages'))).toBe(6)
    expect(Math.round(messages('signed store: read: messages'))).toBe(8)
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
}
