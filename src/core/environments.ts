/** The environments of processes, put together in one place: hosts say only what differs between them. */
import type { Environment } from './environment.ts'
import type { Process } from './process.ts'
import type { StableStore } from './store.ts'
import { silentObserver } from './trace.ts'

/** What a host gives a process beside its queue. */
export interface Surroundings extends Omit<Environment, 'store' | 'trigger' | 'whenDurable' | 'onTurnEnd'> {
  /** What earlier lives have left. What is written goes to the journal of the process, unless it says otherwise. */
  readonly store: Pick<StableStore, 'restored' | 'read'> & Partial<StableStore>
}

/** The environment of the components that run in `process`. */
export function environmentOf(process: Process, { store, ...surroundings }: Surroundings): Environment {
  return {
    ...surroundings,
    store: {
      put: (key, value) => process.write({ key, value }),
      delete: (key) => process.write({ key, value: undefined }),
      ...store
    },
    trigger: (handler) => process.trigger(handler),
    whenDurable: (effect) => process.whenDurable(effect),
    onTurnEnd: (flush) => process.onTurnEnd(flush)
  }
}

/** One in which nothing happens, for who wants to know of a stack what it declares, such as its ports. */
export function emptyEnvironment(
  known: Pick<Environment, 'self' | 'incarnation' | 'fresh' | 'group' | 'crypto'>
): Environment {
  return {
    ...known,
    clock: { now: () => 0, setTimer: () => ({ cancel() {} }) },
    random: { bytes: (length) => new Uint8Array(length), below: () => 0 },
    store: { put() {}, delete() {}, restored: () => [], read() {} },
    observer: silentObserver,
    trigger() {},
    whenDurable() {},
    onTurnEnd() {}
  }
}
