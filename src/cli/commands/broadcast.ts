/** `byzkit broadcast`: has the member that runs on a data folder broadcast something. */
import type { Command } from 'commander'
import { PAYLOAD_BYTES_MAX } from '../../broadcast/constants.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { askMember } from '../control/client.ts'
import { EXIT_OK, type ExitStatus, OperationError, UsageError } from '../errors.ts'
import { readBytes } from '../read-bytes.ts'

interface Options {
  readonly data: string
  readonly input?: string
}

export function registerBroadcast(program: Command, run: Run): void {
  program
    .command('broadcast')
    .description('have the member that runs on a data folder broadcast something')
    .argument('[text]', 'what to broadcast')
    .requiredOption('--data <dir>', 'the data folder of a running member')
    .option('--input <file>', `a file to broadcast, of at most ${PAYLOAD_BYTES_MAX} bytes, instead of a text`)
    .action(action<Options>(run, broadcast))
}

async function broadcast({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const payload = await readPayload(operands[0], options.input)
  const answer = await askMember(options.data, {
    do: 'broadcast',
    payload: Buffer.from(payload).toString('base64')
  })
  if (!isName(answer)) throw new OperationError('the member answered something else than a sequence number')
  const { sender, sequence } = answer
  output.result(
    { sender, sequence, bytes: payload.length },
    `broadcast ${sequence} of member ${sender}: ${payload.length} bytes, which a crash cannot lose any more`
  )
  return EXIT_OK
}

async function readPayload(text: string | undefined, file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined && text !== undefined)
    throw new UsageError('give a text or --input <file>, not both')
  if (file !== undefined) return readBytes(file, PAYLOAD_BYTES_MAX)
  if (text === undefined) throw new UsageError('broadcast needs a text or --input <file>')
  const payload = new TextEncoder().encode(text)
  if (payload.length <= PAYLOAD_BYTES_MAX) return payload
  throw new UsageError(`the text is longer than ${PAYLOAD_BYTES_MAX} bytes: split it into several broadcasts`)
}

function isName(answer: object): answer is { readonly sender: number; readonly sequence: number } {
  return 'sender' in answer && 'sequence' in answer
}
