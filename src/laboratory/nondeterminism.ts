/** Whether a protocol does the same thing twice: what depends on anything but its inputs cannot be replayed. */
import type { Violation } from '../checkers/violation.ts'
import { type RunOutcome, run } from './run.ts'
import type { RunConfig } from './run-config.ts'

export function nondeterminism(config: RunConfig, seed: number, first: RunOutcome): Violation | undefined {
  const again = run(config, seed)
  const same = again.digest === first.digest && properties(again) === properties(first)
  return same ? undefined : differs(seed)
}

/** A run that was another one the second time. */
export function differs(seed: number): Violation {
  const detail = `the run with seed ${seed} is another one the second time: a component reads something that is not its input (a clock, Math.random, a global)`
  return { property: 'determinism', detail, at: 0 }
}

const properties = ({ violations }: RunOutcome) => violations.map(({ property }) => property).join()
