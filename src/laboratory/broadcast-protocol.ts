/**
 * A broadcast protocol of one's own: what `simulate ./my-protocol.ts` takes as the file's default export, and what the
 * compliance suites judge. docs/bring-your-own.md goes through it step by step.
 *
 * What is yours is one component for each process. What is done for you: broadcasts are numbered from 0 for each
 * sender, requests run as events of the process's queue, deliveries get their positions in the application's log.
 *
 * By default the component stands on perfect links and processes do not crash: whatever is sent arrives, once and in
 * order, however late. With `perfectLinks: false` sessions end and processes crash and restart, and then the component
 * has duties: what it promised to others and what it was asked to broadcast it stores with `env.store` in the same
 * turn, reads back in `create`, and sends again in `resync`. Its deliveries are stored for it: one that was made
 * in a turn that became durable reaches the application, and is not to be made again.
 */
import { JUDGED_PROPERTIES } from '../checkers/broadcast.ts'
import type { Checks } from '../checkers/violation.ts'
import { assert } from '../core/assert.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { bytes, decode, encode, record, uint } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore, scopedStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Ports } from '../links/ports.ts'
import { findStack } from '../stacks/index.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type {
  ApplicationIndications,
  BroadcastInstance,
  BroadcastStack,
  Model,
  Resilience
} from '../stacks/stack.ts'

/** What `create` returns: one process's part of the protocol. A class that extends `Component`, or any object. */
export interface BroadcastComponent {
  /** Request: broadcast the payload. The numbers of one process's broadcasts are 0, 1, 2, ... */
  broadcast(sequence: number, payload: Uint8Array): void
  /** Its whole state as one value, for traces and the viewer. */
  state?(): PlainValue
}

/** Indication: this process delivers the payload as broadcast `sequence` of `sender`. */
export type DeliverBroadcast = (sender: ProcessId, sequence: number, payload: Uint8Array) => void

export interface BroadcastProtocolInit {
  /** In kebab case; the path of its port may be the same. */
  readonly name: string
  readonly title?: string
  readonly source?: string
  /** Default: fail-arbitrary, so that runs have f Byzantine members unless told otherwise. */
  readonly model?: Model
  /** Default: n > 3f. Others: `moreThanTwoF` and `any` of byzkit/protocols, or your own. */
  readonly resilience?: Resilience
  /** What it promises: names of {@link JUDGED_PROPERTIES}, or keys of `checks`. */
  readonly properties: readonly string[]
  /** Properties of your own, each judged over the history of a run. All of them are judged. */
  readonly checks?: Checks
  /** Names given to `env.observer.landmark` that a campaign must have reached. */
  readonly landmarks?: readonly string[]
  /** Default: true. False: sessions end, processes crash and restart, and links may be real ones. */
  readonly perfectLinks?: boolean
  /** Called at each start of a process. It opens the ports, and sends nothing yet: `resync` says when. */
  create(env: Environment, ports: Ports, deliver: DeliverBroadcast): BroadcastComponent
}

/** @throws InvalidParametersError in one line that says what is wrong */
export function broadcastProtocol(init: BroadcastProtocolInit): BroadcastStack & { readonly checks: Checks } {
  requireInit(init)
  const { name, properties, checks = {}, perfectLinks = true } = init
  return {
    abstraction: 'broadcast',
    name,
    title: init.title ?? name,
    source: init.source ?? 'a protocol from elsewhere',
    model: init.model ?? 'fail-arbitrary',
    resilience: init.resilience ?? moreThanThreeF,
    properties: [...new Set([...properties, ...Object.keys(checks)])],
    checks,
    perfectLinks,
    landmarks: init.landmarks ?? [],
    build: (env, ports, _options, application) => new Adapter(init, env, ports, application)
  }
}

function requireInit({ name, properties, checks = {}, create }: BroadcastProtocolInit): void {
  const refuse = (what: string): never => {
    throw new InvalidParametersError(`broadcastProtocol: ${what}`)
  }
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    refuse(`name: small letters, digits and hyphens, at most 64, not ${JSON.stringify(name)}`)
  if (findStack(name) !== undefined) refuse(`${name} is the name of a protocol of byzkit`)
  if (typeof create !== 'function')
    refuse('create: a function (env, ports, deliver) that returns a component')
  if (!Array.isArray(properties)) refuse('properties: a list of names')
  for (const [property, check] of Object.entries(checks)) {
    if (typeof check !== 'function') refuse(`checks: ${property} is no function of a history`)
    if (JUDGED_PROPERTIES.includes(property)) refuse(`checks: ${property} is judged already, by byzkit's own`)
  }
  for (const property of properties) {
    if (JUDGED_PROPERTIES.includes(property) || Object.hasOwn(checks, property)) continue
    refuse(
      `nothing judges the property ${JSON.stringify(property)}: those of byzkit are ${JUDGED_PROPERTIES.join(', ')}, and checks may add your own`
    )
  }
}

/** Longest payload of a stored delivery. */
const STORED_BYTES_MAX = 16 * 1024 * 1024

const storedDelivery = record({ sender: uint(), sequence: uint(), payload: bytes(STORED_BYTES_MAX) })

interface Delivered {
  readonly sender: ProcessId
  readonly sequence: number
  readonly payload: Uint8Array
}

/** Stands between the component and the application, as the delivery log does in byzkit's own stacks. */
class Adapter implements BroadcastInstance {
  readonly #env: Environment
  readonly #name: string
  readonly #application: ApplicationIndications
  /** Undefined where nothing has to survive, since no process crashes. */
  readonly #store: StableStore | undefined
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

  constructor(
    { name, create, perfectLinks = true }: BroadcastProtocolInit,
    env: Environment,
    ports: Ports,
    application: ApplicationIndications
  ) {
    this.#env = env
    this.#name = name
    this.#application = application
    this.#bases = env.group.ranks.map(() => 0)
    this.#store = perfectLinks ? undefined : scopedStore(env.store, 'broadcast-protocol/')
    this.#readBack()
    try {
      const component = create(env, ports, (...delivered) => this.#deliver(...delivered))
      if (typeof component?.broadcast !== 'function')
        throw new InvalidParametersError('create returns an object with broadcast(sequence, payload)')
      this.#component = component
    } catch (error) {
      this.#failure = error
    }
  }

  broadcast(payload: Uint8Array, accepted: () => void = () => {}): number {
    const sequence = this.#sequence++
    this.#env.trigger(() => {
      this.#store?.put('sequence', encode(uint(), this.#sequence))
      this.#component?.broadcast(sequence, payload)
      this.#env.whenDurable(accepted)
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
        this.#store?.delete(`delivery/${numericKey(this.#acknowledged)}`)
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
      return { [this.#name]: this.#component?.state?.() ?? null }
    } catch (error) {
      // Only who watches asks for it: the run must not depend on that.
      return { [this.#name]: `state() failed: ${error instanceof Error ? error.message : String(error)}` }
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
      this.#store?.put('position', encode(uint(), this.#position))
      this.#store?.put(`delivery/${numericKey(position)}`, encode(storedDelivery, delivered))
      this.#hand(position, delivered)
    })
  }

  #hand(position: number, delivered: Delivered): void {
    this.#env.whenDurable(() => this.#application.deliver({ type: 'delivery', position, ...delivered }))
  }

  #readBack(): void {
    const number = (key: string) => {
      const stored = this.#store?.restored(key)[0]?.[1]
      return (stored && decode(uint(), stored)) ?? 0
    }
    this.#sequence = number('sequence')
    this.#position = number('position')
    this.#acknowledged = this.#position
    for (const [key, value] of this.#store?.restored('delivery/') ?? []) {
      const delivered = decode(storedDelivery, value)
      if (delivered === undefined) continue
      const position = fromNumericKey(key)
      this.#waiting.set(position, delivered)
      this.#acknowledged = Math.min(this.#acknowledged, position)
    }
  }
}
