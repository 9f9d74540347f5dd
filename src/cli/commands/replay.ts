/** `byzkit replay`: repeats a recorded run exactly, and draws it: in the terminal, as a page, or for ShiViz. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { readTrace, traceRun } from '../../laboratory/trace-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { runPage } from '../../viewer/page.ts'
import { shivizLog } from '../../viewer/shiviz.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus, OperationError } from '../errors.ts'
import { printable } from '../output.ts'
import { fileError, readTextFile } from '../read-file.ts'

interface Options {
  readonly all?: boolean
  readonly html?: string
  readonly shiviz?: string
}

export function registerReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('repeat a recorded run exactly, and draw it')
    .argument('<file>', 'a trace file, as simulate writes it')
    .option('--all', 'draw every event, not only the messages and deliveries of the instance that went wrong')
    .option('--html <out>', 'write it as a page to step through, instead of drawing it here')
    .option('--shiviz <out>', 'write it as a log for ShiViz, instead of drawing it here')
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
  const run: DrawnRun = {
    title: titleOf(config, seed),
    members: config.members,
    byzantine: again.byzantine,
    events,
    violations: again.violations,
    explanation: []
  }
  const summary = {
    ...config,
    seed,
    events: events.length,
    digest: again.digest,
    violations: again.violations
  }
  const written = await writeDrawings(run, options)
  if (written.length > 0) {
    const lines = written.map((file) => `the run is drawn in ${printable(file)}`)
    output.result({ ...summary, written }, lines.join('\n'))
    return EXIT_OK
  }
  const diagram = spaceTimeDiagram(events, {
    ...run,
    all: options.all ?? false,
    colors: output.colors
  })
  output.result(summary, diagram)
  return EXIT_OK
}

function titleOf({ protocol, members, byzantine, adversary }: RunConfig, seed: number): string {
  const liars = byzantine > 0 ? `, ${byzantine} Byzantine (${adversary})` : ''
  return `${protocol}, ${members} members${liars}, seed ${seed}`
}

/** The files that were asked for, after they were written. */
async function writeDrawings(run: DrawnRun, { html, shiviz }: Options): Promise<readonly string[]> {
  const written: string[] = []
  const drawings = [
    [html, runPage],
    [shiviz, shivizLog]
  ] as const
  for (const [path, draw] of drawings) {
    if (path === undefined) continue
    await writeFile(path, draw(run)).catch((error) => {
      throw fileError(path, 'cannot be written', error)
    })
    written.push(path)
  }
  return written
}
