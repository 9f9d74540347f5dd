/** The rows of a flood as text. */
import type { Colors } from '../../program/output.ts'
import { type Flooded, type FloodResult, type FloodRow, rowName } from './flood.ts'

const KIND_WIDTH = 34
const COUNT_WIDTH = 12

const columns = (kind: string, ...others: readonly string[]): string =>
  kind.padEnd(KIND_WIDTH) + others.map((text) => text.padStart(COUNT_WIDTH)).join('')

export function floodHeader({ bold, dim }: Colors): string {
  return [
    bold('flood'),
    dim('offered to all members by one attacker; what is left, against the same group before'),
    dim(
      columns(
        '',
        'offered',
        'taken in',
        'answered',
        'waiting',
        'broadcasts',
        'operations',
        'p99',
        'p99 (ops)',
        'memory'
      )
    )
  ].join('\n')
}

export function describeFloodRow(row: FloodRow, { green, red, yellow }: Colors): string {
  const counts = [row.offered, row.takenIn, row.answered, row.waiting].map((count) =>
    count.toLocaleString('en')
  )
  const name = `  ${rowName(row)}`
  const { figures } = row
  if (figures === undefined) return yellow(`${columns(name, ...counts)}  no figure: ${row.without}`)
  const ratio = ({ ratio }: Flooded) => `x ${ratio.toFixed(2)}`
  const left = [
    ratio(figures.broadcastsPerCpuSecond),
    ratio(figures.operationsPerCpuSecond),
    ratio(figures.broadcastP99Ms),
    ratio(figures.operationP99Ms),
    `+${(figures.memoryBytes.growth / 2 ** 20).toFixed(0)} MiB`
  ]
  const more = [
    ...(figures.unanswered > 0 ? [`${figures.unanswered} unanswered`] : []),
    ...(figures.gaps > 0 ? [`${figures.gaps} gaps`] : [])
  ]
  const text = `${columns(name, ...counts, ...left)}  ${more.join(', ')}`.trimEnd()
  return row.withinBounds ? green(text) : red(text)
}

export function describeFlood({ bounds, withinBounds, rows }: FloodResult, { green, red }: Colors): string {
  const { perCpuSecondMin, p99Max, memoryBytesMax } = bounds
  const said =
    `broadcasts and operations a CPU second at least ${perCpuSecondMin}, p99 at most ${p99Max} times, ` +
    `no member more than ${memoryBytesMax / 2 ** 20} MiB above the quiet run's peak`
  const outside = rows.filter((row) => !row.withinBounds).length
  return withinBounds
    ? green(`within bounds: ${said}`)
    : red(`${outside} of ${rows.length} rows not: ${said}`)
}
