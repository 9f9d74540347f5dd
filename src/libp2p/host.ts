/**
 * Host 1: one life of a process on libp2p, from start to stop. All composition is here: a process with its clock,
 * randomness, cryptography and store; the transport; authenticated links; and on them what is hosted: a member's stack,
 * a behaviour in its place, or a client's registers. The simulator does the same in virtual time.
 */
import type { Crypto, Environment } from '../core/environment.ts'
import { environmentOf } from '../core/environments.ts'
import type { Fault } from '../core/fault.ts'
import { type Group, isMember, type ProcessId } from '../core/group.ts'
import { Process } from '../core/process.ts'
import { defaultBackend } from '../crypto/index.ts'
import { memberCrypto } from '../crypto/member-crypto.ts'
import { AuthenticatedLinks } from '../links/authenticated-links.ts'
import type { Authentication } from '../links/authenticator.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import type { AgreedPort } from '../links/ports.ts'
import { fingerprint, terms } from '../stacks/paths.ts'
import type { OpenStore } from '../store/open-store.ts'
import { stableStore } from '../store/stable-store.ts'
import { clientsOf } from './identity.ts'
import { RealClock } from './real-clock.ts'
import { faultOf } from './refused-peer.ts'
import { secureRandom } from './secure-random.ts'
import type { Counts } from './service.ts'
import { Libp2pTransport, type TransportComponents, type TransportMember } from './transport.ts'
import { FRAME_BYTES_MAX } from './transport-limits.ts'
import type { StreamProtocol } from './transport-protocol.ts'

/** How long `stop` waits for the disk, in milliseconds: for what was written, and then for the store to close. */
const STOP_TIMEOUT_MS = 2000

export interface HostInit {
  readonly components: TransportComponents
  readonly group: Group
  readonly self: ProcessId
  readonly secretKey: Uint8Array
  readonly members: readonly TransportMember[]
  /** Encoded; a member of another group is shown it. */
  readonly genesis: Uint8Array
  readonly authenticator: Authentication
  readonly protocol?: StreamProtocol
  readonly store: OpenStore
  /** Durable already. */
  readonly incarnation: number
  /** The life before it of which the store knows; 0 if the store was empty. */
  readonly earlierLives: readonly number[]
}

/** What stands on the links of a process. */
export interface Hosted {
  /** What both ends of a session agree on. */
  readonly openPorts: readonly AgreedPort[]
  /** What the links tell, which are made with them. */
  readonly indications: CarrierIndications
  /** Called once, before it starts: `carrier` carries its messages. */
  attach(carrier: Carrier): void
  /** Called once, in the first turn. */
  start(): void
  /** A frame as it came off the wire, below the links. */
  frame?(from: ProcessId, frame: Uint8Array): void
  /** Nothing happens to it any more: a handler threw or a write failed, or it was told to stop. */
  ended?(cause?: Error): void
}

/** What it is built with. */
export interface HostedInit {
  readonly env: Environment
  /** Puts bytes of its own making on the wire. */
  readonly injectFrame: (to: ProcessId, frame: Uint8Array) => void
}

/** What the process tells; none of these may throw, nor stop the host at once. */
export interface HostIndications {
  fault(fault: Fault): void
  landmark(name: string): void
  /** See Observer. */
  applying?(command: string | null): void
  /** The transport exchanges frames with the member. */
  opened(peer: ProcessId): void
  closed(peer: ProcessId): void
  /** See {@link TransportIndications.dialFailed}. */
  dialFailed?(peer: ProcessId, address: string, error: string): void
  sessionStarted(peer: ProcessId): void
  sessionEnded(peer: ProcessId, reason: string): void
  /** See AuthenticatedLinksIndications. */
  estranged(peer: ProcessId): void
  reconciled(peer: ProcessId): void
  lagging(peer: ProcessId): void
  recovered(peer: ProcessId): void
  /** It has misbehaved once too often: nothing of it is read before then, milliseconds since 1970. */
  cutOff(peer: ProcessId, until: number): void
  /** A handler threw or a write failed. */
  stopped(cause: Error): void
}

/** Since the process started. */
export type HostCounts = Omit<Counts, 'broadcasts' | 'deliveries'>

type Tally = { -readonly [K in Exclude<keyof HostCounts, keyof Process['counts'] | 'framesLost'>]: number }

export class Host<T extends Hosted> {
  readonly #init: HostInit
  readonly #indications: HostIndications
  readonly #process: Process
  readonly #clock: RealClock
  readonly #env: Environment
  readonly #transport: Libp2pTransport
  readonly #links: AuthenticatedLinks
  readonly hosted: T
  readonly #tally: Tally = {
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    verifications: 0
  }
  #turnAsked = false
  /** What is to be done in the next turn that is asked for. */
  readonly #soon: (() => void)[] = []
  #failure: Error | undefined
  #stopping: Promise<void> | undefined

  constructor(init: HostInit, indications: HostIndications, make: (init: HostedInit) => T) {
    this.#init = init
    this.#indications = indications
    this.#process = new Process({
      journal: init.store.journal,
      onStop: (cause) => {
        this.#failure = cause
        this.hosted.ended?.(cause)
        indications.stopped(cause)
      }
    })
    this.#clock = new RealClock((handler) => this.#process.input(handler))
    this.#env = this.#environment()
    this.#transport = this.#makeTransport()
    this.hosted = make({
      env: this.#env,
      injectFrame: (to, frame) => {
        // A liar may make frames that no transport carries.
        if (frame.length > 0 && frame.length <= FRAME_BYTES_MAX) this.#transmit(to, frame)
      }
    })
    this.#links = this.#makeLinks(this.hosted.indications)
    this.hosted.attach(this.#counting(this.#links))
  }

  get counts(): HostCounts {
    const { turns, commits, writes } = this.#process.counts
    return { ...this.#tally, framesLost: this.#transport.framesLost, turns, commits, writes }
  }

  async start(): Promise<void> {
    this.#process.input(() => {
      this.hosted.start()
      this.#links.start()
    })
    if (this.#failure !== undefined) throw this.#failure
    await this.#transport.start()
  }

  /** An input of the process. */
  input(handler: () => void): void {
    this.#process.input(handler)
  }

  /**
   * What was requested of {@link hosted} begins soon. Requests of one turn of the event loop share one of the process.
   */
  turnSoon(): void {
    if (this.#turnAsked) return
    this.#turnAsked = true
    // Not a microtask: a consumer that answers each delivery with a broadcast needs several of them for each.
    setImmediate(this.#turn)
  }

  /** As {@link turnSoon}: `handler` is a part of that turn, which comes before a stop. */
  soon(handler: () => void): void {
    this.#soon.push(handler)
    this.turnSoon()
  }

  /** Lets what was accepted become durable and what was sent leave, each for a bounded time. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#turn()
    if (!this.#process.stopped) await withinTime(this.#settled())
    this.#process.stop()
    this.hosted.ended?.()
    this.#clock.stop()
    await this.#transport.stop()
    await withinTime(this.#init.store.close())
  }

  /** Resolves when everything written so far is durable. */
  #settled(): Promise<void> {
    return new Promise((resolve) => this.#process.input(() => this.#process.whenDurable(resolve)))
  }

  readonly #turn = (): void => {
    this.#turnAsked = false
    const handlers = this.#soon.splice(0)
    this.#process.input(() => {
      for (const handler of handlers) handler()
    })
  }

  #environment(): Environment {
    const { self, group, incarnation, earlierLives, secretKey, store } = this.#init
    const process = this.#process
    const { fault, landmark, applying } = this.#indications
    return environmentOf(process, {
      self,
      incarnation,
      fresh: earlierLives.length === 0,
      group,
      clock: this.#clock,
      random: secureRandom,
      crypto: this.#counted(memberCrypto(defaultBackend, group, secretKey)),
      store: stableStore(process, store),
      observer: {
        tracing: false,
        event() {},
        fault: (seen) => {
          fault(seen)
          // Undefined while it is being built, when nothing was heard yet.
          this.#links?.blame(seen)
        },
        landmark,
        ...(applying && { applying })
      }
    })
  }

  #counted(crypto: Crypto): Crypto {
    return {
      ...crypto,
      verify: (signer, statement, signature) => {
        this.#tally.verifications++
        return crypto.verify(signer, statement, signature)
      },
      verifyBy: (publicKey, statement, signature) => {
        this.#tally.verifications++
        return crypto.verifyBy(publicKey, statement, signature)
      }
    }
  }

  #makeTransport(): Libp2pTransport {
    const { components, self, members, group, genesis, protocol } = this.#init
    const input = (handler: () => void) => this.#process.input(handler)
    return new Libp2pTransport(components, {
      self,
      members,
      // A client, which is the first to itself, is connected with members alone.
      clients: clientsOf(group).slice(0, isMember(group, self) ? undefined : 1),
      groupId: group.id,
      genesis,
      protocol,
      random: secureRandom,
      turn: input,
      frame: (from, bytes) => {
        this.#tally.framesIn++
        this.#tally.bytesIn += bytes.length
        input(() => {
          this.hosted.frame?.(from, bytes)
          this.#links.receive(from, bytes)
        })
      },
      connected: (peer) => {
        input(() => this.#links.connected(peer))
        this.#indications.opened(peer)
      },
      disconnected: (peer) => {
        input(() => this.#links.disconnected(peer))
        this.#indications.closed(peer)
      },
      dialFailed: (...failure) => this.#indications.dialFailed?.(...failure),
      // Who is neither member nor client has no number to be named by; the transport logs it.
      refused: (peer, refusal) => {
        if (peer !== undefined) this.#indications.fault(faultOf(peer, refusal))
      }
    })
  }

  #makeLinks(above: CarrierIndications): AuthenticatedLinks {
    const { sessionStarted, sessionEnded, estranged, reconciled, lagging, recovered, cutOff } =
      this.#indications
    const { authenticator, earlierLives } = this.#init
    const agreed = terms(this.hosted.openPorts, authenticator)
    return new AuthenticatedLinks(
      this.#env,
      'links',
      {
        transport: {
          send: (to, frame) => this.#transmit(to, frame),
          press: (peer, isPressed) => this.#transport.press(peer, isPressed)
        },
        fingerprint: (peer) => fingerprint(this.#env, agreed, peer),
        earlierLives,
        authenticator
      },
      {
        deliver: (from, message) => {
          this.#tally.messagesIn++
          above.deliver(from, message)
        },
        sessionStarted: (peer) => {
          above.sessionStarted(peer)
          sessionStarted(peer)
        },
        sessionEnded: (peer, reason) => {
          above.sessionEnded(peer, reason)
          sessionEnded(peer, reason)
        },
        estranged,
        reconciled,
        lagging,
        recovered,
        cutOff: (peer, forMs) => {
          this.#transport.cutOff(peer, forMs)
          cutOff(peer, Date.now() + forMs)
        }
      }
    )
  }

  #counting(carrier: Carrier): Carrier {
    return {
      send: (to, message) => {
        this.#tally.messagesOut++
        carrier.send(to, message)
      },
      press: (peer, isPressed) => carrier.press?.(peer, isPressed)
    }
  }

  #transmit(to: ProcessId, frame: Uint8Array): void {
    this.#tally.framesOut++
    this.#tally.bytesOut += frame.length
    this.#transport.send(to, frame)
  }
}

/** Waits for `settling`, but no longer than a stop may take. */
async function withinTime(settling: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, STOP_TIMEOUT_MS)
  try {
    await Promise.race([settling, late])
  } finally {
    clearTimeout(timer)
  }
}
