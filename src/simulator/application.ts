/**
 * What the applications of correct processes do: they put a stack together for each life, ask it for what the schedule
 * plans, and record what it tells. What they hold survives crashes: it is their own durable state.
 */
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { Process } from '../core/process.ts'
import type { LineSink } from '../recording/recording-format.ts'
import type { BuiltStack, StackInit } from '../stacks/build.ts'
import type { Stack, StackInstance } from '../stacks/stack.ts'
import type { Choices } from './choices.ts'
import type { HistoryEvent } from './history.ts'
import type { Listener, ListenerInit } from './listener.ts'
import type { Planned } from './schedule.ts'
import { SeededRandom } from './seeded-random.ts'
import type { Witness, WitnessInit } from './witness.ts'

/** What an application asks of its stack. */
export type Request = Extract<Planned, { kind: 'request' }>

/** What a request is about, where it takes bytes: so many, told apart by the first ones. */
export function payloadOf(seed: number, { process, number, arguments: { bytes = 0 } }: Request): Uint8Array {
  const payload = new SeededRandom(seed, `payload/${process}/${number}`).bytes(Math.max(2, bytes))
  payload[0] = process
  payload[1] = number
  return payload
}

/** Its own time, microseconds; of a run in virtual time the scheduler. */
export interface ApplicationClock {
  readonly now: number
  after(delay: number, run: () => void, precedence?: number): void
}

export interface ApplicationInit {
  readonly self: number
  readonly scheduler: ApplicationClock
  readonly precedence: number
  readonly choices: Pick<Choices, 'consume'>
  readonly record: (event: HistoryEvent) => void
  /** An operation has returned. */
  readonly onReturn: (number: number) => void
  /** Gives who is told the lines of a recording of a life, or nobody. */
  readonly recordLife: ((incarnation: number) => LineSink | undefined) | undefined
}

/** Of whom a run is told. */
export interface RunMembers {
  readonly n: number
  readonly f: number
  readonly liars: readonly ProcessId[]
}

/** Where an operation of an application begins and ends, and what only a whole history shows. */
export interface Story {
  /** The name of the operation that begins here. */
  begun(event: HistoryEvent): string | undefined
  /** The name of the one that ends here, as far as is known; of several ends the last one counts. */
  ended(event: HistoryEvent): string | undefined
  /** Another process, without which the operation that begins here does not end; absent: there is none. */
  awaits?(event: HistoryEvent): number | undefined
  /** Landmarks that no single process sees. */
  landmarks(events: readonly HistoryEvent[], members: RunMembers): readonly string[]
}

/** What of a run depends on its stack, and on what that offers. */
export interface SimulatedUse<S extends Stack = Stack> extends Story {
  listen(init: ListenerInit): Listener
  /** Absent: its properties show in histories. */
  witness?(init: WitnessInit): Witness
  application(stack: S, init: ApplicationInit): Application
}

/** What a stack of any kind is put together from, but its application. */
export type LifeStack = Omit<StackInit<never, never>, 'stack' | 'application'> & { readonly env: Environment }

export interface Application {
  /** The stack of a new life, in `process`: it may tell something in its first turn. */
  build(init: LifeStack, process: Pick<Process, 'input'>): BuiltStack<StackInstance>
  /** The first turn is over: what was wanted meanwhile is asked for. */
  began(): void
  /** It runs no more: nothing of that life is answered. */
  ended(): void
  /**
   * Asked for now, or as soon as the stack is there and admits it. @returns false if it does not know of such a request
   */
  ask(request: Request, payload: Uint8Array): boolean
}
