/**
 * A correct stack in the hands of a liar: it runs over a carrier, a store and an observer of the liar's making, and
 * can be had as often as one likes. Its application is done with what it is told at once.
 */
import type { Environment } from '../core/environment.ts'
import { WindowFullError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { isBulk, type StableStore } from '../core/store.ts'
import { silentObserver } from '../core/trace.ts'
import type { CarrierIndications } from '../links/carrier.ts'
import { Ports } from '../links/ports.ts'
import { careless, inModel } from '../stacks/build.ts'
import type { StackInstance } from '../stacks/stack.ts'
import type { Asked, BehaviourContext, ByzantineMember } from './behaviour.ts'
import { Wire } from './wire.ts'

/** Payloads that wait for the window of the puppet's stack; more are forgotten. */
const WANTED_MAX = 1024

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
  readonly #wanted: Asked[] = []
  readonly #ports: CarrierIndications
  #discarded = false

  /** @param say is given what the correct stack would send */
  constructor(
    { env, stack, options }: Pick<BehaviourContext, 'env' | 'stack' | 'options'>,
    say: (to: ProcessId, message: Uint8Array) => void
  ) {
    const inner = this.#environment(env)
    const ports = new Ports(inner)
    this.#ports = ports.indications
    ports.attach({
      send: (to, message) => {
        if (!this.#discarded) say(to, message)
      }
    })
    const listener = careless(
      stack.services,
      (service, name, values) => inner.trigger(() => this.#request({ service, name, arguments: values })),
      () => this.#askWanted()
    )
    this.#stack = stack.build(inModel(inner, stack), ports, options, listener)
    this.wire = new Wire(ports.openPorts, env.group)
  }

  start(): void {
    this.#stack.restore()
  }

  /** What its stack does not offer is not asked for. */
  ask(asked: Asked): void {
    if (this.#stack.services[asked.service] === undefined) return
    if (this.#wanted.length < WANTED_MAX) this.#wanted.push(asked)
    this.#askWanted()
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

  #askWanted(): void {
    for (;;) {
      const [asked] = this.#wanted
      if (asked === undefined || this.#discarded) return
      try {
        this.#request(asked)
      } catch (error) {
        if (error instanceof WindowFullError) return // it is told when more is admitted
        throw error
      }
      this.#wanted.shift()
    }
  }

  #request({ service, name, arguments: given }: Asked): void {
    const component = this.#stack.services[service] as {
      readonly [name: string]: (...given: unknown[]) => void
    }
    component[name]?.(...given, () => {})
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
