/**
 * Balances: what the source counts up and down again, windows and budgets of every kind. What was taken is given back in
 * the end, all of it and once: then there is exactly as much to be had as in the beginning.
 */
import fc from 'fast-check'

/** One step of a workload, of however many there are to choose from; the balance says what it means. */
export interface Step {
  readonly what: number
  readonly much: number
}

export interface Ledger {
  do(step: Step): void
  /** All that is under way is acknowledged, answered, given up or over. */
  settle(): void
  /** What can be had now: of a settled ledger all there is. It may use it up. */
  left(): unknown | Promise<unknown>
}

export interface Balance {
  readonly name: string
  /** What the source counts, as counted.ts finds it: its file from src/, and what is counted. */
  readonly counts: readonly string[]
  begin(): Ledger | Promise<Ledger>
  /** What is {@link Ledger.left} of a settled ledger, whatever was done. */
  readonly whole: unknown
  /** Of a workload at most, and at least half of it; those of whole groups are dear. Default 60. */
  readonly stepsMax?: number
  /** How many workloads are tried by `npm test`. Default 40. */
  readonly runs?: number
}

/** How often a workload is done and settled: what is short or over by a little is so by more. */
const ROUNDS = 2

/** What is left when the workload was done, and all of it settled. */
export async function leftAfter({ begin }: Balance, workload: readonly Step[]): Promise<unknown> {
  const ledger = await begin()
  if (workload.length === 0) ledger.settle()
  for (let round = 0; round < ROUNDS && workload.length > 0; round++) {
    for (const one of workload) ledger.do(one)
    ledger.settle()
  }
  return ledger.left()
}

/** Workloads for a balance. */
export function workloadsOf({ stepsMax = 60 }: Balance): fc.Arbitrary<Step[]> {
  const step = fc.record({ what: fc.nat(1000), much: fc.nat(100_000) })
  return fc.array(step, { minLength: stepsMax / 2, maxLength: stepsMax })
}
