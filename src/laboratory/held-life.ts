/**
 * One life of a real process that a test holds in its hands: its disk is a map, from which the next life starts, its
 * clock and its cryptography are given, and who holds it decides when what it writes becomes durable.
 */
import type { Clock } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import { environmentOf, type Surroundings } from '../core/environments.ts'
import { Process } from '../core/process.ts'
import { isBulk, type StableStore } from '../core/store.ts'
import { type Observer, silentObserver } from '../core/trace.ts'
import { Snapshot } from '../store/snapshot.ts'

export interface HeldLifeInit
  extends Pick<Surroundings, 'self' | 'incarnation' | 'group' | 'random' | 'crypto'> {
  /** What earlier lives have left, and where this one writes. */
  readonly disk: Map<string, Uint8Array>
  /** Default: whether nothing is on the disk. */
  readonly fresh?: boolean
  /** @param input - by which a timer goes off */
  readonly clock: (input: (handler: () => void) => void) => Clock
  /** What it is told; default: nothing. */
  readonly observer?: Partial<Observer>
  /** Is given each batch of writes, to be made durable when it likes; default: at once. */
  readonly sync?: (durable: () => void) => void
  /** Reads what is in bulk; default: from the disk, once all that was written before is durable. */
  readonly read?: StableStore['read']
  /** Default: the cause is thrown. */
  readonly onStop?: (cause: Error) => void
}

export interface HeldLife {
  readonly process: Process
  readonly env: Environment
}

export function beginHeldLife(init: HeldLifeInit): HeldLife {
  const { disk, sync = (durable) => durable(), observer, clock, ...rest } = init
  const stored = new Snapshot([...disk].filter(([key]) => !isBulk(key)))
  const process = new Process({
    journal: {
      append: (batch, done) =>
        sync(() => {
          for (const { key, value } of batch) {
            if (value === undefined) disk.delete(key)
            else disk.set(key, value)
          }
          done()
        })
    },
    onStop:
      rest.onStop ??
      ((cause) => {
        throw cause
      })
  })
  const input = (handler: () => void) => process.input(handler)
  const { self, incarnation, group, random, crypto, fresh = disk.size === 0 } = rest
  const env = environmentOf(process, {
    self,
    incarnation,
    fresh,
    group,
    random,
    crypto,
    clock: clock(input),
    observer: { ...silentObserver, ...observer },
    store: {
      restored: (prefix) => stored.under(prefix),
      read: rest.read ?? ((key, then) => process.whenDurable(() => input(() => then(disk.get(key)))))
    }
  })
  return { process, env }
}
