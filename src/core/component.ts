/**
 * A component of a process's stack, as in CGR11 section 1.4: it takes requests from above (its public methods),
 * gives indications upward (callbacks handed over at construction), and reacts to an event by changing its
 * state and triggering further events. It never calls into another component directly: requests and indications
 * go through the process's queue.
 */
import type { Environment } from './environment.ts'
import { type Needs, requireModel } from './model.ts'
import { type StableStore, scopedStore } from './store.ts'
import type { PlainValue } from './trace.ts'

/** Callbacks by name; the layer above hands them over. They return nothing: an indication expects no answer. */
export type Indications = object

type Callback = (...args: PlainValue[]) => void

export abstract class Component<I extends Indications = Record<never, never>> {
  /** What it needs of the model of its stack, beside what the components below it need. */
  static readonly needs: Needs = {}
  /** Where the component stands in its stack, e.g. `reliable-channel/double-echo`: bound into all it signs. */
  readonly path: string
  protected readonly env: Environment
  protected readonly store: StableStore
  /** The layer above, through the queue: calling one of these enqueues an event. */
  protected readonly indicate: I

  /** @throws ModelError if the stack's model is weaker than what the component needs */
  protected constructor(env: Environment, path: string, indications: I) {
    if (env.model !== undefined) requireModel(`${path} (${new.target.name})`, new.target.needs, env.model)
    this.env = env
    this.path = path
    this.store = scopedStore(env.store, `${path}/`)
    this.indicate = this.#queued(indications)
  }

  /** The whole state as one canonical value: for the viewer, for invariants, for recognising equal states. */
  abstract state(): PlainValue

  /** A request from above: runs `handler` as an event of its own. */
  protected request(name: string, args: readonly PlainValue[], handler: () => void): void {
    const { observer } = this.env
    if (observer.tracing) observer.event({ kind: 'request', path: this.path, name, args })
    this.env.trigger(handler)
  }

  #queued(indications: I): I {
    const queued = { ...indications }
    for (const name of Object.keys(indications) as (keyof I & string)[]) {
      const callback = indications[name] as Callback
      const indicate: Callback = (...args) => {
        const { observer } = this.env
        if (observer.tracing) observer.event({ kind: 'indication', path: this.path, name, args })
        this.env.trigger(() => callback(...args))
      }
      queued[name] = indicate as I[keyof I & string]
    }
    return queued
  }
}
