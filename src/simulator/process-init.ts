/** What every process of a simulated run is made from, member or client, correct or not. */
import type { Environment } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { Observer } from '../core/trace.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { Choices } from './choices.ts'
import type { ClockFaults, TimerWatch } from './clock.ts'
import type { Scheduler } from './scheduler.ts'
import type { Connect } from './simulated-process.ts'

export interface SimulatedProcessInit {
  readonly self: ProcessId
  readonly group: Group
  readonly crypto: Environment['crypto']
  readonly connect: Connect
  readonly stack: Stack
  readonly options: StackOptions
  readonly clock: ClockFaults
  readonly observer: Observer
  readonly scheduler: Scheduler
  readonly precedence: number
  readonly choices: Choices
  readonly seed: number
  /** It stopped, by its own fault. */
  readonly onStop: (cause: Error) => void
  readonly onTimer?: TimerWatch | undefined
}
