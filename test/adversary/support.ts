/** Campaigns of one behaviour against one stack, and what it did to the correct members. */
import { type Behaviour, reporting } from '../../src/adversary/behaviour.ts'
import { Puppeteer } from '../../src/adversary/puppeteer.ts'
import { findStack } from '../../src/catalogue/index.ts'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import type { Violation } from '../../src/checkers/violation.ts'
import type { SimulationResult } from '../../src/simulator/simulation.ts'
import { type Asked, type RunChanges, runStack } from '../simulator/support.ts'

/** Broadcasts of each member's application in a run. */
export const BROADCASTS = 3

/** Crashes of correct members, partitions and ends of sessions beside the adversary. */
const hostileRates: Asked = {
  healMs: 1000,
  broadcasts: BROADCASTS,
  payloadBytesMax: 64,
  partitions: 1,
  sessionEnds: 2,
  crashes: 3
}
const hostile: RunChanges = { rates: hostileRates, livenessMs: 30_000 }

/** What a real network adds: loss, duplication and overtaking of frames. */
export const realLinks: RunChanges = {
  links: 'real',
  rates: { ...hostileRates, lossPpm: 20_000, duplicationPpm: 20_000, overtakingPpm: 20_000 }
}

/** The control: a Byzantine member that does nothing Byzantine. */
export const honest: Behaviour = {
  name: 'honest',
  powers: 'none',
  live: false,
  effect: {},
  create: (context) => new Puppeteer(context)
}

export interface Campaign {
  readonly runs: readonly SimulationResult[]
  /** Seed and first violation of each run that has one. */
  readonly violations: readonly (Violation & { readonly seed: number })[]
  /** What the Byzantine members say that they did, by name. */
  readonly acts: ReadonlyMap<string, number>
}

export interface CampaignInit {
  readonly stack: string
  readonly behaviour: Behaviour
  readonly members: number
  readonly byzantine: number
  readonly runs: number
  readonly firstSeed?: number
  readonly changes?: RunChanges
}

export function campaign(init: CampaignInit): Campaign {
  const { stack, members, byzantine, runs: count, firstSeed = 1, changes } = init
  const acts = new Map<string, number>()
  const behaviour = reporting(init.behaviour, (act) => acts.set(act, (acts.get(act) ?? 0) + 1))
  const runs: SimulationResult[] = []
  const violations: (Violation & { seed: number })[] = []
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const run = runStack(stack, members, seed, { ...hostile, byzantine, behaviour, ...changes })
    runs.push(run)
    const [violation] = checkBroadcast(run.history, findStack(stack)?.properties ?? [])
    if (violation !== undefined) violations.push({ ...violation, seed })
    const stopped = run.history.events.find(({ kind }) => kind === 'stop')
    if (stopped !== undefined) throw new Error(`seed ${seed}: ${JSON.stringify(stopped)}`)
  }
  return { runs, violations, acts }
}

/** How often the correct members reached a landmark. */
export function reached({ runs }: Campaign, landmark: string): number {
  return runs.reduce((sum, { landmarks }) => sum + (landmarks.get(landmark) ?? 0), 0)
}

/** How often a correct member named a Byzantine one for `kind`, or for anything. */
export function named({ runs }: Campaign, kind?: string): number {
  const matching = runs.map(
    ({ history, byzantine }) =>
      history.events.filter(
        (event) =>
          event.kind === 'fault' &&
          byzantine.includes(event.fault.process) &&
          (kind === undefined || event.fault.kind === kind)
      ).length
  )
  return matching.reduce((sum, count) => sum + count, 0)
}

/** Deliveries of Byzantine members' broadcasts at correct members: how many, and when on average. */
export function deliveriesFromByzantine({ runs }: Campaign): { count: number; meanMs: number } {
  const times = runs.flatMap(({ history, byzantine }) =>
    broadcastEvents(history).flatMap((event) =>
      event.kind === 'deliver' && byzantine.includes(event.sender) ? [event.time / 1000] : []
    )
  )
  return {
    count: times.length,
    meanMs: times.reduce((sum, time) => sum + time, 0) / Math.max(1, times.length)
  }
}

/** How many deliveries from Byzantine members there would be if they were correct. */
export function deliveriesIfCorrect({ runs }: Campaign): number {
  return runs.reduce((sum, { byzantine, history }) => {
    return sum + byzantine.length * BROADCASTS * history.correct.length
  }, 0)
}

/** How much of what the behaviour claims as its effect shows at the correct members. */
export function effectOf({ effect }: Behaviour, result: Campaign, control: () => Campaign): number {
  let shown = 0
  for (const landmark of effect.landmarks ?? []) shown += reached(result, landmark)
  for (const kind of effect.faults ?? []) shown += named(result, kind)
  const { count, meanMs } = deliveriesFromByzantine(result)
  if (effect.broadcasts === 'missing') shown += Math.max(0, deliveriesIfCorrect(result) - count)
  if (effect.broadcasts === 'late') shown += Math.max(0, meanMs - deliveriesFromByzantine(control()).meanMs)
  return shown
}
