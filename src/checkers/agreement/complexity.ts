/**
 * Message complexity: a correct member tells another the same thing once, and again only for a reason: a session, a
 * timer of its own, a view or a checkpoint that it has come to, a request of its application, a new life, or news of
 * that other. What two correct members tell each other in answer to the same is no news: so a storm of answers to
 * answers is seen, which nobody's history shows and no bound of the run ends in time.
 */
import type { ProcessId } from '../../core/group.ts'
import { TraceDigest } from '../../simulator/digest.ts'
import type { HistoryEvent } from '../../simulator/history.ts'

export const MESSAGE_COMPLEXITY = {
  kind: 'safety',
  witnessed: true,
  sentence:
    'a correct member tells another the same thing again only for a session, a timer, a request or news'
} as const

/**
 * For each reason the same thing may be said so often: a body is handed over a few times in a session, and what was
 * queued at once may be of several reasons.
 */
const REPETITIONS_PER_REASON = 2

interface Pair {
  /** How often each thing was said, by its digest. */
  readonly said: Map<string, number>
  /** What was heard, by its digest. */
  readonly heard: Set<string>
  /** Sessions, and news of the other. */
  reasons: number
  isNamed: boolean
}

export interface ComplexityInit {
  readonly isLiar: (process: ProcessId) => boolean
  readonly nameOf: (process: ProcessId) => string
  readonly tell: (detail: string) => void
}

export class MessageComplexity {
  readonly #init: ComplexityInit
  readonly #pairs = new Map<ProcessId, Map<ProcessId, Pair>>()
  /** What happened to each member. */
  readonly #reasons = new Map<ProcessId, number>()
  #last: { readonly bytes: Uint8Array; readonly name: string } | undefined

  constructor(init: ComplexityInit) {
    this.#init = init
  }

  sent(process: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const pair = this.#pair(process, to)
    const name = this.#nameOf(bytes)
    const times = (pair.said.get(name) ?? 0) + 1
    pair.said.set(name, times)
    const reasons = 1 + pair.reasons + (this.#reasons.get(process) ?? 0)
    if (times <= REPETITIONS_PER_REASON * reasons || pair.isNamed) return
    pair.isNamed = true
    const { nameOf, tell } = this.#init
    tell(`${nameOf(process)} told ${nameOf(to)} the same thing ${times} times, for ${reasons} reasons`)
  }

  /** What a liar says is a reason each time; what a correct member says, the first time. */
  received(process: ProcessId, from: ProcessId, bytes: Uint8Array): void {
    const pair = this.#pair(process, from)
    const name = this.#nameOf(bytes)
    if (!this.#init.isLiar(from) && pair.heard.has(name)) return
    pair.heard.add(name)
    pair.reasons++
  }

  sessionStarted(process: ProcessId, peer: ProcessId): void {
    this.#pair(process, peer).reasons++
  }

  timerFired(process: ProcessId): void {
    this.#reasons.set(process, (this.#reasons.get(process) ?? 0) + 1)
  }

  /** A request, a view, a checkpoint, a new life. */
  happened({ process, kind }: Pick<HistoryEvent, 'process' | 'kind'>): void {
    if (kind === 'invoke' || kind === 'indicate' || kind === 'restart')
      this.#reasons.set(process, (this.#reasons.get(process) ?? 0) + 1)
  }

  #pair(process: ProcessId, peer: ProcessId): Pair {
    const pairs = this.#pairs.get(process) ?? new Map<ProcessId, Pair>()
    this.#pairs.set(process, pairs)
    const pair = pairs.get(peer) ?? { said: new Map(), heard: new Set(), reasons: 0, isNamed: false }
    pairs.set(peer, pair)
    return pair
  }

  /** The same bytes are sent to all, one after the other. */
  #nameOf(bytes: Uint8Array): string {
    if (this.#last?.bytes !== bytes) {
      const digest = new TraceDigest()
      digest.addBytes(bytes)
      this.#last = { bytes, name: digest.hex() }
    }
    return this.#last.name
  }
}
