/** Runs as data: a seeded run is recorded as its setup and schedule, from which it can be repeated without the seed. */
import type { Violation } from '../checkers/violation.ts'
import { RecordedChoices, ScheduledChoices } from '../simulator/choices.ts'
import type { Choice, Planned } from '../simulator/schedule.ts'
import { SeededChoices } from '../simulator/seeded-choices.ts'
import { type SimulationInit, type SimulationResult, simulate } from '../simulator/simulation.ts'
import { judge } from './judge.ts'
import { planRun, type RunConfig, type Setup, simulation } from './run-config.ts'

export interface Recording {
  readonly setup: Setup
  readonly schedule: readonly Choice[]
}

export interface JudgedRun {
  readonly result: SimulationResult
  readonly violations: readonly Violation[]
}

export interface RecordedRun extends JudgedRun {
  /** What the Byzantine members sent is part of the schedule: one message can be taken away. */
  readonly acted: Recording
  /** The Byzantine members run their behaviour again, with the same randomness. */
  readonly behaved: Recording
}

/** Draws the run from its seed, and writes down every choice. */
export function recordRun(config: RunConfig, seed: number): RecordedRun {
  const { setup, rates } = planRun(config, seed)
  const choices = new RecordedChoices(
    new SeededChoices(seed, rates, setup.members + setup.clients, setup.byzantine)
  )
  const result = simulate({ ...simulation(setup, choices), onAct: (...act) => choices.act(...act) })
  const isAct = ({ kind }: Choice) => kind === 'act' || kind === 'frame'
  // What Byzantine applications ask for shows in what their members send.
  const isAsked = (choice: Choice) => choice.kind === 'request' && setup.byzantine.includes(choice.process)
  return {
    acted: {
      setup: { ...setup, adversary: null },
      schedule: choices.schedule.filter((choice) => !isAsked(choice))
    },
    behaved: { setup, schedule: choices.schedule.filter((choice) => !isAct(choice)) },
    result,
    violations: judge(setup.protocol, result)
  }
}

export type Watch = Pick<SimulationInit, 'sink' | 'states' | 'untilUs' | 'isOver' | 'onStop'>

export interface RepeatedRun extends JudgedRun {
  /** Choices that found nothing to act on. */
  readonly skipped: number
  /** Whether the choice found something to act on. */
  readonly applied: (choice: Choice) => boolean
}

/** Repeats a run by its schedule. */
export function repeatRun({ setup, schedule }: Recording, watch: Watch = {}): RepeatedRun {
  const choices = new ScheduledChoices(schedule)
  const result = simulate({ ...simulation(setup, choices), ...watch })
  const inapplicable = new Set<Choice>(result.skipped)
  return {
    result,
    violations: judge(setup.protocol, result),
    skipped: choices.skipped + inapplicable.size,
    applied: (choice) => choices.applied(choice) && !inapplicable.has(choice as Planned)
  }
}

/**
 * The recording in which the property is violated as in the run it was made from: with the acts as data if that
 * repeats it (with real links a turn's messages share a frame, and taking them apart may change what follows),
 * with the behaviour otherwise.
 */
export function recordViolation(config: RunConfig, seed: number, property: string): Recording {
  const { acted, behaved } = recordRun(config, seed)
  const violated = repeatRun(acted).violations.some((violation) => violation.property === property)
  return violated ? acted : behaved
}
