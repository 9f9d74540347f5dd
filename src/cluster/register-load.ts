/** Clients of a cluster at work: one writes a register again and again, the others read it. Everything is recorded. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Libp2p } from '@libp2p/interface'
import type { ByzantineClientService } from '../libp2p/client-service.ts'
import { readClientIdentity } from '../program/client/client-identity.ts'
import { textOf } from '../program/client/history-recorder.ts'
import { operationErrorOf } from '../program/client/operation-outcome.ts'
import { stopClient } from '../program/client/run-client.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { ClusterFolder } from './folder.ts'
import { LoadHistory } from './load-history.ts'
import { Tally } from './tally.ts'

export interface RegisterLoadInit {
  readonly folder: ClusterFolder
  /** Beside the writer. */
  readonly readers: number
  readonly consistency: 'atomic' | 'regular'
  /** Pauses follow from it. */
  readonly seed: number
  /** Between operations, at most, milliseconds. */
  readonly writePauseMsMax: number
  readonly readPauseMsMax: number
  /** Gives up on what is under way. */
  readonly interrupted?: AbortSignal
}

const REGISTER = 'tour'
const TIMEOUT_MS = 10_000

type Client = Libp2p<{ byzantine: ByzantineClientService }>

export class RegisterLoad {
  readonly history = new LoadHistory()
  readonly #init: RegisterLoadInit
  readonly #clients: Client[] = []
  /** The first client's public key. */
  #writer: Uint8Array = new Uint8Array(32)
  /** Operations that were not answered in time. */
  unanswered = 0

  constructor(init: RegisterLoadInit) {
    this.#init = init
  }

  /** Starts the clients. Their first operations wait for a quorum of the members, as all of them do. */
  async start(): Promise<void> {
    const numbers = Array.from({ length: 1 + this.#init.readers }, (_, number) => number)
    await Promise.all(numbers.map((number) => this.#startClient(number)))
  }

  /** Whether each client has all members to ask, the liars too. */
  get isFullyConnected(): boolean {
    return this.#clients.every(({ services }) => {
      const { connectedMembers, group } = services.byzantine
      return connectedMembers.length === group.n
    })
  }

  /** Until then; what is under way is waited for, each operation for TIMEOUT_MS at most. */
  async run(over: AbortSignal): Promise<void> {
    await Promise.all(this.#clients.map((client, number) => this.#operate(client, number, over)))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map(stopClient))
  }

  /** What the clients counted: states that they reached, such as `forged-answer-rejected`, and faults of members. */
  get tally(): Tally {
    const tally = new Tally()
    this.#clients.forEach(({ services }, number) => {
      const { connectedMembers: connected, faults, landmarks } = services.byzantine
      tally.add(number, {
        connected,
        faults: faults.map(({ fault, count }) => ({ fault, count })),
        landmarks: Object.fromEntries(landmarks)
      })
    })
    return tally
  }

  async #startClient(number: number): Promise<void> {
    const { folder } = this.#init
    const { groupFile, seed, publicKey } = await readClientIdentity({
      group: folder.group,
      key: folder.clientKey(number)
    })
    if (number === 0) this.#writer = publicKey
    // libp2p takes longer to load than most of the command line.
    const { createClient } = await import('../libp2p/byzantine-client.ts')
    const node = await createClient({
      group: groupFile,
      key: seed,
      // Readers have nothing to lose.
      ...(number === 0 ? { data: folder.clientData(number) } : {})
    })
    this.#clients[number] = node
  }

  async #operate({ services }: Client, number: number, over: AbortSignal): Promise<void> {
    const { seed, consistency, writePauseMsMax, readPauseMsMax, interrupted: signal } = this.#init
    const options = { timeout: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) }
    const random = new SeededRandom(seed, `client/${number}`)
    const recorder = this.history.recorder(`client:${number}`)
    const isWriter = number === 0
    const register = services.byzantine.register(REGISTER, { writer: this.#writer })
    for (let count = 1; !over.aborted; count++) {
      const value = `${count}`
      const operation = isWriter ? recorder.begin('write', value) : recorder.begin('read')
      try {
        if (isWriter) {
          await register.write(new TextEncoder().encode(value), options)
          operation.ok()
        } else {
          const read = await register.read({ consistency, ...options })
          operation.ok(read.value && textOf(read.value))
        }
      } catch (error) {
        // Not answered in time: the history says so, and whoever judges counts it.
        if (operationErrorOf(error).definite) operation.fail()
        else operation.info()
        this.unanswered++
      }
      await pause(random.below(isWriter ? writePauseMsMax : readPauseMsMax))
    }
  }
}
