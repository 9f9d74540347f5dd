/** `byzkit inspect`: what a stopped member's disk holds, and whether all of it is whole. */
import type { Command } from 'commander'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { type Colors, printable } from '../../program/output.ts'
import { type Inspection, inspectStore } from '../../store/inspect-store.ts'
import { type ComponentContent, contentOf } from '../components.ts'

export function registerInspect(program: Command, run: Run): void {
  program
    .command('inspect')
    .description("show what a stopped member's disk holds, and whether all of it is whole")
    .argument('<dir>', 'the data folder of a member that does not run')
    .action(action<object>(run, inspect))
}

async function inspect({ operands, output }: Invocation<object>): Promise<ExitStatus> {
  const [folder = ''] = operands
  const report = reportOf(await inspectStore(folder))
  output.result(report, describe(report, output.colors))
  return report.whole ? EXIT_OK : EXIT_FAILED
}

/** What is said to machines; null is what could not be read. */
interface Report {
  readonly database: string
  readonly bytes: number
  readonly format: number | null
  readonly life: number | null
  /** What is there of the journal, whole or not; `from` and `to` are null where it is empty. */
  readonly journal: JournalReport | null
  readonly checkpoint: { readonly number: number; readonly chunks: number; readonly bytes: number } | null
  readonly marked: number | null
  readonly components: readonly ComponentContent[] | null
  readonly whole: boolean
  readonly damage: string | null
}

interface JournalReport {
  readonly from: number | null
  readonly to: number | null
  readonly records: number
  readonly bytes: number
}

function reportOf({ database, bytes, survey, recovered, marked, damage }: Inspection): Report {
  const content = recovered === undefined ? undefined : contentOf(recovered.state)
  const checkpoint = recovered?.checkpoint
  return {
    database,
    bytes,
    format: survey?.format ?? null,
    life: content?.life ?? null,
    journal: survey === undefined ? null : journalOf(survey.journal, checkpoint?.number ?? 0),
    checkpoint:
      checkpoint === undefined
        ? null
        : { number: checkpoint.number, chunks: checkpoint.chunks, bytes: checkpoint.bytes },
    marked: marked ?? null,
    components: content?.components ?? null,
    whole: damage === undefined,
    damage: damage ?? null
  }
}

/** Records up to the checkpoint's may be left over: they are no part of the journal any more. */
function journalOf(journal: ReadonlyMap<number, Uint8Array>, checkpoint: number): JournalReport {
  const report = { from: Number.POSITIVE_INFINITY, to: 0, records: 0, bytes: 0 }
  for (const [number, { length }] of journal) {
    if (number <= checkpoint) continue
    report.from = Math.min(report.from, number)
    report.to = Math.max(report.to, number)
    report.records++
    report.bytes += length
  }
  return report.records === 0 ? { ...report, from: null, to: null } : report
}

function describe(report: Report, { bold, green, red }: Colors): string {
  const { journal, checkpoint, components } = report
  const row = (name: string, value: string) => `  ${name.padEnd(16)}${value}`
  const lines = [
    bold(printable(report.database)),
    row('format', String(report.format ?? 'unknown')),
    row('life', String(report.life ?? 'unknown')),
    row('on disk', `${report.bytes} bytes`)
  ]
  if (checkpoint !== null)
    lines.push(
      row(
        'checkpoint',
        `of record ${checkpoint.number}: ${checkpoint.bytes} bytes in ${checkpoint.chunks} chunks`
      )
    )
  if (journal !== null)
    lines.push(
      row(
        'journal since',
        journal.from === null
          ? 'no record'
          : `records ${journal.from} to ${journal.to}: ${journal.records}, ${journal.bytes} bytes`
      )
    )
  lines.push(row('high-water mark', report.marked === null ? 'unknown' : `record ${report.marked}`))
  for (const component of components ?? []) lines.push(row('', describeComponent(component)))
  lines.push(
    row(
      'verified',
      report.damage === null
        ? green('everything that was written is there, as it was written')
        : red(
            `${printable(report.damage)}; do not start this member again (docs/operating.md, "A lost disk")`
          )
    )
  )
  return lines.join('\n')
}

function describeComponent({ path, keys, bytes, next, bases }: ComponentContent): string {
  const parts = [`${printable(path)}: ${keys} ${keys === 1 ? 'key' : 'keys'}, ${bytes} bytes`]
  if (next !== undefined) parts.push(`next number ${next}`)
  if (bases !== undefined)
    parts.push(`windows from ${bases.map(({ sender, base }) => `${base} of member ${sender}`).join(', ')}`)
  return parts.join('; ')
}
