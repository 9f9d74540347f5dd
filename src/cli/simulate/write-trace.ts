/** Writes the trace file of a run, draws it as a page, and says why its property is violated, if one is. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { EXPLAINED_EVENTS_MAX, explain } from '../../laboratory/explain.ts'
import { choicesShown } from '../../laboratory/explained-choices.ts'
import { type JudgedRun, type Recording, recordRun, repeatRun } from '../../laboratory/recording.ts'
import { writeTrace } from '../../laboratory/trace-file.ts'
import { OperationError, UsageError } from '../../program/errors.ts'
import { fileError } from '../../program/files/read-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import { describeEvent } from '../../viewer/describe.ts'
import { describeChoice } from '../../viewer/describe-choice.ts'
import { runPage } from '../../viewer/page.ts'
import { drawnRun, STATES_EVENTS_MAX } from '../replay/drawn-run.ts'
import type { Answer, Task } from './tasks.ts'

type WriteTask = Extract<Task, { kind: 'write' }>

export function write(task: WriteTask): Answer {
  const { from, property, trace, html } = task
  // The behaviour of a run that is not shrunk runs again: that is the run itself, whatever its links.
  const recording = 'setup' in from ? from : recordRun(from.config, from.seed).behaved
  try {
    const events: TraceEvent[] = []
    const see = (event: TraceEvent) => {
      if (events.length <= EXPLAINED_EVENTS_MAX) events.push(event)
    }
    const run =
      trace === undefined
        ? repeatRun(recording, { sink: see })
        : intoFile(trace, (line) => writeTrace(recording, line, see))
    if (html !== undefined) drawInto(html, recording, run)
    return { kind: 'written', explanation: explained(recording, property, events, run) }
  } catch (error) {
    if (error instanceof UsageError || error instanceof OperationError)
      return { kind: 'refused', reason: error.message }
    throw error
  }
}

/** The causal chain to the violation in words, and with it every choice that is left. */
function explained(
  { setup: { byzantine }, schedule }: Recording,
  property: string | undefined,
  events: readonly TraceEvent[],
  { violations }: JudgedRun
): readonly string[] {
  const violation = violations.find((found) => found.property === property)
  const chain = violation === undefined ? [] : explain(events, violation, byzantine)
  if (chain.length === 0) return []
  const choices = choicesShown(schedule, events)
  const steps = [...new Set([...chain, ...choices.events])].sort((a, b) => a - b)
  return [
    ...choices.unseen.map((choice) => `given: ${describeChoice(choice, byzantine)}`),
    ...steps.flatMap((index) => {
      const event = events[index]
      return event === undefined ? [] : [describeEvent(event, byzantine)]
    })
  ]
}

/** As `replay --html` does. */
function drawInto(path: string, recording: Recording, { result, violations }: JudgedRun): void {
  const events: TraceEvent[] = []
  const states = result.events <= STATES_EVENTS_MAX
  repeatRun(recording, { states, sink: (event) => void events.push(event) })
  try {
    writeFileSync(path, runPage(drawnRun(recording.setup, events, violations)))
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
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
  const flush = () => {
    try {
      writeSync(file, pending.splice(0).join(''))
    } catch (error) {
      throw fileError(path, 'cannot be written', error)
    }
  }
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
