/**
 * A stack: a named composition of components, with what is known about it. Hosts, the command line, the checkers
 * and the tests read these; nothing else composes components.
 */
import type { BroadcastOptions } from '../broadcast/constants.ts'
import type { Environment } from '../core/environment.ts'
import { ResilienceError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import type { Model } from '../core/model.ts'
import type { ServiceDeclaration } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import type { DetectorIndications } from '../detectors/perfect-failure-detector.ts'
import type { Claim } from '../exchange/evidence.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import type { Ports } from '../links/ports.ts'
import type { LinkIndications } from '../links/stubborn-links.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import type { KeyValueRequests } from '../registers/key-value-store.ts'
import type { ReadResult, RegisterId, RegisterRequests, WriteResult } from '../registers/register.ts'
import type { ReplicaOptions } from '../replication/constants.ts'
import type { ReplicaIndications } from '../replication/replica.ts'
import type { StateMachine } from '../replication/state-machine.ts'
import type { LandmarksAgainst } from './landmarks.ts'

export interface Resilience {
  /** As the book writes it, e.g. `n > 3f`. */
  readonly formula: string
  admits(n: number, f: number): boolean
  /** The largest f that n admits. */
  largest(n: number): number
}

/** Components by the names of the services that they are (core/service.ts). */
export interface Services {
  readonly [service: string]: object
}

/** What every stack offers to its host, and to the application. */
export interface StackInstance<S extends object = Services> {
  readonly services: S
  /** Goes on with what was stored; to be called once, in the process's first turn. */
  restore(): void
  /** The state of each component, by path. */
  state(): { readonly [path: string]: PlainValue }
  /** How many operations of an earlier life are being finished; absent: of none. */
  readonly resuming?: number
}

/** What a broadcast offers to the application. */
export interface BroadcastRequests {
  /**
   * @param accepted is called with the number once a crash cannot lose the broadcast any more
   * @returns its sequence number
   * @throws WindowFullError, InvalidParametersError
   */
  broadcast(payload: Uint8Array, accepted?: (sequence: number) => void): number
  /** The application has durably consumed everything up to and including `position`. */
  acknowledge(position: number): void
  /** Everything below this position was acknowledged. */
  readonly acknowledged: number
  /** The position that the next new delivery will have: nothing from there on was ever handed over, in no life. */
  readonly next: number
  /** Everything of `sender` below this sequence number was delivered here and acknowledged. */
  base(sender: ProcessId): number
}

export type BroadcastInstance = StackInstance<
  {
    readonly broadcast: BroadcastRequests
  } & Partial<Served>
>

/** What an application is told of broadcasts: durable, and in order of position. */
export interface ApplicationIndications {
  deliver(sender: ProcessId, sequence: number, payload: Uint8Array, position: number): void
  /** Broadcasts `from` to before `to` of the sender are beyond what others retain. */
  gap(sender: ProcessId, from: number, to: number, position: number): void
  /** After a WindowFullError: broadcasts are admitted again. */
  ready(): void
}

export interface StackOptions extends BroadcastOptions, RegisterOptions, ReplicaOptions {}

interface AnyStack {
  /** In kebab case, as in `simulate NAME`. */
  readonly name: string
  /** One line for people. */
  readonly title: string
  /** Section, algorithm or module of the source. */
  readonly source: string
  /** What it assumes; no component of it may need more. */
  readonly model: Model
  readonly resilience: Resilience
  /** What it offers to the application. */
  readonly services: readonly ServiceDeclaration[]
  /** The textbook names of what it promises; the checkers judge these. */
  readonly properties: readonly string[]
  /** Processes that are no members ask its members, and go by their answers. */
  readonly clients?: true
  /** Its members agree on one order of what is asked for. */
  readonly orders?: true
  /** Members keep registers too (with-storage.ts). */
  readonly registers?: true
  /** What its evidence may prove, beside the claims of byzkit (evidence.ts). */
  readonly claims?: readonly Claim[]
  /** States that a campaign of the swarm must have reached. */
  readonly landmarks: readonly string[]
  /** States that a campaign of that adversary must have reached. */
  readonly landmarksAgainst?: LandmarksAgainst
}

/** What a register stack tells the application. */
export interface ResumedWrites {
  /**
   * A write that an earlier life of this process had begun has returned. @param value - null: a large one, which is not
   * read again for this
   */
  resumed(register: RegisterId, value: Uint8Array | null, result: WriteResult): void
}

export type RegisterInstance = StackInstance<{ readonly registers: RegisterRequests }>

/** What members of a live group keep: registers, (1,N) or (N,N), as their names say; and a key-value store. */
export interface Served {
  readonly registers: ServedRegisters
  readonly store: KeyValueRequests
}

export interface ServedRegisters extends RegisterRequests {
  /** A regular read: one round trip always, and no ordering among the reads of different clients. */
  readRegular(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation
}

/** Every member broadcasts and delivers. */
export interface BroadcastStack extends AnyStack {
  readonly abstraction: 'broadcast'
  build(
    env: Environment,
    ports: Ports,
    options: StackOptions,
    application: ApplicationIndications
  ): BroadcastInstance
}

/** Members keep registers, which clients read and write; what is built follows from which of them the process is. */
export interface RegisterStack extends AnyStack {
  readonly abstraction: 'register'
  readonly clients: true
  /** What a register promises to those who read it (Lamport 1986). */
  readonly consistency: 'safe' | 'regular' | 'atomic'
  /** (1,N) or (N,N). */
  readonly writers: 'one' | 'many'
  /** A large value travels and is kept in chunks. */
  readonly chunks?: true
  /** (1,1): one process alone reads a register; without it, any number. */
  readonly readers?: 'one'
  build(env: Environment, ports: Ports, options: StackOptions, application: ResumedWrites): RegisterInstance
}

/** Members tell their applications of each other. */
export interface DetectorStack extends AnyStack {
  readonly abstraction: 'detector'
  build(
    env: Environment,
    ports: Ports,
    options: StackOptions,
    application: DetectorIndications
  ): StackInstance
}

/** Members keep a number, which clients raise and read. */
export interface MaxRegisterStack extends AnyStack {
  readonly abstraction: 'max-register'
  readonly clients: true
  build(env: Environment, ports: Ports, options: StackOptions, application: object): StackInstance
}

/** Members keep values under keys, which clients put, get and delete; nobody orders them. */
export interface LeaderlessStoreStack extends AnyStack {
  readonly abstraction: 'leaderless-store'
  readonly clients: true
  build(env: Environment, ports: Ports, options: StackOptions, application: object): StackInstance
}

/** Members execute the same commands in one order, which they and clients submit. */
export interface ReplicaStack extends AnyStack {
  readonly abstraction: 'replica'
  readonly clients: true
  /** A machine in its first state: each member has one, and who judges what they have done. */
  machine(): StateMachine
  readonly orders: true
  build(env: Environment, ports: Ports, options: StackOptions, application: ReplicaIndications): StackInstance
}

/** Every member sends to single others. */
export interface LinkStack extends AnyStack {
  readonly abstraction: 'links'
  build(env: Environment, ports: Ports, options: StackOptions, application: LinkIndications): StackInstance
}

/**
 * A stack of an abstraction that is not byzkit's: its services are declared where it is, and tell all that hosts need.
 */
export interface OwnStack extends AnyStack {
  readonly abstraction: 'own'
  build(env: Environment, ports: Ports, options: StackOptions, application: object): StackInstance
}

export type Stack =
  | BroadcastStack
  | RegisterStack
  | DetectorStack
  | MaxRegisterStack
  | LeaderlessStoreStack
  | ReplicaStack
  | LinkStack
  | OwnStack

/** An application that may be told whatever any stack tells. */
export type AnyApplication = ApplicationIndications &
  ResumedWrites &
  DetectorIndications &
  ReplicaIndications &
  LinkIndications

/** @throws ResilienceError in a sentence that says why */
export function requireResilience(stack: Pick<Stack, 'name' | 'resilience'>, n: number, f: number): void {
  const { resilience } = stack
  if (resilience.admits(n, f)) return
  throw new ResilienceError(
    `${stack.name} needs ${resilience.formula}: a group of ${n} tolerates at most ${resilience.largest(n)} faulty ` +
      `${resilience.largest(n) === 1 ? 'member' : 'members'}, not ${f}`
  )
}
