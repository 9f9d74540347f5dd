/** All that the mutants need of the laboratory: the one file to adapt when the laboratory changes. */
import { judge } from '../src/laboratory/judge.ts'
import { recordViolation } from '../src/laboratory/recording.ts'
import { run } from '../src/laboratory/run.ts'
import { planRun, type RunConfig, requireStack, simulation } from '../src/laboratory/run-config.ts'
import { shrink } from '../src/laboratory/shrink.ts'
import { type Rates, SeededChoices } from '../src/simulator/seeded-choices.ts'
import { simulate } from '../src/simulator/simulation.ts'
import type { Trial } from './mutant.ts'

export type { RunConfig }

/** What a run violates. */
export interface Finding {
  readonly property: string
  readonly detail: string
}

export function configOf({ protocol, members, adversary = 'swarm', ...trial }: Trial): RunConfig {
  const { links = 'ideal', signedSend = false } = trial
  const { resilience, model } = requireStack(protocol)
  const faults = resilience.largest(members)
  const { byzantine = model === 'fail-arbitrary' ? faults : 0 } = trial
  return {
    protocol,
    members,
    faults,
    byzantine: byzantine ?? faults,
    adversary: (byzantine ?? faults) === 0 ? null : adversary,
    links,
    crypto: 'symbolic',
    signedSend
  }
}

export function examine(config: RunConfig, seed: number): readonly Finding[] {
  return run(config, seed).violations
}

const NO_FAULTS: Partial<Rates> = {
  partitions: 0,
  sessionEnds: 0,
  lossPpm: 0,
  duplicationPpm: 0,
  overtakingPpm: 0,
  crashes: 0,
  stops: 0,
  slowLinks: false,
  lateAnswers: false,
  syncFailurePpm: 0,
  badClocks: false
}

/** What a register does wrong shows as soon as messages overtake each other: here all take equally long. */
const LOCKSTEP: Partial<Rates> = { latencyMsMax: 0.001 }

/** The same workload without liars, crashes and faults of the network: nothing may be found. */
export function examineFaultFree(config: RunConfig, seed: number): readonly Finding[] {
  const { setup, rates } = planRun({ ...config, byzantine: 0, adversary: null }, seed)
  const calm = { ...rates, ...NO_FAULTS, ...(rates.registers && LOCKSTEP) }
  const choices = new SeededChoices(seed, calm, setup.members + setup.clients, [])
  if (rates.registers !== undefined) choices.handshake = () => 0
  return judge(setup.protocol, simulate(simulation(setup, choices)))
}

export interface Shortest {
  /** Choices of the smallest run that still violates the property, and of the run that was found. */
  readonly choices: number
  readonly from: number
}

export function shortest(config: RunConfig, seed: number, property: string): Shortest {
  const recording = recordViolation(config, seed, property)
  const { recording: smallest } = shrink({ recording, property })
  return { choices: smallest.schedule.length, from: recording.schedule.length }
}
