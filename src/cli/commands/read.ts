/** `byzkit read`: reads a register that the members of a running group keep. */
import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { textOf } from '../client/history-recorder.ts'
import { type ClientOptions, clientOptions, recordedRead, runClient } from '../client/run-client.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus } from '../errors.ts'
import { printable } from '../output.ts'
import { fileError } from '../read-file.ts'

interface Options extends ClientOptions {
  readonly consistency: 'atomic' | 'regular'
  readonly output?: string
}

export function registerRead(program: Command, run: Run): void {
  const command = program
    .command('read')
    .description('read a register of a running group, as a client')
    .argument('<register>', 'its name')
  clientOptions(command)
    .option('--data <dir>', "the client's own folder, if it writes too")
    .option('--output <file>', 'a new file for the value, byte for byte')
    .addOption(
      new Option('--consistency <kind>', 'regular takes one round trip always')
        .choices(['atomic', 'regular'])
        .default('atomic')
    )
    .action(action<Options>(run, read))
}

async function read({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [name = ''] = operands
  const { consistency, output: file } = options
  const started = performance.now()
  const { value, timestamp } = await runClient(name, options, false, env, ({ register, history, options }) =>
    recordedRead(
      history?.begin('read'),
      () => register.read({ consistency, ...options }),
      (result) => result.value && textOf(result.value)
    )
  )
  const ms = Math.round(performance.now() - started)
  const text = value === null ? null : textOf(value)
  if (file !== undefined && value !== null) await writeNew(file, value)
  output.result({ register: name, value: text, timestamp, consistency, ms }, describe(name, text, file))
  return EXIT_OK
}

function describe(name: string, text: string | null, file: string | undefined): string {
  if (text === null) return `${printable(name)} was never written`
  return file === undefined ? printable(text) : `${printable(name)} is in ${printable(file)}`
}

async function writeNew(path: string, value: Uint8Array): Promise<void> {
  try {
    await writeFile(path, value, { flag: 'wx' })
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
}
