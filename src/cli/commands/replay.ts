/** `byzkit replay`: repeats a recorded run exactly, and draws it: in the terminal, as a page, or for ShiViz. */
import type { Command } from 'commander'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, UsageError } from '../../program/errors.ts'
import { requireWritable } from '../../program/files/writable.ts'
import { printable } from '../../program/output.ts'
import { spaceTimeDiagram } from '../../viewer/terminal.ts'
import { isClusterTrace, replayClusterTrace } from '../replay/cluster-trace.ts'
import { type Drawings, writeDrawings } from '../replay/drawings.ts'
import { isMemberRecording, replayMemberRecording } from '../replay/member-recording.ts'
import { replaySimulation } from '../replay/simulated-run.ts'
import { importProtocol, loadProtocol } from '../simulate/protocol-file.ts'

interface Options extends Drawings {
  readonly all?: boolean
  readonly protocol?: string
  readonly edited?: boolean
}

export function registerReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('repeat a recorded run exactly, and draw it')
    .argument('<file>', 'a trace file, as simulate or cluster writes it, or a recording of node --record')
    .option('--all', 'draw every event, not only the messages and deliveries of the instance that went wrong')
    .option('--html <out>', 'write it as a page to step through, instead of drawing it here')
    .option('--shiviz <out>', 'write it as a log for ShiViz, instead of drawing it here')
    .option(
      '--protocol <file>',
      'the file of a protocol of your own, to run it again; without it, the events of a trace are shown as recorded'
    )
    .option(
      '--edited',
      'the file was edited on purpose: run the choices that it has now, and compare nothing'
    )
    .action(action<Options>(run, replay))
}

async function replay({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [path = ''] = operands
  for (const drawing of [options.html, options.shiviz]) {
    if (drawing !== undefined) await requireWritable(drawing)
  }
  const { edited = false, html, protocol: file } = options
  const stack = file === undefined ? undefined : await importProtocol(file)
  const own = stack === undefined || file === undefined ? undefined : { name: stack.name, file }
  if (await isMemberRecording(path)) {
    if (edited)
      throw new UsageError(`--edited: ${path} is the recording of a member, which has no choices to edit`)
    return replayMemberRecording(path, options, stack, output)
  }
  if (await isClusterTrace(path)) {
    if (edited || own !== undefined)
      throw new UsageError(`${path} is what a cluster did: it is drawn as it was recorded, and not run again`)
    return replayClusterTrace(path, options, output)
  }
  if (file !== undefined) await loadProtocol(file)
  const wanted = { states: html !== undefined, edited, own }
  const { run, summary, repeated } = await replaySimulation(path, wanted, output.event)
  if (edited) output.say(output.colors.dim('an edited trace: its choices were run, and nothing was compared'))
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
    spaceTimeDiagram(run.events, {
      ...run,
      all: options.all ?? false,
      colors: output.colors,
      columns: output.columns
    })
  )
  return EXIT_OK
}
