/** What a campaign came to, for people. */
import type { CampaignResult } from '../../laboratory/campaign.ts'
import { requireStack } from '../../laboratory/run-config.ts'
import { type Output, printable } from '../../program/output.ts'
import type { Counterexample, KeptRun } from './counterexample.ts'

export interface ReportInit {
  readonly result: CampaignResult
  readonly eventsPerSecond: number
  readonly counterexample: Counterexample | undefined
  readonly kept: KeptRun | undefined
  /** The command that repeats what was written. */
  readonly replay: string | undefined
  readonly interruption: Error | undefined
}

const VIOLATIONS_SHOWN = 5

export function report(init: ReportInit, { colors }: Output): string {
  const { result, eventsPerSecond, counterexample, kept, replay, interruption } = init
  const { bold, dim, green, red, yellow } = colors
  const {
    protocol,
    members,
    faults,
    byzantine,
    adversary,
    beyondModel = false,
    runs,
    events,
    landmarks,
    violations,
    verdict
  } = result
  const rate = `${events.toLocaleString('en')} messages, ${eventsPerSecond.toLocaleString('en')} a second`
  const lines = [
    `${bold(protocol)}  n = ${members}, f = ${faults}, ${byzantine} Byzantine (${adversary ?? 'none'}), ${runs} runs${beyondModel ? ' beyond the model' : ''}  ${dim(rate)}`
  ]
  if (interruption !== undefined) lines.push(yellow(`${interruption.message}: this is what was found so far`))
  const reached = Object.entries(landmarks)
  if (reached.length > 0) lines.push('', 'landmark                        runs that reached it')
  for (const [name, count] of reached) {
    lines.push(`  ${name.padEnd(30)}${count === 0 ? yellow(String(count)) : count}`)
  }
  lines.push('')
  for (const { property, detail, seed, stack = [] } of violations.slice(0, VIOLATIONS_SHOWN)) {
    lines.push(`${red(`${property} violated`)}  seed ${seed}: ${printable(detail)}`)
    // The first of them is in the detail.
    for (const frame of stack.slice(1)) lines.push(dim(`    from ${printable(frame)}`))
  }
  if (counterexample !== undefined) lines.push('', ...describe(counterexample, bold, dim))
  if (kept !== undefined) lines.push(...describeKept(kept, dim))
  if (replay !== undefined) lines.push(dim(`replay it with: ${replay}`))
  lines.push(tolerance(result, dim))
  if (verdict === 'ok') lines.push(`${green('ok')}  ${requireStack(protocol).properties.join(', ')} held`)
  else if (verdict === 'violated') lines.push(`${red('violated')}  in ${result.violatedRuns} of ${runs} runs`)
  else lines.push(`${yellow('inconclusive')}  ${result.reason ?? ''}`)
  return lines.join('\n')
}

function describe(
  { property, seed, shrunk, acts, members, explanation, trace, html }: Counterexample,
  bold: (text: string) => string,
  dim: (text: string) => string
): string[] {
  const size = `${shrunk.to} of ${shrunk.from} choices are left (${acts} messages of Byzantine members, ${members} members)`
  const end = shrunk.minimal ? 'without any one of them the property holds' : 'shrinking was cut short'
  return [
    `${bold(`smallest run that violates ${property}`)}  from seed ${seed}: ${size}; ${end}`,
    ...explanation.map((text, index) => `  ${index + 1}. ${printable(text)}`),
    dim(`trace: ${printable(trace)}`),
    ...(html === undefined ? [] : [dim(`page: ${printable(html)}`)])
  ]
}

function describeKept({ seed, trace, html }: KeptRun, dim: (text: string) => string): string[] {
  return [
    ...(trace === undefined
      ? []
      : [dim(`trace of the first run, that of seed ${seed}: ${printable(trace)}`)]),
    ...(html === undefined ? [] : [dim(`page of the first run, that of seed ${seed}: ${printable(html)}`)])
  ]
}

const FORMS = {
  masking: 'masking: safety and liveness held',
  'fail-safe': 'fail-safe: safety held, liveness did not',
  'non-masking': 'non-masking: liveness held, safety did not',
  none: 'none: neither safety nor liveness held'
} as const

const tolerance = ({ tolerance: form }: CampaignResult, dim: (text: string) => string) =>
  dim(`fault tolerance seen: ${FORMS[form]}`)
