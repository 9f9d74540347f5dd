/**
 * A stack: a named composition of components, with what is known about it. Hosts, the command line, the checkers
 * and the tests read these; nothing else composes components.
 */
import type { BroadcastOptions } from '../broadcast/constants.ts'
import type { Delivery } from '../broadcast/delivery-log.ts'
import type { Environment } from '../core/environment.ts'
import { ResilienceError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Ports } from '../links/ports.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import type { KeyValueRequests } from '../registers/key-value-store.ts'
import type {
  OpenOperation,
  ReadResult,
  RegisterId,
  RegisterRequests,
  WriteResult
} from '../registers/register.ts'
import type { LandmarksAgainst } from './landmarks.ts'

/** CGR11 section 2.7: the combination of process and timing assumptions. */
export type Model = 'fail-silent' | 'fail-stop' | 'fail-noisy' | 'fail-recovery' | 'fail-arbitrary'

export interface Resilience {
  /** As the book writes it, e.g. `n > 3f`. */
  readonly formula: string
  admits(n: number, f: number): boolean
  /** The largest f that n admits. */
  largest(n: number): number
}

/** What every stack offers to its host. */
export interface StackInstance {
  /** Goes on with what was stored; to be called once, in the process's first turn. */
  restore(): void
  /** The state of each component, by path. */
  state(): { readonly [path: string]: PlainValue }
}

/** What a broadcast stack offers to the application. */
export interface BroadcastInstance extends StackInstance {
  /**
   * @param accepted is called once a crash cannot lose the broadcast any more
   * @returns its sequence number
   * @throws WindowFullError, InvalidParametersError
   */
  broadcast(payload: Uint8Array, accepted?: () => void): number
  /** The application has durably consumed everything up to and including `position`. */
  acknowledge(position: number): void
  /** Everything below this position was acknowledged. */
  readonly acknowledged: number
  /** The position that the next new delivery will have: nothing from there on was ever handed over, in no life. */
  readonly next: number
  /** Everything of `sender` below this sequence number was delivered here and acknowledged. */
  base(sender: ProcessId): number
  /** Where members keep registers beside their broadcast (with-storage.ts): to read and write them. */
  readonly registers?: ServedRegisters
}

export interface ApplicationIndications {
  /** Durable and in order of position; a gap has none. */
  deliver(delivery: Delivery): void
  /** After a WindowFullError: broadcasts are admitted again. */
  ready(): void
}

export interface StackOptions extends BroadcastOptions, RegisterOptions {
  /** double-echo: SENDs are signed, so that equivocation becomes provable. */
  readonly signedSend?: boolean
}

interface AnyStack {
  /** In kebab case, as in `simulate NAME`. */
  readonly name: string
  /** One line for people. */
  readonly title: string
  /** Section, algorithm or module of the source. */
  readonly source: string
  readonly model: Model
  readonly resilience: Resilience
  /** The textbook names of what it promises; the checkers judge these. */
  readonly properties: readonly string[]
  /** It stands on perfect links and never restarts: nothing is re-sent, and runs break neither sessions nor members. */
  readonly perfectLinks?: boolean
  /** States that a campaign of the swarm must have reached. */
  readonly landmarks: readonly string[]
  /** States that a campaign of that adversary must have reached. */
  readonly landmarksAgainst?: LandmarksAgainst
}

/** What a register stack tells the application. */
export interface ResumedWrites {
  /** A write that an earlier life of this process had begun has returned. @param value - null: a large one, which is not read again for this */
  resumed(register: RegisterId, value: Uint8Array | null, result: WriteResult): void
}

/** What a register stack offers to the application. */
export interface RegisterInstance extends StackInstance, RegisterRequests {
  /** How many writes of an earlier life are being finished; each ends with `resumed`. */
  readonly resuming: number
}

/** What members of a live group keep: registers, (1,N) or (N,N), as their names say; and a key-value store. */
export interface ServedRegisters extends RegisterInstance {
  /** A regular read: one round trip always, and no ordering among the reads of different clients. */
  readRegular(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation
  /** Undefined at a member that is recorded: a recording holds operations on registers alone. */
  readonly store: KeyValueRequests | undefined
}

/** Every member broadcasts and delivers. */
export interface BroadcastStack extends AnyStack {
  readonly abstraction: 'broadcast'
  /** Members keep registers too (with-storage.ts). */
  readonly registers?: true
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
  /** What a register promises to those who read it (Lamport 1986). */
  readonly consistency: 'safe' | 'regular' | 'atomic'
  /** (1,N) or (N,N). */
  readonly writers: 'one' | 'many'
  /** (1,1): one process alone reads a register; without it, any number. */
  readonly readers?: 'one'
  build(env: Environment, ports: Ports, options: StackOptions, application: ResumedWrites): RegisterInstance
}

export type Stack = BroadcastStack | RegisterStack

export type Property =
  | 'validity'
  | 'no duplication'
  | 'no creation'
  | 'integrity'
  | 'consistency'
  | 'totality'
  | 'FIFO delivery'
  | 'accuracy'

/** @throws ResilienceError in a sentence that says why */
export function requireResilience(stack: Pick<Stack, 'name' | 'resilience'>, n: number, f: number): void {
  const { resilience } = stack
  if (resilience.admits(n, f)) return
  throw new ResilienceError(
    `${stack.name} needs ${resilience.formula}: a group of ${n} tolerates at most ${resilience.largest(n)} faulty ` +
      `${resilience.largest(n) === 1 ? 'member' : 'members'}, not ${f}`
  )
}
