/**
 * Convergence of eventually consistent stores: once updates have ended and spread, everybody reads the same, and it
 * is a value that somebody had written before, of appends each at most once. When they have spread is for the caller
 * to say; a checker cannot know. An object that nobody read then has not converged, nor failed to: it is not known.
 */
import { type ObjectModel, roleOf } from './models.ts'
import {
  type Contradiction,
  canonical,
  describeOperation,
  type HistoryVerdict,
  type Json,
  type Operation,
  partition,
  precedes,
  shortValue,
  UndecidedError
} from './operations.ts'

export interface ConvergenceOptions {
  /**
   * Reads invoked from here on are final. Without it, the last read of each process is, if it was invoked after the
   * last update had returned.
   */
  readonly finalFrom?: number
}

export interface ConvergenceVerdict extends HistoryVerdict {
  /** Why it is not known of some object whether it has converged: nobody read it at the end. */
  readonly inconclusive: string | undefined
}

/** How many pieces are looked at to put a text together out of appends, before it is called undecided. */
const PIECES_EFFORT_MAX = 50_000_000

/**
 * @throws {HistoryError} if the history does not fit the model
 * @throws {UndecidedError} if it is too hard to decide
 */
export function checkConvergence(
  operations: readonly Operation[],
  model: ObjectModel,
  { finalFrom }: ConvergenceOptions = {}
): ConvergenceVerdict {
  const parts = partition(operations)
  const unread: string[] = []
  for (const part of parts) {
    const ordered = [...part].sort((a, b) => a.invoked - b.invoked)
    const reads = finalReads(ordered, model, finalFrom)
    const key = part[0]?.key ?? undefined
    if (reads.length === 0) unread.push(key === undefined ? 'the object' : `key ${shortValue(key)}`)
    const contradiction = judge(ordered, reads, model)
    if (contradiction !== undefined)
      return { keys: parts.length, contradiction: { key, ...contradiction }, inconclusive: undefined }
  }
  // A history of nothing is one of an object that nobody read.
  if (parts.length === 0) unread.push('the object')
  const inconclusive =
    unread.length === 0 ? undefined : `convergence is not known: nobody read ${unread.join(', ')} at the end`
  return { keys: parts.length, contradiction: undefined, inconclusive }
}

function finalReads(
  operations: readonly Operation[],
  model: ObjectModel,
  from: number | undefined
): Operation[] {
  const all = operations.map((operation) => ({ operation, role: roleOf(model, operation) }))
  const reads = all.filter(({ operation, role }) => role === 'read' && operation.outcome === 'ok')
  const final = reads.map(({ operation }) => operation)
  if (from !== undefined) return final.filter(({ invoked }) => invoked >= from)
  const updates = all.filter(({ operation, role }) => role !== 'read' && operation.outcome === 'ok')
  const last = new Map(final.map((read) => [read.process, read]))
  return [...last.values()].filter((read) => updates.every(({ operation }) => precedes(operation, read)))
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
  // Each by itself: what was written before one of them may not have been before another.
  for (const read of reads) {
    const before = operations.filter(({ invoked }) => read.returned === undefined || invoked <= read.returned)
    if (mayBeFinal(read.result ?? null, before, model)) continue
    const later = mayBeFinal(read.result ?? null, operations, model)
    const why = later ? 'nobody had written that yet' : 'nobody wrote that'
    return { reason: `${describeOperation(read)}: ${why}`, operations: [read], context: [] }
  }
  return undefined
}

/** An absent key shows as null or as "". */
const nameOf = (value: Json, model: ObjectModel): string =>
  model.initial === undefined && value === '' ? 'null' : canonical(value)

function mayBeFinal(value: Json, operations: readonly Operation[], model: ObjectModel): boolean {
  const values: Json[] = []
  const pieces: string[] = []
  let changed = false
  for (const operation of operations) {
    const role = roleOf(model, operation)
    if (role === 'read' || operation.outcome === 'fail') continue
    changed ||= operation.outcome === 'ok'
    if (role === 'append') pieces.push(operation.value as string)
    else if (role === 'delete') values.push(null)
    else values.push(role === 'cas' ? (operation.value as readonly Json[])[1]! : (operation.value ?? null))
  }
  // What there was at first may be final only if nothing is known to have taken its place.
  if (!changed) values.push(model.initial ?? null)
  if (values.some((written) => nameOf(written, model) === nameOf(value, model))) return true
  if (typeof value !== 'string' || pieces.length === 0) return false
  const bases = new Set(
    values.map((base) => (typeof base === 'string' ? base : base === null ? '' : canonical(base)))
  )
  return isComposed(value, bases.add(''), pieces)
}

/** Whether a text is one of the bases, followed by some of the pieces in some order, each taken once. */
function isComposed(whole: string, bases: ReadonlySet<string>, pieces: readonly string[]): boolean {
  const left = new Map<string, number>()
  for (const piece of pieces) if (piece !== '') left.set(piece, (left.get(piece) ?? 0) + 1)
  const texts = [...left.keys()]
  const take = (piece: string, count: number) => left.set(piece, (left.get(piece) ?? 0) - count)
  // How far one has come, and how much of each piece is left, say all that matters of the way there.
  const tried = new Set<string>()
  let effort = PIECES_EFFORT_MAX
  for (const base of bases) {
    if (!whole.startsWith(base)) continue
    // The way so far: how far it goes without a piece, and which piece is tried there.
    const way = [{ length: base.length, next: 0 }]
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      if (step.length === whole.length) return true
      effort -= texts.length
      if (effort < 0) throw new UndecidedError('too many ways to put a final value together out of appends')
      if (step.next === 0) {
        const name = `${step.length} ${[...left.values()].join(' ')}`
        if (tried.has(name)) step.next = texts.length
        tried.add(name)
      } else take(texts[step.next - 1]!, -1)
      const { length, next } = step
      const fits = (piece: string) => left.get(piece) !== 0 && whole.startsWith(piece, length)
      const found = texts.findIndex((piece, index) => index >= next && fits(piece))
      if (found < 0) way.pop()
      else {
        step.next = found + 1
        take(texts[found]!, 1)
        way.push({ length: length + texts[found]!.length, next: 0 })
      }
    }
  }
  return false
}
