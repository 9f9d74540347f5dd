/**
 * Operations of a history for the terminal: one lane for each process, time downward, an event a line. What
 * contradicts itself stands out from what only belongs to the story.
 */
import { canonical, labelOf, type Operation, type ProcessName, shortName } from '../checkers/operations.ts'
import { fitted, padded, widthOf } from './columns.ts'

/** picocolors' part that is used here. */
export interface TimelineColors {
  red(text: string): string
  dim(text: string): string
  bold(text: string): string
}

export interface TimelineOptions {
  readonly colors: TimelineColors
  /** To which lines are cut; undefined: they are as long as they are. */
  readonly columns?: number | undefined
  /** Makes text of a history fit for a terminal. */
  readonly printable: (text: string) => string
}

const LANES_MAX = 8
const OPERATIONS_MAX = 24
const GAP = 2

interface Mark {
  readonly at: number
  readonly lane: number
  readonly text: string
  readonly begins: boolean
  readonly operation: Operation
}

/** @param operations - those that contradict each other. @param context - drawn faintly */
export function timeline(
  operations: readonly Operation[],
  context: readonly Operation[],
  { colors, columns, printable }: TimelineOptions
): string {
  const drawn = [...operations.slice(0, OPERATIONS_MAX), ...context]
  const all = [...new Set(drawn.map(({ process }) => process))].sort(byName)
  const processes = all.slice(0, LANES_MAX)
  const shown = drawn.filter(({ process }) => processes.includes(process))
  const marks = shown.flatMap((operation) =>
    marksOf(operation, processes.indexOf(operation.process), printable, !context.includes(operation))
  )
  marks.sort((a, b) => a.at - b.at || Number(b.begins) - Number(a.begins))
  const names = processes.map((process) => printable(`process ${shortName(process)}`))
  const widths = names.map(
    (name, lane) =>
      GAP +
      Math.max(
        widthOf(name),
        ...marks.filter((mark) => mark.lane === lane).map(({ text }) => widthOf(text) + 2)
      )
  )
  const open = processes.map(() => 0)
  const lines = [
    fitted(
      `${'line'.padStart(8)}  ${names.map((name, i) => colors.bold(padded(name, widths[i]!))).join('')}`,
      columns
    )
  ]
  for (const mark of marks) {
    const faint = context.includes(mark.operation)
    const others = open[mark.lane]! - (mark.begins ? 0 : 1)
    const corner = others > 0 ? '┼' : mark.begins ? '┬' : '┴'
    open[mark.lane]! += mark.begins ? 1 : -1
    const lanes = processes.map((_, lane) => {
      const width = widths[lane]!
      if (lane !== mark.lane) return (open[lane]! > 0 ? '│' : ' ').padEnd(width)
      const text = padded(`${corner} ${mark.text}`, width)
      return faint ? colors.dim(text) : colors.red(text)
    })
    const line = `${colors.dim(String(mark.at).padStart(8))}  ${lanes.join('')}`.trimEnd()
    lines.push(fitted(line, columns))
  }
  const left = operations.length + context.length - shown.length
  if (left > 0) lines.push(colors.dim(`${''.padStart(10)}and ${left} more`))
  if (context.length > 0)
    lines.push('', colors.dim('* contradict each other; from the others may be what they read'))
  return lines.join('\n')
}

function marksOf(
  operation: Operation,
  lane: number,
  printable: (text: string) => string,
  wrong: boolean
): Mark[] {
  const { invoked, returned, outcome } = operation
  const text = `${printable(labelOf(operation))}${wrong ? ' *' : ''}`
  const begins = { at: invoked, lane, text, begins: true, operation }
  if (returned === undefined) return [begins]
  return [begins, { at: returned, lane, text: outcome, begins: false, operation }]
}

/** Numbers by size, then names by their letters. */
export function byName(a: ProcessName, b: ProcessName): number {
  if (typeof a === 'string' && typeof b === 'string') return canonical(a) < canonical(b) ? -1 : 1
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? 1 : -1
  return Number(a) - Number(b) || (canonical(a) < canonical(b) ? -1 : 1)
}
