/** Histories as a book draws them: a line for each process, an operation as `f value` between its two moments. */
import type { Json, Operation, Outcome } from '../../src/checkers/operations.ts'

interface Drawn {
  readonly key?: Json
  readonly outcome?: Outcome
}

/** For a read, `value` is what it returned; `cas` takes `[old, new]`. Without `returned` it was never answered. */
export function op(
  process: number | string,
  f: string,
  value: Json | undefined,
  invoked: number,
  returned?: number,
  { key, outcome = returned === undefined ? 'info' : 'ok' }: Drawn = {}
): Operation {
  const reads = f === 'read' || f === 'get'
  return {
    process,
    f,
    key,
    value: reads ? undefined : value,
    result: reads ? value : undefined,
    invoked,
    returned,
    outcome
  }
}
