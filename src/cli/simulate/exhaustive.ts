/** `byzkit simulate PROTOCOL --exhaustive`: every interleaving of a small case in place of seeded runs. */
import { setImmediate } from 'node:timers/promises'
import { nameOf, type ProcessId } from '../../core/group.ts'
import {
  Exploration,
  type ExplorationResult,
  type ExploredViolation
} from '../../laboratory/exhaustive/exploration.ts'
import type { PathStep } from '../../laboratory/exhaustive/path.ts'
import {
  DISTURBANCES_MAX,
  EXPLORED_MEMBERS_MAX,
  EXPLORED_MEMBERS_MIN
} from '../../laboratory/exhaustive/system.ts'
import { type RunConfig, requireStack } from '../../laboratory/run-config.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus, UsageError } from '../../program/errors.ts'
import { type Output, oneLine } from '../../program/output.ts'
import { liveLine } from '../../program/progress.ts'
import { watchStopSignals } from '../../program/stop-signals.ts'
import type { Stack } from '../../stacks/stack.ts'

/** Between two looks at whether somebody wants to stop. */
const STATES_IN_A_SLICE = 20_000

/** Machines are told how far it is every so many slices. */
const SLICES_IN_AN_EVENT = 50

/** Options of seeded runs, which mean nothing here. */
const SEEDED_ONLY = ['adversary', 'runs', 'minutes', 'workers', 'shard', 'trace', 'html'] as const

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
  const stack = requireStack(protocol)
  const exploration = new Exploration({ stack, members, faults })
  const progress = liveLine(output)
  const stopSignals = watchStopSignals()
  const { signal } = stopSignals
  for (let slice = 0; !signal.aborted && !exploration.advance(STATES_IN_A_SLICE); slice++) {
    progress.show(`${protocol}: ${exploration.states.toLocaleString('en')} states`)
    if (slice % SLICES_IN_AN_EVENT === 0) output.event({ event: 'progress', states: exploration.states })
    await setImmediate()
  }
  stopSignals.release()
  progress.clear()
  const result = exploration.result()
  const seconds = Math.round((performance.now() - started) / 100) / 10
  output.result({ ...result, seconds }, describe(result, stack, seconds, output))
  if (result.verdict === 'inconclusive' && stopSignals.received !== undefined)
    return stopSignals.received.status
  return result.verdict === 'ok' ? EXIT_OK : EXIT_FAILED
}

function requireSmallCase(config: RunConfig, options: SeededOptions): void {
  const { protocol, members, byzantine, links, crypto } = config
  if (members < EXPLORED_MEMBERS_MIN || members > EXPLORED_MEMBERS_MAX) {
    throw new UsageError(
      `--exhaustive is for ${EXPLORED_MEMBERS_MIN} to ${EXPLORED_MEMBERS_MAX} members, not ${members}: more have too many states`
    )
  }
  if (byzantine !== 1 && requireStack(protocol).model.liars)
    throw new UsageError(`--exhaustive is for one Byzantine member, member 0, not ${byzantine}`)
  const given = SEEDED_ONLY.find((name) => options[name] !== undefined)
  const meaningless =
    given ?? (links !== 'ideal' ? `links ${links}` : crypto !== 'symbolic' ? `crypto ${crypto}` : undefined)
  if (meaningless !== undefined)
    throw new UsageError(`--exhaustive goes without --${meaningless}: that is for seeded runs`)
}

function describe(result: ExplorationResult, stack: Stack, seconds: number, { colors }: Output): string {
  const { bold, dim, green, red, yellow } = colors
  const { protocol, members, faults, byzantine, clients, verdict, violations } = result
  const { states, statesWithExchanged } = result
  const count = (value: number) => value.toLocaleString('en').padStart(12)
  const isUpToExchange = statesWithExchanged > states
  const who = [
    `n = ${members}, f = ${faults}`,
    ...(byzantine > 0 ? ['member 0 is Byzantine'] : []),
    ...(clients > 0 ? [`${clients} clients`] : [])
  ].join(', ')
  const lines = [
    `${bold(protocol)}  ${who}  ${dim(`${seconds} s`)}`,
    ...describeCase(result, stack),
    '',
    isUpToExchange
      ? `${count(states)}  distinct states up to exchanging m1 and m2 (${statesWithExchanged.toLocaleString('en')} in all)`
      : `${count(states)}  distinct states`,
    `${count(result.transitions)}  transitions`,
    `${count(result.terminals)}  states with nothing on its way`,
    ''
  ]
  for (const violation of violations) lines.push(...describeViolation(violation, members, red), '')
  if (verdict === 'ok') lines.push(`${green('ok')}  ${result.properties.join(', ')} held in all of them`)
  else if (verdict === 'violated') lines.push(red('violated'))
  else lines.push(`${yellow('inconclusive')}  ${result.reason ?? ''}`)
  return lines.join('\n')
}

/** What can happen, a sentence to a line. */
function describeCase(
  { menu, asks, byzantine, timerFirings, stops, members }: ExplorationResult,
  { model }: Stack
): string[] {
  const said =
    menu.length > 0
      ? `To each other member it says, at any time and in any order, one ${menu.join(', one ')}, each of m1 or of m2, or none.`
      : 'Member 0 answers each message as if it had heard of nothing else, or as if of all so far, or not at all.'
  const asked = asks.map(({ process, request }) => `${nameOf({ n: members }, process)}: ${request}`)
  return [
    ...(byzantine > 0 ? [said] : []),
    ...(asked.length > 0 ? [`Asked for, at any time: ${asked.join('; ')}.`] : []),
    ...(stops > 0
      ? [`Up to ${stops === 1 ? 'one member stops' : `${stops} members stop`}, at any time.`]
      : []),
    model.links === 'fair-loss'
      ? `Of the frames to each process ${DISTURBANCES_MAX} is lost, doubled or overtaken.`
      : 'No message is lost.',
    `Each process's timers go off at most ${timerFirings === 1 ? 'once' : `${timerFirings} times`}.`
  ]
}

function describeViolation(
  { property, detail, path }: ExploredViolation,
  n: number,
  red: (text: string) => string
): string[] {
  const width = String(path.length).length
  // What stopped a process may quote anything.
  return [
    `${red(`${property} violated`)}  ${oneLine(detail)}`,
    ...path.map(
      (step, index) =>
        `  ${String(index + 1).padStart(width)}. ${describeStep(step, (process) => nameOf({ n }, process))}`
    )
  ]
}

type Name = (process: ProcessId) => string

function describeStep(step: PathStep, name: Name): string {
  const { sends, tells, accuses } = step
  const said = [...new Set(sends.map((sent) => sent.message))].map((sent) => {
    const to = sends.filter((other) => other.message === sent).map((other) => other.to)
    return `sends ${sent} to ${to.join(' and ')}`
  })
  const done = [...said, ...tells, ...accuses.map((accused) => `accuses ${accused}`)]
  return done.length === 0 ? met(step, name) : `${met(step, name)}: ${done.join(', ')}`
}

function met({ kind, process, from, message }: PathStep, name: Name): string {
  const who = name(process)
  if (kind === 'timer') return `a timer of ${who} goes off`
  if (kind === 'request') return `${who} is asked for its next`
  if (kind === 'crash') return `${who} stops`
  const what = `${message} from ${name(from ?? -1)}`
  if (kind === 'lost') return `${who} loses ${what}`
  if (kind === 'doubled') return `${who} receives ${what}, which comes once more`
  return `${who} receives ${what}${kind === 'overtaken' ? ', before what was sent before it' : ''}`
}
