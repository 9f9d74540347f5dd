/**
 * A correct stack in the hands of a liar: it runs over a carrier, a store and an observer of the liar's making, and
 * can be had as often as one likes. Its application acknowledges what is delivered at once.
 */
import type { Environment } from '../core/environment.ts'
import { WindowFullError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { isBulk, type StableStore } from '../core/store.ts'
import { silentObserver } from '../core/trace.ts'
import type { CarrierIndications } from '../links/carrier.ts'
import { Ports } from '../links/ports.ts'
import { buildDeaf } from '../stacks/build.ts'
import type { BroadcastInstance, StackInstance } from '../stacks/stack.ts'
import type { BehaviourContext, ByzantineMember } from './behaviour.ts'
import { Wire } from './wire.ts'

/** Payloads that wait for the window of the puppet's stack; more are forgotten. */
export const WANTED_MAX = 1024

/** Remembers bulk, which is read again in the same life: a puppet never restarts, it is discarded. */
function forgetfulStore({ trigger }: Pick<Environment, 'trigger'>): StableStore {
  const bulk = new Map<string, Uint8Array>()
  return {
    put: (key, value) => void (isBulk(key) && bulk.set(key, value)),
    delete: (key) => void bulk.delete(key),
    restored: () => [],
    read: (key, then) => trigger(() => then(bulk.get(key)))
  }
}

export class Puppet implements ByzantineMember {
  readonly wire: Wire
  readonly #stack: StackInstance
  /** Undefined where members broadcast nothing. */
  readonly #broadcasts: BroadcastInstance | undefined
  readonly #wanted: Uint8Array[] = []
  #ports: CarrierIndications = { deliver() {}, sessionStarted() {}, sessionEnded() {} }
  #discarded = false

  /** @param say is given what the correct stack would send */
  constructor(
    { env, stack, options }: Pick<BehaviourContext, 'env' | 'stack' | 'options'>,
    say: (to: ProcessId, message: Uint8Array) => void
  ) {
    const inner = this.#environment(env)
    const ports = new Ports(inner, (indications) => {
      this.#ports = indications
      return {
        send: (to, message) => {
          if (!this.#discarded) say(to, message)
        }
      }
    })
    this.#broadcasts =
      stack.abstraction === 'broadcast'
        ? stack.build(inner, ports, options, {
            deliver: ({ position }) => inner.trigger(() => this.#broadcasts?.acknowledge(position)),
            ready: () => this.#broadcastWanted()
          })
        : undefined
    this.#stack = this.#broadcasts ?? buildDeaf(stack, inner, ports, options)
    this.wire = new Wire(ports.spoken)
  }

  start(): void {
    this.#stack.restore()
  }

  broadcast(payload: Uint8Array): void {
    if (this.#broadcasts === undefined) return
    if (this.#wanted.length < WANTED_MAX) this.#wanted.push(payload)
    this.#broadcastWanted()
  }

  deliver(from: ProcessId, message: Uint8Array): void {
    if (!this.#discarded) this.#ports.deliver(from, message)
  }

  sessionStarted(peer: ProcessId): void {
    if (!this.#discarded) this.#ports.sessionStarted(peer)
  }

  sessionEnded(peer: ProcessId, reason: string): void {
    if (!this.#discarded) this.#ports.sessionEnded(peer, reason)
  }

  /** Nothing of it is heard any more. */
  discard(): void {
    this.#discarded = true
  }

  #broadcastWanted(): void {
    for (;;) {
      const [payload] = this.#wanted
      if (payload === undefined || this.#discarded || this.#broadcasts === undefined) return
      try {
        this.#broadcasts.broadcast(payload)
      } catch (error) {
        if (error instanceof WindowFullError) return // `ready` will come
        throw error
      }
      this.#wanted.shift()
    }
  }

  #environment(env: Environment): Environment {
    const unlessDiscarded = (handler: () => void) => () => {
      if (!this.#discarded) handler()
    }
    const trigger = (handler: () => void) => env.trigger(unlessDiscarded(handler))
    return {
      ...env,
      clock: {
        now: () => env.clock.now(),
        setTimer: (delayMs, handler) => env.clock.setTimer(delayMs, unlessDiscarded(handler))
      },
      store: forgetfulStore({ trigger }),
      observer: silentObserver,
      trigger,
      whenDurable: (effect) => env.whenDurable(unlessDiscarded(effect)),
      onTurnEnd: (flush) => env.onTurnEnd(unlessDiscarded(flush))
    }
  }
}
