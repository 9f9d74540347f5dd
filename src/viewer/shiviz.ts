/**
 * A run as a log for ShiViz: the first line is the regular expression that reads it, the second the (empty) one that
 * separates executions; then two lines for each event, what happened, and where with its vector clock.
 */
import { vectorClocks } from './causality.ts'
import { describeEvent } from './describe.ts'
import type { DrawnRun } from './drawn-run.ts'

const EXPRESSION = '(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})'

export function shivizLog({ members, events, byzantine }: DrawnRun): string {
  const host = (process: number) => (byzantine.includes(process) ? `p${process}!` : `p${process}`)
  const clocks = vectorClocks(members, events)
  const lines = [EXPRESSION, '']
  events.forEach((event, index) => {
    const clock = clocks[index]
    if (clock === undefined) return
    // ShiViz takes an absent component for zero.
    const counts = clock.flatMap((count, process) => (count === 0 ? [] : [[host(process), count] as const]))
    lines.push(
      `${describeEvent(event)}  [${(event.time / 1000).toFixed(3)} ms]`,
      `${host(event.process)} ${JSON.stringify(Object.fromEntries(counts))}`
    )
  })
  return `${lines.join('\n')}\n`
}
