/**
 * What a correct and a Byzantine member have in common in the simulator: a life (from start to crash) with its
 * environment, its links and its observer.
 */
import type { Environment } from '../core/environment.ts'
import { environmentOf } from '../core/environments.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { Process } from '../core/process.ts'
import type { Random } from '../core/random.ts'
import type { Observer } from '../core/trace.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import type { Terms } from '../stacks/paths.ts'
import { type ClockFaults, SimulatedClock, type TimerWatch } from './clock.ts'
import type { SimulatedDisk } from './disk.ts'
import { PausedProcess, type Pauses } from './pauses.ts'
import type { Scheduler } from './scheduler.ts'

/** How a process is connected: ideal sessions, authenticated links over a fair-loss network, or that network. */
export interface Connection {
  readonly carrier: Carrier
  /** Called in the first turn, when the stack stands. */
  start(): void
  detach(): void
  readonly injectFrame?: (to: ProcessId, frame: Uint8Array) => void
}

/** What a connection tells; `frame`, of each frame before the links look at it, only liars listen to. */
export interface ConnectionIndications extends CarrierIndications {
  frame?(from: ProcessId, frame: Uint8Array): void
}

export type Connect = (
  env: Environment,
  process: Process,
  indications: ConnectionIndications,
  /** What both ends of a link must agree on. */
  agreed: Terms
) => Connection

export interface LifeInit {
  readonly self: ProcessId
  readonly group: Group
  readonly scheduler: Scheduler
  /** Which of simultaneous events of the scheduler comes first. */
  readonly precedence: number
  readonly random: Random
  readonly clock: ClockFaults
  /** Absent: it is always as fast as it can be. */
  readonly pauses?: Pauses
  readonly disk: SimulatedDisk
  readonly crypto: Environment['crypto']
  readonly observer: Observer
  readonly onStop: (cause: Error) => void
  readonly onTimer?: TimerWatch | undefined
}

export interface Life {
  readonly process: Process
  readonly env: Environment
  readonly clock: SimulatedClock
}

const LIFE_KEY = 'host/life'

/** Starts a life: the life number is on the disk before the process can speak. */
export function beginLife(init: LifeInit): Life {
  const { self, group, scheduler, precedence, disk, random, crypto, observer, pauses, onTimer } = init
  disk.recover()
  const ends = { journal: disk.journal, onStop: init.onStop }
  const process =
    pauses?.any === true ? new PausedProcess(ends, pauses, scheduler, precedence) : new Process(ends)
  const watch: TimerWatch | undefined =
    onTimer &&
    ((...args) => {
      if (!process.stopped) onTimer(...args)
    })
  const clock = new SimulatedClock(
    scheduler,
    init.clock,
    (handler) => process.input(handler),
    precedence,
    watch
  )
  const incarnation = (disk.get(LIFE_KEY)?.[0] ?? 0) + 1
  disk.put(LIFE_KEY, Uint8Array.of(incarnation))
  const env = environmentOf(process, {
    self,
    incarnation,
    fresh: incarnation === 1,
    group,
    clock,
    random,
    crypto,
    observer,
    store: {
      restored: (prefix) => disk.restored(prefix),
      read: (key, then) =>
        process.whenDurable(() =>
          scheduler.after(0, () => process.input(() => then(disk.get(key))), precedence)
        )
    }
  })
  return { process, env, clock }
}
