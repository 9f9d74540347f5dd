/** Broadcasts: every member broadcasts and delivers. */
import type { Delivery } from '../../broadcast/delivery-log.ts'
import { broadcastService } from '../../broadcast/service.ts'
import { judgedBroadcasts } from '../../checkers/broadcast.ts'
import {
  asBroadcastEvent,
  asDelivery,
  asEvent,
  type BroadcastEventKind,
  broadcastEvents,
  tellBroadcast
} from '../../checkers/broadcast-history.ts'
import { downAtEnd } from '../../checkers/down.ts'
import { WindowFullError } from '../../core/errors.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Process } from '../../core/process.ts'
import { buildLife } from '../../recording/recorder.ts'
import type { Application, ApplicationInit, LifeStack, Request } from '../../simulator/application.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { Workload } from '../../simulator/rates.ts'
import type { Planned } from '../../simulator/schedule.ts'
import { MS } from '../../simulator/scheduler.ts'
import type { SeededRandom } from '../../simulator/seeded-random.ts'
import type { BuiltStack } from '../../stacks/build.ts'
import type { BroadcastInstance, BroadcastRequests, BroadcastStack } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'
import { Consumed, nameOf } from './consumed.ts'

export interface BroadcastWorkload {
  /** Of each member's application. */
  readonly broadcasts: number
  readonly payloadBytesMax: number
  /** They are asked for until then; milliseconds. */
  readonly withinMs: number
}

export const broadcasts: Abstraction<BroadcastStack> = {
  service: broadcastService,
  judged: judgedBroadcasts,
  clients: 0,
  valuesAlike: true,
  rates: ({ asked, payloadBytesMax, healMs }) => ({
    workload: broadcastWorkload({ broadcasts: asked, payloadBytesMax, withinMs: healMs })
  }),
  application: (stack, init) => new BroadcastApplication(stack, init),
  listen: (init) => new Lies(init),
  begun(told) {
    const event = asBroadcastEvent(told)
    return event.kind === 'broadcast' ? `${event.process}/${event.sequence}` : undefined
  },
  ended(told) {
    const event = asBroadcastEvent(told)
    return event.kind === 'deliver' ? `${event.sender}/${event.sequence}` : undefined
  },
  landmarks: (events) => (isDeliveredBySome(events) ? ['delivered-by-some'] : []),
  simplest: (members) => Array.from({ length: members }, (_, process) => broadcastRequest(process, 1, 0, 2)),
  describe(told, shown) {
    const event = asBroadcastEvent(told)
    switch (event.kind) {
      case 'broadcast':
        return `broadcasts ${event.sequence}: ${shown(event.payload)}`
      case 'accepted':
        return `has stored broadcast ${event.sequence}`
      case 'deliver':
        return `delivers ${event.sender}/${event.sequence}: ${shown(event.payload)}`
      case 'gap':
        return `has a gap: ${event.sender}/${event.from} to ${event.to}`
      default:
        return undefined
    }
  },
  durableName(told) {
    const delivery = asDelivery(asBroadcastEvent(told))
    return delivery && `${delivery.position}: ${nameOf(delivery)}`
  },
  instanceOf(told) {
    const event = asBroadcastEvent(told)
    switch (event.kind) {
      case 'broadcast':
      case 'accepted':
        return { sender: event.process, sequence: event.sequence }
      case 'deliver':
        return { sender: event.sender, sequence: event.sequence }
      case 'gap':
        return { sender: event.sender, sequence: event.from }
      default:
        return undefined
    }
  }
}

export function broadcastWorkload(init: BroadcastWorkload): Workload {
  return { operationsMax: 0, requests: (process, _, random) => drawBroadcasts(process, random, init) }
}

/** A choice: the n-th broadcast of a member, of so many bytes. */
export const broadcastRequest = (process: ProcessId, number: number, at: number, bytes: number) =>
  ({
    kind: 'request',
    process,
    number,
    at,
    service: broadcastService.name,
    name: 'broadcast',
    arguments: { bytes }
  }) as const satisfies Planned

export function drawBroadcasts(
  process: ProcessId,
  random: SeededRandom,
  { broadcasts, payloadBytesMax, withinMs }: BroadcastWorkload
): readonly Planned[] {
  return Array.from({ length: broadcasts }, () => ({
    at: random.below(withinMs * MS),
    bytes: 2 + random.below(Math.max(1, payloadBytesMax - 1))
  }))
    .sort((a, b) => a.at - b.at)
    .map(({ at, bytes }, index) => broadcastRequest(process, index + 1, at, bytes))
}

/**
 * Whether a member has stopped for good in the middle of a broadcast, which some of those that remain never delivered.
 */
function isDeliveredBySome(events: readonly HistoryEvent[]): boolean {
  const down = downAtEnd(events)
  if (down.size === 0) return false
  const remaining = new Set<ProcessId>()
  const deliveredBy = new Map<string, Set<ProcessId>>()
  for (const event of broadcastEvents({ events })) {
    if (down.has(event.process)) continue
    remaining.add(event.process)
    if (event.kind !== 'deliver' || !down.has(event.sender)) continue
    const instance = `${event.sender}/${event.sequence}`
    deliveredBy.set(instance, (deliveredBy.get(instance) ?? new Set()).add(event.process))
  }
  return [...deliveredBy.values()].some(({ size }) => size < remaining.size)
}

/**
 * Broadcasts its workload and consumes what is delivered, durably, passing its position when it starts again: so that
 * each delivery reaches it exactly once, across crashes.
 */
class BroadcastApplication implements Application {
  readonly #stack: BroadcastStack
  readonly #init: ApplicationInit
  /** Payloads that it wants to broadcast and that were not admitted yet. */
  readonly #wanted: Uint8Array[] = []
  /** That were admitted so far, in all lives. */
  #broadcasts = 0
  /** Deliveries that it was given so far, in all lives. */
  #deliveries = 0
  readonly #consumed = new Consumed()
  #instance: BroadcastRequests | undefined
  #process: Process | undefined

  constructor(stack: BroadcastStack, init: ApplicationInit) {
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack, process: Process): BuiltStack<BroadcastInstance> {
    this.#process = process
    const application = {
      deliver: (sender: ProcessId, sequence: number, payload: Uint8Array, position: number) =>
        this.#consume({ type: 'delivery', sender, sequence, payload, position }),
      gap: (sender: ProcessId, from: number, to: number, position: number) =>
        this.#consume({ type: 'gap', sender, from, to, position }),
      ready: () => this.#broadcastWanted()
    }
    const init = { ...life, stack: this.#stack, application }
    const built = buildLife(init, this.#init.recordLife?.(life.env.incarnation))
    this.#instance = built.instance.services.broadcast
    return built
  }

  began(): void {
    this.#broadcastWanted()
  }

  ended(): void {
    this.#process = undefined
  }

  ask({ service, name }: Request, payload: Uint8Array): boolean {
    if (service !== broadcastService.name || name !== 'broadcast') return false
    this.#wanted.push(payload)
    this.#broadcastWanted()
    return true
  }

  #consume(delivery: Delivery): void {
    const { self, scheduler, precedence, choices, record } = this.#init
    const { position } = delivery
    if (this.#consumed.isNews(delivery)) {
      record(tellBroadcast({ time: scheduler.now, process: self, ...asEvent(delivery) }))
    }
    const process = this.#process
    const instance = this.#instance
    const acknowledge = () => {
      if (process === undefined || this.#process !== process || instance === undefined) return
      process.input(() => {
        if (position >= instance.acknowledged) instance.acknowledge(position)
      })
    }
    scheduler.after(choices.consume(self, ++this.#deliveries), acknowledge, precedence)
  }

  #broadcastWanted(): void {
    const { self, scheduler, record } = this.#init
    for (;;) {
      const process = this.#process
      const [payload] = this.#wanted
      if (payload === undefined || process === undefined || this.#instance === undefined) return
      const number = this.#broadcasts + 1
      const tell = (event: BroadcastEventKind) =>
        record(tellBroadcast({ time: scheduler.now, process: self, ...event }, number))
      const accepted = () => tell({ kind: 'accepted', sequence })
      let sequence: number
      try {
        sequence = this.#instance.broadcast(payload, accepted)
      } catch (error) {
        if (error instanceof WindowFullError) return // `ready` will come
        throw error
      }
      this.#wanted.shift()
      this.#broadcasts = number
      tell({ kind: 'broadcast', sequence, payload })
      process.input(() => {})
    }
  }
}
