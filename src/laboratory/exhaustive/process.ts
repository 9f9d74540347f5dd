/**
 * One correct process of an exhaustive exploration: a real stack with the application of the laboratory in a real
 * `Process`, fed one input at a time. It is deterministic, so where it stands follows from its inputs, and it can be
 * brought there again by repeating them.
 *
 * Its sessions with all others are up, and all that processes say to each other before anything is asked for is said,
 * before the first input. Its store is durable at once. Its application is never done with what it is told, so that
 * what was delivered stays open and every later message still meets it.
 */
import { toHex } from '../../core/bytes.ts'
import type { Timer } from '../../core/clock.ts'
import type { Crypto } from '../../core/environment.ts'
import type { Fault } from '../../core/fault.ts'
import { type Group, type ProcessId, peersOf } from '../../core/group.ts'
import type { Process } from '../../core/process.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { OpenPort } from '../../links/ports.ts'
import type { Application, Request } from '../../simulator/application.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import { SeededRandom } from '../../simulator/seeded-random.ts'
import type { BuiltStack } from '../../stacks/build.ts'
import type { Stack, StackInstance } from '../../stacks/stack.ts'
import { abstractionOf } from '../abstractions/index.ts'
import { beginHeldLife } from '../held-life.ts'

/** What is said before anything is asked for comes to an end. */
const STARTING_MESSAGES_MAX = 10_000

export interface ProcessSetting {
  readonly stack: Stack
  readonly group: Group
  readonly crypto: (self: ProcessId) => Crypto
}

export interface Got {
  readonly from: ProcessId
  readonly message: Uint8Array
}

export class ExploredProcess {
  readonly self: ProcessId
  /** What it has sent to each process, in order; what it said before the first input is not among it. */
  readonly sent: readonly Uint8Array[][]
  /** What its application has asked for and was told, in order; and its crash. */
  readonly events: HistoryEvent[] = []
  readonly faults: Fault[] = []
  /** What stopped it that is no crash of the exploration's. */
  failure: Error | undefined
  isDown = false
  /** How many things its application was asked for. */
  asked = 0
  /**
   * What it received since something was asked for that has not returned; nothing if all has. An operation that is
   * under way keeps to itself what it makes of it.
   */
  readonly heard: Got[] = []
  /** How many operations are under way. */
  #open = 0
  readonly #stack: Stack
  readonly #process: Process
  readonly #application: Application
  readonly #built: BuiltStack<StackInstance>
  /** Set and neither fired nor cancelled, in the order in which they were set. */
  readonly #timers: (() => void)[] = []
  /** What the application does next, each in a turn of its own. */
  readonly #next: (() => void)[] = []

  /** @param got - what it is told before the first input; undefined: that is still to be found out */
  constructor({ stack, group, crypto }: ProcessSetting, self: ProcessId, got: readonly Got[] | undefined) {
    this.self = self
    this.#stack = stack
    this.sent = [...group.ranks, ...group.clients].map(() => [])
    const disk = new Map<string, Uint8Array>()
    const { process, env } = beginHeldLife({
      self,
      incarnation: 1,
      group,
      disk,
      clock: () => ({ now: () => 0, setTimer: (_, handler) => this.#setTimer(handler) }),
      random: new SeededRandom(0, 'exploration'),
      crypto: crypto(self),
      observer: { fault: (fault) => this.faults.push(fault) },
      read: (key, then) => process.trigger(() => then(disk.get(key))),
      onStop: (cause) => {
        this.failure = cause
      }
    })
    this.#process = process
    this.#application = this.#applicationOf(stack)
    this.#built = this.#application.build({ env, options: {} }, process)
    this.#built.attach({ send: (to, message) => this.sent[to]?.push(message) })
    this.#process.input(() => this.#built.instance.restore())
    this.#application.began()
    // There are none on fair-loss links.
    const peers = stack.model.links === 'fair-loss' ? [] : peersOf(group, self)
    for (const peer of peers) this.#process.input(() => this.#built.indications.sessionStarted(peer))
    if (got === undefined) return
    for (const { from, message } of got) this.receive(from, message)
    for (const messages of this.sent) messages.splice(0)
  }

  get openPorts(): readonly OpenPort[] {
    return this.#built.openPorts
  }

  get timers(): number {
    return this.#timers.length
  }

  receive(from: ProcessId, message: Uint8Array): void {
    if (this.#open > 0) this.heard.push({ from, message })
    this.#process.input(() => this.#built.indications.deliver(from, message))
    this.#goOn()
  }

  /** The timer that was set first goes off. */
  fireTimer(): void {
    const handler = this.#timers.shift()
    if (handler !== undefined) this.#process.input(handler)
    this.#goOn()
  }

  ask(request: Request, payload: Uint8Array): void {
    this.asked++
    if (returnsOf(this.#stack, request)) this.#open++
    this.#application.ask(request, payload)
    this.#goOn()
  }

  crash(): void {
    this.isDown = true
    this.#process.stop()
    this.#application.ended()
    this.#timers.splice(0)
    this.events.push({ time: 0, process: this.self, kind: 'crash' })
  }

  /** Of who is down nothing is left. */
  state(): PlainValue {
    return this.isDown ? null : this.#built.instance.state()
  }

  #applicationOf(stack: Stack): Application {
    return abstractionOf(stack).application(stack, {
      self: this.self,
      precedence: 0,
      scheduler: {
        now: 0,
        after: (delay, run) => {
          if (Number.isFinite(delay)) this.#next.push(run)
        }
      },
      choices: { consume: () => Number.POSITIVE_INFINITY },
      record: (event) => {
        this.events.push(event)
        if (event.kind === 'return' && --this.#open === 0) this.heard.splice(0)
      },
      onReturn() {},
      recordLife: undefined
    })
  }

  #goOn(): void {
    for (let run = this.#next.shift(); run !== undefined; run = this.#next.shift()) run()
  }

  #setTimer(handler: () => void): Timer {
    const timer = () => handler()
    this.#timers.push(timer)
    return {
      cancel: () => {
        const at = this.#timers.indexOf(timer)
        if (at >= 0) this.#timers.splice(at, 1)
      }
    }
  }
}

/** What each process is told before anything is asked for: all start, and say what they have to say. */
export function startingMessages(setting: ProcessSetting): readonly (readonly Got[])[] {
  const { ranks, clients, n } = setting.group
  const numbers = [...ranks, ...clients.map((_, client) => n + client)]
  const processes = numbers.map((self) => new ExploredProcess(setting, self, undefined))
  const got = numbers.map((): Got[] => [])
  for (let isQuiet = false, count = 0; !isQuiet; ) {
    isQuiet = true
    for (const to of processes)
      for (const from of processes)
        for (const message of from.sent[to.self]?.splice(0) ?? []) {
          isQuiet = false
          if (++count > STARTING_MESSAGES_MAX)
            throw new Error(`${setting.stack.name} does not come to rest before anything is asked for`)
          got[to.self]?.push({ from: from.self, message })
          to.receive(from.self, message)
        }
  }
  return got
}

/** Whether somebody who asks for it waits for a result. */
export const returnsOf = ({ services }: Stack, { service, name }: Request): boolean =>
  services.some((declared) => declared.name === service && declared.requests[name]?.result !== undefined)

/** A text that is the same for equal values and for no others. */
export function canonicalText(value: unknown): string {
  if (value instanceof Uint8Array) return `h${toHex(value)}`
  if (value === null || typeof value !== 'object') return String(JSON.stringify(value))
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`
  const entries = Object.entries(value)
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalText(inner)}`).join()}}`
}
