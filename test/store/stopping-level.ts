/** A database in memory that a process dies on: after so many operations nothing is written any more. */
import { MemoryLevel } from 'memory-level'

export class Stopped extends Error {
  override name = 'Stopped'
}

/** What became of the operation in which the process died. */
export type Fate = 'nothing' | 'all'

interface Put {
  readonly type: 'put'
  readonly key: string
  readonly value: Uint8Array
}

interface Range {
  readonly gte: string
  readonly lt?: string
  readonly lte?: string
}

export class StoppingLevel extends MemoryLevel<string, Uint8Array> {
  /** Operations before the one in which the process dies. */
  operationsLeft = Number.POSITIVE_INFINITY
  fate: Fate = 'nothing'
  /** The kind of operation it died in. */
  diedIn: string | undefined
  /** Of each operation: what it wrote, by the first part of the keys. */
  readonly kinds: string[] = []

  constructor() {
    super({ keyEncoding: 'utf8', valueEncoding: 'view' })
    // The declared methods have many forms; these are the ones that the store uses.
    Object.assign(this, {
      batch: (puts: Put[]) =>
        this.#attempt(puts.map(({ key }) => key.split('/')[0]).join('+'), () => super.batch(puts)),
      clear: (range: Range) => this.#attempt('clear', () => super.clear(range))
    })
  }

  /** The next life, which dies after so many operations. */
  revive(operationsLeft: number, fate: Fate): void {
    this.operationsLeft = operationsLeft
    this.fate = fate
    this.diedIn = undefined
  }

  async #attempt(kind: string, operation: () => Promise<void>): Promise<void> {
    if (this.diedIn !== undefined) throw new Stopped('dead')
    this.kinds.push(kind)
    if (this.operationsLeft-- > 0) return operation()
    this.diedIn = kind
    if (this.fate === 'all') await operation()
    throw new Stopped(`died in ${kind}`)
  }
}
