/** The table of docs/testing.md says what the swarm draws: what is drawn in many runs comes to its bounds, and not beyond. */
import { expect, test } from 'vitest'
import { planRun, type RunConfig } from '../../src/laboratory/run-config.ts'
import { CALM, type Rates } from '../../src/simulator/rates.ts'
import type { Planned } from '../../src/simulator/schedule.ts'
import { MS } from '../../src/simulator/scheduler.ts'
import { SeededChoices } from '../../src/simulator/seeded-choices.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { documentAt } from './documents.ts'

const broadcasts: RunConfig = {
  protocol: 'byzantine-reliable-channel',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'swarm',
  links: 'real',
  crypto: 'symbolic'
}
const registers: RunConfig = { ...broadcasts, protocol: 'authenticated-data-atomic-register', links: 'ideal' }

const many = <T>(count: number, draw: (seed: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => draw(index + 1))

const plans = many(600, (seed) => planRun(broadcasts, seed))
const [late, onTime] = [true, false].map((isLate) =>
  many(600, (seed) => planRun(registers, seed)).filter(({ rates }) => (rates.lateAnswers ?? false) === isLate)
) as [typeof plans, typeof plans]

/** What one process is given again and again, where everything else is calm. */
const drawn = (rates: Partial<Rates>, draw: (choices: SeededChoices, number: number) => number) => {
  const choices = new SeededChoices(1, { ...CALM, ...rates }, 4, [])
  return many(5000, (number) => draw(choices, number) / MS)
}

function planned<K extends Planned['kind']>(kind: K, of: (choice: Extract<Planned, { kind: K }>) => number) {
  return [...plans, ...late].flatMap(({ setup, rates }, seed) =>
    new SeededChoices(seed, rates, setup.members + setup.clients, setup.byzantine).planned.flatMap(
      (choice) => (choice.kind === kind ? [of(choice as Extract<Planned, { kind: K }>)] : [])
    )
  )
}

const rate = (name: keyof Rates) => plans.map(({ rates }) => Number(rates[name]))
/** Who only reads does so more often. */
const READS_PER_WRITE = 3
const operations = (of: typeof plans) => of.map(({ rates }) => rates.workload.operationsMax / READS_PER_WRITE)
const lateAnswers = { lateAnswers: true }

/** Of a detector, whose timing is bounded, and of a register over crash-recovery, whose is so eventually. */
const crashes = {
  ...broadcasts,
  byzantine: 0,
  adversary: null,
  links: 'ideal',
  faults: 2,
  members: 5
} as const
const bounded = many(600, (seed) => planRun({ ...crashes, protocol: 'exclude-on-timeout' }, seed))
const eventually = many(1200, (seed) =>
  planRun({ ...crashes, protocol: 'logged-majority-voting-register' }, seed)
)
const pausesOf = (of: typeof plans) =>
  of.flatMap(({ setup, rates }) =>
    new SeededChoices(setup.seed, rates, setup.members + setup.clients, setup.byzantine).planned.flatMap(
      (choice) => (choice.kind === 'pause' ? [(choice.until - choice.at) / MS] : [])
    )
  )
const stable = eventually.flatMap(({ rates }) => rates.stable ?? [])
const retained = plans.map(({ setup }) => setup.options.retentionCountMax ?? 0)

const seen: Record<string, readonly number[]> = {
  'most milliseconds of a message': rate('latencyMsMax'),
  'milliseconds of a message on a slow link': drawn(lateAnswers, (choices, n) => choices.delay(0, 1, n, 0)),
  'frames lost, in a million (real links)': rate('lossPpm'),
  'frames doubled, in a million (real links)': rate('duplicationPpm'),
  'frames overtaken, in a million (real links)': rate('overtakingPpm'),
  'milliseconds until a session begins': drawn({}, (choices) => choices.handshake(0, 1)),
  'sessions that end': rate('sessionEnds'),
  partitions: rate('partitions'),
  'milliseconds of a sync': drawn({}, (choices) => choices.sync(0)),
  'milliseconds of a sync, where answers are late': drawn(lateAnswers, (choices) => choices.sync(0)),
  'syncs that fail, in a million': rate('syncFailurePpm'),
  crashes: rate('crashes'),
  'members that stop for good, of f = 2': bounded.map(({ rates }) => rates.stops ?? 0),
  'unstable periods': [...plans, ...eventually].map(({ rates }) => 1 + (rates.stable ?? []).length),
  'milliseconds of a stable period between two': stable.map(([from, until]) => until - from),
  'pauses of a slow process': [...plans, ...bounded].flatMap(({ rates }) => rates.pauses?.count ?? []),
  'milliseconds of a pause': pausesOf([...plans, ...eventually]),
  'milliseconds of a pause, where timing is bounded': pausesOf(bounded),
  'milliseconds of a message, where timing is bounded': drawn(
    { latencyMsMax: 300, latencyMsBound: 300 },
    (choices, n) => choices.delay(0, 1, n, 0)
  ),
  'milliseconds that a client is away, where answers are late': planned('crash-on', ({ us }) => us / MS),
  'milliseconds that a clock is off': planned('clock', ({ offsetMs }) => offsetMs),
  'millionths that a clock drifts': planned('clock', ({ driftPpm }) => driftPpm),
  'milliseconds that a clock jumps, once': planned('clock-jump', ({ ms }) => ms),
  'milliseconds to consume a delivery': drawn({}, (choices) => choices.consume(0)),
  'broadcasts of a member': plans.map(({ rates }, seed) => {
    return rates.workload.requests(0, false, new SeededRandom(seed, 'workload')).length
  }),
  'operations of a client': operations(onTime),
  'operations of a client, where answers are late': operations(late),
  clients: [...late, ...onTime].map(({ setup }) => setup.clients),
  'instances of a window': plans.map(({ setup }) => setup.options.windowInstances ?? 0),
  'instances that are retained': retained
}

const rows = new Map(
  [...documentAt('docs/testing.md').text.matchAll(/^\| ([^|]+?) +\| ((?:one of )?-?\d[^|]*?) +\|/gm)].map(
    ([, what = '', from = '']) => [what, from]
  )
)

test('the table has a row for each of what is drawn, and no other', () => {
  expect([...rows.keys()].sort()).toEqual(Object.keys(seen).sort())
})

test.each(Object.entries(seen))('%s: as the table says', (what, values) => {
  const from = rows.get(what) ?? ''
  const numbers = [...from.matchAll(/-?\d[\d,]*/g)].map(([text]) =>
    Number(text.replace(/,(?=\d{3})/g, '').replace(',', ''))
  )
  if (from.startsWith('one of ')) {
    expect([...new Set(values)].sort((a, b) => a - b)).toEqual(numbers)
    return
  }
  const [least = 0, most = 0] = numbers
  const edge = (most - least) / 20
  expect(Math.min(...values)).toBeGreaterThanOrEqual(least)
  expect(Math.min(...values)).toBeLessThanOrEqual(least + edge)
  expect(Math.max(...values)).toBeLessThanOrEqual(most)
  expect(Math.max(...values)).toBeGreaterThanOrEqual(most - edge)
})
