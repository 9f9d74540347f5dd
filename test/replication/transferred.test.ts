/**
 * A crash at every point of a transfer: a member comes back to a group that retains nothing of what it lacks, and
 * fetches a state. It crashes at each batch that it syncs and before each message that leaves; and so does one of those
 * that hand the state over. Whatever is left, the state is fetched in the end, and nothing is executed twice.
 */
import { expect, it } from 'vitest'
import { judge } from '../../src/laboratory/judge.ts'
import { type Setup, simulation } from '../../src/laboratory/run-config.ts'
import { ScheduledChoices } from '../../src/simulator/choices.ts'
import type { Choice, Planned } from '../../src/simulator/schedule.ts'
import { MS } from '../../src/simulator/scheduler.ts'
import { type SimulationResult, simulate } from '../../src/simulator/simulation.ts'
import { extent } from '../extent.ts'

const BEHIND = 3
const SOURCE = 1
const BACK_MS = 1000

const SETUP: Setup = {
  ...{ protocol: 'pbft', members: 4, clients: 0, faults: 1, byzantine: [], adversary: null },
  ...{ links: 'ideal', crypto: 'symbolic', seed: 1, healMs: 4000, livenessMs: 20_000 },
  options: {
    ...{ checkpointEvery: 2, batchCommandsMax: 1, batchesRetained: 0 },
    ...{ viewTimeoutMinMs: 100, viewTimeoutMaxMs: 1000 }
  }
}

const SCRIPT: readonly Planned[] = [
  { kind: 'crash', process: BEHIND, at: 2 * MS, until: BACK_MS * MS },
  // Each by itself, so that it is in a batch of its own; and two when the member is back.
  ...[...Array(14).keys()].map((index) => asked(index % 3, Math.floor(index / 3) + 1, 10 + 20 * index)),
  asked(0, 6, BACK_MS + 500),
  asked(BEHIND, 1, BACK_MS + 3000)
]

function asked(process: number, number: number, ms: number): Planned {
  return {
    ...{ kind: 'request', process, number, at: ms * MS },
    ...{ service: 'replica', name: 'submit', arguments: { bytes: 2 } }
  }
}

function run(...choices: readonly Choice[]): SimulationResult {
  const result = simulate(simulation(SETUP, new ScheduledChoices([...SCRIPT, ...choices])))
  expect(judge('pbft', result), JSON.stringify(choices)).toEqual([])
  return result
}

const whole = run()

/** Of a process, in the run without another crash: those from when the member was back. */
function pointsOf(process: number, event: 'sync' | 'send'): readonly number[] {
  const points = whole.counts.get(process)?.[event] ?? 0
  return Array.from({ length: points }, (_, index) => index + 1)
}

it('without another crash the state is installed', () => {
  expect(whole.landmarks.get('state-installed')).toBe(1)
})

it.each(['sync', 'send'] as const)('the member that is behind crashes at every %s', (event) => {
  let installed = 0
  const points = pointsOf(BEHIND, event)
  for (const number of points.filter((_, index) => index % extent(3, 1) === 0)) {
    const crash: Choice = { kind: 'crash-on', process: BEHIND, event, number, us: 30 * MS }
    const left = (['all', 'torn'] as const).map((what): Choice[] => [
      { kind: 'unsynced', process: BEHIND, number, left: what }
    ])
    for (const more of event === 'sync' ? [[], ...left] : [[]])
      installed += run(crash, ...more).landmarks.get('state-installed') ?? 0
  }
  expect(points.length).toBeGreaterThan(5)
  expect(installed).toBeGreaterThan(0)
})

it('one of those that hand the state over crashes at every send', () => {
  const points = pointsOf(SOURCE, 'send')
  let installed = 0
  for (const number of points.filter((_, index) => index % extent(20, 2) === 0)) {
    const crash: Choice = { kind: 'crash-on', process: SOURCE, event: 'send', number, us: 30 * MS }
    installed += run(crash).landmarks.get('state-installed') ?? 0
  }
  expect(installed).toBeGreaterThan(0)
})
