/** One worker thread of a campaign, watched: a run that never ends, or eats its memory, is ended and named. */
import { Worker } from 'node:worker_threads'
import type { Recording } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import { NotRepeatableError } from '../../laboratory/shrink.ts'
import { UsageError } from '../../program/errors.ts'
import { ownError } from './own-error.ts'
import { type Answer, AT_RUN, CANCELLED, SHARED_NUMBERS, type Task, type WorkerData } from './tasks.ts'

/** Megabytes of memory of a worker, heap and buffers; a run needs a few. */
const MEMORY_MB_MAX = 1024
const WATCH_EVERY_MS = 250
/** How long a thread may take until it begins its first run. */
const START_MS = 20_000
/** How long a thread that is told to end may take for the run that it is at. */
const CANCEL_GRACE_MS = 3000

const MB = 1024 * 1024

/** Isolation: what a component does happens in its handlers, and nowhere else. */
type Loss = 'termination' | 'bounded memory' | 'isolation'

/** A run in which a thread was lost. */
export class LostRunError extends Error {
  override name = 'LostRunError'
  readonly property: Loss
  /** Lines of somebody's own code that led there, innermost first, where they are known. */
  readonly lines: readonly string[]

  constructor(property: Loss, message: string, lines: readonly string[] = []) {
    super(message)
    this.property = property
    this.lines = lines
  }
}

/** The thread was ended, as it was told to. */
class EndedError extends Error {
  override name = 'EndedError'
}

export interface ShrunkRun {
  readonly recording: Recording
  /** Choices that there were at first. */
  readonly from: number
  readonly tried: number
  readonly minimal: boolean
}

export class CampaignThread {
  readonly #worker: Worker
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_NUMBERS))
  readonly #runLimitMs: number
  /** Whether it runs a protocol of somebody's own. */
  readonly #isOwn: boolean
  #lost: Error | undefined
  #onLoss: (cause: Error) => void = () => {}
  #onAnswer: (answer: Answer) => void = () => {}
  #watch: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined
  #cancelled = false
  /** It repeats a run that has ended before: that is waited for, however long it takes to begin. */
  #repeats = false

  constructor(protocolFile: string | undefined, runLimitMs: number) {
    this.#runLimitMs = runLimitMs
    this.#isOwn = protocolFile !== undefined
    const workerData: WorkerData = { shared: this.#shared, protocolFile }
    // Beside this file, with its extension: .js when built, .ts when run from source.
    this.#worker = new Worker(new URL(`./campaign-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX }
    })
    this.#worker.on('message', (answer: Answer) => this.#onAnswer(answer))
    this.#worker.on('error', (error: Error) => this.#lose(this.#failed(error)))
    this.#worker.on('exit', () =>
      this.#lose(new LostRunError('isolation', 'ends its thread: nothing calls process.exit'))
    )
  }

  /**
   * Fewer than were asked for, once it was cancelled, a run had to be given up, or the thread was lost in one.
   *
   * @throws UsageError where the protocol needs more than its model has
   */
  async outcomes(task: Task): Promise<{ outcomes: readonly RunOutcome[]; lost?: LostRunError }> {
    const outcomes: RunOutcome[] = []
    try {
      const answer = await this.#ask(task, (part) => {
        if (part.kind === 'outcome') outcomes.push(part.outcome)
      })
      if (answer.kind === 'refused') throw new UsageError(answer.reason)
      return { outcomes }
    } catch (error) {
      if (error instanceof EndedError) return { outcomes }
      if (error instanceof LostRunError) return { outcomes, lost: error }
      throw error
    }
  }

  /**
   * @returns undefined if the thread was lost before the run was recorded
   * @throws NotRepeatableError
   */
  async shrink(
    task: Extract<Task, { kind: 'shrink' }>,
    onProgress: (tried: number, choices: number) => void
  ): Promise<ShrunkRun | undefined> {
    let smallest: Recording | undefined
    let from = 0
    let last = 0
    const follow = (answer: Answer) => {
      if (answer.kind !== 'progress') return
      const { tried, choices, recording } = answer
      if (smallest === undefined) from = choices
      smallest = recording ?? smallest
      this.#repeats = false
      this.#limit()
      last = tried
      onProgress(tried, choices)
    }
    this.#repeats = true
    try {
      const answer = await this.#ask(task, follow)
      if (answer.kind === 'shrunk') return answer
      throw new NotRepeatableError('the run is another one each time')
    } catch (error) {
      // A candidate may loop for ever where the run itself did not: what was found until then stands.
      if (!(error instanceof EndedError || error instanceof LostRunError)) throw error
      return smallest && { recording: smallest, from, tried: last, minimal: false }
    }
  }

  /** The causal chain to the violation, in words; undefined if the thread was lost. @throws UsageError */
  async write(task: Extract<Task, { kind: 'write' }>): Promise<readonly string[] | undefined> {
    try {
      const answer = await this.#ask(task, () => {})
      if (answer.kind === 'refused') throw new UsageError(answer.reason)
      return answer.kind === 'written' ? answer.explanation : undefined
    } catch (error) {
      if (error instanceof LostRunError) return undefined
      throw error
    }
  }

  /** It ends after the run that it is at, with what it has by then; a run that does not end is not waited for. */
  cancel(): void {
    Atomics.store(this.#shared, CANCELLED, 1)
    this.#cancelled = true
    this.#limit()
  }

  #limit(): void {
    if (this.#cancelled && !this.#repeats) this.#grace ??= setTimeout(() => void this.end(), CANCEL_GRACE_MS)
  }

  async end(): Promise<void> {
    clearTimeout(this.#grace)
    this.#lose(new EndedError('the thread was ended'))
    await this.#worker.terminate()
  }

  /** Its last answer; `onPart` is given those before it. */
  #ask(task: Task, onPart: (answer: Answer) => void): Promise<Answer> {
    const worker = this.#worker
    return new Promise<Answer>((resolve, reject) => {
      Atomics.store(this.#shared, AT_RUN, 0)
      this.#onLoss = reject
      this.#onAnswer = (answer) => {
        if (answer.kind === 'progress' || answer.kind === 'outcome') onPart(answer)
        else resolve(answer)
      }
      if (this.#lost !== undefined) reject(this.#lost)
      else worker.postMessage(task)
      let at = 0
      let since = performance.now()
      this.#watch = setInterval(() => {
        const now = this.#at
        if (now !== at) since = performance.now()
        at = now
        const limitMs = at === 0 ? START_MS + this.#runLimitMs : this.#runLimitMs
        if (performance.now() - since >= limitMs) this.#lose(endless(this.#runLimitMs))
        else if (process.memoryUsage.rss() > MEMORY_MB_MAX * MB) void this.#weigh()
      }, WATCH_EVERY_MS)
    }).finally(() => clearInterval(this.#watch))
  }

  get #at(): number {
    return Atomics.load(this.#shared, AT_RUN)
  }

  /** Buffers lie outside of the heap that the limit of the thread is about. */
  async #weigh(): Promise<void> {
    // A thread that has ended meanwhile has no statistics.
    const statistics = await this.#worker.getHeapStatistics().catch(() => undefined)
    if (statistics === undefined) return
    const { used_heap_size: heap, external_memory: buffers } = statistics
    if (heap + buffers > MEMORY_MB_MAX * MB) this.#lose(boundless())
  }

  /** The first cause counts; nothing comes of the thread after it. */
  #lose(cause: Error): void {
    this.#lost ??= cause
    this.#onLoss(this.#lost)
    if (cause instanceof LostRunError) void this.#worker.terminate()
  }

  /** What a protocol of somebody's own does to the thread is told as what that protocol does. */
  #failed(error: Error & { readonly code?: string }): Error {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return boundless()
    if (!this.#isOwn) return error
    const { text, stack } = ownError(error)
    return new LostRunError('isolation', `fails outside of every handler: ${text}`, stack)
  }
}

const endless = (limitMs: number) =>
  new LostRunError(
    'termination',
    `does not end within ${Math.round(limitMs / 1000)} s: a handler loops for ever, or the run is too large (--run-seconds)`
  )

const boundless = () =>
  new LostRunError(
    'bounded memory',
    `needs more than ${MEMORY_MB_MAX} MB of memory: something grows without bound`
  )
