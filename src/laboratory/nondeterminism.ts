/** Whether a protocol does the same thing twice: what depends on anything but its inputs cannot be replayed. */
import type { Violation } from '../checkers/violation.ts'
import { type RunOutcome, run } from './run.ts'
import type { RunConfig } from './run-config.ts'

export function nondeterminism(config: RunConfig, seed: number, first: RunOutcome): Violation | undefined {
  const again = run(config, seed)
  if (again.digest === first.digest) return undefined
  const detail = `the run with seed ${seed} is another one the second time: a component reads something that is not its input (a clock, Math.random, a global)`
  return { property: 'determinism', detail, at: 0 }
}
