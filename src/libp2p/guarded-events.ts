/**
 * An event target whose listeners cannot hurt it. A listener that throws, or whose promise is rejected, would
 * otherwise end the whole program (Node rethrows on the next tick): here it is told to whoever made the target.
 */
import { type EventHandler, TypedEventEmitter } from 'main-event'

type Listener = EventHandler<Event>

export class GuardedEvents<
  Events extends Record<keyof Events & string, Event>
> extends TypedEventEmitter<Events> {
  readonly #failed: (event: string, error: unknown) => void
  /** So that the same listener is the same one again when it is added twice, or removed. */
  readonly #guarded = new WeakMap<object, (event: Event) => void>()

  constructor(failed: (event: string, error: unknown) => void) {
    super()
    this.#failed = failed
  }

  override addEventListener<K extends keyof Events>(
    type: K,
    listener: EventHandler<Events[K]> | null,
    options?: boolean | AddEventListenerOptions
  ): void {
    super.addEventListener(type, listener === null ? null : this.#guard(listener as Listener), options)
  }

  override removeEventListener<K extends keyof Events>(
    type: K,
    listener?: EventHandler<Events[K]> | null,
    options?: boolean | EventListenerOptions
  ): void {
    super.removeEventListener(type, listener == null ? null : this.#guard(listener as Listener), options)
  }

  #guard(listener: Listener): (event: Event) => void {
    let guarded = this.#guarded.get(listener)
    if (guarded === undefined) {
      guarded = (event) => this.#call(listener, event)
      this.#guarded.set(listener, guarded)
    }
    return guarded
  }

  #call(listener: Listener, event: Event): void {
    const failed = (error: unknown) => this.#failed(event.type, error)
    try {
      const result: unknown = typeof listener === 'function' ? listener(event) : listener.handleEvent(event)
      if (result instanceof Promise) result.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
