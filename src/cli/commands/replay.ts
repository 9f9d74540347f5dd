/** `byzkit replay`: repeats a recorded run exactly, and draws it in the terminal. */
import type { Command } from 'commander'
import { readTrace, traceRun } from '../../laboratory/trace-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus, OperationError } from '../errors.ts'
import { readTextFile } from '../read-file.ts'

interface Options {
  readonly all?: boolean
}

export function registerReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('repeat a recorded run exactly, and draw it')
    .argument('<file>', 'a trace file, as simulate writes it')
    .option('--all', 'draw every event, not only the messages and deliveries of the instance that went wrong')
    .action(action<Options>(run, replay))
}

async function replay({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [path = ''] = operands
  const { config, seed, end } = readTrace(path, (await readTextFile(path)).text)
  const events: TraceEvent[] = []
  const again = traceRun(config, seed, (event) => events.push(event))
  if (again.digest !== end.digest) {
    throw new OperationError(
      `${path}: the run cannot be repeated: its digest is ${again.digest} here and ${end.digest} in the file, so it was made by another version or edited`
    )
  }
  for (const event of events) output.event(event)
  const diagram = spaceTimeDiagram(events, {
    members: config.members,
    byzantine: again.byzantine,
    violations: again.violations,
    all: options.all ?? false,
    colors: output.colors
  })
  output.result(
    { ...config, seed, events: events.length, digest: again.digest, violations: again.violations },
    diagram
  )
  return EXIT_OK
}
