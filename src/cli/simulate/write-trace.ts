/** Writes the trace file of a run, and says why its property is violated. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { EXPLAINED_EVENTS_MAX, explain } from '../../laboratory/explain.ts'
import { writeTrace } from '../../laboratory/trace-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import { describeEvent } from '../../viewer/describe.ts'
import { UsageError } from '../errors.ts'
import { fileError } from '../read-file.ts'
import type { Answer, Task } from './tasks.ts'

export function write({ recording, property, trace }: Extract<Task, { kind: 'write' }>): Answer {
  const events: TraceEvent[] = []
  try {
    const run = intoFile(trace, (line) =>
      writeTrace(recording, line, (event) => {
        if (events.length <= EXPLAINED_EVENTS_MAX) events.push(event)
      })
    )
    const { byzantine } = recording.setup
    const violation = run.violations.find((found) => found.property === property)
    const chain = violation === undefined ? [] : explain(events, violation, byzantine)
    const explanation = chain.flatMap((index) => {
      const event = events[index]
      return event === undefined ? [] : [describeEvent(event, byzantine)]
    })
    return { kind: 'written', explanation }
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'refused', reason: error.message }
    throw error
  }
}

/** Line by line, so that a trace of any length needs no memory. */
function intoFile<T>(path: string, produce: (line: (text: string) => void) => T): T {
  let file: number
  try {
    file = openSync(path, 'w')
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
  const pending: string[] = []
  const flush = () => writeSync(file, pending.splice(0).join(''))
  try {
    const result = produce((text) => {
      pending.push(`${text}\n`)
      if (pending.length >= 1000) flush()
    })
    flush()
    return result
  } finally {
    closeSync(file)
  }
}
