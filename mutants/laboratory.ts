/** All that the mutants need of the laboratory: the one file to adapt when the laboratory changes. */
import { WITNESSED_PROPERTIES } from '../src/checkers/agreement/witness.ts'
import { judge } from '../src/laboratory/judge.ts'
import { type Recording, recordViolation, repeatRun } from '../src/laboratory/recording.ts'
import { run } from '../src/laboratory/run.ts'
import { planRun, type RunConfig, requireStack, simulation } from '../src/laboratory/run-config.ts'
import { shrink } from '../src/laboratory/shrink.ts'
import { TraceReader, writeTrace } from '../src/laboratory/trace-file.ts'
import { CALM, type Rates } from '../src/simulator/rates.ts'
import { SeededChoices } from '../src/simulator/seeded-choices.ts'
import { simulate } from '../src/simulator/simulation.ts'
import type { Trial } from './mutant.ts'

export type { Recording, RunConfig }

/** What a run violates. */
export interface Finding {
  readonly property: string
  readonly detail: string
}

export function configOf({ protocol, members, adversary = 'swarm', ...trial }: Trial): RunConfig {
  const { links = 'ideal' } = trial
  const { resilience, model } = requireStack(protocol)
  const faults = resilience.largest(members)
  const { byzantine = model.liars ? faults : 0 } = trial
  return {
    protocol,
    members,
    faults,
    byzantine: byzantine ?? faults,
    adversary: (byzantine ?? faults) === 0 ? null : adversary,
    links,
    crypto: 'symbolic'
  }
}

export function examine(config: RunConfig, seed: number): readonly Finding[] {
  return run(config, seed).violations
}

/** Of what was drawn that which is no fault. */
const withoutFaults = ({ healMs, latencyMsMax, workload, members }: Rates): Rates => ({
  ...CALM,
  healMs,
  latencyMsMax,
  workload,
  ...(members !== undefined && { members })
})

/** What a register does wrong shows as soon as messages overtake each other: here all take equally long. */
const LOCKSTEP: Partial<Rates> = { latencyMsMax: 0.001 }

/**
 * The same workload without liars, crashes and faults of the network: nothing may be found, but by who sees the whole
 * run. A write that is forgotten is missing on a disk before anything comes of it.
 */
export function examineFaultFree(config: RunConfig, seed: number): readonly Finding[] {
  const { setup, rates } = planRun({ ...config, byzantine: 0, adversary: null }, seed)
  const hasClients = setup.clients > 0
  const calm = { ...withoutFaults(rates), ...(hasClients && LOCKSTEP) }
  const choices = new SeededChoices(seed, calm, setup.members + setup.clients, [])
  if (hasClients) choices.handshake = () => 0
  return judge(setup.protocol, simulate(simulation(setup, choices))).filter(
    ({ property }) => !Object.hasOwn(WITNESSED_PROPERTIES, property)
  )
}

export interface Shortest {
  /** Choices of the smallest run that still violates the property, and of the run that was found. */
  readonly choices: number
  readonly from: number
}

/** Of a long run: how short it can be is told for people, and must not take longer than to find it. */
const SHRINKING_RUNS_MAX = 200

export function shortest(config: RunConfig, seed: number, property: string): Shortest {
  const recording = recordViolation(config, seed, property)
  const smallest = shrunk(recording, property, SHRINKING_RUNS_MAX)
  return { choices: smallest.schedule.length, from: recording.schedule.length }
}

/** @param runsMax - after so many the smallest one so far is good enough */
function shrunk(recording: Recording, property: string, runsMax = Number.POSITIVE_INFINITY): Recording {
  let tried = 0
  const onProgress = () => void tried++
  return shrink({ recording, property, onProgress, cancelled: () => tried >= runsMax }).recording
}

/** The smallest run that still violates the property, as the lines of a trace file without its events. */
export function scheduleLines(config: RunConfig, seed: number, property: string): readonly string[] {
  const smallest = shrunk(recordViolation(config, seed, property), property)
  const lines: string[] = []
  writeTrace(smallest, (line) => lines.push(line))
  return [...lines.slice(0, 1 + smallest.schedule.length), ...lines.slice(-1)]
}

export function readRecording(path: string, text: string): Recording {
  // Its last line vouches for the events, which are not kept.
  const reader = new TraceReader(path, { edited: true })
  for (const line of text.trimEnd().split('\n')) reader.line(line)
  const { setup, schedule } = reader.end()
  return { setup, schedule }
}

export const examineRecording = (recording: Recording): readonly Finding[] => repeatRun(recording).violations

/** The configuration that such a run could have been drawn in. */
export function configOfRecording({ setup }: Recording): RunConfig {
  const { protocol, members, faults, byzantine, adversary, links, crypto } = setup
  return {
    protocol,
    members,
    faults,
    byzantine: byzantine.length,
    adversary,
    links,
    crypto
  }
}
