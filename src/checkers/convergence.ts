/**
 * Convergence of eventually consistent stores: once updates have ended and spread, everybody reads the same, and it
 * is a value that somebody wrote. When they have spread is for the caller to say; a checker cannot know.
 */
import { type ObjectModel, roleOf } from './models.ts'
import {
  type Contradiction,
  canonical,
  describeOperation,
  type HistoryVerdict,
  type Json,
  type Operation,
  partition
} from './operations.ts'
import { composableLengths } from './texts.ts'

export interface ConvergenceOptions {
  /** Reads invoked from here on are final. Without it, the last read of each process is. */
  readonly finalFrom?: number
}

/** @throws {HistoryError} if the history does not fit the model */
export function checkConvergence(
  operations: readonly Operation[],
  model: ObjectModel,
  { finalFrom }: ConvergenceOptions = {}
): HistoryVerdict {
  const parts = partition(operations)
  for (const part of parts) {
    const ordered = [...part].sort((a, b) => a.invoked - b.invoked)
    const contradiction = judge(ordered, finalReads(ordered, model, finalFrom), model)
    if (contradiction !== undefined)
      return { keys: parts.length, contradiction: { key: part[0]?.key ?? undefined, ...contradiction } }
  }
  return { keys: parts.length, contradiction: undefined }
}

function finalReads(
  operations: readonly Operation[],
  model: ObjectModel,
  from: number | undefined
): Operation[] {
  const reads = operations.filter(
    (operation) => roleOf(model, operation) === 'read' && operation.outcome === 'ok'
  )
  if (from !== undefined) return reads.filter(({ invoked }) => invoked >= from)
  return [...new Map(reads.map((read) => [read.process, read])).values()]
}

function judge(
  operations: readonly Operation[],
  reads: readonly Operation[],
  model: ObjectModel
): Omit<Contradiction, 'key'> | undefined {
  const [first] = reads
  if (first === undefined) return undefined
  const value = nameOf(first.result ?? null, model)
  const other = reads.find(({ result }) => nameOf(result ?? null, model) !== value)
  if (other !== undefined)
    return {
      reason: `${describeOperation(first)}, ${describeOperation(other)}: final reads that do not agree`,
      operations: [first, other],
      context: []
    }
  if (mayBeFinal(first.result ?? null, operations, model)) return undefined
  return { reason: `${describeOperation(first)}: nobody wrote that`, operations: [first], context: [] }
}

/** An absent key shows as null or as "". */
const nameOf = (value: Json, model: ObjectModel): string =>
  model.initial === undefined && value === '' ? 'null' : canonical(value)

function mayBeFinal(value: Json, operations: readonly Operation[], model: ObjectModel): boolean {
  const values: Json[] = []
  const pieces = new Set<string>()
  let changed = false
  for (const operation of operations) {
    const role = roleOf(model, operation)
    if (role === 'read' || operation.outcome === 'fail') continue
    changed ||= operation.outcome === 'ok'
    if (role === 'append') pieces.add(operation.value as string)
    else if (role === 'delete') values.push(null)
    else values.push(role === 'cas' ? (operation.value as readonly Json[])[1]! : (operation.value ?? null))
  }
  // What there was at first may be final only if nothing is known to have taken its place.
  if (!changed) values.push(model.initial ?? null)
  if (values.some((written) => nameOf(written, model) === nameOf(value, model))) return true
  if (typeof value !== 'string' || pieces.size === 0) return false
  const bases = new Set(
    values.map((base) => (typeof base === 'string' ? base : base === null ? '' : canonical(base)))
  )
  return composableLengths(value, bases.add(''), pieces).has(value.length)
}
