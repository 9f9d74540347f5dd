/** A violation that a campaign found: shrunk, written to a trace file, and explained. */
import type { CampaignResult, ViolatedRun } from '../../laboratory/campaign.ts'
import { differs } from '../../laboratory/nondeterminism.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { NotRepeatableError } from '../../laboratory/shrink.ts'
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
  'isolation',
  'determinism',
  'quiescence'
])

/** What the campaign came to, and its first violation made small; undefined where nothing can be repeated. */
export interface Examined {
  readonly result: CampaignResult
  readonly found?: Counterexample
}

export async function examine(result: CampaignResult, init: CounterexampleInit): Promise<Examined> {
  const { violations } = result
  if (violations.some(({ property }) => property === 'determinism')) return { result }
  const violation = violations.find(({ property }) => !NOT_REPEATABLE.has(property))
  if (violation === undefined) return { result }
  const { config, protocolFile, path, runLimitMs, signal, onProgress } = init
  const threads = [new CampaignThread(protocolFile, runLimitMs)]
  const [thread] = threads as [CampaignThread]
  const cancel = () => thread.cancel()
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  try {
    const { property, seed } = violation
    const shrunk = await thread.shrink(
      { kind: 'shrink', property, from: startOf(config, violation) },
      (tried, choices) => onProgress(`shrinking: ${choices} choices left, ${tried} runs tried`)
    )
    if (shrunk === undefined) return { result }
    const { from, tried, minimal, recording } = shrunk
    const trace = path ?? `byzkit-${config.protocol}-${seed}.jsonl`
    // Another thread: the first one may be lost, or cancelled.
    const writer = new CampaignThread(protocolFile, runLimitMs)
    threads.push(writer)
    const explanation = await writer.write({ kind: 'write', recording, property, trace })
    if (explanation === undefined) return { result }
    const { schedule, setup } = recording
    const found = {
      trace,
      property,
      seed,
      shrunk: { from, to: schedule.length, tried, minimal },
      acts: schedule.filter(({ kind }) => kind === 'act' || kind === 'frame').length,
      members: setup.members,
      explanation
    }
    return { result, found }
  } catch (error) {
    if (!(error instanceof NotRepeatableError)) throw error
    const { seed } = violation
    return { result: { ...result, violations: [{ seed, ...differs(seed) }, ...violations] } }
  } finally {
    signal.removeEventListener('abort', cancel)
    for (const each of threads) await each.end()
  }
}

function startOf(config: RunConfig, { seed, recording }: ViolatedRun) {
  return recording ?? { config, seed }
}
