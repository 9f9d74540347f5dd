/** `byzkit read`: reads a register that the members of a running group keep. */
import { type Command, Option } from 'commander'
import { textOf } from '../client/history-recorder.ts'
import { type ClientOptions, clientOptions, recorded, runClient } from '../client/run-client.ts'
import { action, type Invocation, type Run } from '../command.ts'
import { EXIT_OK, type ExitStatus } from '../errors.ts'
import { printable } from '../output.ts'

interface Options extends ClientOptions {
  readonly consistency: 'atomic' | 'regular'
}

export function registerRead(program: Command, run: Run): void {
  const command = program
    .command('read')
    .description('read a register of a running group, as a client')
    .argument('<register>', 'its name')
  clientOptions(command)
    .option('--data <dir>', "the client's own folder, if it writes too")
    .addOption(
      new Option('--consistency <kind>', 'regular takes one round trip always')
        .choices(['atomic', 'regular'])
        .default('atomic')
    )
    .action(action<Options>(run, read))
}

async function read({ operands, options, output, env }: Invocation<Options>): Promise<ExitStatus> {
  const [name = ''] = operands
  const { consistency, timeout } = options
  const started = performance.now()
  const { value, timestamp } = await runClient(name, options, env, ({ register, history, signal }) =>
    recorded(
      history?.begin('read'),
      () => register.read({ consistency, signal, timeoutMs: timeout }),
      (result) => result.value && textOf(result.value)
    )
  )
  const ms = Math.round(performance.now() - started)
  const text = value === null ? null : textOf(value)
  output.result(
    { register: name, value: text, timestamp, consistency, ms },
    text === null ? `${printable(name)} was never written` : printable(text)
  )
  return EXIT_OK
}
