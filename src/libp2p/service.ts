/**
 * The libp2p service: what a node that is a member of a group can do, and hear.
 */
import type { ComponentLogger, Metrics, PeerId, PrivateKey } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'
import type { Behaviour } from '../adversary/behaviour.ts'
import type { Delivery } from '../broadcast/delivery-log.ts'
import type { Fault } from '../core/fault.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import type { Authentication } from '../links/authenticator.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { Durability } from '../store/open-store.ts'
import type { UNREACHABLE_AFTER_MS, UNREACHABLE_INTERVAL_MS, UnreachableMember } from './absences.ts'
import type { Encrypters, Encryption } from './encryption.ts'
import type { AnyService } from './offered-service.ts'
import type { RegisterService } from './register-service.ts'
import type { ReplicaService } from './replica-service.ts'
import type { StoreService } from './store-service.ts'
import type { TransportComponents } from './transport.ts'
import type { ProtocolOptions } from './transport-protocol.ts'
import type { WaitOptions } from './waits.ts'

/** The stack that runs unless another one is named. */
export const DEFAULT_STACK = 'byzantine-reliable-channel'

export interface ByzantineInit extends ProtocolOptions {
  /** The founding file of the group, as `parseGroupFile` reads it. */
  group: GroupFile
  /** This member's key: the 32-byte Ed25519 seed, or a libp2p private key. Default: the node's own. */
  key?: Uint8Array | PrivateKey
  /** The name of a stack, or one of your own; all members run the same. Default: {@link DEFAULT_STACK}. */
  stack?: string | Stack
  /** The bounds of the stack; all members have the same. */
  options?: StackOptions
  /**
   * The data folder: what this member must remember survives a crash there. Without it the member runs in memory,
   * and when it starts again it is one that has lost its votes, which counts in f.
   */
  data?: string
  /**
   * Whether this member keeps registers and the key-value store beside its stack, for the clients in the group file and
   * for members; with their bounds if those are not the default ones. All members the same. Default: true beside a
   * broadcast, false beside any other stack.
   */
  registers?: boolean | RegisterOptions
  /** How the links authenticate their frames; all members in the same way. Default: `hmac`. */
  authenticator?: Authentication
  /** Makes this a Byzantine member, for tests and demonstrations. */
  behaviour?: Behaviour
  /**
   * Told each line of a recording of this member, from which `byzkit replay` repeats what it did; each start begins a
   * recording of its own, with a header. One that throws is told no more in that life; the member goes on.
   */
  record?: (line: string) => void
  /**
   * Told, in the turn of this member, which command its replicated machine begins to apply, and with null that it has
   * returned: for a thread that watches whether it does. A command that takes long is in the log in any case, and
   * counts as the landmark `slow-command`. It must not throw.
   */
  applying?: (command: string | null) => void
  /** Runs although the group is smaller than the stack's resilience allows, to see what breaks. */
  beyondResilience?: boolean
}

/** What the service needs of its node. */
export interface ByzantineComponents extends TransportComponents {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
  /** Every libp2p node has it; without one, the status names no encrypters. */
  readonly upgrader?: Encrypters
}

/** A member or a client of which nothing is read: it has misbehaved too often, for certain. */
export interface CutOffPeer {
  /** The rank of a member; or the number by which this process calls a client. */
  readonly process: ProcessId
  /** Milliseconds since 1970. */
  readonly until: number
}

/** What a process of a group hears, member or client. */
export interface ProcessEvents {
  /** The first fault of a member and kind, one that is more certain, and from then on at most one a second. */
  fault: CustomEvent<Fault>
  /** Connected to a quorum, from now on. */
  ready: CustomEvent<undefined>
  /** An authenticated session with the member has begun. */
  'member:connect': CustomEvent<ProcessId>
  'member:disconnect': CustomEvent<ProcessId>
  /**
   * The member has not been connected for {@link UNREACHABLE_AFTER_MS}: why not. Again every
   * {@link UNREACHABLE_INTERVAL_MS} as long as it is not.
   */
  'member:unreachable': CustomEvent<UnreachableMember>
  /** The member is connected, but does not keep up with what it is sent. */
  'member:lagging': CustomEvent<ProcessId>
  'member:recovered': CustomEvent<ProcessId>
  /** The process is not connected with it until then, whatever it does. */
  'cut-off': CustomEvent<CutOffPeer>
  /** The process crashed: a handler threw, or a write failed. `stop()` does not cause it. */
  crash: CustomEvent<Error>
}

export interface ByzantineEvents extends ProcessEvents {
  /** A delivery, or a gap. It goes on being retained until it is acknowledged. */
  delivery: CustomEvent<Delivery>
}

export interface DeliveriesOptions extends WaitOptions {
  /**
   * The position up to which the application has durably consumed everything: what comes up to it is acknowledged
   * and not given again. Only with a data folder: in memory, positions begin again with each life. It counts for this
   * iteration alone; one that no delivery had yet, or below what was acknowledged in this life, is refused.
   */
  after?: number
}

/** A fault that was seen, and how often one of its member and kind was. */
export interface CountedFault {
  /** The most certain one; of equally certain ones, the first. */
  readonly fault: Fault
  readonly count: number
  /** Milliseconds since 1970. */
  readonly firstSeen: number
}

/** What a service of a process of a group offers, member or client. */
export interface ProcessService extends RegisterService, StoreService, ReplicaService, AnyService {
  readonly group: Group
  /** The rank of a member; a client calls itself by the first number after theirs. */
  readonly self: ProcessId
  /** The life number of the current or last start; 0 before the first. */
  readonly incarnation: number
  /** The other members with which there is an authenticated session over an open connection, by rank. */
  readonly connectedMembers: readonly ProcessId[]
  /** The other members, and why there is none with them, by rank. */
  readonly unreachableMembers: readonly UnreachableMember[]
  /**
   * Whether the members that it is connected to, with itself if it is one, are a quorum. A member that refuses this
   * process another session, or is refused one, is not connected, though an earlier session has not ended.
   */
  readonly ready: boolean
  /** What others did wrong: one entry for each process and kind. */
  readonly faults: readonly CountedFault[]
  /** States of the protocol that were reached, and how often. */
  readonly landmarks: ReadonlyMap<string, number>

  /**
   * Resolves as soon as {@link ready}.
   * @throws {AbortError} {TimeoutError}; {NotStartedError} or {ProcessStoppedError} if it stops meanwhile
   */
  whenReady(options?: WaitOptions): Promise<void>
}

export interface ByzantineService extends TypedEventTarget<ByzantineEvents>, ProcessService {
  /**
   * Broadcasts `payload` to the group; waits while the window is full.
   *
   * @returns when a crash cannot lose the broadcast any more: under which name it will be delivered
   * @throws {InvalidParametersError} if the payload is too long, or the stack is no broadcast
   * @throws {WindowFullError} if {@link BROADCAST_WAITERS_MAX} broadcasts are waiting for the window already
   * @throws {AbortError} {TimeoutError} which say by `definite` whether it was still waiting for the window: if not, it
   *   is under way and will be delivered
   */
  broadcast(payload: Uint8Array, options?: WaitOptions): Promise<BroadcastName>

  /**
   * What is delivered, in order of position. Asking for the next acknowledges the one before; who asks for nothing
   * stops, in the end, the senders. There is one consumer at a time; a later one goes on with what the one before
   * had not acknowledged. An iteration ends with the life of the member; one that is given up, whose time is that of
   * all of it, fails with an AbortError or a TimeoutError, at the next that waits or that is asked for.
   *
   * @throws {InvalidParametersError} for a wrong option, or if the stack is no broadcast; where the iteration begins,
   *   {ConsumerBusyError}
   */
  deliveries(options?: DeliveriesOptions): AsyncIterable<Delivery>

  /**
   * For an application that listens to events instead: it has durably consumed everything up to and including
   * `position`.
   *
   * @throws {InvalidParametersError} if the application was not given that one in this life
   */
  acknowledge(position: number): void

  status(): ServiceStatus
}

export type ProcessState = 'stopped' | 'starting' | 'running' | 'stopping' | 'crashed'

/** A broadcast is named by its sender and the sender's sequence number. */
export interface BroadcastName {
  readonly sender: ProcessId
  readonly sequence: number
}

/** Plain JSON. */
export interface ServiceStatus {
  readonly self: ProcessId
  /** In hexadecimal. */
  readonly group: string
  readonly epoch: number
  readonly members: number
  readonly faulty: number
  readonly stack: string
  readonly incarnation: number
  readonly durability: Durability
  /** What the node's connections are encrypted with. */
  readonly encryption: readonly Encryption[]
  /** The name of the behaviour of a Byzantine member. */
  readonly behaviour: string | null
  readonly state: ProcessState
  readonly ready: boolean
  readonly connected: readonly ProcessId[]
  /** The other members, with why they are not connected. */
  readonly unreachable: readonly UnreachableMember[]
  readonly lagging: readonly ProcessId[]
  readonly cutOff: readonly CutOffPeer[]
  /** How many clients are connected. */
  readonly clients: number
  /** For each sender, by rank: everything below was delivered here and acknowledged; 0 where nothing is broadcast. */
  readonly delivered: readonly number[]
  /** How many broadcasts of each sender were delivered since the last start, by rank; gaps are none. */
  readonly deliveriesOf: readonly number[]
  /** Broadcasts of this member that wait for the window. */
  readonly waiting: number
  /** Deliveries that were not acknowledged yet. */
  readonly unacknowledged: number
  readonly faults: number
  /** What services say of themselves, by name: such as view and number, of a replicated machine. */
  readonly services: { readonly [service: string]: PlainValue }
  readonly counts: Counts
}

/** Since the last start. */
export interface Counts {
  readonly framesIn: number
  readonly framesOut: number
  /** Frames that could not leave: the member was not connected, or did not read. */
  readonly framesLost: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly messagesIn: number
  readonly messagesOut: number
  readonly broadcasts: number
  readonly deliveries: number
  readonly turns: number
  /** Batches that were made durable. */
  readonly commits: number
  readonly writes: number
  /** Signatures that were verified. */
  readonly verifications: number
}
