/**
 * A stack with the application of the laboratory on top, as a stack of its own: asked for what is planned, it tells
 * what the application records. Whoever runs stacks runs it, over real links too, and its history is judged as that of
 * a simulated run is. To its peers it is the stack that it is made of.
 */
import { fromHex, toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { defineService } from '../core/service.ts'
import { bytes, text } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Ports } from '../links/ports.ts'
import type { Request } from '../simulator/application.ts'
import type { HistoryEvent } from '../simulator/history.ts'
import type { AnyApplication, OwnStack, Stack, StackInstance, StackOptions } from '../stacks/stack.ts'
import { abstractionOf } from './abstractions/index.ts'

/** How long the text of a request or of an event may be. */
const TEXT_CHARACTERS_MAX = 1024 * 1024
const PAYLOAD_BYTES_MAX = 1024 * 1024

export const applicationService = defineService({
  name: 'application',
  requests: {
    /** The application is to ask for that, when it can; a planned request as JSON, and the bytes that it is about. */
    plan: { arguments: { request: text(TEXT_CHARACTERS_MAX), payload: bytes(PAYLOAD_BYTES_MAX) } }
  },
  indications: {
    /** An event of its history as JSON, bytes as `{ hex }`. */
    record: { event: text(TEXT_CHARACTERS_MAX) }
  }
})

export interface AppliedInit {
  /** By which number its process goes in the history: that of a member, or of a client from n on. */
  readonly process: number
  /** The public keys of all clients of the history, in the order of their numbers. */
  readonly clients: readonly Uint8Array[]
}

interface Told {
  record(event: string): void
}

/** @throws InvalidParametersError if the laboratory does not know its abstraction */
export function appliedStack(stack: Stack, { process, clients }: AppliedInit): OwnStack {
  const abstraction = abstractionOf(stack)
  return {
    ...stack,
    abstraction: 'own',
    services: [applicationService],
    build(env, ports, options, told) {
      const { record } = told as Told
      const now = () => Math.round(env.clock.now() * 1000)
      // The application puts its stack together by itself: here on the ports of this process.
      const onThese = (
        _env: Environment,
        _ports: Ports,
        _options: StackOptions,
        application: AnyApplication
      ) => stack.build(env, ports, options, application)
      const within = { ...stack, build: onThese } as Stack
      const application = abstraction.application(within, {
        self: process,
        precedence: 0,
        scheduler: {
          get now() {
            return now()
          },
          after: (delay, run) => void env.clock.setTimer(delay / 1000, run)
        },
        choices: { consume: () => 0 },
        record: (event) => record(writtenEvent(event)),
        onReturn() {},
        recordLife: undefined
      })
      const life = {
        env: { ...env, group: { ...env.group, clients } },
        options,
        connect: () => ({ send() {} })
      }
      const { instance } = application.build(life, { input: (handler) => env.trigger(handler) })
      const plan = (request: string, payload: Uint8Array) =>
        env.trigger(() => application.ask(JSON.parse(request) as Request, payload))
      return {
        services: { [applicationService.name]: { plan, status: () => saidBy(instance) } },
        restore() {
          instance.restore()
          env.trigger(() => application.began())
        },
        state: () => instance.state(),
        get resuming() {
          return instance.resuming ?? 0
        }
      }
    }
  }
}

/** How far its services are, by their names, where they say it. */
function saidBy({ services }: StackInstance): PlainValue {
  const components = Object.entries(services) as [string, { status?(): PlainValue }][]
  return Object.fromEntries(
    components.flatMap(([name, component]) => (component.status ? [[name, component.status()]] : []))
  )
}

const writtenEvent = (event: HistoryEvent): string =>
  JSON.stringify(event, (_, inner: unknown) => (inner instanceof Uint8Array ? { hex: toHex(inner) } : inner))

/** What an application that runs here has recorded. */
export const recordedEvent = (written: PlainValue | undefined): HistoryEvent =>
  JSON.parse(String(written), (_, inner: unknown) => {
    const { hex } = (inner ?? {}) as { readonly hex?: unknown }
    return typeof hex === 'string' ? fromHex(hex) : inner
  }) as HistoryEvent
