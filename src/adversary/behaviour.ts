/**
 * A Byzantine member runs any handler in place of the protocol. It holds its own keys and nothing else: below it are
 * the same links as below a correct member, beside it the other Byzantine members (collusion), and it may run the
 * correct stack as often as it likes and lie with what that says.
 *
 * A behaviour is written once and attacks simulated and live groups alike.
 */
import type { Environment } from '../core/environment.ts'
import type { FaultKind } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'

export interface BehaviourContext {
  /** With this member's own keys, clock, randomness and store. */
  readonly env: Environment
  readonly stack: Stack
  readonly options: StackOptions
  /** Authenticated links to all members, as any member has them. */
  readonly carrier: Carrier
  /** All Byzantine members, this one included: they know each other and may agree on anything beforehand. */
  readonly byzantine: readonly ProcessId[]
  /** Puts bytes of its own making on the wire, below the links; absent where links are ideal. */
  readonly injectFrame?: (to: ProcessId, frame: Uint8Array) => void
  /** Counts what it did, by name (see `reporting`); nothing depends on it, and only the harness believes it. */
  readonly report?: (act: string) => void
}

/** A request of an application, as the stack declares it (core/service.ts). */
export interface Asked {
  readonly service: string
  readonly name: string
  readonly arguments: readonly PlainValue[]
}

/** What the host gives to a Byzantine member: the events of its links, and requests of its application. */
export interface ByzantineMember extends CarrierIndications {
  /** Called once, in the first turn. */
  start(): void
  /** The application of this member asks it for something; a liar does with it what it likes. */
  ask(asked: Asked): void
  /** A frame as it came off the wire, below the links; only where frames can be injected. */
  frame?(from: ProcessId, frame: Uint8Array): void
}

/** How a behaviour shows at correct members: one of these is to be seen in a campaign, else it did nothing. */
export interface Effect {
  /** Landmarks that correct members reach. */
  readonly landmarks?: readonly string[]
  /** What correct members name Byzantine members for. */
  readonly faults?: readonly FaultKind[]
  /** What becomes of the broadcasts of its application: some are not delivered everywhere, or late. */
  readonly broadcasts?: 'missing' | 'late'
}

export interface Behaviour {
  /** In kebab case, as in `--adversary NAME` and `--behaviour NAME`. */
  readonly name: string
  /** One line: what it may do and what it may not. */
  readonly powers: string
  /** Whether live clusters take it too. */
  readonly live: boolean
  readonly effect: Effect
  create(context: BehaviourContext): ByzantineMember
}

/** The same behaviour, which tells `report` of each thing it does. */
export function reporting(behaviour: Behaviour, report: (act: string) => void): Behaviour {
  return { ...behaviour, create: (context) => behaviour.create({ ...context, report }) }
}
