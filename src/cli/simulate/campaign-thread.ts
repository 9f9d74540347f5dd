/** One worker thread of a campaign, watched: a run that never ends, or eats its memory, is ended and named. */
import { Worker } from 'node:worker_threads'
import type { Recording } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import { type Answer, AT_RUN, CANCELLED, SHARED_NUMBERS, type Task, type WorkerData } from './tasks.ts'

/** Megabytes of heap of a worker; a run needs a few. */
const HEAP_MB_MAX = 1024
const WATCH_EVERY_MS = 500

/** A run in which a thread was lost. */
export class LostRunError extends Error {
  override name = 'LostRunError'
  /** Which run of its block. */
  readonly at: number
  readonly property: 'termination' | 'bounded memory'

  constructor(at: number, property: 'termination' | 'bounded memory', message: string) {
    super(message)
    this.at = at
    this.property = property
  }
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

  constructor(protocolFile: string | undefined, runLimitMs: number) {
    this.#runLimitMs = runLimitMs
    const workerData: WorkerData = { shared: this.#shared, protocolFile }
    // Beside this file, with its extension: .js when built, .ts when run from source.
    this.#worker = new Worker(new URL(`./campaign-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX }
    })
  }

  /** @throws LostRunError */
  async outcomes(task: Task): Promise<readonly RunOutcome[]> {
    const answer = await this.#ask(task, () => {})
    return answer.kind === 'outcomes' ? answer.outcomes : []
  }

  async shrink(
    task: Extract<Task, { kind: 'shrink' }>,
    onProgress: (tried: number, choices: number) => void
  ): Promise<ShrunkRun> {
    const answer = await this.#ask(task, onProgress)
    if (answer.kind !== 'shrunk') throw new Error('a shrinking thread answers with what it shrank')
    return answer
  }

  /** What is being shrunk is given as it is by now. */
  cancel(): void {
    Atomics.store(this.#shared, CANCELLED, 1)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(task: Task, onProgress: (tried: number, choices: number) => void): Promise<Answer> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      Atomics.store(this.#shared, AT_RUN, 0)
      let at = 0
      let since = performance.now()
      const watch = setInterval(() => {
        const now = Atomics.load(this.#shared, AT_RUN)
        if (now !== at || task.kind === 'shrink') since = performance.now()
        at = now
        if (performance.now() - since < this.#runLimitMs) return
        const seconds = Math.round(this.#runLimitMs / 1000)
        settle(() =>
          reject(
            new LostRunError(at, 'termination', `does not end within ${seconds} s: a handler loops for ever`)
          )
        )
        void worker.terminate()
      }, WATCH_EVERY_MS)
      const onMessage = (answer: Answer) => {
        if (answer.kind === 'progress') onProgress(answer.tried, answer.choices)
        else settle(() => resolve(answer))
      }
      const onError = (error: Error & { readonly code?: string }) => {
        const lost = new LostRunError(
          Atomics.load(this.#shared, AT_RUN),
          'bounded memory',
          `needs more than ${HEAP_MB_MAX} MB of memory: something grows without bound`
        )
        settle(() => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? lost : error))
      }
      const onExit = () => settle(() => reject(new Error('a worker thread ended')))
      const settle = (how: () => void) => {
        clearInterval(watch)
        worker.off('message', onMessage)
        worker.off('error', onError)
        worker.off('exit', onExit)
        how()
      }
      worker.on('message', onMessage)
      worker.on('error', onError)
      worker.on('exit', onExit)
      worker.postMessage(task)
    })
  }
}
