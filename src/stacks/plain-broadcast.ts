/**
 * A textbook broadcast as a stack: stands between a component that delivers, in any order and as often as it likes, and
 * the application, as the delivery log does where there are windows.
 *
 * Broadcasts of a process are numbered from 0, its requests run as events of the process's queue, and deliveries get
 * their positions in the application's log. Where processes restart, numbers and deliveries are stored: a delivery that
 * was made in a turn that became durable reaches the application, and is not to be made again.
 *
 * There are no windows, no retention and no gaps: nothing presses back. Space: what was delivered and not acknowledged,
 * without bound.
 */
import { assert } from '../core/assert.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError, ModelError } from '../core/errors.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { bytes, decode, encode, record, uint } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Ports } from '../links/ports.ts'
import type { ApplicationIndications, BroadcastInstance, BroadcastRequests } from './stack.ts'

/** One process's part of a broadcast protocol. A class that extends `Component`, or any object. */
export interface BroadcastComponent {
  /** Request: broadcast the payload. The numbers of one process's broadcasts are 0, 1, 2, ... */
  broadcast(sequence: number, payload: Uint8Array): void
  /** Its whole state as one value, for traces and the viewer. */
  state?(): PlainValue
}

/** Indication: this process delivers the payload as broadcast `sequence` of `sender`. */
export type DeliverBroadcast = (sender: ProcessId, sequence: number, payload: Uint8Array) => void

export interface PlainBroadcastInit {
  /** Under which its state is told. */
  readonly name: string
  /** Called at each start of a process. It opens the ports, and sends nothing yet: `resync` says when. */
  readonly create: (env: Environment, ports: Ports, deliver: DeliverBroadcast) => BroadcastComponent
  /** Undefined where nothing has to survive, since no process restarts. */
  readonly store?: StableStore | undefined
  /** The longest payload that is admitted, bytes; default: any. */
  readonly payloadBytesMax?: number
}

/** Longest payload of a stored delivery. */
const STORED_BYTES_MAX = 16 * 1024 * 1024

const storedDelivery = record({ sender: uint(), sequence: uint(), payload: bytes(STORED_BYTES_MAX) })

interface Delivered {
  readonly sender: ProcessId
  readonly sequence: number
  readonly payload: Uint8Array
}

export class PlainBroadcast implements BroadcastInstance, BroadcastRequests {
  readonly services: { readonly broadcast: BroadcastRequests } = { broadcast: this }
  readonly #env: Environment
  readonly #init: PlainBroadcastInit
  readonly #application: ApplicationIndications
  readonly #component: BroadcastComponent | undefined
  /** What `create` threw: thrown again in the first turn, so that it stops the process as any error of it does. */
  readonly #failure: unknown
  /** Deliveries that the application has not acknowledged yet, by position. */
  readonly #waiting = new Map<number, Delivered>()
  /** How many broadcasts of each sender were delivered and acknowledged. */
  readonly #bases: number[]
  #sequence = 0
  #position = 0
  #acknowledged = 0

  constructor(env: Environment, ports: Ports, application: ApplicationIndications, init: PlainBroadcastInit) {
    this.#env = env
    this.#init = init
    this.#application = application
    this.#bases = env.group.ranks.map(() => 0)
    this.#readBack()
    try {
      const component = init.create(env, ports, (...delivered) => this.#deliver(...delivered))
      if (typeof component?.broadcast !== 'function')
        throw new InvalidParametersError('create returns an object with broadcast(sequence, payload)')
      this.#component = component
    } catch (error) {
      // That the model is too weak is said of the stack, and not of a run.
      if (error instanceof ModelError) throw error
      this.#failure = error
    }
  }

  broadcast(payload: Uint8Array, accepted: (sequence: number) => void = () => {}): number {
    const { store, payloadBytesMax = Number.POSITIVE_INFINITY } = this.#init
    if (payload.length > payloadBytesMax)
      throw new InvalidParametersError(
        `a payload has at most ${payloadBytesMax} bytes, not ${payload.length}`
      )
    const sequence = this.#sequence++
    this.#env.trigger(() => {
      store?.put('sequence', encode(uint(), this.#sequence))
      this.#component?.broadcast(sequence, payload)
      this.#env.whenDurable(() => accepted(sequence))
    })
    return sequence
  }

  acknowledge(position: number): void {
    this.#env.trigger(() => {
      for (; this.#acknowledged <= position; this.#acknowledged++) {
        const delivered = this.#waiting.get(this.#acknowledged)
        assert(delivered !== undefined, 'what was handed over waits until it is acknowledged')
        this.#bases[delivered.sender] = this.base(delivered.sender) + 1
        this.#waiting.delete(this.#acknowledged)
        this.#init.store?.delete(`delivery/${numericKey(this.#acknowledged)}`)
      }
    })
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  get next(): number {
    return this.#position
  }

  /** Of a protocol that delivers in any order this is no more than a count. */
  base(sender: ProcessId): number {
    return this.#bases[sender] ?? 0
  }

  restore(): void {
    if (this.#component === undefined) throw this.#failure
    for (const [position, delivered] of this.#waiting) this.#hand(position, delivered)
  }

  state(): { readonly [path: string]: PlainValue } {
    try {
      return { [this.#init.name]: this.#component?.state?.() ?? null }
    } catch (error) {
      // Only who watches asks for it: the run must not depend on that.
      return {
        [this.#init.name]: `state() failed: ${error instanceof Error ? error.message : String(error)}`
      }
    }
  }

  #deliver(sender: ProcessId, sequence: number, payload: Uint8Array): void {
    if (!isMember(this.#env.group, sender))
      throw new InvalidParametersError(`deliver: the sender is a rank below n, not ${String(sender)}`)
    if (!Number.isSafeInteger(sequence) || sequence < 0)
      throw new InvalidParametersError(`deliver: the sequence is a number from 0 on, not ${String(sequence)}`)
    if (!(payload instanceof Uint8Array))
      throw new InvalidParametersError('deliver: the payload is a Uint8Array')
    this.#env.trigger(() => {
      const position = this.#position++
      const delivered = { sender, sequence, payload }
      this.#waiting.set(position, delivered)
      this.#init.store?.put('position', encode(uint(), this.#position))
      this.#init.store?.put(`delivery/${numericKey(position)}`, encode(storedDelivery, delivered))
      this.#hand(position, delivered)
    })
  }

  #hand(position: number, delivered: Delivered): void {
    const { sender, sequence, payload } = delivered
    this.#env.whenDurable(() => this.#application.deliver(sender, sequence, payload, position))
  }

  #readBack(): void {
    const number = (key: string) => {
      const stored = this.#init.store?.restored(key)[0]?.[1]
      return (stored && decode(uint(), stored)) ?? 0
    }
    this.#sequence = number('sequence')
    this.#position = number('position')
    this.#acknowledged = this.#position
    for (const [key, value] of this.#init.store?.restored('delivery/') ?? []) {
      const delivered = decode(storedDelivery, value)
      if (delivered === undefined) continue
      const position = fromNumericKey(key)
      this.#waiting.set(position, delivered)
      this.#acknowledged = Math.min(this.#acknowledged, position)
    }
  }
}
