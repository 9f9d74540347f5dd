/**
 * A crash at every point of a change of views, at n = 4: at each batch that is synced (it is on the disk afterwards, a
 * part of it is, or it is not) and before each message that leaves, of the next primary and of the others. Nothing that
 * was voted for is forgotten, nothing is signed twice, and every command of who is up returns.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/laboratory/judge.ts'
import { type Setup, simulation } from '../../../src/laboratory/run-config.ts'
import { ScheduledChoices } from '../../../src/simulator/choices.ts'
import type { Choice, Planned } from '../../../src/simulator/schedule.ts'
import { MS } from '../../../src/simulator/scheduler.ts'
import { type SimulationResult, simulate } from '../../../src/simulator/simulation.ts'
import { extent } from '../../extent.ts'

const DOWN_US = 30 * MS

/** Who lies, and how: member 0 is the first primary, and member 1 the next one. */
interface Liar {
  readonly liar: 0 | 1
  readonly adversary: string
}

const setup = ({ liar, adversary }: Liar): Setup => ({
  ...{ protocol: 'pbft', members: 4, clients: 0, faults: 1, byzantine: [liar], adversary },
  ...{ links: 'ideal', crypto: 'symbolic', seed: 1, healMs: 500, livenessMs: 20_000 },
  options: { checkpointEvery: 2, batchCommandsMax: 2, viewTimeoutMinMs: 100, viewTimeoutMaxMs: 1000 }
})

/** A first primary that does not lie is away, so that its view is given up. */
const AWAY: Planned = { kind: 'crash', process: 0, at: 2 * MS, until: 400 * MS }

/** Each correct member asks for something at once, and again while the view changes or after it. */
const SUBMITS = (
  [
    [0, 1, 0],
    [1, 1, 0],
    [2, 1, 0],
    [3, 1, 0],
    [1, 2, 5],
    [2, 2, 110],
    [3, 2, 400]
  ] as const
).map(
  ([process, number, ms]): Planned => ({
    ...{ kind: 'request', process, number, at: ms * MS },
    ...{ service: 'replica', name: 'submit', arguments: { bytes: 2 } }
  })
)

function run(of: Liar, ...choices: readonly Choice[]): SimulationResult {
  const script = of.liar === 0 ? SUBMITS : [...SUBMITS, AWAY]
  const result = simulate(simulation(setup(of), new ScheduledChoices([...script, ...choices])))
  expect(judge('pbft', result), JSON.stringify(choices)).toEqual([])
  return result
}

/** By npm test every third point. */
const STEP = extent(3, 1)

/** What is left of the batch that is being synced. */
const LEFT = [undefined, 'all', 'torn'] as const

/** Each crash of the member at each of the points that the run without a crash has, and what all these reach. */
function crashedAtEvery(of: Liar, process: number, event: 'sync' | 'send') {
  const points = run(of).counts.get(process)?.[event] ?? 0
  const reached = new Map<string, number>()
  for (let number = 1; number <= points; number += STEP)
    for (const left of event === 'sync' ? LEFT : LEFT.slice(0, 1)) {
      const crash: Choice = { kind: 'crash-on', process, event, number, us: DOWN_US }
      const torn: Choice[] = left === undefined ? [] : [{ kind: 'unsynced', process, number, left }]
      const { history, landmarks } = run(of, crash, ...torn)
      expect(history.events.filter(({ kind }) => kind === 'crash')).toHaveLength(1 + of.liar)
      for (const [name, count] of landmarks) reached.set(name, (reached.get(name) ?? 0) + count)
    }
  return { points, reached }
}

/** Of a primary that withholds, votes are carried over; one that is silent has had none. */
const LIARS: readonly Liar[] = extent<Liar[]>(
  [{ liar: 0, adversary: 'withhold' }],
  [
    ...['withhold', 'silent', 'equivocate', 'drip'].map((adversary): Liar => ({ liar: 0, adversary })),
    ...['twins', 'equivocate', 'perjure-views', 'delay'].map((adversary): Liar => ({ liar: 1, adversary }))
  ]
)

describe.each(LIARS)('primary $liar does $adversary', (of) => {
  // The next primary, if it does not lie, and others; the first one is away as it is.
  const members = [...(of.liar === 0 ? [1] : []), ...extent<number[]>([], [2, 3])]

  it.each(members)('member %i crashes at every sync', (process) => {
    const { points, reached } = crashedAtEvery(of, process, 'sync')
    expect(points).toBeGreaterThan(10)
    expect(reached.get('restarted')).toBeGreaterThanOrEqual((3 * points) / STEP)
    expect(reached.get('torn-batch-dropped')).toBeGreaterThan(0)
    expect(reached.get('view-entered')).toBeGreaterThan(0)
    expect(reached.get('restarted-in-a-change')).toBeGreaterThan(0)
  })

  it.each(members)('member %i crashes at every send', (process) => {
    const { points, reached } = crashedAtEvery(of, process, 'send')
    expect(points).toBeGreaterThan(40)
    expect(reached.get('restarted')).toBeGreaterThanOrEqual(points / STEP)
    expect(reached.get('log-replayed')).toBeGreaterThan(0)
    expect(reached.get('restarted-in-a-change')).toBeGreaterThan(0)
  })
})
