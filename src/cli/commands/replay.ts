/** `byzkit replay`: repeats a recorded run exactly, and draws it: in the terminal, as a page, or for ShiViz. */
import type { Command } from 'commander'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus } from '../errors.ts'
import { printable } from '../output.ts'
import { type Drawings, writeDrawings } from '../replay/drawings.ts'
import { isMemberRecording, replayMemberRecording } from '../replay/member-recording.ts'
import { replaySimulation } from '../replay/simulated-run.ts'
import { loadProtocol } from '../simulate/protocol-file.ts'

interface Options extends Drawings {
  readonly all?: boolean
  readonly protocol?: string
}

export function registerReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('repeat a recorded run exactly, and draw it')
    .argument('<file>', 'a trace file, as simulate writes it, or a recording of node --record')
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
  if (await isMemberRecording(path)) return replayMemberRecording(path, options, output)
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
