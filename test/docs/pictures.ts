/**
 * The pictures of docs/tutorial-agreement.md, from the traces that are kept beside its programs. Written anew, after a
 * change of what runs there, by `node --conditions=byzkit-source test/docs/pictures.ts`, which shows them too: the
 * tutorial has those of their lines that matter.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import picocolors from 'picocolors'
import echoes from '../../examples/agreement/echoes.ts'
import oneLeader from '../../examples/agreement/one-leader.ts'
import reports from '../../examples/agreement/reports.ts'
import views from '../../examples/agreement/views.ts'
import type { Recording } from '../../src/laboratory/recording.ts'
import { addStack } from '../../src/laboratory/run-config.ts'
import { writeTrace } from '../../src/laboratory/trace-file.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { spaceTimeDiagram } from '../../src/viewer/terminal.ts'
import { ROOT } from './documents.ts'

for (const protocol of [echoes, oneLeader, views, reports]) addStack(protocol)

export const PICTURES = ['echoes', 'one-leader', 'views', 'reports', 'pbft']

/** To which the lines are cut: as wide as the page of a document. */
const COLUMNS = 100

const pathOf = (name: string) => join(ROOT, 'examples/agreement/traces', `${name}.jsonl`)

export const keptTrace = (name: string): string => readFileSync(pathOf(name), 'utf8')

/** Runs a kept trace again. */
export function runAgain(trace: string): { readonly trace: string; readonly picture: string } {
  const lines: string[] = []
  const events: TraceEvent[] = []
  const recording = recordingOf(trace)
  const { violations } = writeTrace(
    recording,
    (line) => lines.push(line),
    (event) => events.push(event)
  )
  const { members, byzantine } = recording.setup
  const colors = picocolors.createColors(false)
  const picture = spaceTimeDiagram(events, {
    ...{ members, groupSize: members, byzantine, violations },
    ...{ all: false, colors, columns: COLUMNS }
  })
  return { trace: `${lines.join('\n')}\n`, picture }
}

function recordingOf(trace: string): Recording {
  const [head, ...rest] = trace.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return { setup: head.setup, schedule: rest.flatMap(({ choice }) => choice ?? []) }
}

if (import.meta.main)
  for (const name of PICTURES) {
    const { trace, picture } = runAgain(keptTrace(name))
    writeFileSync(pathOf(name), trace)
    console.log(`${name}\n${picture}\n`)
  }
