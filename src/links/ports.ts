/**
 * Ports: how the components of a stack share one carrier. Each component opens a port under its path, with the
 * messages it speaks; a message travels as one byte (the port's number, in the order of opening) and its
 * encoding. Both ends bind the list of paths, with the terms of each port, into their session key, so a number means
 * the same path at both, and what a component takes for granted of its peers is so.
 *
 * A port is the members' own unless it is opened to clients too; those come first, so that a client, which opens no
 * others, numbers them alike. What a client sends to another port is a fault.
 *
 * A message to oneself does not touch the carrier: it is one more event of the queue. A message to another leaves
 * once all that this turn wrote is durable, in the session in which it was sent: if that has ended meanwhile it is
 * dropped, as the carrier drops what it has queued. What the other still needs, `resync` says again; an answer to what
 * an earlier life of it had asked must not come into the next. What comes of others is taken in by turns (intake.ts).
 */
import { assert } from '../core/assert.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import type { Message, Messages } from '../core/messages.ts'
import type { Carrier, CarrierIndications } from './carrier.ts'
import { ANSWERED_BYTE_US, WORK_US } from './constants.ts'
import { Intake, type TakenIn } from './intake.ts'

/** A port number is one byte. */
export const PORTS_MAX = 256

export interface Port<M> {
  send(to: ProcessId, message: M): void
  /** To every member, oneself included if one is a member. */
  sendAll(message: M): void
  /** As {@link send}, because `to` asked for it: its bytes count in the budget that this process has for `to`. */
  answer(to: ProcessId, message: M): void
  /** `peer` has caused work beside its message, nominal microseconds (WORK_US); beyond its budget it waits. */
  charge(peer: ProcessId, microseconds: number): void
  /** What `peer` did was of use, and gives back so much of what it was charged for. */
  earn(peer: ProcessId, microseconds: number): void
}

export interface PortIndications<M> {
  deliver(from: ProcessId, message: M): void
  /** A new session with `peer`: send it again what it still needs. */
  resync(peer: ProcessId): void
}

/** Who may use a port. */
export type Audience = 'members' | 'everybody'

/** What both ends of a link must have alike beside the messages: bounds and switches of the component, by name. */
export type PortTerms = { readonly [name: string]: number | boolean }

export interface PortOptions {
  /** Default: the members alone. */
  readonly audience?: Audience
  /** Default: none. */
  readonly terms?: PortTerms
}

/** What is known of a port from outside: its path and the messages it speaks. */
export interface OpenPort {
  readonly path: string
  readonly messages: Messages<Message>
}

/** What both ends of a link must have alike of a port. */
export interface AgreedPort extends OpenPort, Required<PortOptions> {}

/** Its indications are given only what its own messages decode to, so that they agree on the type of a message. */
interface HandledPort extends AgreedPort {
  readonly indications: PortIndications<Message>
}

export class Ports {
  readonly #env: Environment
  /** What the carrier tells, which is given it when it is made. */
  readonly indications: CarrierIndications
  #attached: Carrier | undefined
  readonly #intake: Intake
  readonly #open: HandledPort[] = []
  /** How many sessions with a process have ended. */
  readonly #ended = new Map<ProcessId, number>()
  /** Those whose last session has ended. */
  readonly #gone = new Set<ProcessId>()

  constructor(env: Environment) {
    this.#env = env
    this.#intake = new Intake(env, {
      take: (from, message) => this.#deliver(from, message),
      pressed: (peer, isPressed) => this.#carrier.press?.(peer, isPressed)
    })
    this.indications = {
      deliver: (from, message) => this.#intake.arrived(from, message),
      sessionStarted: (peer) => this.#onSessionStarted(peer),
      sessionEnded: (peer) => this.#onSessionEnded(peer)
    }
  }

  /** Called once, before the first turn ends: `carrier` carries what the ports send from now on. */
  attach(carrier: Carrier): void {
    this.#attached = carrier
  }

  get #carrier(): Carrier {
    assert(this.#attached !== undefined, 'ports are attached to a carrier before anything leaves')
    return this.#attached
  }

  /** What was taken in of each peer so far. */
  get takenIn(): readonly TakenIn[] {
    return this.#intake.takenIn
  }

  /** The paths of the open ports, by number: what both ends of a session must agree on. */
  get paths(): readonly string[] {
    return this.#open.map(({ path }) => path)
  }

  /** The open ports, by number: what both ends agree on, and what the adversary reads and writes messages with. */
  get openPorts(): readonly AgreedPort[] {
    return this.#open
  }

  open<M extends Message>(
    path: string,
    messages: Messages<M>,
    indications: PortIndications<M>,
    { audience = 'members', terms = {} }: PortOptions = {}
  ): Port<M> {
    const number = this.#open.length
    assert(number < PORTS_MAX, `a stack has at most ${PORTS_MAX} ports`)
    assert(!this.paths.includes(path), `a path is opened once: ${path}`)
    assert(
      audience === 'members' || this.#open.every((port) => port.audience === 'everybody'),
      'ports that clients may use are opened before the others'
    )
    this.#open.push({ path, messages, indications, audience, terms })
    const { self, group, observer } = this.#env
    const toSelf = (message: M) => this.#env.trigger(() => indications.deliver(self, message))
    // A message that goes to many is mostly given once for each of them: it is encoded once.
    let last: { readonly message: M; readonly encoded: Uint8Array } | undefined
    const encodedOf = (message: M) => {
      if (last?.message !== message) {
        const encoded = messages.encode(message, { before: 1 })
        encoded[0] = number
        last = { message, encoded }
      }
      return last.encoded
    }
    const toOthers = (recipients: readonly ProcessId[], message: M) => {
      const encoded = encodedOf(message)
      for (const to of recipients) {
        if (observer.tracing) observer.event({ kind: 'send', path, to, message })
        this.#send(to, encoded)
      }
    }
    const others = group.ranks.filter((rank) => rank !== self)
    const isOwnMember = isMember(group, self)
    const send = (to: ProcessId, message: M) => (to === self ? toSelf(message) : toOthers([to], message))
    return {
      send,
      sendAll: (message) => {
        if (isOwnMember) toSelf(message)
        toOthers(others, message)
      },
      answer: (to, message) => {
        send(to, message)
        if (to !== self) this.#charge(to, encodedOf(message).length * ANSWERED_BYTE_US)
      },
      charge: (peer, microseconds) => this.#charge(peer, microseconds),
      earn: (peer, microseconds) => this.#intake.earn(peer, microseconds)
    }
  }

  #deliver(from: ProcessId, encoded: Uint8Array): void {
    const port = this.#open[encoded[0] ?? PORTS_MAX]
    const message = port?.messages.decode(encoded.subarray(1))
    const { observer } = this.#env
    if (port === undefined || message === undefined) {
      const detail = port === undefined ? `no port ${encoded[0]}` : `not a message of ${port.path}`
      observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
      return
    }
    if (!this.#admits(port, from)) {
      const detail = `a client speaks to ${port.path}, which is the members' own`
      observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
      return
    }
    if (observer.tracing) observer.event({ kind: 'receive', path: port.path, from, message })
    port.indications.deliver(from, message)
  }

  /** What this process asks of itself is no peer's doing. */
  #charge(peer: ProcessId, microseconds: number): void {
    if (peer !== this.#env.self) this.#intake.charge(peer, microseconds)
  }

  #send(to: ProcessId, encoded: Uint8Array): void {
    if (this.#gone.has(to)) return
    const ended = this.#ended.get(to)
    this.#intake.held(to, encoded.length)
    this.#env.whenDurable(() => {
      this.#intake.held(to, -encoded.length)
      if (this.#ended.get(to) === ended) this.#carrier.send(to, encoded)
      else this.#env.observer.landmark('held-message-dropped')
    })
  }

  #onSessionEnded(peer: ProcessId): void {
    this.#ended.set(peer, (this.#ended.get(peer) ?? 0) + 1)
    this.#gone.add(peer)
    this.#intake.ended(peer)
  }

  #onSessionStarted(peer: ProcessId): void {
    this.#gone.delete(peer)
    this.#intake.charge(peer, WORK_US.session)
    for (const port of this.#open) if (this.#admits(port, peer)) port.indications.resync(peer)
  }

  #admits({ audience }: HandledPort, process: ProcessId): boolean {
    return audience === 'everybody' || isMember(this.#env.group, process)
  }
}
