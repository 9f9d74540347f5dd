/** The benchmarks' own processes: one command, one report, over Node's channel between processes. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { OperationError } from '../program/errors.ts'

export interface ChildOptions {
  /** Further arguments of Node itself. */
  readonly execArgv?: readonly string[]
}

/** A process that runs a file of this folder, and answers each command `C` with a report `R`. */
export class Child<C extends object, R extends object> {
  readonly #name: string
  readonly #process: ChildProcess

  /** @param name - the file, without its extension */
  constructor(name: string, { execArgv = [] }: ChildOptions = {}) {
    this.#name = name
    // Run from source as well as compiled: the entry has this file's own extension.
    const module = fileURLToPath(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url))
    const conditions = import.meta.url.endsWith('.ts') ? ['--conditions=byzkit-source'] : []
    this.#process = fork(module, {
      execArgv: [...conditions, ...execArgv],
      serialization: 'advanced'
    })
  }

  ask(command: C): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>()
    if (!this.#process.connected) {
      reject(new OperationError(`${this.#name} is gone`))
      return promise
    }
    const onMessage = (answer: { report: R } | { error: string }) => {
      this.#process.off('exit', onExit)
      if ('report' in answer) resolve(answer.report)
      else reject(new OperationError(`${this.#name}: ${answer.error}`))
    }
    const onExit = (status: number | null) => {
      this.#process.off('message', onMessage)
      reject(new OperationError(`${this.#name} exited with ${status}`))
    }
    this.#process.once('message', onMessage)
    this.#process.once('exit', onExit)
    // If it cannot be sent, the process has just ended: that is heard of by itself.
    this.#process.send(command, () => {})
    return promise
  }

  /** It ends, since nobody talks to it any more. */
  end(): void {
    if (this.#process.connected) this.#process.disconnect()
  }
}

/** The other side: answers the commands of the process that started this one, and ends with it. */
export function obeyParent<C extends object, R extends object>(obey: (command: C) => Promise<R> | R): void {
  const answer = async (command: C): Promise<void> => {
    try {
      process.send?.({ report: await obey(command) })
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.message : String(error) })
    }
  }
  process.on('message', answer)
  process.on('disconnect', () => process.exit(0))
}
