/** What the application of a client does: puts values under its keys in turn, some commands under way at a time. */
import type { ReplicatedMachine } from '../libp2p/replica-service.ts'
import { pairCommand, readPairResult } from '../replication/key-value-machine.ts'

/** More than are under way of one client, so that neighbours differ. */
const KEYS = 64
const KEY_BYTES = 33

export class ConsensusLoad {
  readonly #machine: Pick<ReplicatedMachine, 'submit'>
  readonly #client: Uint8Array
  readonly #value: Uint8Array
  #submitted = 0

  /** @param client - public key: the keys that are put begin with it */
  constructor(machine: Pick<ReplicatedMachine, 'submit'>, client: Uint8Array, commandBytes: number) {
    this.#machine = machine
    this.#client = client
    this.#value = new Uint8Array(commandBytes - overheadOf(commandBytes))
  }

  /** Milliseconds of each of so many commands. */
  async run(commands: number, inFlight: number): Promise<number[]> {
    const times: number[] = []
    let begun = 0
    const worker = async (): Promise<void> => {
      while (begun < commands) {
        begun++
        const command = this.#next()
        const began = performance.now()
        const result = readPairResult(await this.#machine.submit(command))
        times.push(performance.now() - began)
        if (result?.applied !== true) throw new Error('a put has not been applied')
      }
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    return times
  }

  /** Never the same twice. */
  #next(): Uint8Array {
    const key = keyOf(this.#client, this.#submitted % KEYS)
    new DataView(this.#value.buffer).setUint32(0, ++this.#submitted)
    return pairCommand([{ type: 'put', key, value: this.#value }])
  }
}

function keyOf(client: Uint8Array, number: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES)
  key.set(client)
  key[KEY_BYTES - 1] = number
  return key
}

/** What a command has beside its value. */
function overheadOf(valueBytes: number): number {
  const value = new Uint8Array(valueBytes)
  return pairCommand([{ type: 'put', key: new Uint8Array(KEY_BYTES), value }]).length - valueBytes
}
