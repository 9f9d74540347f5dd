/** `byzkit write`: writes a register that the members of a running group keep. */
import type { Command } from 'commander'
import { textOf } from '../../program/client/history-recorder.ts'
import {
  historyOf,
  historyOption,
  type OwnerOptions,
  ownerOf,
  ownerOptions
} from '../../program/client/owner.ts'
import { recorded, WRITES } from '../../program/client/recorded-operation.ts'
import { type ClientOptions, clientOf, clientOptions, runClient } from '../../program/client/run-client.ts'
import { inputOption, readValue } from '../../program/client/value.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { printable } from '../../program/output.ts'
import { VALUE_BYTES_MAX } from '../../registers/constants.ts'

interface Options extends ClientOptions, OwnerOptions {
  readonly data: string
  readonly input?: string
}

export function registerWrite(program: Command, run: Run): void {
  const command = program
    .command('write')
    .description('write a register of a running group, as a client')
    .argument('<register>', 'its name')
    .argument('[text]', 'what to write')
  historyOption(ownerOptions(clientOptions(command), 'the register')).requiredOption(
    '--data <dir>',
    "the client's own folder: what it has written is there before it is sent, and a write that was interrupted is finished by the next one"
  )
  inputOption(command, VALUE_BYTES_MAX).action(action<Options>(run, write))
}

async function write({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [name = '', text] = operands
  const { data } = options
  const value = await readValue('write', text, options.input, VALUE_BYTES_MAX)
  const started = performance.now()
  const client = await clientOf(options, env)
  const owner = ownerOf(client, options, name)
  const history = historyOf(client, options, owner, name)
  const { timestamp } = await runClient(client, options, { data }, ({ service, options, reached }) => {
    const register = service.register(name, owner)
    return recorded({
      operation: history?.begin('write', textOf(value)),
      reached,
      effect: WRITES,
      perform: () => register.write(value, options)
    })
  })
  const ms = Math.round(performance.now() - started)
  output.result(
    { register: name, bytes: value.length, timestamp, ms },
    `${printable(name)} is written (timestamp ${timestamp}): ${value.length} bytes, with a quorum of the members`
  )
  return EXIT_OK
}
