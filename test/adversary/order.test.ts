/** Behaviours against an order of requests and who proposes it: what they do, what they keep from doing, what it leads to. */
import { expect, it } from 'vitest'
import { reporting } from '../../src/adversary/behaviour.ts'
import { findBehaviour } from '../../src/adversary/index.ts'
import { textOf, type Utterance, Wire } from '../../src/adversary/wire.ts'
import { doubleEcho } from '../../src/catalogue/double-echo.ts'
import { pbft } from '../../src/catalogue/pbft.ts'
import { BatchCodec } from '../../src/consensus/pbft/batch.ts'
import { BATCH_COMMANDS_MAX } from '../../src/consensus/pbft/constants.ts'
import { sameBytes } from '../../src/core/bytes.ts'
import { publicKeyOf } from '../../src/core/group.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { judge } from '../../src/laboratory/judge.ts'
import { type RunConfig, seededRun } from '../../src/laboratory/run-config.ts'
import { readEnvelope } from '../../src/replication/envelopes.ts'
import { type SimulationResult, simulate } from '../../src/simulator/simulation.ts'
import type { Stack } from '../../src/stacks/stack.ts'
import { declaredPorts, testGroup } from '../architecture/declared.ts'
import { crashConfig, unreached } from '../campaigns.ts'
import { extent } from '../extent.ts'

const wire = new Wire(declaredPorts(pbft), testGroup)
const crypto = { hash: defaultBackend.sha256 }
const codec = new BatchCodec(crypto, BATCH_COMMANDS_MAX)

interface Said {
  readonly time: number
  readonly by: number
  readonly to: number
  readonly utterance: Utterance
}

interface Watched {
  readonly result: SimulationResult
  readonly said: readonly Said[]
}

/** Runs against the stack, what liars said in each, and what they say that they did. */
function watched(adversary: string, runs: number, stack: Stack = pbft, members = 4) {
  const behaviour = findBehaviour(adversary)!
  const acts = new Map<string, number>()
  const faults = stack.resilience.largest(members)
  const ideal = { links: 'ideal', crypto: 'symbolic' } as const
  const config: RunConfig = { protocol: stack.name, members, faults, byzantine: faults, adversary, ...ideal }
  const all = Array.from({ length: runs }, (_, index): Watched => {
    const said: Said[] = []
    const result = simulate({
      ...seededRun(config, index + 1),
      behaviour: reporting(behaviour, (act) => acts.set(act, (acts.get(act) ?? 0) + 1)),
      onAct: (_kind, by, time, to, bytes) => {
        const utterance = wire.read(bytes)
        if (utterance !== undefined) said.push({ time, by, to, utterance })
      }
    })
    expect(judge(stack.name, result)).toEqual([])
    return { result, said }
  })
  return { all, acts }
}

const namedLiars = ({ result: { history, byzantine } }: Watched) =>
  history.events.flatMap((event) =>
    event.kind === 'fault' && byzantine.includes(event.fault.process) ? [event.fault] : []
  )

const proposals = ({ said }: Watched) =>
  said.filter(({ utterance }) => utterance.message.type === 'PRE-PREPARE')

/** The keys of who asked for what is in the batch, and its requests in their order. */
const requestsIn = ({ utterance }: Said) => {
  const { batch } = utterance.message
  const envelopes = batch instanceof Uint8Array ? (codec.decode(batch) ?? []) : []
  return envelopes.flatMap((envelope) => readEnvelope(crypto, envelope, BATCH_COMMANDS_MAX) ?? [])
}

const RUNS = extent(4, 40)

it('a censor proposes what others ask for, and nothing of some who ask; it is named by nobody, and left', () => {
  const { all, acts } = watched('censor', RUNS)
  expect(acts.get('request-censored')).toBeGreaterThan(0)
  let left = 0
  let censored = 0
  for (const run of all) {
    const { history, byzantine, publicKeys } = run.result
    const proposed = proposals(run).flatMap((one) => requestsIn(one))
    expect(namedLiars(run)).toEqual([])
    if (proposed.length > 0) left += run.result.landmarks.get('timeout-doubled') ?? 0
    const asking = history.events.flatMap(({ kind, process }) => (kind === 'invoke' ? [process] : []))
    const neglected = [...new Set(asking)].filter((process) => {
      const key = publicKeyOf(publicKeys.group, process)
      return key !== undefined && !proposed.some(({ client }) => sameBytes(client, key))
    })
    if (proposed.length > 0 && neglected.length > 0) censored++
    expect(byzantine.some((liar) => neglected.includes(liar))).toBe(false)
  }
  expect(censored).toBeGreaterThan(0)
  expect(left).toBeGreaterThan(0)
})

it('a dripper proposes one thing at a time, late, and loses nothing of it; it is named by nobody', () => {
  const { all, acts } = watched('drip', RUNS)
  expect(acts.get('proposal-held-back')).toBeGreaterThan(0)
  let apart = 0
  for (const run of all) {
    expect(namedLiars(run)).toEqual([])
    const { viewTimeoutMinMs = 0 } = run.result.history.bounds as { readonly viewTimeoutMinMs?: number }
    const times = new Map<number, Set<string>>()
    for (const { time, by, utterance } of proposals(run)) {
      const { view, sequence } = utterance.message
      times.set(time, (times.get(time) ?? new Set()).add(`${by} ${view} ${sequence}`))
    }
    for (const together of times.values()) expect(together.size).toBe(1)
    const sorted = [...times.keys()].sort((a, b) => a - b)
    const gaps = sorted.slice(1).map((time, index) => time - (sorted[index] ?? 0))
    // Its clock may be fast.
    for (const gap of gaps) expect(gap).toBeGreaterThan(viewTimeoutMinMs * 1000 * 0.7)
    apart += gaps.length
  }
  expect(apart).toBeGreaterThan(0)
})

it('who perjures itself about views tells one story for each of them, to all', () => {
  const { all, acts } = watched('perjure-views', extent(24, 60))
  for (const act of ['votes-denied', 'votes-changed', 'votes-invented', 'older-point-claimed'])
    expect(acts.get(act), act).toBeGreaterThan(0)
  for (const run of all) {
    const stories = new Map<string, Set<string>>()
    for (const { by, utterance } of run.said) {
      const { type, view } = utterance.message
      if (type !== 'VIEW-CHANGE' && type !== 'NEW-VIEW') continue
      const key = `${by} ${type} ${view}`
      stories.set(key, (stories.get(key) ?? new Set()).add(textOf(utterance.message)))
    }
    for (const [key, told] of stories) expect(told.size, key).toBe(1)
    // What it invents nobody can prove; what does not follow everybody can see, and who fetches a piece what is none.
    for (const { kind, detail } of namedLiars(run)) {
      expect(kind).toBe('protocol-violation')
      expect(detail).toMatch(/with what does not follow from the VIEW-CHANGEs|gives what is no chunk/)
    }
  }
})

it('what it hands over of a state is altered now and then, and not taken', () => {
  const config = { ...crashConfig(pbft, 6), byzantine: 1, adversary: 'perjure-views' }
  expect(unreached(config, 200, ['wrong-chunk-rejected'])).toEqual([])
})

it('who shows what does not follow is refused', () => {
  const { acts } = watched('perjure-views', extent(12, 40))
  expect(acts.get('what-follows-changed')).toBeGreaterThan(0)
  const config = { ...crashConfig(pbft, 4), byzantine: 1, adversary: 'perjure-views' }
  expect(unreached(config, 200, ['new-view-refused'])).toEqual([])
})

it('the faces of a liar propose different orders of what others ask for, not payloads alone', () => {
  const { all, acts } = watched('equivocate', extent(30, 60))
  expect(acts.get('request-left-out')).toBeGreaterThan(0)
  let differing = 0
  for (const run of all) {
    const keys = run.result.byzantine.map((liar) => run.result.publicKeys.group.publicKeys[liar]!)
    const orders = new Map<string, Set<string>>()
    for (const one of proposals(run)) {
      const requests = requestsIn(one)
      // Its own requests are other ones at each face.
      if (requests.length === 0 || requests.some(({ client }) => keys.some((key) => sameBytes(key, client))))
        continue
      const { view, sequence, digest } = one.utterance.message
      const number = `${one.by} ${view} ${sequence}`
      orders.set(number, (orders.get(number) ?? new Set()).add(textOf(digest ?? null)))
    }
    differing += [...orders.values()].filter((digests) => digests.size > 1).length
  }
  expect(differing).toBeGreaterThan(0)
})

it.each(['censor', 'drip', 'perjure-views'])('%s is correct where nobody orders anything', (adversary) => {
  const { all, acts } = watched(adversary, 3, doubleEcho)
  expect(acts).toEqual(new Map())
  expect(all.flatMap(namedLiars)).toEqual([])
})

it('the swarm draws them where members agree on an order, in some runs and for the whole of them', () => {
  const { acts } = watched('swarm', extent(12, 24))
  for (const name of ['censor', 'drip', 'perjure-views'])
    expect(acts.get(`drew-${name}`), name).toBeGreaterThan(0)
})
