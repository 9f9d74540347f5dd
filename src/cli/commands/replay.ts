/** `byzkit replay`: repeats a recorded run exactly, and draws it: in the terminal, as a page, or for ShiViz. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { runPage } from '../../viewer/page.ts'
import { shivizLog } from '../../viewer/shiviz.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus } from '../errors.ts'
import { printable } from '../output.ts'
import { fileError } from '../read-file.ts'
import { replaySimulation } from '../replay/simulated-run.ts'
import { loadProtocol } from '../simulate/protocol-file.ts'

interface Options {
  readonly all?: boolean
  readonly html?: string
  readonly shiviz?: string
  readonly protocol?: string
}

export function registerReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('repeat a recorded run exactly, and draw it')
    .argument('<file>', 'a trace file, as simulate writes it')
    .option('--all', 'draw every event, not only the messages and deliveries of the instance that went wrong')
    .option('--html <out>', 'write it as a page to step through, instead of drawing it here')
    .option('--shiviz <out>', 'write it as a log for ShiViz, instead of drawing it here')
    .option(
      '--protocol <file>',
      'the file of a protocol of your own, to run it again; without it, its events are shown as recorded'
    )
    .action(action<Options>(run, replay))
}

async function replay({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [path = ''] = operands
  if (options.protocol !== undefined) await loadProtocol(options.protocol)
  const { run, summary, repeated } = await replaySimulation(path, options.html !== undefined, output.event)
  if (!repeated) {
    output.say(
      output.colors.dim(
        'a protocol that is not one of byzkit: shown as recorded; --protocol FILE runs it again'
      )
    )
  }
  const written = await writeDrawings(run, options)
  if (written.length > 0) {
    const lines = written.map((file) => `the run is drawn in ${printable(file)}`)
    output.result({ ...summary, written }, lines.join('\n'))
    return EXIT_OK
  }
  output.result(
    summary,
    spaceTimeDiagram(run.events, { ...run, all: options.all ?? false, colors: output.colors })
  )
  return EXIT_OK
}

async function writeDrawings(run: DrawnRun, { html, shiviz }: Options): Promise<string[]> {
  const drawings: readonly (readonly [path: string | undefined, draw: () => string])[] = [
    [html, () => runPage(run)],
    [shiviz, () => shivizLog(run)]
  ]
  const written: string[] = []
  for (const [path, draw] of drawings) {
    if (path === undefined) continue
    try {
      await writeFile(path, draw())
    } catch (error) {
      throw fileError(path, 'cannot be written', error)
    }
    written.push(path)
  }
  return written
}
