/** The cluster's end of one member's process, for one life of it. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PlainValue } from '../core/trace.ts'
import { OperationError } from '../program/errors.ts'
import { oneLine } from '../program/output.ts'
import type { Asked, MemberCommand, MemberConfig, MemberCounts, MemberReport, ToldBy } from './messages.ts'

/** How long a member may take to stop by itself. */
const STOP_TIMEOUT_MS = 20_000
/** The end of what a member wrote to its standard error, kept to say why it died. */
const STDERR_CHARACTERS_MAX = 2000

export interface MemberListener {
  /** Its life has begun; when its own clock did, by that of the machine. */
  began(originMs: number): void
  /** @see MemberProcess.consume */
  told(told: ToldBy): void
  counts(counts: MemberCounts): void
  /** It ended without having been told to, or cannot go on. */
  failed(cause: string): void
}

// Beside this file, with its extension: .js when built, .ts when run from source.
const MODULE = fileURLToPath(new URL(`./member${import.meta.url.slice(-3)}`, import.meta.url))

export class MemberProcess {
  /** It listens and dials. */
  readonly started: Promise<void>
  /** It is connected to a quorum. */
  readonly ready: Promise<void>
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #listener: MemberListener
  readonly #requests = new Map<number, (result: PlainValue | undefined) => void>()
  readonly #onStarted = Promise.withResolvers<void>()
  readonly #onReady = Promise.withResolvers<void>()
  #requestCount = 0
  #stderr = ''
  #ending = false

  constructor(config: MemberConfig, listener: MemberListener) {
    this.#listener = listener
    // Values may be bytes, which JSON has no form for.
    this.#child = fork(MODULE, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child.on('message', (report: MemberReport) => this.#heed(report))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_MAX)
    })
    this.started = this.#onStarted.promise
    this.ready = this.#onReady.promise
    this.exited = new Promise((resolve) => this.#child.once('close', () => resolve()))
    this.#child.once('error', (error) => this.#fail(error.message))
    this.#child.once('exit', (status, signal) => {
      for (const resolve of this.#requests.values()) resolve(undefined)
      this.#requests.clear()
      this.#fail(`its process ended (${signal ?? `status ${status}`}) ${oneLine(this.#stderr)}`.trim())
    })
    // Who waits for them hears of it; who does not must not hear of it as an unhandled rejection.
    for (const promise of [this.started, this.ready]) promise.catch(() => {})
    this.#send({ do: 'start', config })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** What it returns; undefined if the process ended before. */
  ask(asked: Asked): Promise<PlainValue | undefined> {
    const request = ++this.#requestCount
    return new Promise((resolve) => {
      if (!this.#child.connected) {
        resolve(undefined)
        return
      }
      this.#requests.set(request, resolve)
      this.#send({ do: 'ask', request, ...asked })
    })
  }

  /** What the service told last is kept: it goes on. */
  consume(service: string): void {
    this.#send({ do: 'consume', service })
  }

  /** A liar that has followed the protocol so far attacks. */
  attack(): void {
    this.#send({ do: 'attack' })
  }

  /** Whether it is cut off from everybody. */
  cut(isCut: boolean): void {
    this.#send({ do: 'cut', isCut })
  }

  /** As a power failure: it gets no chance to say or to write anything. */
  async kill(): Promise<void> {
    this.#ending = true
    this.#child.kill('SIGKILL')
    await this.exited
  }

  /** In peace, and in bounded time. */
  async stop(): Promise<void> {
    this.#ending = true
    this.#send({ do: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await this.exited
    clearTimeout(timer)
  }

  #send(command: MemberCommand): void {
    // It may have died this moment; then its end is what is heard next.
    if (this.#child.connected) this.#child.send(command, () => {})
  }

  #heed(report: MemberReport): void {
    if (report.is === 'started') {
      this.#listener.began(report.originMs)
      this.#onStarted.resolve()
    } else if (report.is === 'ready') this.#onReady.resolve()
    else if (report.is === 'told') this.#listener.told(report)
    else if (report.is === 'counts') this.#listener.counts(report.counts)
    else if (report.is === 'failed') this.#fail(`${report.name}: ${report.message}`)
    else {
      this.#requests.get(report.request)?.(report.result)
      this.#requests.delete(report.request)
    }
  }

  #fail(cause: string): void {
    const error = new OperationError(cause)
    this.#onStarted.reject(error)
    this.#onReady.reject(error)
    if (this.#ending) return
    this.#ending = true
    // It may have failed without having ended.
    this.#child.kill('SIGKILL')
    this.#listener.failed(cause)
  }
}
