/** `byzkit replay`: repeats a recorded run exactly, and draws it. */
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Violation } from '../../checkers/violation.ts'
import { explain } from '../../laboratory/explain.ts'
import { isKnown } from '../../laboratory/run-config.ts'
import { type ReadTrace, readEvents, repeatTrace, TraceReader } from '../../laboratory/trace-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus } from '../errors.ts'
import { fileError } from '../read-file.ts'
import { isMemberRecording, replayMemberRecording } from '../replay/member-recording.ts'
import { loadProtocol } from '../simulate/protocol-file.ts'

interface Options {
  readonly all?: boolean
  readonly protocol?: string
}

export function registerReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('repeat a recorded run exactly, and draw it')
    .argument('<file>', 'a trace file, as simulate writes it, or a recording of node --record')
    .option('--all', 'draw every event, not only the messages and deliveries of the instance that went wrong')
    .option(
      '--protocol <file>',
      'the file of a protocol of your own, to run it again; without it, its events are shown as recorded'
    )
    .action(action<Options>(run, replay))
}

async function replay({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [path = ''] = operands
  if (options.protocol !== undefined) await loadProtocol(options.protocol)
  if (await isMemberRecording(path)) return replayMemberRecording(path, { all: options.all ?? false, output })
  const trace = await readTraceFile(path)
  const { setup, end } = trace
  const events: TraceEvent[] = []
  const repeated = isKnown(setup.protocol)
  let violations: readonly Violation[] = end.violations
  let skipped = 0
  if (repeated) {
    const run = repeatTrace(path, trace, (event) => {
      events.push(event)
      output.event(event)
    })
    violations = run.violations
    skipped = run.skipped
  } else {
    for (const event of readEvents(path, trace)) {
      events.push(event)
      output.event(event)
    }
    output.say(
      output.colors.dim(
        `${setup.protocol} is no protocol of byzkit: its events are shown as recorded; --protocol FILE runs it again`
      )
    )
  }
  const [violation] = violations
  const drawn: DrawnRun = {
    title: `${setup.protocol}, n = ${setup.members}, f = ${setup.faults}, seed ${setup.seed}`,
    members: setup.members,
    byzantine: setup.byzantine,
    events,
    violations,
    explanation: violation === undefined ? [] : explain(events, violation, setup.byzantine)
  }
  output.result(
    {
      ...setup,
      repeated,
      choices: trace.schedule.length,
      skipped,
      events: events.length,
      digest: end.digest,
      violations
    },
    spaceTimeDiagram(drawn.events, {
      members: drawn.members,
      byzantine: drawn.byzantine,
      violations,
      all: options.all ?? false,
      colors: output.colors
    })
  )
  return EXIT_OK
}

async function readTraceFile(path: string): Promise<ReadTrace> {
  const reader = new TraceReader(path)
  try {
    const file = await open(path, 'r')
    // Line by line: a trace may be larger than memory.
    for await (const line of file.readLines()) if (line !== '') reader.line(line)
  } catch (error) {
    throw error instanceof Error && error.name === 'TraceFileError'
      ? error
      : fileError(path, 'cannot be read', error)
  }
  return reader.end()
}
