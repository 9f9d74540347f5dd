/** That a flood is one: what is offered reaches the members, and a row without that has no figure. Nothing is timed. */
import { describe, expect, test } from 'vitest'
import { attackerEnvironment, floodedPorts } from '../../src/bench/flood/attacker-environment.ts'
import { type Batch, batchOf } from '../../src/bench/flood/batch.ts'
import type { LoadReport } from '../../src/bench/flood/correct-load.ts'
import { rowOf } from '../../src/bench/flood/flood.ts'
import { type AttackerReport, FloodGroup, type Phase } from '../../src/bench/flood/flood-group.ts'
import { FLOOD_ATTACKERS, FLOOD_KINDS, type FloodKind, floodBudget } from '../../src/bench/flood/kinds.ts'
import { offerOf } from '../../src/bench/flood/offers.ts'
import { loopbackGroup } from '../../src/bench/loopback-group.ts'
import { concatBytes } from '../../src/core/bytes.ts'
import { frames } from '../../src/links/frames.ts'
import { storageMessages } from '../../src/registers/authenticated-storage.ts'
import { extent } from '../extent.ts'

/** The messages of a frame that has the batch in it, as a link decodes it. */
function decoded({ list }: Batch): readonly Uint8Array[] {
  const fields = { session: new Uint8Array(8), sequence: 1, ack: 0 }
  const empty = frames.encode({ type: 'DATA', ...fields, messages: [] })
  const frame = frames.decode(concatBytes(empty.subarray(0, -1), list))
  return frame?.type === 'DATA' ? frame.messages : []
}

test.each([0, 1, 23, 24, 255, 256, 4096])('a batch of %i messages is what a frame has of them', (count) => {
  const messages = Array.from({ length: count }, (_, i) => new Uint8Array((i * 97) % 300).fill(i))
  const found = decoded(batchOf(messages))
  expect(found.map(({ length }) => length)).toEqual(messages.map(({ length }) => length))
  expect(Buffer.compare(concatBytes(...found), concatBytes(...messages))).toBe(0)
})

describe('what is offered', () => {
  const made = loopbackGroup(4, 2).then(({ group, members, clients }) => {
    const env = attackerEnvironment(group, members[0]!.seed)
    const { paths, openPorts } = floodedPorts(env)
    const init = { env, paths, victim: clients[0]!.publicKey, stranger: members[1]!.publicKey }
    return { openPorts, offer: (kind: Exclude<FloodKind, 'INIT'>) => offerOf(kind, init) }
  })
  const kinds = FLOOD_KINDS.filter((kind) => kind !== 'INIT')

  test.each(kinds)('%s: many to a frame, each a message of its port', async (kind) => {
    const { openPorts, offer } = await made
    const messages = decoded(offer(kind)(0))
    expect(messages.length).toBeGreaterThan(200)
    const understood = messages.filter(
      (message) => openPorts[message[0] ?? -1]?.messages.decode(message.subarray(1)) !== undefined
    )
    expect(understood.length).toBe(kind === 'malformed' ? 0 : messages.length)
  })

  test.each(['bad signature', 'unknown writer', 'references without bodies'] as const)(
    '%s: no two are the same, so that none has been judged before',
    async (kind) => {
      const { offer } = await made
      const give = offer(kind)
      const batches = [give(0), give(1)].map((batch) => decoded({ ...batch, list: batch.list.slice() }))
      // The batch is the attacker's to change, so the first one is looked at again.
      const signatures = batches.flat().map((message) => {
        const write = storageMessages.decode(message.subarray(1))
        return write?.type === 'WRITE' ? Buffer.from(write.value.signature).toString('hex') : ''
      })
      if (kind === 'references without bodies') expect(new Set(signatures).size).toBe(signatures.length)
      else expect(new Set(signatures).size).toBeGreaterThanOrEqual(signatures.length / 2)
      expect(signatures).not.toContain('')
    }
  )
})

describe('a row', () => {
  const load = (completed: number, p99: number): LoadReport => ({
    completed,
    latenciesMs: [p99],
    unanswered: 0
  })
  const phase = (broadcasts: LoadReport, operations: LoadReport, peakMiB = 100): Phase => ({
    broadcasts,
    operations,
    cpuSeconds: 2,
    peakRssBytes: [90 * 2 ** 20, peakMiB * 2 ** 20],
    gaps: 0,
    cutOffs: 0,
    faults: []
  })
  const quiet = phase(load(1000, 10), load(500, 20))
  const enough: AttackerReport = {
    offered: 10 * 4 * 5 * floodBudget('client', 'LIST'),
    takenIn: 100,
    answered: 50,
    ended: 0,
    members: 4
  }
  const row = (flooded: Phase, report = enough, kind: FloodKind = 'LIST') =>
    rowOf('client', kind, 5, { quiet, flooded, report })

  test('is within bounds with what must be left, and says what became of what was offered', () => {
    const within = row(phase(load(600, 30), load(300, 60), 164))
    expect(within).toMatchObject({ offeredBudgets: 10, takenIn: 100, answered: 50, withinBounds: true })
    expect(within.waiting).toBe(enough.offered - 100)
    expect(within.figures).toMatchObject({
      broadcastsPerCpuSecond: { quiet: 500, flooded: 300, ratio: 0.6 },
      operationP99Ms: { ratio: 3 },
      memoryBytes: { growth: 64 * 2 ** 20 }
    })
  })

  test.each([
    ['too few broadcasts', phase(load(599, 30), load(300, 60))],
    ['too few operations', phase(load(600, 30), load(299, 60))],
    ['late broadcasts', phase(load(600, 31), load(300, 60))],
    ['late operations', phase(load(600, 30), load(300, 61))],
    ['too much memory', phase(load(600, 30), load(300, 60), 165)],
    ['operations without an answer', phase(load(600, 30), { ...load(300, 60), unanswered: 1 })]
  ])('is not with %s', (_, flooded) => {
    expect(row(flooded)).toMatchObject({ withinBounds: false, figures: expect.anything() })
  })

  test('has no figure where too little was offered, or the attacker cut off for what a correct process may do', () => {
    const few = row(quiet, { ...enough, offered: enough.offered - 1 })
    expect(few).toMatchObject({ without: 'less than 10 times the budget was offered', withinBounds: false })
    expect(few).not.toHaveProperty('figures')
    const cut = { ...quiet, cutOffs: 1 }
    expect(row(cut)).toMatchObject({
      without: 'it was cut off for what a correct process may do',
      withinBounds: false
    })
    // For what no correct process does it may be.
    expect(row(cut, { ...enough, offered: 100 * enough.offered }, 'malformed')).toMatchObject({
      withinBounds: true
    })
  })
})

/** By npm test one of them; each with its control, in which nothing is offered yet. */
const attacks = extent(
  [['member', 'STATUS']] as const,
  FLOOD_ATTACKERS.flatMap((attacker) => FLOOD_KINDS.map((kind) => [attacker, kind] as const))
)

test.each(attacks)(
  'a %s that offers %s is heard by members that were at peace before',
  async (attacker, kind) => {
    const group = await FloodGroup.start(attacker)
    try {
      const quiet = await group.phase(200)
      expect(quiet.faults.filter((fault) => fault !== 'lagging')).toEqual([])
      for (const { latenciesMs, unanswered } of [quiet.broadcasts, quiet.operations])
        expect(latenciesMs.length).toBeGreaterThan(unanswered)
      await group.attack(kind)
      const takenIn = async () => (await group.report()).takenIn
      await expect.poll(takenIn).toBeGreaterThan(0)
      const report = await group.report()
      expect(report.offered).toBeGreaterThanOrEqual(report.takenIn)
      if (kind !== 'malformed') return
      const faults = async () => (await group.phase(1)).faults
      await expect.poll(faults).toContain('malformed')
    } finally {
      await group.end()
    }
  }
)
