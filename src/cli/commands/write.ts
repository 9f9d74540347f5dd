/** `byzkit write`: writes a register that the members of a running group keep. */
import type { Command } from 'commander'
import { VALUE_BYTES_MAX } from '../../registers/constants.ts'
import { textOf } from '../client/history-recorder.ts'
import { type ClientOptions, clientOptions, recordedWrite, runClient } from '../client/run-client.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus, UsageError } from '../errors.ts'
import { printable } from '../output.ts'
import { readBytes } from '../read-bytes.ts'

interface Options extends ClientOptions {
  readonly data: string
  readonly input?: string
}

export function registerWrite(program: Command, run: Run): void {
  const command = program
    .command('write')
    .description('write a register of a running group, as a client')
    .argument('<register>', 'its name')
    .argument('[text]', 'what to write')
  clientOptions(command)
    .requiredOption(
      '--data <dir>',
      "the client's own folder: what it has written is there before it is sent, and a write that was interrupted is finished by the next one"
    )
    .option('--input <file>', `a file to write, of at most ${VALUE_BYTES_MAX} bytes, instead of a text`)
    .action(action<Options>(run, write))
}

async function write({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [name = '', text] = operands
  const value = await readValue(text, options.input)
  const started = performance.now()
  const { timestamp } = await runClient(name, options, true, env, ({ register, history, options }) =>
    recordedWrite(history?.begin('write', textOf(value)), () => register.write(value, options))
  )
  const ms = Math.round(performance.now() - started)
  output.result(
    { register: name, bytes: value.length, timestamp, ms },
    `${printable(name)} is written (timestamp ${timestamp}): ${value.length} bytes, with a quorum of the members`
  )
  return EXIT_OK
}

async function readValue(text: string | undefined, file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined && text !== undefined)
    throw new UsageError('give a text or --input <file>, not both')
  if (file !== undefined) return readBytes(file, VALUE_BYTES_MAX)
  if (text === undefined) throw new UsageError('write needs a text or --input <file>')
  const value = new TextEncoder().encode(text)
  if (value.length <= VALUE_BYTES_MAX) return value
  throw new UsageError(`the text is larger than ${VALUE_BYTES_MAX} bytes`)
}
