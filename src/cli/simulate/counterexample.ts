/** A violation that a campaign found: shrunk, written to a trace file, and explained. */
import type { CampaignResult, ViolatedRun } from '../../laboratory/campaign.ts'
import { differs } from '../../laboratory/nondeterminism.ts'
import { isKnown, type RunConfig, requireStack } from '../../laboratory/run-config.ts'
import { NotRepeatableError } from '../../laboratory/shrink.ts'
import { UsageError } from '../../program/errors.ts'
import { CampaignThread } from './campaign-thread.ts'

export interface Counterexample {
  readonly trace: string
  /** The page that it is drawn in, if that was asked for. */
  readonly html?: string
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
  /** Where to write the trace, and the page, if that was said. */
  readonly path: string | undefined
  readonly html: string | undefined
  /** Of the first run. */
  readonly seed: number
  readonly runLimitMs: number
  readonly signal: AbortSignal
  readonly onProgress: (what: string) => void
}

/** These name a run that cannot be repeated to its end: there is nothing to shrink. */
const NOT_REPEATABLE: ReadonlySet<string> = new Set([
  'termination',
  'bounded memory',
  'isolation',
  'determinism',
  'quiescence'
])

/** What the campaign came to, and its first violation made small; undefined where nothing can be repeated. */
export interface Examined {
  readonly result: CampaignResult
  readonly found?: Counterexample
  /** Instead, where there is no violation. */
  readonly kept?: KeptRun
  /** Why the smallest run could not be written; the result stands all the same. */
  readonly unwritten?: UsageError
}

/** Where a violating run is written unless somebody says where. */
export const traceOf = (protocol: string, seed: number) => `byzkit-${protocol}-${seed}.jsonl`

export async function examine(result: CampaignResult, init: CounterexampleInit): Promise<Examined> {
  const { violations } = result
  if (violations.length === 0) return keepFirst(result, init)
  if (violations.some(({ property }) => property === 'determinism')) return { result }
  const { protocol } = result
  // What a protocol promises by one of these names is another thing: that an operation returns.
  const claimed = isKnown(protocol) ? requireStack(protocol).properties : []
  const violation = violations.find(
    ({ property }) => claimed.includes(property) || !NOT_REPEATABLE.has(property)
  )
  if (violation === undefined) return { result }
  const { config, protocolFile, path, html, runLimitMs, signal, onProgress } = init
  const threads = [new CampaignThread(protocolFile, runLimitMs)]
  const [thread] = threads as [CampaignThread]
  const cancel = () => thread.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const { property, seed } = violation
    const shrinking = thread.shrink(
      { kind: 'shrink', property, from: startOf(config, violation) },
      (tried, choices) => onProgress(`shrinking: ${choices} choices left, ${tried} runs tried`)
    )
    if (signal.aborted) cancel()
    const shrunk = await shrinking
    if (shrunk === undefined) return { result }
    const { from, tried, minimal, recording } = shrunk
    const trace = path ?? traceOf(config.protocol, seed)
    // Another thread: the first one may be lost, or cancelled.
    const writer = new CampaignThread(protocolFile, runLimitMs)
    threads.push(writer)
    const explanation = await writer.write({ kind: 'write', from: recording, property, trace, html })
    if (explanation === undefined) return { result }
    const { schedule, setup } = recording
    const found = {
      trace,
      ...(html !== undefined && { html }),
      property,
      seed,
      shrunk: { from, to: schedule.length, tried, minimal },
      acts: schedule.filter(({ kind }) => kind === 'act' || kind === 'frame').length,
      members: setup.members,
      explanation
    }
    return { result, found }
  } catch (error) {
    if (error instanceof UsageError) return { result, unwritten: error }
    if (!(error instanceof NotRepeatableError)) throw error
    const { seed } = violation
    return { result: { ...result, violations: [{ seed, ...differs(seed) }, ...violations] } }
  } finally {
    signal.removeEventListener('abort', cancel)
    for (const each of threads) await each.end()
  }
}

/** A run in which all held: the first one of the campaign, written and drawn where that was asked for. */
export interface KeptRun {
  readonly seed: number
  readonly trace?: string
  readonly html?: string
}

async function keepFirst(result: CampaignResult, init: CounterexampleInit): Promise<Examined> {
  const { config, protocolFile, path: trace, html, seed, runLimitMs, signal } = init
  if ((trace === undefined && html === undefined) || signal.aborted) return { result }
  const thread = new CampaignThread(protocolFile, runLimitMs)
  try {
    await thread.write({ kind: 'write', from: { config, seed }, trace, html })
    return {
      result,
      kept: { seed, ...(trace !== undefined && { trace }), ...(html !== undefined && { html }) }
    }
  } catch (error) {
    if (error instanceof UsageError) return { result, unwritten: error }
    throw error
  } finally {
    await thread.end()
  }
}

function startOf(config: RunConfig, { seed, recording }: ViolatedRun) {
  return recording ?? { config, seed }
}
