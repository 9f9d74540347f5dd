/**
 * Safe and regular registers of one writer (Lamport, On Interprocess Communication, 1986; CGR11 Module 4.1).
 *
 * - regular: a read returns the value last written before it, or one that is being written while it runs
 * - safe: a read while nothing is being written returns the value last written; any other may return anything
 *
 * A write that was never answered (info) stays open for ever, also when its writer goes on: it may reach its object
 * late. So it is concurrent with every later read, which may return its value; and a safe register promises nothing
 * any more from then on. A write that failed did not happen.
 *
 * Both are defined for one writer, whose writes have an order. Where several write, or writes of one process
 * overlap, there is no last value, and the history is refused.
 */
import { type ObjectModel, roleOf } from './models.ts'
import {
  type Contradiction,
  canonical,
  describeOperation,
  HistoryError,
  type HistoryVerdict,
  type Json,
  type Operation,
  partition,
  precedes,
  shortName
} from './operations.ts'

type Consistency = 'safe' | 'regular'

interface Write {
  readonly operation: Operation
  /** Its value, as a name. */
  readonly leaves: string
}

const ABSENT = 'absent'

/** @throws {HistoryError} if the history does not fit the model, or has more than one writer of a key */
export const checkRegular = (operations: readonly Operation[], model: ObjectModel): HistoryVerdict =>
  check(operations, model, 'regular')

/** @throws {HistoryError} as {@link checkRegular} */
export const checkSafe = (operations: readonly Operation[], model: ObjectModel): HistoryVerdict =>
  check(operations, model, 'safe')

function check(
  operations: readonly Operation[],
  model: ObjectModel,
  consistency: Consistency
): HistoryVerdict {
  const parts = partition(operations)
  const histories = parts.map((part) => readsAndWrites(part, model, consistency))
  for (const [i, { reads, writes }] of histories.entries()) {
    const contradiction = firstWrongRead(reads, writes, model, consistency)
    if (contradiction !== undefined)
      return { keys: parts.length, contradiction: { key: parts[i]?.[0]?.key ?? undefined, ...contradiction } }
  }
  return { keys: parts.length, contradiction: undefined }
}

function readsAndWrites(
  operations: readonly Operation[],
  model: ObjectModel,
  consistency: Consistency
): { reads: Operation[]; writes: Write[] } {
  const reads: Operation[] = []
  const writes: Write[] = []
  for (const operation of [...operations].sort((a, b) => a.invoked - b.invoked)) {
    const { f, value, invoked, outcome } = operation
    const role = roleOf(model, operation)
    if (role === 'cas' || role === 'append')
      throw new HistoryError(`line ${invoked}: ${f}: ${consistency} is defined for reads and writes only`)
    if (role === 'read' && outcome === 'ok') reads.push(operation)
    if (role === 'read' || outcome === 'fail') continue
    requireOneWriter(writes.at(-1)?.operation, operation, consistency)
    writes.push({ operation, leaves: role === 'delete' ? ABSENT : canonical(value ?? null) })
  }
  return { reads, writes }
}

function requireOneWriter(last: Operation | undefined, next: Operation, consistency: Consistency): void {
  if (last === undefined) return
  if (last.process !== next.process)
    throw new HistoryError(
      `line ${next.invoked}: process ${shortName(next.process)} writes what process ${shortName(last.process)} has written: ${consistency} is defined for one writer of each key`
    )
  if (last.returned !== undefined && last.returned > next.invoked)
    throw new HistoryError(
      `line ${next.invoked}: the write begins before that of line ${last.invoked} has ended: ${consistency} is defined for one write at a time`
    )
}

function firstWrongRead(
  reads: readonly Operation[],
  writes: readonly Write[],
  model: ObjectModel,
  consistency: Consistency
): Omit<Contradiction, 'key'> | undefined {
  const initial = model.initial === undefined ? ABSENT : canonical(model.initial)
  // Answered writes return in their order, so what precedes a read is found from the last one on.
  const answered = writes.filter(({ operation }) => operation.returned !== undefined)
  const unanswered = writes.filter(({ operation }) => operation.returned === undefined)
  for (const read of reads) {
    const before = countBefore(answered, ({ operation }) => precedes(operation, read))
    const last = answered[before - 1]
    const begun = ({ operation }: Write) => !precedes(read, operation)
    const concurrent = unanswered.filter(begun)
    for (let i = before; i < answered.length && begun(answered[i]!); i++) concurrent.push(answered[i]!)
    const shown = (leaves: string) => shows(leaves, read.result ?? null)
    if (concurrent.length > 0 && consistency === 'safe') continue
    if (shown(last?.leaves ?? initial) || concurrent.some(({ leaves }) => shown(leaves))) continue
    return blame(
      read,
      last,
      writes.filter((write) => begun(write) && shown(write.leaves)),
      shown(initial)
    )
  }
  return undefined
}

/** How many of a list satisfy what holds of a beginning of it. */
function countBefore<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let [from, to] = [0, list.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (holds(list[middle]!)) from = middle + 1
    else to = middle
  }
  return from
}

const shows = (leaves: string, result: Json): boolean =>
  leaves === canonical(result) || (leaves === ABSENT && (result === null || result === ''))

/** @param sources - writes of the value that was read, all of them overwritten before */
function blame(
  read: Operation,
  last: Write | undefined,
  sources: readonly Write[],
  isInitial: boolean
): Omit<Contradiction, 'key'> {
  // What nobody had written is wrong whatever else happened; what was overwritten is, because of the last write.
  if (last === undefined || (sources.length === 0 && !isInitial))
    return {
      reason: `${describeOperation(read)}: nothing that had begun by then wrote this value`,
      operations: [read],
      context: last === undefined ? [] : [last.operation]
    }
  return {
    reason: `${describeOperation(read)}: ${describeOperation(last.operation)} was the last write before, and nothing that wrote the value that was read ran at the same time`,
    operations: [last.operation, read],
    context: sources.slice(-1).map(({ operation }) => operation)
  }
}
