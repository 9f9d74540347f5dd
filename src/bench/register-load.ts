/**
 * What the application of a client does: writes and reads its registers in turn, some operations under way at a time.
 */
import { createHash } from 'node:crypto'
import type { Register, RegisterService } from '../libp2p/register-service.ts'
import type { ReadResult } from '../registers/register.ts'

export interface RegisterWorkload {
  /** At least as many as operations are under way, so that none waits for its turn. */
  readonly registers: number
  readonly valueBytes: number
}

export type RegisterOperation = 'write' | 'regular' | 'atomic'

interface Written {
  value: Uint8Array
  timestamp: number
}

export class RegisterLoad {
  readonly #registers: readonly Register[]
  readonly #written: Written[]
  /** The register that is next, of each kind of operation. */
  readonly #next = { write: 0, regular: 0, atomic: 0 }
  #writes = 0

  constructor(service: Pick<RegisterService, 'register'>, { registers, valueBytes }: RegisterWorkload) {
    this.#registers = Array.from({ length: registers }, (_, i) => service.register(`bench/${i}`))
    this.#written = this.#registers.map(() => ({ value: new Uint8Array(valueBytes), timestamp: 0 }))
  }

  /** Milliseconds of each of so many operations, on one register after the other. */
  async run(operation: RegisterOperation, count: number, inFlight: number): Promise<number[]> {
    const times: number[] = []
    let begun = 0
    const worker = async (): Promise<void> => {
      while (begun < count) {
        begun++
        const index = this.#next[operation]++ % this.#registers.length
        const began = performance.now()
        if (operation === 'write') await this.#write(index)
        else await this.#read(index, operation)
        times.push(performance.now() - began)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    return times
  }

  /** Of the last value of every register. */
  digestWritten(): string {
    const hash = createHash('sha256')
    for (const { value, timestamp } of this.#written) hash.update(`${timestamp}/`).update(value)
    return hash.digest('hex')
  }

  /** The same, of what is read. */
  async digestRead(): Promise<string> {
    const hash = createHash('sha256')
    for (const register of this.#registers) {
      const { value, timestamp } = await register.read()
      hash.update(`${timestamp}/`).update(value ?? '')
    }
    return hash.digest('hex')
  }

  async #write(index: number): Promise<void> {
    const own = this.#written[index]!
    // Never the same value twice, so that no signature has been verified before.
    new DataView(own.value.buffer).setUint32(0, ++this.#writes)
    const { timestamp } = await this.#registers[index]!.write(own.value)
    own.timestamp = timestamp
  }

  async #read(index: number, consistency: 'regular' | 'atomic'): Promise<void> {
    const result = await this.#registers[index]!.read({ consistency })
    if (!isSame(result, this.#written[index]!))
      throw new Error('a read returned another value than the last one')
  }
}

function isSame({ value, timestamp }: ReadResult, written: Written): boolean {
  return timestamp === written.timestamp && value !== null && Buffer.compare(value, written.value) === 0
}
