/** `byzkit read`: reads a register that the members of a running group keep. */
import { type Command, Option } from 'commander'
import { textOf } from '../../program/client/history-recorder.ts'
import {
  historyOf,
  historyOption,
  type OwnerOptions,
  ownerOf,
  ownerOptions
} from '../../program/client/owner.ts'
import { READS, recorded } from '../../program/client/recorded-operation.ts'
import { type ClientOptions, clientOf, clientOptions, runClient } from '../../program/client/run-client.ts'
import { describeValue, outputOption, writeNew } from '../../program/client/value.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { requireNew } from '../../program/files/writable.ts'
import { printable } from '../../program/output.ts'

interface Options extends ClientOptions, OwnerOptions {
  readonly data?: string
  readonly consistency: 'atomic' | 'regular'
  readonly output?: string
}

export function registerRead(program: Command, run: Run): void {
  const command = program
    .command('read')
    .description('read a register of a running group, as a client')
    .argument('<register>', 'its name')
  historyOption(ownerOptions(clientOptions(command), 'the register'))
  outputOption(command.option('--data <dir>', "the client's own folder, if it writes too"))
    .addOption(
      new Option('--consistency <kind>', 'regular takes one round trip always')
        .choices(['atomic', 'regular'])
        .default('atomic')
    )
    .action(action<Options>(run, read))
}

async function read({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [name = ''] = operands
  const { consistency, output: file, data } = options
  if (file !== undefined) await requireNew(file)
  const started = performance.now()
  const client = await clientOf(options, env)
  const owner = ownerOf(client, options)
  const history = historyOf(client, options, owner, name)
  const init = data === undefined ? {} : { data }
  const { value, timestamp } = await runClient(client, options, init, ({ service, options, reached }) => {
    const register = service.register(name, owner)
    return recorded({
      operation: history?.begin('read'),
      reached,
      effect: READS,
      perform: () => register.read({ consistency, ...options }),
      answer: (result) => result.value && textOf(result.value)
    })
  })
  const ms = Math.round(performance.now() - started)
  output.result(
    { register: name, value: value && textOf(value), timestamp, consistency, ms },
    value === null ? `${printable(name)} was never written` : describeValue(name, value, file)
  )
  if (file !== undefined && value !== null) await writeNew(file, value)
  return EXIT_OK
}
