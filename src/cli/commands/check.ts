/** `byzkit check`: judges a recorded history of any system. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { HistoryParser } from '../../checkers/history-file.ts'
import { checkLinearizable } from '../../checkers/linearizability.ts'
import { models, type ObjectModel } from '../../checkers/models.ts'
import {
  type Contradiction,
  canonical,
  HistoryError,
  type HistoryVerdict,
  type Operation,
  UndecidedError
} from '../../checkers/operations.ts'
import { checkRegular, checkSafe } from '../../checkers/regularity.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, OperationError, UsageError } from '../../program/errors.ts'
import { fileError } from '../../program/files/read-file.ts'
import { readLines } from '../../program/files/read-lines.ts'
import { requireWritable } from '../../program/files/writable.ts'
import { type Output, oneLine, printable } from '../../program/output.ts'
import { historyPage } from '../../viewer/history-page.ts'
import { timeline } from '../../viewer/history-terminal.ts'

/** The largest history that is read. */
export const HISTORY_BYTES_MAX = 256 * 1024 * 1024
/** The longest line of one. */
export const HISTORY_LINE_CHARACTERS_MAX = 4 * 1024 * 1024

const judges = { safe: checkSafe, regular: checkRegular, linearizable: checkLinearizable }
type Consistency = keyof typeof judges

interface Options {
  readonly model?: string
  readonly consistency: string
  readonly html?: string
}

interface Judged {
  readonly file: string
  readonly model: string
  readonly consistency: Consistency
  readonly operations: number
  readonly keys: number
  readonly valid: boolean
  readonly violation?: Contradiction
}

export function registerCheck(program: Command, run: Run): void {
  program
    .command('check')
    .description('judge a recorded history of operations')
    .argument('<file>', 'JSON lines in real-time order; - is standard input')
    .option('--model <name>', `what the operations are on: ${models.map(({ name }) => name).join(', ')}`)
    .option('--consistency <name>', `what to judge by: ${Object.keys(judges).join(', ')}`, 'linearizable')
    .option('--html <file>', 'write a page that shows the history, around the violation if there is one')
    .action(action<Options>(run, check))
}

async function check({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [file = ''] = operands
  const model = requireModel(options.model)
  const consistency = requireConsistency(options.consistency)
  if (options.html !== undefined) await requireWritable(options.html)
  const { history, verdict } = await judge(file, model, consistency)
  // A recorder that wrote nothing must not pass.
  if (history.length === 0)
    throw new UsageError(`${oneLine(file)} holds no operation: there is nothing to judge`)
  const { keys, contradiction } = verdict
  const judged: Judged = {
    file,
    model: model.name,
    consistency,
    operations: history.length,
    keys,
    valid: contradiction === undefined,
    ...(contradiction === undefined ? {} : { violation: contradiction })
  }
  // The verdict first: a disk that is full by now does not take it away.
  output.result(judged, describe(judged, options.html, output))
  if (options.html !== undefined) await writePage(options.html, history, judged)
  return judged.valid ? EXIT_OK : EXIT_FAILED
}

function requireModel(name: string | undefined): ObjectModel {
  const names = models.map((model) => model.name).join(', ')
  if (name === undefined) throw new UsageError(`check needs --model: ${names}`)
  const model = models.find((each) => each.name === name)
  if (model === undefined) throw new UsageError(`--model ${printable(name)}: one of ${names}`)
  return model
}

function requireConsistency(name: string): Consistency {
  if (Object.hasOwn(judges, name)) return name as Consistency
  throw new UsageError(`--consistency ${printable(name)}: one of ${Object.keys(judges).join(', ')}`)
}

async function judge(
  file: string,
  model: ObjectModel,
  consistency: Consistency
): Promise<{ history: Operation[]; verdict: HistoryVerdict }> {
  const parser = new HistoryParser()
  const bounds = { bytesMax: HISTORY_BYTES_MAX, lineCharactersMax: HISTORY_LINE_CHARACTERS_MAX }
  try {
    await readLines(file, bounds, (line) => parser.push(line))
    const history = parser.end()
    return { history, verdict: judges[consistency](history, model) }
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(`${file}: ${error.message}`)
    if (error instanceof UndecidedError) throw new OperationError(`${file}: undecided: ${error.message}`)
    throw error
  }
}

async function writePage(path: string, history: readonly Operation[], judged: Judged): Promise<void> {
  const title = `${judged.file}: ${judged.valid ? '' : 'not '}${judged.consistency}`
  try {
    await writeFile(path, historyPage(history, { title, contradiction: judged.violation }))
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
}

const count = (number: number, what: string) =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`

function describe(judged: Judged, page: string | undefined, { colors, columns }: Output): string {
  const { file, model, consistency, operations, keys, violation } = judged
  const head = `${colors.bold(oneLine(file))}  ${model}, ${count(operations, 'operation')}, ${count(keys, 'key')}`
  const tail = page === undefined ? [] : [colors.dim(`page: ${oneLine(page)}`)]
  if (violation === undefined) return [head, `${colors.green('valid')}  ${consistency}`, ...tail].join('\n')
  const { key, reason, operations: members, context } = violation
  const where = key === undefined ? '' : ` on key ${oneLine(canonical(key)).slice(0, 100)}`
  return [
    head,
    `${colors.red(`not ${consistency}`)}${where}  ${oneLine(reason)}`,
    '',
    timeline(members, context, { colors, columns, printable: oneLine }),
    ...tail
  ].join('\n')
}
