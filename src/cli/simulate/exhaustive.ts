/** `byzkit simulate PROTOCOL --exhaustive`: every interleaving of a small case in place of seeded runs. */
import { setImmediate } from 'node:timers/promises'
import {
  Exploration,
  type ExplorationResult,
  type ExploredViolation
} from '../../laboratory/exhaustive/exploration.ts'
import { EXPLORED_PROTOCOLS } from '../../laboratory/exhaustive/menu.ts'
import type { PathStep } from '../../laboratory/exhaustive/path.ts'
import {
  EXPLORED_MEMBERS_MAX,
  EXPLORED_MEMBERS_MIN,
  TIMER_FIRINGS
} from '../../laboratory/exhaustive/system.ts'
import { type RunConfig, requireBroadcastStack } from '../../laboratory/run-config.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, UsageError } from '../errors.ts'
import { type Output, oneLine } from '../output.ts'
import { liveLine } from '../progress.ts'

/** Between two looks at whether somebody wants to stop. */
const STATES_IN_A_SLICE = 20_000

/** Machines are told how far it is every so many slices. */
const SLICES_IN_AN_EVENT = 50

/** Options of seeded runs, which mean nothing here. */
const SEEDED_ONLY = ['adversary', 'runs', 'minutes', 'workers', 'shard', 'trace'] as const

/** What was given on the command line. */
export type SeededOptions = { readonly [name in (typeof SEEDED_ONLY)[number]]?: unknown }

export async function explore(
  config: RunConfig,
  options: SeededOptions,
  output: Output
): Promise<ExitStatus> {
  requireSmallCase(config, options)
  const { protocol, members, faults } = config
  const started = performance.now()
  const exploration = new Exploration({ stack: requireBroadcastStack(protocol), members, faults })
  const progress = liveLine(output)
  let interrupted = false
  const interrupt = () => {
    interrupted = true
  }
  process.once('SIGINT', interrupt)
  for (let slice = 0; !interrupted && !exploration.advance(STATES_IN_A_SLICE); slice++) {
    progress.show(`${protocol}: ${exploration.states.toLocaleString('en')} states`)
    if (slice % SLICES_IN_AN_EVENT === 0) output.event({ event: 'progress', states: exploration.states })
    await setImmediate()
  }
  process.removeListener('SIGINT', interrupt)
  progress.clear()
  const result = exploration.result()
  const seconds = Math.round((performance.now() - started) / 100) / 10
  output.result({ ...result, seconds }, describe(result, seconds, output))
  return result.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
}

function requireSmallCase(config: RunConfig, options: SeededOptions): void {
  const { protocol, members, byzantine, links, crypto, signedSend } = config
  if (!EXPLORED_PROTOCOLS.includes(protocol))
    throw new UsageError(`--exhaustive is for ${EXPLORED_PROTOCOLS.join(' and ')}, not for ${protocol}`)
  if (members < EXPLORED_MEMBERS_MIN || members > EXPLORED_MEMBERS_MAX) {
    throw new UsageError(
      `--exhaustive is for ${EXPLORED_MEMBERS_MIN} to ${EXPLORED_MEMBERS_MAX} members, not ${members}: more have too many states`
    )
  }
  if (byzantine !== 1)
    throw new UsageError(`--exhaustive is for one Byzantine member, the sender, not ${byzantine}`)
  const given = SEEDED_ONLY.find((name) => options[name] !== undefined)
  const meaningless =
    given ??
    (signedSend
      ? 'signed-send'
      : links !== 'ideal'
        ? `links ${links}`
        : crypto !== 'symbolic'
          ? `crypto ${crypto}`
          : undefined)
  if (meaningless !== undefined)
    throw new UsageError(`--exhaustive goes without --${meaningless}: that is for seeded runs`)
}

function describe(result: ExplorationResult, seconds: number, { colors }: Output): string {
  const { bold, dim, green, red, yellow } = colors
  const { protocol, members, faults, menu, verdict, violations } = result
  const count = (value: number) => value.toLocaleString('en').padStart(12)
  const lines = [
    `${bold(protocol)}  n = ${members}, f = ${faults}, one broadcast, whose sender, member 0, is Byzantine  ${dim(`${seconds} s`)}`,
    `To each other member it sends, at any time and in any order, one ${menu.join(', one ')}, each of m1 or of m2, or`,
    `none. No message is lost. Each member's timers go off at most ${TIMER_FIRINGS === 1 ? 'once' : `${TIMER_FIRINGS} times`}.`,
    '',
    `${count(result.states)}  distinct states up to exchanging m1 and m2 (${result.statesWithExchanged.toLocaleString('en')} in all)`,
    `${count(result.transitions)}  transitions`,
    `${count(result.terminals)}  states with nothing on its way`,
    ''
  ]
  for (const violation of violations) lines.push(...describeViolation(violation, red), '')
  if (verdict === 'ok') lines.push(`${green('ok')}  ${result.properties.join(', ')} held in all of them`)
  else if (verdict === 'violated') lines.push(red('violated'))
  else lines.push(`${yellow('inconclusive')}  ${result.reason ?? ''}`)
  return lines.join('\n')
}

function describeViolation(
  { property, detail, path }: ExploredViolation,
  red: (text: string) => string
): string[] {
  const width = String(path.length).length
  // What stopped a process may quote anything.
  return [
    `${red(`${property} violated`)}  ${oneLine(detail)}`,
    ...path.map((step, index) => `  ${String(index + 1).padStart(width)}. ${describeStep(step)}`)
  ]
}

function describeStep({ process, from, message, sends, delivers, accuses }: PathStep): string {
  const got =
    from === null
      ? `a timer of member ${process} goes off`
      : `member ${process} receives ${message} from member ${from}`
  const said = [...new Set(sends.map((sent) => sent.message))].map((sent) => {
    const to = sends.filter((other) => other.message === sent).map((other) => other.to)
    return `sends ${sent} to ${to.join(' and ')}`
  })
  const done = [
    ...said,
    ...delivers.map((value) => `delivers ${value}`),
    ...accuses.map((accused) => `accuses ${accused}`)
  ]
  return done.length === 0 ? got : `${got}: ${done.join(', ')}`
}
