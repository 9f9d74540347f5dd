/** Simulated runs of a register stack: three clients, the first of which writes, or all of which do both. */
import type { Behaviour } from '../../src/adversary/behaviour.ts'
import { findStack } from '../../src/catalogue/index.ts'
import { checkRegister } from '../../src/checkers/registers.ts'
import type { Violation } from '../../src/checkers/violation.ts'
import type { SimulationResult } from '../../src/simulator/simulation.ts'
import type { RegisterStack } from '../../src/stacks/stack.ts'
import { type Asked, type RunChanges, runStack } from '../simulator/support.ts'

export const SIGNED_REGISTERS = [
  'authenticated-data-register',
  'authenticated-data-atomic-register',
  'authenticated-data-shared-register',
  'key-value-store'
]
const CLIENTS = 3

export function registerStack(name: string): RegisterStack {
  const stack = findStack(name)
  if (stack?.abstraction !== 'register') throw new Error(`no register ${name}`)
  return stack
}

export function runRegister(
  name: string,
  members: number,
  seed: number,
  operations: number,
  changes: RunChanges = {}
): SimulationResult {
  const { writers } = registerStack(name)
  const registers = { members, writers, operations, withinMs: 1000 }
  const rates = { broadcasts: 3, ...changes.rates, registers }
  return runStack(name, members, seed, { ...changes, clients: CLIENTS, rates })
}

/** What the run violates of what the stack promises; and that no process of ours stopped. */
export function violationsOf(name: string, { history }: SimulationResult): Violation[] {
  const stopped = history.events.find(({ kind }) => kind === 'stop')
  if (stopped !== undefined) throw new Error(JSON.stringify(stopped))
  const { properties, consistency } = registerStack(name)
  return checkRegister(history, properties, consistency)
}

/** Crashes of correct members and clients, partitions and ends of sessions beside the adversary. */
const HOSTILE: Asked = {
  healMs: 1000,
  payloadBytesMax: 64,
  partitions: 1,
  sessionEnds: 2,
  crashes: 3
}

/** What a real network adds: loss, duplication and overtaking of frames. */
const REAL: Asked = { lossPpm: 20_000, duplicationPpm: 20_000, overtakingPpm: 20_000 }

export interface CampaignInit {
  readonly stack: string
  readonly members: number
  readonly byzantine: number
  readonly behaviour: Behaviour
  readonly runs: number
  readonly links?: 'ideal' | 'real'
}

export interface Campaign {
  readonly runs: readonly SimulationResult[]
  /** Of the properties of the stack, by name; each with its seed. */
  readonly violations: readonly (Violation & { readonly seed: number })[]
}

export function campaign({ stack, members, links = 'ideal', runs: count, ...init }: CampaignInit): Campaign {
  const runs: SimulationResult[] = []
  const violations: (Violation & { seed: number })[] = []
  const rates = links === 'real' ? { ...HOSTILE, ...REAL } : HOSTILE
  for (let seed = 1; seed <= count; seed++) {
    const run = runRegister(stack, members, seed, 6, { ...init, links, rates, livenessMs: 30_000 })
    runs.push(run)
    for (const violation of violationsOf(stack, run)) violations.push({ ...violation, seed })
  }
  return { runs, violations }
}

/** How often correct processes reached one of these landmarks. */
export const reached = ({ runs }: Campaign, ...landmarks: string[]): number =>
  runs.reduce((sum, run) => sum + landmarks.reduce((of, name) => of + (run.landmarks.get(name) ?? 0), 0), 0)

/** How often a Byzantine member was named by a correct process. */
export const named = ({ runs }: Campaign): number =>
  runs.reduce(
    (sum, { history, byzantine }) =>
      sum +
      history.events.filter((event) => event.kind === 'fault' && byzantine.includes(event.fault.process))
        .length,
    0
  )

/** Operations of clients that returned. */
export const returned = ({ runs }: Campaign): number =>
  runs.reduce((sum, { history }) => sum + history.events.filter(({ kind }) => kind === 'return').length, 0)
