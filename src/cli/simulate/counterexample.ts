/** A violation that a campaign found: shrunk, written to a trace file, and explained. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { CampaignResult, ViolatedRun } from '../../laboratory/campaign.ts'
import { explain } from '../../laboratory/explain.ts'
import type { Recording } from '../../laboratory/recording.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { writeTrace } from '../../laboratory/trace-file.ts'
import type { TraceEvent } from '../../simulator/trace-sink.ts'
import { describeEvent } from '../../viewer/describe.ts'
import { fileError } from '../read-file.ts'
import { CampaignThread } from './campaign-thread.ts'

export interface Counterexample {
  readonly trace: string
  readonly property: string
  readonly seed: number
  /** Choices before and after shrinking, and runs tried. */
  readonly shrunk: {
    readonly from: number
    readonly to: number
    readonly tried: number
    readonly minimal: boolean
  }
  /** Messages that the Byzantine members send in it, and the size of its group. */
  readonly acts: number
  readonly members: number
  /** The shortest causal chain from a fault to the violation, in words. */
  readonly explanation: readonly string[]
}

export interface CounterexampleInit {
  readonly config: RunConfig
  readonly protocolFile: string | undefined
  readonly path: string | undefined
  readonly runLimitMs: number
  readonly signal: AbortSignal
  readonly onProgress: (what: string) => void
}

/** These name a run that cannot be repeated to its end: there is nothing to shrink. */
const NOT_REPEATABLE: ReadonlySet<string> = new Set([
  'termination',
  'bounded memory',
  'determinism',
  'quiescence'
])

/** Events after which a trace is not explained: it would take longer than reading it. */
const EXPLAINED_EVENTS_MAX = 20_000

export async function counterexample(
  { violations }: CampaignResult,
  init: CounterexampleInit
): Promise<Counterexample | undefined> {
  const violation = violations.find(({ property }) => !NOT_REPEATABLE.has(property))
  if (violation === undefined) return undefined
  const { config, protocolFile, path, runLimitMs, signal, onProgress } = init
  const thread = new CampaignThread(protocolFile, runLimitMs)
  const cancel = () => thread.cancel()
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  try {
    const shrunk = await thread.shrink(
      { kind: 'shrink', property: violation.property, from: startOf(config, violation) },
      (tried, choices) => onProgress(`shrinking: ${choices} choices left, ${tried} runs tried`)
    )
    const trace = path ?? `byzkit-${config.protocol}-${violation.seed}.jsonl`
    const { from, tried, minimal, recording } = shrunk
    const counts = { from, to: recording.schedule.length, tried, minimal }
    return { ...write(recording, violation, trace), shrunk: counts }
  } finally {
    signal.removeEventListener('abort', cancel)
    await thread.end()
  }
}

function startOf(config: RunConfig, { seed, recording }: ViolatedRun) {
  return recording ?? { config, seed }
}

function write(recording: Recording, { property, seed }: ViolatedRun, trace: string) {
  const events: TraceEvent[] = []
  const run = intoFile(trace, (line) =>
    writeTrace(recording, line, (event) => {
      if (events.length < EXPLAINED_EVENTS_MAX) events.push(event)
    })
  )
  const { byzantine, members } = recording.setup
  const violation = run.violations.find((found) => found.property === property)
  const chain = violation === undefined ? [] : explain(events, violation, byzantine)
  return {
    trace,
    property,
    seed,
    members,
    acts: recording.schedule.filter(({ kind }) => kind === 'act' || kind === 'frame').length,
    explanation: chain.flatMap((index) => {
      const event = events[index]
      return event === undefined ? [] : [describeEvent(event, byzantine)]
    })
  }
}

/** Line by line, so that a trace of any length needs no memory. */
function intoFile<T>(path: string, produce: (line: (text: string) => void) => T): T {
  let file: number
  try {
    file = openSync(path, 'w')
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
  const pending: string[] = []
  const flush = () => writeSync(file, pending.splice(0).join(''))
  try {
    const result = produce((text) => {
      pending.push(`${text}\n`)
      if (pending.length >= 1000) flush()
    })
    flush()
    return result
  } finally {
    closeSync(file)
  }
}
