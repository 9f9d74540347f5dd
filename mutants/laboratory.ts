/** All that the mutants need of the laboratory: the one file to adapt when the laboratory changes. */
import { byzantineResilience } from '../src/core/quorum.ts'
import { judge } from '../src/laboratory/judge.ts'
import { recordViolation } from '../src/laboratory/recording.ts'
import { run } from '../src/laboratory/run.ts'
import { planRun, type RunConfig, simulation } from '../src/laboratory/run-config.ts'
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

export function configOf({
  protocol,
  members,
  byzantine = byzantineResilience(members),
  adversary = 'swarm',
  links = 'ideal',
  signedSend = false
}: Trial): RunConfig {
  const faults = byzantineResilience(members)
  return {
    protocol,
    members,
    faults,
    byzantine,
    adversary: byzantine === 0 ? null : adversary,
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
  syncFailurePpm: 0,
  badClocks: false
}

/** The same workload without liars, crashes and faults of the network: nothing may be found. */
export function examineFaultFree(config: RunConfig, seed: number): readonly Finding[] {
  const { setup, rates } = planRun({ ...config, byzantine: 0, adversary: null }, seed)
  const choices = new SeededChoices(seed, { ...rates, ...NO_FAULTS }, setup.members + setup.clients, [])
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
