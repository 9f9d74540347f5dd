/**
 * The simulator draws what a stack's model says: in campaigns of each named model everything comes up that it allows,
 * counted over seeds, and nothing that it excludes.
 */
import { describe, expect, it, test } from 'vitest'
import { defineMessages } from '../../src/core/messages.ts'
import {
  alteredModel,
  defineModel,
  failArbitrary,
  failSilent,
  failStop,
  type Model,
  namedModels,
  TIME_BOUNDS
} from '../../src/core/model.ts'
import { bytes, uint } from '../../src/core/shapes.ts'
import { broadcastProtocol } from '../../src/laboratory/broadcast-protocol.ts'
import { weakenings } from '../../src/laboratory/model-draws.ts'
import { recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack, planRun, type RunConfig } from '../../src/laboratory/run-config.ts'
import type { Choice, Planned } from '../../src/simulator/schedule.ts'
import { MS } from '../../src/simulator/scheduler.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(70, 700)

const messages = defineMessages({ DATA: [0, { sequence: uint(), payload: bytes(4096) }] })

/** Best-effort broadcast in that model; it promises what a member of it can. */
function configOf(model: Model, changes: Partial<RunConfig> = {}): RunConfig {
  const protocol = `in-${model.name.replaceAll(/[^a-z]+/g, '-')}`
  addStack(
    broadcastProtocol({
      name: protocol,
      model,
      properties: ['integrity', 'no duplication'],
      create(_env, ports, deliver) {
        const port = ports.open(protocol, messages, {
          deliver: (from, { sequence, payload }) => deliver(from, sequence, payload),
          resync() {}
        })
        return { broadcast: (sequence, payload) => port.sendAll({ type: 'DATA', sequence, payload }) }
      }
    })
  )
  return {
    protocol,
    members: 4,
    faults: 1,
    byzantine: 0,
    adversary: null,
    links: 'ideal',
    crypto: 'symbolic',
    ...changes
  }
}

/** Half of the runs of a model with liars have one; in the others its place is free for who is faulty otherwise. */
const withLiar = (config: RunConfig, { liars }: Model, seed: number): RunConfig =>
  liars && seed % 2 === 0 ? { ...config, byzantine: 1, adversary: 'swarm' } : config

type Fault =
  | 'lie'
  | 'crash for good'
  | 'crash and restart'
  | 'failed sync'
  | 'omitted sending'
  | 'omitted receiving'
  | 'cut session'
  | 'lost message'
  | 'doubled message'
  | 'partition'
  | 'message beyond the bound'
  | 'late message in the end'
  | 'clock that is off'
  | 'clock that drifts'
  | 'drift beyond the bound'
  | 'pause'
  | 'pause beyond the bound'
  | 'several unstable periods'

const FOR_EVER_US = 10 ** 9

function isPlanned<K extends Planned['kind']>(kind: K) {
  return (choice: Choice): choice is Extract<Choice, { kind: K }> => choice.kind === kind
}

/** What came up in one run, by its choices. */
function faultsOf(config: RunConfig, seed: number): ReadonlySet<Fault> {
  const { setup, rates } = planRun(config, seed)
  const { behaved, acted } = recordRun(config, seed)
  const { schedule } = behaved
  const found = new Set<Fault>()
  const add = (fault: Fault, is: boolean) => is && found.add(fault)
  add('lie', acted.schedule.some(isPlanned('act')))
  for (const { at, until } of schedule.filter(isPlanned('crash')))
    add(until - at > FOR_EVER_US ? 'crash for good' : 'crash and restart', true)
  add(
    'failed sync',
    schedule.some(({ kind }) => kind === 'sync-fails')
  )
  add(
    'omitted sending',
    schedule.some(({ kind }) => kind === 'omit-send')
  )
  add(
    'omitted receiving',
    schedule.some(({ kind }) => kind === 'omit-receive')
  )
  add('cut session', schedule.some(isPlanned('end-session')))
  add(
    'lost message',
    schedule.some(({ kind }) => kind === 'lose')
  )
  add(
    'doubled message',
    schedule.some(({ kind }) => kind === 'duplicate')
  )
  add('partition', schedule.some(isPlanned('partition')))
  for (const choice of schedule)
    if (choice.kind === 'delay')
      add('message beyond the bound', choice.us + 1000 > TIME_BOUNDS.latencyMs * MS)
  add('late message in the end', rates.neverFast === true)
  for (const { offsetMs, driftPpm } of schedule.filter(isPlanned('clock'))) {
    add('clock that is off', offsetMs !== 0)
    add('clock that drifts', driftPpm !== 0)
    add('drift beyond the bound', Math.abs(driftPpm) > TIME_BOUNDS.driftPpm)
  }
  for (const { at, until } of schedule.filter(isPlanned('pause'))) {
    add('pause', true)
    add('pause beyond the bound', until - at > TIME_BOUNDS.stepMs * MS)
    expect(until).toBeLessThanOrEqual(setup.healMs * MS)
  }
  add('several unstable periods', (rates.stable ?? []).length > 0)
  return found
}

/** In how many runs each came up. */
function counted(model: Model, changes: Partial<RunConfig> = {}): ReadonlyMap<Fault, number> {
  const counts = new Map<Fault, number>()
  const config = configOf(model, changes)
  for (let seed = 1; seed <= RUNS; seed++)
    for (const fault of faultsOf(withLiar(config, model, seed), seed))
      counts.set(fault, (counts.get(fault) ?? 0) + 1)
  return counts
}

/** What a model allows with ideal links. */
function allowedBy({ liars, crashes, omissions, links, timing }: Model): readonly Fault[] {
  const unbounded = timing === 'asynchronous' || timing === 'eventually bounded'
  const table: readonly (readonly [Fault, boolean])[] = [
    ['lie', liars],
    ['crash for good', crashes !== 'none'],
    ['crash and restart', crashes === 'recover'],
    ['failed sync', crashes === 'recover'],
    ['omitted sending', omissions === 'send' || omissions === 'both'],
    ['omitted receiving', omissions === 'receive' || omissions === 'both'],
    ['cut session', links === 'sessions'],
    ['lost message', links === 'fair-loss'],
    ['doubled message', links === 'fair-loss' && unbounded],
    ['partition', unbounded],
    ['message beyond the bound', unbounded],
    ['late message in the end', timing === 'asynchronous'],
    ['clock that is off', timing !== 'lockstep rounds'],
    ['clock that drifts', timing !== 'lockstep rounds'],
    ['pause', timing !== 'lockstep rounds'],
    ['pause beyond the bound', unbounded],
    ['several unstable periods', unbounded]
  ]
  return table.flatMap(([fault, is]) => (is ? [fault] : []))
}

const sorted = (faults: Iterable<Fault>) => [...faults].sort()

const own: readonly Model[] = [
  defineModel('nothing fails', { timing: 'lockstep rounds' }),
  defineModel('lockstep', { crashes: 'stop', timing: 'lockstep rounds' }),
  defineModel('omits to send', { omissions: 'send' }),
  defineModel('omits to receive', { omissions: 'receive', crashes: 'stop', timing: 'bounded' }),
  defineModel('omits both', { omissions: 'both', crashes: 'recover', links: 'sessions' }),
  defineModel('loses', { links: 'fair-loss', timing: 'bounded' }),
  defineModel('loses and doubles', { links: 'fair-loss', crashes: 'recover' }),
  defineModel('recovers in time', { crashes: 'recover', timing: 'bounded' })
]

describe.each([...namedModels, ...own].map((model) => [model.name, model] as const))('%s', (_, model) => {
  it('what it allows is drawn, and nothing that it excludes', () => {
    expect(sorted(counted(model).keys())).toEqual(sorted(allowedBy(model)))
  })
})

test('real links of a model with sessions lose frames, double them and have them overtaken', () => {
  const kinds = new Set<string>()
  const config = configOf(failArbitrary, { links: 'real' })
  for (let seed = 1; seed <= 12; seed++)
    for (const { kind } of recordRun(config, seed).behaved.schedule) kinds.add(kind)
  for (const kind of ['lose', 'duplicate', 'overtake']) expect(kinds).toContain(kind)
})

test('faults happen in unstable periods alone, and each of these has some', () => {
  const model = alteredModel(failArbitrary, { timing: 'eventually bounded' })
  const config = configOf(model)
  const reached = new Set<number>()
  for (let seed = 1; seed <= RUNS; seed++) {
    const { rates } = planRun(config, seed)
    const { stable = [], healMs } = rates
    const ends = [...stable.map(([from]) => from), healMs]
    const begins = [0, ...stable.map(([, until]) => until)]
    for (const choice of recordRun(config, seed).behaved.schedule) {
      const { kind } = choice
      if (kind !== 'crash' && kind !== 'partition' && kind !== 'end-session' && kind !== 'pause') continue
      const period = begins.findIndex((from, i) => from * MS <= choice.at && choice.at < (ends[i] ?? 0) * MS)
      expect(period).toBeGreaterThanOrEqual(0)
      const until = 'until' in choice ? choice.until : choice.at
      if (until < FOR_EVER_US) expect(until).toBeLessThanOrEqual((ends[period] ?? 0) * MS)
      reached.add(period)
    }
  }
  expect([...reached].sort()).toEqual([0, 1, 2])
})

test('as many are faulty as the group is set up for: liars, those that stay down and those that omit', () => {
  const model = defineModel('omits and stops', { omissions: 'both', crashes: 'stop' })
  const config = configOf(model, { members: 7, faults: 2 })
  let most = 0
  for (let seed = 1; seed <= RUNS; seed++) {
    const { schedule } = recordRun(config, seed).behaved
    const faulty = new Set(
      schedule.flatMap((choice) =>
        choice.kind === 'crash' || choice.kind === 'omit-send' || choice.kind === 'omit-receive'
          ? [choice.process]
          : []
      )
    )
    expect(faulty.size).toBeLessThanOrEqual(2)
    most = Math.max(most, faulty.size)
  }
  expect(most).toBe(2)
})

describe('broadcasts on perfect links', () => {
  it.each([failStop, failSilent].map((model) => [model.name, model] as const))(
    '%s: members crash in a campaign, and what is judged is what the others owe each other',
    (_, model) => {
      const config = { ...configOf(model), faults: 2 }
      let crashed = 0
      for (let seed = 1; seed <= RUNS; seed++) {
        const { result, violations } = recordRun(config, seed)
        expectNone(violations, `seed ${seed}`)
        if (result.history.events.some(({ kind }) => kind === 'crash')) crashed++
      }
      expect(crashed).toBeGreaterThan(RUNS / 3)
    }
  )
})

describe('beyond the model', () => {
  it('each run is worse in one way, and over seeds in each', () => {
    const counts = counted(failStop, { beyondModel: true })
    const beyond: readonly Fault[] = [
      'crash and restart',
      'omitted sending',
      'omitted receiving',
      'cut session',
      'lost message',
      'message beyond the bound',
      'late message in the end',
      'drift beyond the bound',
      'partition'
    ]
    for (const fault of beyond) {
      expect([fault, (counts.get(fault) ?? 0) > 0]).toEqual([fault, true])
      expect(counts.get(fault)).toBeLessThan(RUNS / 2)
    }
    expect(counts.get('lie')).toBeUndefined()
  })

  it('a perfect failure detector falls there, and nowhere else', () => {
    const config: RunConfig = { ...configOf(failStop), protocol: 'exclude-on-timeout', faults: 3 }
    const violated = (beyondModel: boolean) =>
      new Set(
        Array.from({ length: RUNS }, (_, i) => run({ ...config, beyondModel }, i + 1)).flatMap(
          ({ violations }) => violations.map(({ property }) => property)
        )
      )
    expect(violated(false)).toEqual(new Set())
    expect(violated(true)).toContain('strong accuracy')
  })

  it('where everything is allowed nothing is beyond; real links take away that messages are lost', () => {
    const ways = (model: Model, isReal: boolean) => weakenings(model, isReal).length
    expect(ways(defineModel('all', { ...failArbitrary, links: 'fair-loss' }), false)).toBe(0)
    expect(ways(failArbitrary, false)).toBe(1)
    expect(ways(failArbitrary, true)).toBe(0)
  })

  it('its runs are recorded and repeat', () => {
    const config = configOf(failStop, { beyondModel: true })
    for (let seed = 1; seed <= 10; seed++) {
      const { behaved, result } = recordRun(config, seed)
      expect(repeatRun(behaved).result.digest).toBe(result.digest)
    }
  })
})
