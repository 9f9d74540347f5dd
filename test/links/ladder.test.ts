/** The textbook's ladder of links: each rung's properties, by name, over a network without the next. */
import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../../src/core/environment.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { LINK_MESSAGE_BYTES_MAX } from '../../src/links/constants.ts'
import { FifoLinks } from '../../src/links/fifo-links.ts'
import { PerfectLinks } from '../../src/links/perfect-links.ts'
import { STUBBORN_PERIOD_MS, STUBBORN_WINDOW, StubbornLinks } from '../../src/links/stubborn-links.ts'
import type { Transport } from '../../src/links/transport.ts'
import { numbered } from './authenticated-cluster.ts'
import { Cluster } from './harness.ts'

type Rung = 'stubborn' | 'perfect' | 'fifo'

/** A stack up to one rung, with what it delivered. */
function stack(env: Environment, transport: Transport, rung: Rung) {
  const delivered: { from: ProcessId; text: string }[] = []
  const indications = {
    deliver: (from: ProcessId, message: Uint8Array) => {
      delivered.push({ from, text: Buffer.from(message).toString() })
    }
  }
  const fifo = rung === 'fifo' ? new FifoLinks(env, 'fifo', indications) : undefined
  const perfect =
    rung === 'stubborn' ? undefined : new PerfectLinks(env, 'perfect', fifo?.indications ?? indications)
  const stubborn = new StubbornLinks(env, 'stubborn', transport, perfect?.indications ?? indications)
  perfect?.attach(stubborn)
  if (perfect !== undefined) fifo?.attach(perfect)
  const top = fifo ?? perfect ?? stubborn
  return {
    delivered,
    top,
    texts: () => delivered.map(({ text }) => text),
    send: (to: ProcessId, text: string) => top.send(to, Buffer.from(text)),
    receive: (from: ProcessId, frame: Uint8Array) => stubborn.receive(from, frame)
  }
}

function rough(rung: Rung, seed: number) {
  const cluster = new Cluster({ members: 2, seed }, (env, transport) => stack(env, transport, rung))
  Object.assign(cluster.network, { loss: 30, duplication: 30, jitterMs: 300 })
  const texts = numbered(200)
  for (const text of texts) {
    cluster.node(0).input((links) => links.send(1, text))
    cluster.time.advance(5)
  }
  cluster.time.advance(60_000)
  return { cluster, texts, delivered: cluster.links(1).texts() }
}

describe.each([1, 2, 3, 4])('over loss, duplication and reordering, seed %i', (seed) => {
  it('SL1 stubborn delivery, SL2 no creation: at least once, and silent once acknowledged', () => {
    const { cluster, texts, delivered } = rough('stubborn', seed)
    expect(new Set(delivered)).toEqual(new Set(texts))
    expect(delivered.length).toBeGreaterThan(texts.length)
    const before = cluster.recorded.length
    cluster.time.advance(10 * STUBBORN_PERIOD_MS)
    expect(cluster.recorded.length).toBe(before)
  })

  it('PL1 reliable delivery, PL2 no duplication: exactly once, in any order', () => {
    const { texts, delivered } = rough('perfect', seed)
    expect([...delivered].sort()).toEqual([...texts].sort())
    expect(delivered).not.toEqual(texts)
  })

  it('FPL4 FIFO delivery: exactly once, in order', () => {
    const { texts, delivered, cluster } = rough('fifo', seed)
    expect(delivered).toEqual(texts)
    expect(JSON.stringify(cluster.links(1).top.state())).toContain('"pending":[[0,[]]]')
  })
})

describe.each(['stubborn', 'perfect', 'fifo'] as const)('%s links', (rung) => {
  it('give up a peer that acknowledges nothing, and only that one', () => {
    const cluster = new Cluster({ members: 3 }, (env, transport) => stack(env, transport, rung))
    cluster.crash(2)
    cluster.time.advance(1)
    for (let i = 0; i < STUBBORN_WINDOW + 10; i++) {
      cluster.node(0).input((links) => {
        links.send(1, `${i}`)
        links.send(2, `${i}`)
      })
      if (i % 50 === 0) cluster.time.advance(5)
    }
    cluster.time.advance(1000)
    expect(new Set(cluster.links(1).texts()).size).toBe(STUBBORN_WINDOW + 10)
    expect(cluster.node(0).faults).toMatchObject([{ process: 2, kind: 'lagging', certainty: 'suspected' }])
    const before = cluster.recorded.length
    cluster.time.advance(10_000)
    expect(cluster.recorded.length).toBe(before)
  })

  it('carry the largest message', () => {
    const cluster = new Cluster({ members: 2 }, (env, transport) => stack(env, transport, rung))
    const largest = 'y'.repeat(LINK_MESSAGE_BYTES_MAX)
    cluster.node(0).input((links) => links.send(1, largest))
    cluster.time.advance(10)
    expect(cluster.links(1).texts()[0]?.length).toBe(largest.length)
  })

  it('frames of any bytes do not throw', () => {
    const cluster = new Cluster({ members: 2 }, (env, transport) => stack(env, transport, rung))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => cluster.inject({ from: 0, to: 1, bytes }))
    )
    cluster.inject({ from: 4, to: 1, bytes: new Uint8Array(3) })
  })

  it('who sends what is no frame is suspected; a stranger is nobody', () => {
    const cluster = new Cluster({ members: 2 }, (env, transport) => stack(env, transport, rung))
    cluster.inject({ from: 4, to: 1, bytes: new Uint8Array(3) })
    expect(cluster.node(1).faults).toEqual([])
    cluster.inject({ from: 0, to: 1, bytes: new Uint8Array(3) })
    expect(cluster.node(1).faults).toMatchObject([{ process: 0, kind: 'malformed', certainty: 'suspected' }])
  })
})

it('perfect links take no number a window ahead: a set above the watermark stays bounded', () => {
  const cluster = new Cluster({ members: 2 }, (env, transport) => stack(env, transport, 'perfect'))
  const inject = (sequence: number) => {
    const numbered = encode([0, sequence, Uint8Array.of(120)])
    cluster.inject({ from: 0, to: 1, bytes: encode([0, sequence, numbered]) })
  }
  inject(STUBBORN_WINDOW + 1)
  expect(cluster.links(1).texts()).toEqual([])
  inject(STUBBORN_WINDOW)
  expect(cluster.links(1).texts()).toEqual(['x'])
})
