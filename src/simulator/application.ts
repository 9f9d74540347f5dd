/**
 * What the applications of correct processes do: they put a stack together for each life, ask it for what the schedule
 * plans, and record what it tells. What they hold survives crashes: it is their own durable state.
 */
import type { Environment } from '../core/environment.ts'
import type { Process } from '../core/process.ts'
import type { BuiltStack, StackInit } from '../stacks/build.ts'
import type { LineSink } from '../stacks/recording-format.ts'
import type { StackInstance } from '../stacks/stack.ts'
import type { Choices } from './choices.ts'
import type { HistoryEvent } from './history.ts'
import type { Planned } from './schedule.ts'
import type { Scheduler } from './scheduler.ts'

/** What an application asks of its stack. */
export type Request = Extract<Planned, { kind: 'broadcast' | 'operation' }>

export interface ApplicationInit {
  readonly self: number
  readonly scheduler: Scheduler
  readonly lane: number
  readonly choices: Choices
  readonly record: (event: HistoryEvent) => void
  /** An operation has returned. */
  readonly onReturn: (number: number) => void
  /** Gives who is told the lines of a recording of a life, or nobody. */
  readonly recordLife: ((incarnation: number) => LineSink | undefined) | undefined
}

/** What a stack of any kind is put together from, but its application. */
export type LifeStack = Omit<StackInit<never, never>, 'stack' | 'application'> & { readonly env: Environment }

export interface Application {
  /** The stack of a new life, in `process`: it may tell something in its first turn. */
  build(init: LifeStack, process: Process): BuiltStack<StackInstance>
  /** The first turn is over: what was wanted meanwhile is asked for. */
  began(): void
  /** It runs no more: nothing of that life is answered. */
  ended(): void
  /** Asked for now, or as soon as the stack is there and admits it. */
  ask(request: Request, payload: Uint8Array): void
}
