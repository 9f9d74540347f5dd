/** Links: every member sends messages to single others. */
import { deliveredTo, judgedLinks, type LinkMessage, sentBy } from '../../checkers/links.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Process } from '../../core/process.ts'
import { linkService } from '../../links/service.ts'
import { buildLife } from '../../recording/recorder.ts'
import type { Application, ApplicationInit, LifeStack, Request } from '../../simulator/application.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { Planned } from '../../simulator/schedule.ts'
import { MS } from '../../simulator/scheduler.ts'
import type { BuiltStack } from '../../stacks/build.ts'
import type { LinkStack, StackInstance } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'

const { name: service } = linkService

export const links: Abstraction<LinkStack> = {
  service: linkService,
  judged: judgedLinks,
  clients: 0,
  attack: 'garbage',
  /** Byzantine members are asked for nothing. */
  rates({ draw, members, payloadBytesMax, healMs }) {
    const messages = members === 1 ? 0 : draw.between(4, 24)
    return {
      workload: {
        operationsMax: 0,
        requests: (process, isByzantine, random) =>
          Array.from({ length: isByzantine ? 0 : messages }, () => ({
            at: random.below(healMs * MS),
            to: (process + 1 + random.below(members - 1)) % members,
            bytes: 2 + random.below(Math.max(1, payloadBytesMax - 1))
          }))
            .sort((a, b) => a.at - b.at)
            .map(({ at, ...given }, index) => request(process, index + 1, at, given))
      }
    }
  },
  application: (stack, init) => new LinkApplication(stack, init),
  listen: (init) => new Lies(init),
  begun: (event) => nameOf(sentBy(event)),
  ended: (event) => nameOf(deliveredTo(event)),
  awaits: (event) => sentBy(event)?.to,
  landmarks: (events) => [
    ...(isDeliveredAgain(events) ? ['delivered-again'] : []),
    ...(isOutOfOrder(events) ? ['delivered-out-of-order'] : []),
    ...(isImpersonated(events) ? ['impersonation-rejected'] : [])
  ],
  simplest: (members) =>
    Array.from({ length: members }, (_, process) =>
      request(process, 1, 0, { to: (process + 1) % members, bytes: 2 })
    ).filter(() => members > 1),
  describe(event, shown) {
    if (event.kind === 'invoke')
      return `sends ${shown(event.arguments.message ?? null)} to p${event.arguments.to}`
    if (event.kind === 'indicate')
      return `delivers ${shown(event.values.message ?? null)} from p${event.values.from}`
    return undefined
  },
  instanceOf: () => undefined
}

const request = (
  process: ProcessId,
  number: number,
  at: number,
  given: { readonly to: number; readonly bytes: number }
): Planned => ({ kind: 'request', process, number, at, service, name: 'transmit', arguments: given })

const nameOf = (told: LinkMessage | undefined): string | undefined =>
  told && `${told.from}/${told.to}/${told.message}`

function isDeliveredAgain(events: readonly HistoryEvent[]): boolean {
  const delivered = events.flatMap((event) => nameOf(deliveredTo(event)) ?? [])
  return new Set(delivered).size < delivered.length
}

/** Whether some pair has delivered something before what was sent before it. */
function isOutOfOrder(events: readonly HistoryEvent[]): boolean {
  const sent = events.flatMap((event) => nameOf(sentBy(event)) ?? [])
  const delivered = events.flatMap((event) => nameOf(deliveredTo(event)) ?? [])
  const last = new Map<string, number>()
  return delivered.some((name) => {
    const pair = name.slice(0, name.lastIndexOf('/'))
    const place = sent.indexOf(name)
    const before = last.get(pair) ?? -1
    last.set(pair, Math.max(before, place))
    return place < before
  })
}

/** Whether something that was said to be of a correct process was not taken for its own: only these have events. */
function isImpersonated(events: readonly HistoryEvent[]): boolean {
  const correct = new Set(events.map(({ process }) => process))
  return events.some((event) => event.kind === 'fault' && correct.has(event.fault.process))
}

/** Sends whatever is planned at once, and records what it is told. */
class LinkApplication implements Application {
  readonly #stack: LinkStack
  readonly #init: ApplicationInit
  readonly #wanted: (readonly [to: ProcessId, message: Uint8Array])[] = []
  #running: { readonly process: Process; readonly links: LinkRequests } | undefined
  #sent = 0

  constructor(stack: LinkStack, init: ApplicationInit) {
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack, process: Process): BuiltStack<StackInstance> {
    const { record, scheduler, self, recordLife } = this.#init
    const told = { process: self, kind: 'indicate', service, name: 'deliver' } as const
    const application = {
      deliver: (from: ProcessId, message: Uint8Array) =>
        record({ time: scheduler.now, ...told, values: { from, message } })
    }
    const built = buildLife({ ...life, stack: this.#stack, application }, recordLife?.(life.env.incarnation))
    this.#running = { process, links: built.instance.services[service] as LinkRequests }
    return built
  }

  began(): void {
    for (const wanted of this.#wanted.splice(0)) this.#send(...wanted)
  }

  ended(): void {
    this.#running = undefined
  }

  ask({ service: asked, name, arguments: { to } }: Request, message: Uint8Array): boolean {
    if (asked !== service || name !== 'transmit' || to === undefined || to === this.#init.self) return false
    if (this.#running === undefined) this.#wanted.push([to, message])
    else this.#send(to, message)
    return true
  }

  #send(to: ProcessId, message: Uint8Array): void {
    const { record, scheduler, self } = this.#init
    const number = ++this.#sent
    record({
      time: scheduler.now,
      process: self,
      kind: 'invoke',
      service,
      name: 'transmit',
      number,
      arguments: { to, message }
    })
    this.#running?.process.input(() => this.#running?.links.transmit(to, message))
  }
}

interface LinkRequests {
  transmit(to: ProcessId, message: Uint8Array): void
}
