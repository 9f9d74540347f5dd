/** `byzkit broadcast`: has the member that runs on a data folder broadcast something. */
import type { Command } from 'commander'
import { pipe } from 'it-pipe'
import { PAYLOAD_BYTES_MAX } from '../../broadcast/constants.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus, OperationError, UsageError } from '../../program/errors.ts'
import { readBytes } from '../../program/files/read-bytes.ts'
import { linesOf } from '../../program/files/read-lines.ts'
import type { Output } from '../../program/output.ts'
import { askMember } from '../control/client.ts'

interface Options {
  readonly data: string
  readonly input?: string
  readonly lines?: boolean
}

export function registerBroadcast(program: Command, run: Run): void {
  program
    .command('broadcast')
    .description('have the member that runs on a data folder broadcast something')
    .argument('[text]', 'what to broadcast')
    .requiredOption('--data <dir>', 'the data folder of a running member')
    .option('--input <file>', `a file to broadcast, of at most ${PAYLOAD_BYTES_MAX} bytes, instead of a text`)
    .option('--lines', 'broadcast each line of standard input, instead of a text')
    .action(action<Options>(run, broadcast))
}

async function broadcast({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [text] = operands
  if (options.lines === true) return broadcastLines(text, options, output)
  const payload = await readPayload(text, options.input)
  const { sender, sequence } = await broadcastOne(options.data, payload)
  output.result(
    { sender, sequence, bytes: payload.length },
    `broadcast ${sequence} of member ${sender}: ${payload.length} bytes, which a crash cannot lose any more`
  )
  return EXIT_OK
}

/** One after the other: the next line is read when the member has taken the one before. */
async function broadcastLines(
  text: string | undefined,
  options: Options,
  output: Output
): Promise<ExitStatus> {
  const { data, input } = options
  if (text !== undefined || input !== undefined)
    throw new UsageError('--lines reads standard input: give nothing else')
  const broadcasts = await pipe(
    linesOf('-', { bytesMax: Number.POSITIVE_INFINITY, lineCharactersMax: PAYLOAD_BYTES_MAX }),
    payloadsOf,
    async (payloads) => {
      let count = 0
      for await (const payload of payloads) {
        const { sender, sequence } = await broadcastOne(data, payload)
        output.event({ sender, sequence, bytes: payload.length })
        output.say(`broadcast ${sequence} of member ${sender}: ${payload.length} bytes`)
        count++
      }
      return count
    }
  )
  output.result({ broadcasts }, `${broadcasts} broadcasts, which a crash cannot lose any more`)
  return EXIT_OK
}

async function* payloadsOf(batches: AsyncIterable<readonly string[]>): AsyncGenerator<Uint8Array> {
  for await (const lines of batches) for (const line of lines) yield encodeText(line.replace(/\r$/, ''))
}

async function broadcastOne(
  data: string,
  payload: Uint8Array
): Promise<{ sender: number; sequence: number }> {
  const answer = await askMember(data, { do: 'broadcast', payload: Buffer.from(payload).toString('base64') })
  if (!isName(answer)) throw new OperationError('the member answered something else than a sequence number')
  return answer
}

async function readPayload(text: string | undefined, file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined && text !== undefined)
    throw new UsageError('give a text or --input <file>, not both')
  if (file !== undefined) return readBytes(file, PAYLOAD_BYTES_MAX)
  if (text === undefined) throw new UsageError('broadcast needs a text, --input <file> or --lines')
  return encodeText(text)
}

function encodeText(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text)
  if (payload.length <= PAYLOAD_BYTES_MAX) return payload
  throw new UsageError(`a text is longer than ${PAYLOAD_BYTES_MAX} bytes: split it into several broadcasts`)
}

function isName(answer: object): answer is { readonly sender: number; readonly sequence: number } {
  return 'sender' in answer && 'sequence' in answer
}
