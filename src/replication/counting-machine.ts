/**
 * The least machine whose state tells the order of its commands: it counts them, and keeps the hash of all of them in a
 * row. The answer to a command is its place.
 */
import { concatBytes } from '../core/bytes.ts'
import type { Crypto } from '../core/environment.ts'
import { digest, record, uint, type ValueOf } from '../core/shapes.ts'

export const countShape = record({ commands: uint(), chain: digest })
export type Count = ValueOf<typeof countShape>

export class CountingMachine {
  readonly #hash: Crypto['hash']
  #state: Count = { commands: 0, chain: new Uint8Array(32) }

  constructor(hash: Crypto['hash']) {
    this.#hash = hash
  }

  /** @returns how many commands there are with it */
  apply(command: Uint8Array): number {
    const { commands, chain } = this.#state
    this.#state = { commands: commands + 1, chain: this.#hash(concatBytes(chain, this.#hash(command))) }
    return this.#state.commands
  }

  get state(): Count {
    return this.#state
  }

  install(state: Count): void {
    this.#state = state
  }
}
