/** Simulated runs in a process of their own: run by simulator.ts. */

import { broadcastWorkload } from '../laboratory/abstractions/broadcasts.ts'
import { recordViolation } from '../laboratory/recording.ts'
import { run } from '../laboratory/run.ts'
import { planRun, type RunConfig, simulation } from '../laboratory/run-config.ts'
import { shrink } from '../laboratory/shrink.ts'
import { writeTrace } from '../laboratory/trace-file.ts'
import { RecordedChoices } from '../simulator/choices.ts'
import { TraceDigest } from '../simulator/digest.ts'
import { CALM } from '../simulator/rates.ts'
import { SeededChoices } from '../simulator/seeded-choices.ts'
import { simulate } from '../simulator/simulation.ts'
import { obeyParent } from './children.ts'
import type { SimulatorCommand, SimulatorReport } from './simulator.ts'
import { readUsage, startUsage } from './usage.ts'

const SWARM: RunConfig = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'swarm',
  links: 'ideal',
  crypto: 'symbolic'
}

/** Where a large violation is looked for, to be shrunk. */
const LARGE: RunConfig = { ...SWARM, members: 7, faults: 2, byzantine: 3 }
const LARGE_PROPERTY = 'consistency'

type Measured = Omit<SimulatorReport, 'elapsedMs' | 'usage'>

function obey(command: SimulatorCommand): SimulatorReport {
  startUsage()
  const began = performance.now()
  const measured = measure(command)
  return { ...measured, elapsedMs: performance.now() - began, usage: readUsage() }
}

function measure(command: SimulatorCommand): Measured {
  const { firstSeed, runs, links, crypto } = command
  switch (command.kind) {
    case 'swarm':
      return manyRuns(runs, (index) => {
        const { messages, digest, violations } = run({ ...SWARM, links, crypto }, firstSeed + index)
        return { messages, digest, violations: violations.length }
      })
    case 'correct':
      return manyRuns(runs, (index) => {
        const { choices, setup } = calmRun(firstSeed + index, 30, { links, crypto })
        const { messages, digest } = simulate(simulation(setup, choices))
        return { messages, digest, violations: 0 }
      })
    case 'shrink':
      return shrinkLarge(command.violationMessages)
    case 'long':
      return longRun(command.longBroadcasts)
  }
}

function manyRuns(
  runs: number,
  one: (index: number) => { readonly messages: number; readonly digest: string; readonly violations: number }
): Measured {
  const digests = new TraceDigest()
  let messages = 0
  let violations = 0
  for (let index = 0; index < runs; index++) {
    const outcome = one(index)
    digests.addText(outcome.digest)
    messages += outcome.messages
    violations += outcome.violations
  }
  return { messages, violations, digest: digests.hex(), size: runs }
}

/** Correct members that broadcast, and nothing else. */
function calmRun(seed: number, broadcasts: number, kinds: Pick<RunConfig, 'links' | 'crypto'>) {
  const { setup } = planRun({ ...SWARM, ...kinds, byzantine: 0, adversary: null }, seed)
  const withinMs = 100 + 10 * broadcasts
  const workload = broadcastWorkload({ broadcasts, payloadBytesMax: 64, withinMs })
  const rates = { ...CALM, healMs: withinMs, workload }
  const choices = new SeededChoices(seed, rates, setup.members, [])
  return { choices, setup: { ...setup, options: {}, healMs: rates.healMs } }
}

function shrinkLarge(messagesMin: number): Measured {
  for (let seed = 1; ; seed++) {
    const { messages, violations } = run(LARGE, seed)
    if (messages < messagesMin || !violations.some(({ property }) => property === LARGE_PROPERTY)) continue
    const recording = recordViolation(LARGE, seed, LARGE_PROPERTY)
    startUsage()
    const { recording: smallest, minimal, tried } = shrink({ recording, property: LARGE_PROPERTY })
    if (!minimal) throw new Error('the shrunk run is not 1-minimal')
    return { messages, violations: 0, digest: String(tried), size: smallest.schedule.length }
  }
}

/** A long run whose trace is told line by line, as it goes into a file. */
function longRun(broadcasts: number): Measured {
  const { choices, setup } = calmRun(1, broadcasts, { links: 'ideal', crypto: 'symbolic' })
  const recorded = new RecordedChoices(choices)
  simulate(simulation(setup, recorded))
  let lines = 0
  const { result } = writeTrace({ setup, schedule: recorded.schedule }, () => {
    lines++
  })
  return { messages: result.messages, violations: 0, digest: result.digest, size: lines }
}

obeyParent(obey)
