/**
 * What a correct and a Byzantine member have in common in the simulator: a life (from start to crash) with its
 * environment, its links and its observer.
 */
import type { Environment } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { Process } from '../core/process.ts'
import type { Random } from '../core/random.ts'
import type { Observer } from '../core/trace.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import type { Terms } from '../stacks/paths.ts'
import { type ClockFaults, SimulatedClock, type TimerWatch } from './clock.ts'
import type { SimulatedDisk } from './disk.ts'
import type { Scheduler } from './scheduler.ts'

/** How a process is connected: ideal sessions, or authenticated links over a fair-loss network. */
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

/** `agreed` gives what both ends of a link must agree on, once the stack stands. */
export type Connect = (
  env: Environment,
  process: Process,
  indications: ConnectionIndications,
  agreed: () => Terms
) => Connection

export interface LifeInit {
  readonly self: ProcessId
  readonly group: Group
  readonly scheduler: Scheduler
  /** Which of simultaneous events of the scheduler comes first. */
  readonly lane: number
  readonly random: Random
  readonly clock: ClockFaults
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
  const { self, group, scheduler, lane, disk, random, crypto, observer, onTimer } = init
  disk.recover()
  const process = new Process({ journal: disk.journal, onStop: init.onStop })
  const watch: TimerWatch | undefined =
    onTimer &&
    ((...args) => {
      if (!process.stopped) onTimer(...args)
    })
  const clock = new SimulatedClock(scheduler, init.clock, (handler) => process.input(handler), lane, watch)
  const incarnation = (disk.get(LIFE_KEY)?.[0] ?? 0) + 1
  disk.put(LIFE_KEY, Uint8Array.of(incarnation))
  const env: Environment = {
    self,
    incarnation,
    fresh: incarnation === 1,
    group,
    clock,
    random,
    crypto,
    observer,
    store: {
      put: (key, value) => process.write({ key, value }),
      delete: (key) => process.write({ key, value: undefined }),
      restored: (prefix) => disk.restored(prefix),
      read: (key, then) =>
        process.whenDurable(() => scheduler.after(0, () => process.input(() => then(disk.get(key))), lane))
    },
    trigger: (handler) => process.trigger(handler),
    whenDurable: (effect) => process.whenDurable(effect),
    onTurnEnd: (flush) => process.onTurnEnd(flush)
  }
  return { process, env, clock }
}
