/** One worker thread of a campaign, watched: a run that never ends, or eats its memory, is ended and named. */
import { Worker } from 'node:worker_threads'
import type { Recording } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import { NotRepeatableError } from '../../laboratory/shrink.ts'
import { type Answer, AT_RUN, CANCELLED, SHARED_NUMBERS, type Task, type WorkerData } from './tasks.ts'

/** Megabytes of memory of a worker, heap and buffers; a run needs a few. */
const MEMORY_MB_MAX = 1024
const WATCH_EVERY_MS = 250
/** How long a thread that is told to end may take for the run that it is at. */
const CANCEL_GRACE_MS = 5000

const MB = 1024 * 1024

type Loss = 'termination' | 'bounded memory' | 'no crash'

/** A run in which a thread was lost. */
export class LostRunError extends Error {
  override name = 'LostRunError'
  /** Which run of its block. */
  readonly at: number
  readonly property: Loss

  constructor(at: number, property: Loss, message: string) {
    super(message)
    this.at = at
    this.property = property
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

type Progress = Extract<Answer, { kind: 'progress' }>

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
      this.#lose(new LostRunError(this.#at, 'no crash', 'ends its thread: nothing calls process.exit'))
    )
  }

  /** Fewer than were asked for, once it was cancelled or a run had to be given up. @throws LostRunError */
  async outcomes(task: Task): Promise<readonly RunOutcome[]> {
    try {
      const answer = await this.#ask(task, () => {})
      return answer.kind === 'outcomes' ? answer.outcomes : []
    } catch (error) {
      if (error instanceof EndedError) return []
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
    const follow = ({ tried, choices, recording }: Progress) => {
      if (smallest === undefined) from = choices
      smallest = recording ?? smallest
      last = tried
      onProgress(tried, choices)
    }
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

  /** It ends after the run that it is at, with what it has by then; a run that does not end is not waited for. */
  cancel(): void {
    Atomics.store(this.#shared, CANCELLED, 1)
    this.#grace ??= setTimeout(() => void this.end(), CANCEL_GRACE_MS)
  }

  async end(): Promise<void> {
    clearTimeout(this.#grace)
    this.#lose(new EndedError('the thread was ended'))
    await this.#worker.terminate()
  }

  #ask(task: Task, onProgress: (progress: Progress) => void): Promise<Answer> {
    const worker = this.#worker
    return new Promise<Answer>((resolve, reject) => {
      Atomics.store(this.#shared, AT_RUN, 0)
      this.#onLoss = reject
      this.#onAnswer = (answer) => {
        if (answer.kind === 'progress') onProgress(answer)
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
        if (performance.now() - since >= this.#runLimitMs) this.#lose(endless(at, this.#runLimitMs))
        else if (process.memoryUsage.rss() > MEMORY_MB_MAX * MB) void this.#weigh()
      }, WATCH_EVERY_MS)
    }).finally(() => clearInterval(this.#watch))
  }

  get #at(): number {
    return Atomics.load(this.#shared, AT_RUN)
  }

  /** Buffers lie outside of the heap that the limit of the thread is about. */
  async #weigh(): Promise<void> {
    const { used_heap_size: heap, external_memory: buffers } = await this.#worker.getHeapStatistics()
    if (heap + buffers > MEMORY_MB_MAX * MB) this.#lose(boundless(this.#at))
  }

  /** The first cause counts; nothing comes of the thread after it. */
  #lose(cause: Error): void {
    this.#lost ??= cause
    this.#onLoss(this.#lost)
    if (cause instanceof LostRunError) void this.#worker.terminate()
  }

  /** What a protocol of somebody's own does to the thread is told as what that protocol does. */
  #failed(error: Error & { readonly code?: string }): Error {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return boundless(this.#at)
    if (!this.#isOwn) return error
    return new LostRunError(this.#at, 'no crash', `fails: ${error.message}`)
  }
}

const endless = (at: number, limitMs: number) =>
  new LostRunError(
    at,
    'termination',
    `does not end within ${Math.round(limitMs / 1000)} s: a handler loops for ever, or the run is too large (--run-seconds)`
  )

const boundless = (at: number) =>
  new LostRunError(
    at,
    'bounded memory',
    `needs more than ${MEMORY_MB_MAX} MB of memory: something grows without bound`
  )
