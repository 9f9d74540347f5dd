/**
 * Broadcasts its workload and consumes what is delivered, durably, passing its position when it starts again: so that
 * each delivery reaches it exactly once, across crashes.
 */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { WindowFullError } from '../core/errors.ts'
import type { Process } from '../core/process.ts'
import { type BuiltStack, buildStack } from '../stacks/build.ts'
import { recordStack } from '../stacks/recorder.ts'
import type { BroadcastInstance, BroadcastStack } from '../stacks/stack.ts'
import type { Application, ApplicationInit, LifeStack, Request } from './application.ts'
import { Consumed } from './consumed.ts'

export class BroadcastApplication implements Application {
  readonly #stack: BroadcastStack
  readonly #init: ApplicationInit
  /** Payloads that it wants to broadcast and that were not admitted yet. */
  readonly #wanted: Uint8Array[] = []
  /** Deliveries that it was given so far, in all lives. */
  #deliveries = 0
  readonly #consumed = new Consumed()
  #instance: BroadcastInstance | undefined
  #process: Process | undefined

  constructor(stack: BroadcastStack, init: ApplicationInit) {
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack, process: Process): BuiltStack<BroadcastInstance> {
    this.#process = process
    const application = {
      deliver: (delivery: Delivery) => this.#consume(delivery),
      ready: () => this.#broadcastWanted()
    }
    const init = { ...life, stack: this.#stack, application }
    const sink = this.#init.recordLife?.(life.env.incarnation)
    const built = sink === undefined ? buildStack(init) : recordStack(init, sink)
    this.#instance = built.instance
    return built
  }

  began(): void {
    this.#broadcastWanted()
  }

  ended(): void {
    this.#process = undefined
  }

  ask(_request: Request, payload: Uint8Array): void {
    this.#wanted.push(payload)
    this.#broadcastWanted()
  }

  #consume(delivery: Delivery): void {
    const { self, scheduler, lane, choices, record } = this.#init
    const { position, sender } = delivery
    if (this.#consumed.isNews(delivery)) {
      const event = { time: scheduler.now, process: self, sender, position }
      if (delivery.type === 'gap') record({ ...event, kind: 'gap', from: delivery.from, to: delivery.to })
      else record({ ...event, kind: 'deliver', sequence: delivery.sequence, payload: delivery.payload })
    }
    const process = this.#process
    const instance = this.#instance
    const acknowledge = () => {
      if (process === undefined || this.#process !== process || instance === undefined) return
      process.input(() => {
        if (position >= instance.acknowledged) instance.acknowledge(position)
      })
    }
    scheduler.after(choices.consume(self, ++this.#deliveries), acknowledge, lane)
  }

  #broadcastWanted(): void {
    const { self, scheduler, record } = this.#init
    for (;;) {
      const process = this.#process
      const [payload] = this.#wanted
      if (payload === undefined || process === undefined || this.#instance === undefined) return
      const accepted = () => record({ time: scheduler.now, process: self, kind: 'accepted', sequence })
      let sequence: number
      try {
        sequence = this.#instance.broadcast(payload, accepted)
      } catch (error) {
        if (error instanceof WindowFullError) return // `ready` will come
        throw error
      }
      this.#wanted.shift()
      record({ time: scheduler.now, process: self, kind: 'broadcast', sequence, payload })
      process.input(() => {})
    }
  }
}
