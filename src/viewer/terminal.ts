/**
 * A space-time diagram for the terminal: one lane for each process, time downward, one event a line.
 */
import type { Violation } from '../checkers/violation.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Term } from '../laboratory/abstractions/abstraction.ts'
import { instanceTold } from '../laboratory/abstractions/index.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'
import { fitted } from './columns.ts'
import { describeEvent, describeMessage, describeTerm, Terms } from './describe.ts'

/** picocolors' part that is used here. */
export interface DiagramColors {
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
  dim(text: string): string
  bold(text: string): string
}

export interface DiagramOptions {
  readonly members: number
  /** Members of the group, where clients have lanes too. Default: all that have one. */
  readonly groupSize?: number | undefined
  readonly byzantine: readonly ProcessId[]
  readonly violations: readonly Violation[]
  /** Whether properties were judged at all; default: true. */
  readonly judged?: boolean
  /** Every event, not only those of the broadcasts that a violation names. */
  readonly all: boolean
  readonly colors: DiagramColors
  /** To which lines are cut; undefined: they are as long as they are. */
  readonly columns?: number | undefined
}

const LANE = 7

export function spaceTimeDiagram(events: readonly TraceEvent[], options: DiagramOptions): string {
  const { members, byzantine, violations, colors, columns } = options
  const header = Array.from({ length: members }, (_, id) => {
    const name = `p${id}${byzantine.includes(id) ? '!' : ''}`.padEnd(LANE)
    return byzantine.includes(id) ? colors.red(name) : colors.bold(name)
  }).join('')
  const terms = new Terms(options.groupSize ?? members)
  const lines = [fitted(`${'ms'.padStart(10)}  ${header}`, columns)]
  for (const event of events) {
    if (!options.all && !isAbout(event, violations)) continue
    const term = terms.of(event)
    if (term?.isFirst) lines.push(fitted(termLine(term, options), columns))
    const drawn = draw(event, options, term)
    if (drawn !== undefined) lines.push(fitted(drawn, columns))
  }
  lines.push('')
  if (byzantine.length > 0)
    lines.push(colors.red(`! Byzantine: ${byzantine.map((id) => `p${id}`).join(', ')}`))
  for (const { property, detail } of violations)
    lines.push(`${colors.red(`${property} violated`)}  ${detail}`)
  if (violations.length === 0 && options.judged !== false)
    lines.push(colors.green('no property was violated'))
  return lines.join('\n')
}

/** Whether the event belongs to a broadcast that a violation is about, or to none; everything does if there is none. */
function isAbout(event: TraceEvent, violations: readonly Violation[]): boolean {
  const instances = violations.flatMap(({ instance }) => instance ?? [])
  if (instances.length === 0) return true
  const named = nameOf(event)
  if (named === undefined) return event.kind !== 'receive' && event.kind !== 'send'
  return instances.some(
    ({ sender, sequence }) => named.senders.includes(sender) && named.sequence === sequence
  )
}

/** Which broadcast it belongs to. A message without a sender is to or from the sender. */
function nameOf(event: TraceEvent): { senders: readonly PlainValue[]; sequence: PlainValue } | undefined {
  if (event.kind === 'invoke' || event.kind === 'return' || event.kind === 'indicate') {
    const instance = instanceTold(event)
    return instance && { senders: [instance.sender], sequence: instance.sequence }
  }
  if (event.kind !== 'receive' && event.kind !== 'send') return undefined
  const fields = event.message as { readonly [name: string]: PlainValue }
  if (fields.sequence === undefined) return undefined
  const other = event.kind === 'receive' ? event.from : event.to
  return {
    senders: fields.sender === undefined ? [event.process, other] : [fields.sender],
    sequence: fields.sequence
  }
}

/** Above the first that enters it. */
function termLine({ name, leader }: Term, { colors, members }: DiagramOptions): string {
  return `${' '.repeat(12)}${colors.cyan(`${'─'.repeat(members * LANE)} ${name}, led by p${leader}`)}`
}

function draw(event: TraceEvent, options: DiagramOptions, term: Term | undefined): string | undefined {
  const { colors, members, all } = options
  const line = (mark: string, text: string) => {
    const time = (event.time / 1000).toFixed(3).padStart(10)
    const lanes = Array.from({ length: members }, (_, id) => (id === event.process ? mark : colors.dim('│')))
    return `${colors.dim(time)}  ${lanes.map((lane) => lane + ' '.repeat(LANE - 1)).join('')}${text}`
  }
  switch (event.kind) {
    case 'send':
      return all ? line('●', colors.dim(`→ p${event.to}  ${describeMessage(event.message)}`)) : undefined
    case 'receive':
      if (!all && event.path.endsWith('/windows')) return undefined
      return line(colors.cyan('◀'), `p${event.from} → p${event.process}  ${describeMessage(event.message)}`)
    case 'invoke':
      return line(colors.bold('▲'), colors.bold(describeEvent(event)))
    case 'indicate':
      if (term === undefined) return line(colors.green('▼'), colors.green(describeEvent(event)))
      return line(colors.cyan(term.leader === event.process ? '★' : '☆'), describeTerm(event, term))
    case 'return':
      return line(colors.bold('△'), describeEvent(event))
    case 'crash':
      return line(colors.red('✖'), colors.red(`p${event.process} crashes`))
    case 'restart':
      return line(colors.green('○'), `p${event.process} restarts`)
    case 'stop':
      return line(colors.red('✖'), colors.red(`p${event.process} stops: ${event.cause}`))
    case 'fault': {
      const { process, kind, certainty, detail } = event.fault
      return line(
        colors.yellow('⚑'),
        colors.yellow(`p${event.process} names p${process} ${certainty} of ${kind}: ${detail}`)
      )
    }
    default:
      return all ? line('·', colors.dim(describeEvent(event, options.byzantine))) : undefined
  }
}
