/**
 * What is left for the correct ones while one member, or one client, offers as fast as it can what costs a member work:
 * each row beside the same group just before, when the attacker was connected and quiet.
 */
import { OperationError, UsageError } from '../../program/errors.ts'
import { percentile } from '../figures.ts'
import type { LoadReport } from './correct-load.ts'
import { type AttackerReport, FloodGroup, type Phase } from './flood-group.ts'
import {
  FLOOD_ATTACKERS,
  FLOOD_KINDS,
  type FloodAttacker,
  type FloodKind,
  floodBudget,
  mayBeCorrect
} from './kinds.ts'

export interface FloodPlan {
  /** Of each of the two phases of a row, after some of warming up. */
  readonly seconds: number
  /** Only those whose name has this: see {@link rowName}. */
  readonly rows?: string
  readonly onProgress: (what: string) => void
  readonly onRow: (row: FloodRow) => void
}

/** What must be left under a flood, of the quiet run's. */
export const FLOOD_BOUNDS = {
  perCpuSecondMin: 0.6,
  p99Max: 3,
  memoryBytesMax: 64 * 2 ** 20
} as const

/** Phases of warming up before the quiet one. */
const WARMING_UP = 3

/** Less offered than so many times the budget shows nothing. */
const OFFERED_BUDGETS_MIN = 10

export interface Flooded {
  readonly quiet: number
  readonly flooded: number
  readonly ratio: number
}

export interface FloodFigures {
  readonly broadcastsPerCpuSecond: Flooded
  readonly operationsPerCpuSecond: Flooded
  readonly broadcastP99Ms: Flooded
  readonly operationP99Ms: Flooded
  /** Of the member that has grown most. */
  readonly memoryBytes: Flooded & { readonly growth: number }
  /** Operations and broadcasts that got no answer. */
  readonly unanswered: number
  /** Deliveries that a member has missed for good. */
  readonly gaps: number
}

export interface FloodRow {
  readonly attacker: FloodAttacker
  readonly kind: FloodKind
  readonly seconds: number
  /** A second, by one member, for one peer. */
  readonly budget: number
  /** To all members together, as the attacker has counted; handshakes in frames, all others in messages. */
  readonly offered: number
  readonly takenIn: number
  readonly answered: number
  readonly waiting: number
  /** At each member, in budgets. */
  readonly offeredBudgets: number
  /** How often members have cut it off: for certain misconduct, not for being slow. */
  readonly cutOffs: number
  /** Sessions and connections of it that ended: for one that does not take what it is sent, too. */
  readonly ended: number
  readonly faults: readonly string[]
  /** Undefined if the row shows nothing, for the reason that is given. */
  readonly figures?: FloodFigures
  readonly without?: string
  readonly withinBounds: boolean
}

export interface FloodResult {
  readonly benchmark: 'flood'
  readonly seconds: number
  readonly bounds: typeof FLOOD_BOUNDS
  readonly rows: readonly FloodRow[]
  readonly withinBounds: boolean
}

export const rowName = ({ attacker, kind }: Pick<FloodRow, 'attacker' | 'kind'>): string =>
  `a ${attacker}: ${kind}`

/** @throws {UsageError} if there is no such row */
export async function benchFlood(plan: FloodPlan): Promise<FloodResult> {
  const { seconds, rows: wanted = '' } = plan
  const rows: FloodRow[] = []
  for (const attacker of FLOOD_ATTACKERS) {
    for (const kind of FLOOD_KINDS.filter((kind) => rowName({ attacker, kind }).includes(wanted))) {
      plan.onProgress(rowName({ attacker, kind }))
      const row = await floodRow(attacker, kind, seconds)
      rows.push(row)
      plan.onRow(row)
    }
  }
  if (rows.length === 0) throw new UsageError(`--rows ${wanted}: there is no such row`)
  const withinBounds = rows.every((row) => row.withinBounds)
  return { benchmark: 'flood', seconds, bounds: FLOOD_BOUNDS, rows, withinBounds }
}

async function floodRow(attacker: FloodAttacker, kind: FloodKind, seconds: number): Promise<FloodRow> {
  const group = await FloodGroup.start(attacker)
  const durationMs = 1000 * seconds
  try {
    // Until the heaps of members have grown to what the load takes: what a flood adds is to be seen, not that.
    await group.phase(WARMING_UP * durationMs)
    const quiet = await group.phase(durationMs)
    await group.attack(kind)
    const flooded = await group.phase(durationMs)
    return rowOf(attacker, kind, seconds, { quiet, flooded, report: await group.report() })
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    // A member that has stopped is the worst that a flood can do.
    return failedRow(attacker, kind, seconds, error.message)
  } finally {
    await group.end()
  }
}

interface Measured {
  readonly quiet: Phase
  readonly flooded: Phase
  readonly report: AttackerReport
}

export function rowOf(
  attacker: FloodAttacker,
  kind: FloodKind,
  seconds: number,
  { quiet, flooded, report }: Measured
): FloodRow {
  const { offered, takenIn, answered, ended, members } = report
  const { cutOffs } = flooded
  const budget = floodBudget(attacker, kind)
  const offeredBudgets = offered / members / (budget * seconds)
  const without =
    offeredBudgets < OFFERED_BUDGETS_MIN
      ? `less than ${OFFERED_BUDGETS_MIN} times the budget was offered`
      : cutOffs > 0 && mayBeCorrect(attacker, kind)
        ? 'it was cut off for what a correct process may do'
        : undefined
  const row = {
    attacker,
    kind,
    seconds,
    budget,
    offered,
    takenIn,
    answered,
    waiting: offered - takenIn,
    offeredBudgets,
    cutOffs,
    ended,
    faults: flooded.faults
  }
  if (without !== undefined) return { ...row, without, withinBounds: false }
  const figures = figuresOf(quiet, flooded)
  return { ...row, figures, withinBounds: isWithin(figures) }
}

function failedRow(attacker: FloodAttacker, kind: FloodKind, seconds: number, why: string): FloodRow {
  const nothing = {
    offered: 0,
    takenIn: 0,
    answered: 0,
    waiting: 0,
    offeredBudgets: 0,
    cutOffs: 0,
    ended: 0,
    faults: []
  }
  return {
    attacker,
    kind,
    seconds,
    budget: floodBudget(attacker, kind),
    ...nothing,
    without: why,
    withinBounds: false
  }
}

function figuresOf(quiet: Phase, flooded: Phase): FloodFigures {
  const of = (pick: (phase: Phase) => number): Flooded => {
    const [before, after] = [pick(quiet), pick(flooded)]
    return { quiet: before, flooded: after, ratio: after / before }
  }
  const perCpuSecond = (pick: (phase: Phase) => LoadReport) =>
    of((phase) => pick(phase).completed / phase.cpuSeconds)
  const p99 = (pick: (phase: Phase) => LoadReport) => of((phase) => percentile(pick(phase).latenciesMs, 0.99))
  const growths = flooded.peakRssBytes.map(
    (peak, member) => peak - (quiet.peakRssBytes[member] ?? Number.NaN)
  )
  return {
    broadcastsPerCpuSecond: perCpuSecond(({ broadcasts }) => broadcasts),
    operationsPerCpuSecond: perCpuSecond(({ operations }) => operations),
    broadcastP99Ms: p99(({ broadcasts }) => broadcasts),
    operationP99Ms: p99(({ operations }) => operations),
    memoryBytes: { ...of(({ peakRssBytes }) => Math.max(...peakRssBytes)), growth: Math.max(...growths) },
    unanswered: flooded.broadcasts.unanswered + flooded.operations.unanswered,
    gaps: flooded.gaps
  }
}

function isWithin(figures: FloodFigures): boolean {
  const { broadcastsPerCpuSecond, operationsPerCpuSecond, broadcastP99Ms, operationP99Ms } = figures
  const { perCpuSecondMin, p99Max, memoryBytesMax } = FLOOD_BOUNDS
  return (
    [broadcastsPerCpuSecond, operationsPerCpuSecond].every(({ ratio }) => ratio >= perCpuSecondMin) &&
    [broadcastP99Ms, operationP99Ms].every(({ ratio }) => ratio <= p99Max) &&
    figures.memoryBytes.growth <= memoryBytesMax &&
    figures.unanswered === 0
  )
}
