/**
 * The transition system of an exhaustive exploration. A state is the vector of the configurations of the correct
 * processes and, where somebody is asked for something, of the order in which things began and ended; what is on its
 * way from one to another is what the one has sent beyond what the other has received. A step is one input of one
 * process (inputs.ts).
 *
 * Every step uses something up (a message, a slot of the liar, a firing, a request, a crash) and what is sent is
 * bounded, so no state comes back: the system has no circles.
 */
import type { Format } from '../../adversary/wire.ts'
import type { Violation } from '../../checkers/violation.ts'
import { assert } from '../../core/assert.ts'
import { createGroup, type ProcessId } from '../../core/group.ts'
import { defaultBackend } from '../../crypto/index.ts'
import { symbolicCrypto } from '../../simulator/symbolic-crypto.ts'
import type { Stack } from '../../stacks/stack.ts'
import { isBounded } from '../model-draws.ts'
import type { AddedStack } from '../run-config.ts'
import { type Input, inputOf } from './inputs.ts'
import { AnsweringLiar } from './liar.ts'
import { placesOf, UNUSED } from './link.ts'
import { type Configuration, LocalGraph } from './local.ts'
import { LIAR, type MessageId, menuOf, PAYLOADS, Vocabulary } from './menu.ts'
import { NOTHING_YET, Orders } from './order.ts'
import { Outcomes } from './outcomes.ts'
import { ExploredProcess, returnsOf, startingMessages } from './process.ts'
import { askingOf, EXPLORED_CLIENTS_MAX } from './requests.ts'

/** A liar and somebody to lie to. */
export const EXPLORED_MEMBERS_MIN = 2

/** Above this there are too many states. */
export const EXPLORED_MEMBERS_MAX = 4

/**
 * How many times the timers of each process may go off. Once is enough for totality at n = 4: a process that asks for a
 * payload may have asked the liar, which does not answer, and then asks a correct one, which has it. Where time is
 * bounded, once more and twice after a crash: then whoever waits for an answer has waited in vain.
 */
const TIMER_FIRINGS = 1
const FIRINGS_AFTER_A_CRASH = 2

/** How many messages to one process are lost, doubled or overtaken on fair-loss links. */
export const DISTURBANCES_MAX = 1

/** Checking every second way would take as long as the exploration. */
const CHECK_EVERY = 8

export interface SystemInit {
  readonly stack: AddedStack
  readonly members: number
  readonly faults: number
  /** The types of messages that the liar may send; by default all of the protocol that it can. */
  readonly menu?: readonly string[]
  readonly timerFirings?: number
  readonly checkEvery?: number
}

export class ExploredSystem {
  readonly graph: LocalGraph
  readonly vocabulary: Vocabulary
  /** Types of messages that the liar says of its own accord. */
  readonly menu: readonly string[]
  /** Whether member LIAR is Byzantine. */
  readonly hasLiar: boolean
  /** Those that are correct; the i-th of a state, from 0, is the i-th of these. */
  readonly processes: readonly ProcessId[]
  readonly asking: ReturnType<typeof askingOf>
  readonly timerFirings: number
  /** How many members may stop. */
  readonly stops: number
  readonly #init: SystemInit
  readonly #outcomes: Outcomes
  readonly #orders: Orders | undefined
  readonly #liar: AnsweringLiar | undefined
  readonly #isBounded: boolean
  readonly #isLossy: boolean

  constructor(init: SystemInit) {
    const { stack, members, faults, checkEvery } = init
    const { model } = stack
    assert(members >= EXPLORED_MEMBERS_MIN && members <= EXPLORED_MEMBERS_MAX, 'a small case')
    this.#init = init
    this.hasLiar = model.liars
    this.stops = model.crashes === 'stop' ? faults : 0
    this.#isBounded = isBounded(model)
    this.#isLossy = model.links === 'fair-loss'
    this.timerFirings =
      init.timerFirings ?? (this.#isBounded ? TIMER_FIRINGS + FIRINGS_AFTER_A_CRASH : TIMER_FIRINGS)
    const setting = settingOf(stack, members, faults)
    const { openPorts } = new ExploredProcess(setting, LIAR, undefined)
    const menu = this.hasLiar
      ? menuOf(openPorts, setting.group).filter(({ type }) => init.menu?.includes(type) ?? true)
      : []
    this.menu = menu.map(({ type }) => type)
    // Who proposes in the one instance that is explored is the liar: nobody else is asked for anything.
    const clients = setting.group.clients.length
    this.asking = menu.length > 0 ? [] : askingOf(stack, members, clients, this.hasLiar)
    const numbers = Array.from({ length: members + clients }, (_, process) => process)
    this.processes = numbers.filter((process) => !(this.hasLiar && process === LIAR))
    this.#orders = menu.length > 0 ? undefined : new Orders()
    this.vocabulary = vocabularyOf(openPorts, menu, this.asking)
    this.#outcomes = new Outcomes({ stack, members, faults, processes: this.processes, orders: this.#orders })
    const starting = startingMessages(setting)
    const { vocabulary } = this
    this.#liar =
      this.hasLiar && menu.length === 0
        ? new AnsweringLiar({ setting, starting: starting[LIAR] ?? [], vocabulary })
        : undefined
    this.graph = new LocalGraph({
      setting,
      starting,
      vocabulary,
      outcomes: this.#outcomes,
      asking: this.asking,
      listens: menu.length === 0,
      timerFirings: this.timerFirings,
      checkEvery: checkEvery ?? CHECK_EVERY
    })
  }

  /** How many processes a state is of. */
  get width(): number {
    return this.processes.length
  }

  /** Whether anything that was asked for was answered, or anything was told, in some state so far. */
  get exercised(): boolean {
    return this.#outcomes.exercised
  }

  /** Whether a step of a process neither enables nor disables one of another, but for what it sends. */
  get independent(): boolean {
    return this.menu.length > 0 && this.stops === 0 && !this.#isBounded && !this.#isLossy
  }

  start(): Int32Array {
    const locals = this.processes.map((self) => this.graph.start(self))
    return Int32Array.from(this.#orders === undefined ? locals : [...locals, NOTHING_YET])
  }

  /** Changes the state to that after the input of the process at that place. */
  take(state: Int32Array, place: number, input: Input): void {
    const before = state[place] ?? -1
    const after = this.graph.step(before, input)
    state[place] = after
    if (this.#orders === undefined) return
    const eventsOf = (id: number) => this.#outcomes.at(this.graph.at(id).outcome).events
    const news = eventsOf(after).slice(eventsOf(before).length)
    if (news.length > 0) state[this.width] = this.#orders.after(state[this.width] ?? -1, place, news)
  }

  /** The next message on its way from one process to another, both by their places, if there is one. */
  head(state: Int32Array, from: number, to: number): MessageId | undefined {
    return this.#onItsWay(state, from, to)[0]
  }

  /** The inputs that the process at place `to` can have next. */
  inputs(state: Int32Array, to: number): Input[] {
    const { used, timer, isDown } = this.#at(state, to)
    if (isDown) return []
    const inputs = this.#receipts(state, to)
    const { acts } = this.vocabulary
    for (let act = 0; act < acts.length; act++)
      if ((used & (1 << (acts[act]?.slot ?? 0))) === 0) inputs.push(inputOf({ kind: 'act', act }))
    inputs.push(...this.#answers(state, to))
    if (timer && !(this.#isBounded && this.#isAnythingOnItsWay(state)))
      inputs.push(inputOf({ kind: 'timer' }))
    if (this.#asks(state, to)) inputs.push(inputOf({ kind: 'request' }))
    if (this.#mayStop(state, to)) inputs.push(inputOf({ kind: 'crash' }))
    return inputs
  }

  /** No message of a correct process is on its way, and no timer will go off: what is promised must have come. */
  quiescent(state: Int32Array): boolean {
    for (let to = 0; to < this.width; to++) {
      const { timer, isDown } = this.#at(state, to)
      if (timer && !isDown) return false
    }
    return !this.#isAnythingOnItsWay(state)
  }

  judge(state: Int32Array, complete: boolean): readonly Violation[] {
    const outcomes: number[] = []
    for (let place = 0; place < this.width; place++) outcomes.push(this.#at(state, place).outcome)
    return this.#outcomes.judge(outcomes, state[this.width] ?? NOTHING_YET, complete)
  }

  #at(state: Int32Array, place: number): Configuration {
    return this.graph.at(state[place] ?? -1)
  }

  #onItsWay(
    state: Int32Array,
    from: number,
    to: number
  ): readonly [first: MessageId | undefined, second: MessageId | undefined] {
    const sent = this.#at(state, from).sent[this.processes[to] ?? -1]
    const [first, second] = placesOf(this.#at(state, to).received[this.processes[from] ?? -1] ?? UNUSED)
    return [sent?.[first], sent?.[second]]
  }

  /** What must arrive: what is of somebody who has stopped need not, unless time is bounded. */
  #isAnythingOnItsWay(state: Int32Array): boolean {
    for (let to = 0; to < this.width; to++) {
      if (this.#at(state, to).isDown) continue
      for (let from = 0; from < this.width; from++) {
        if (from === to || this.head(state, from, to) === undefined) continue
        if (this.#isBounded || !this.#at(state, from).isDown) return true
      }
    }
    return false
  }

  #receipts(state: Int32Array, to: number): Input[] {
    const inputs: Input[] = []
    const { disturbed } = this.#at(state, to)
    for (let place = 0; place < this.width; place++) {
      if (place === to) continue
      const [message, second] = this.#onItsWay(state, place, to)
      if (message === undefined) continue
      const from = this.processes[place] ?? -1
      inputs.push(inputOf({ kind: 'receipt', from, message }))
      if (!this.#isLossy || disturbed >= DISTURBANCES_MAX) continue
      inputs.push(inputOf({ kind: 'doubled', from, message }))
      if (second !== undefined) inputs.push(inputOf({ kind: 'overtaken', from, message: second }))
      // Only while its sender still has a timer that goes off: what is sent for ever arrives in the end.
      if (this.#at(state, place).timer) inputs.push(inputOf({ kind: 'lost', from, message }))
    }
    return inputs
  }

  #answers(state: Int32Array, to: number): Input[] {
    const liar = this.#liar
    if (liar === undefined) return []
    const heard: MessageId[][] = []
    for (let place = 0; place < this.width; place++)
      heard[this.processes[place] ?? -1] = [...(this.#at(state, place).sent[LIAR] ?? [])]
    const all = Array.from(heard, (messages) => messages ?? [])
    const self = this.processes[to] ?? -1
    const { answered } = this.#at(state, to)
    return (all[self] ?? []).flatMap((_, place) =>
      answered.includes(place)
        ? []
        : liar.answers(all, self, place).map((message) => inputOf({ kind: 'answer', to: place, message }))
    )
  }

  /** The next thing is asked for once what was asked for before has returned, if it does. */
  #asks(state: Int32Array, to: number): boolean {
    const { asked, outcome } = this.#at(state, to)
    const asking = this.asking[this.processes[to] ?? -1] ?? []
    if (asked >= asking.length) return false
    const { events } = this.#outcomes.at(outcome)
    const owed = asking.slice(0, asked).filter(({ request }) => returnsOf(this.#init.stack, request))
    return events.filter(({ kind }) => kind === 'return').length >= owed.length
  }

  #mayStop(state: Int32Array, place: number): boolean {
    if (this.stops === 0 || (this.processes[place] ?? -1) >= this.#init.members) return false
    let down = 0
    for (let other = 0; other < this.width; other++) {
      const { isDown, fired } = this.#at(state, other)
      if (isDown) down++
      else if (this.#isBounded && fired > this.timerFirings - FIRINGS_AFTER_A_CRASH) return false
    }
    return down < this.stops
  }
}

function settingOf(stack: Stack, members: number, faults: number) {
  const keys = (from: number, length: number) =>
    Array.from({ length }, (_, index) => new Uint8Array(32).fill(from + index))
  const clients = keys(members, stack.clients === true ? EXPLORED_CLIENTS_MAX : 0)
  const publicKeys = keys(0, members)
  const group = createGroup({ id: new Uint8Array(32), f: faults, publicKeys, clients })
  return { stack, group, crypto: symbolicCrypto(group, 0, defaultBackend.sha256) }
}

function vocabularyOf(
  openPorts: ExploredProcess['openPorts'],
  menu: readonly Format[],
  asking: ReturnType<typeof askingOf>
): Vocabulary {
  const payloads = menu.length > 0 ? PAYLOADS : asking.flat().map(({ payload }) => payload)
  return new Vocabulary({ openPorts, menu, payloads, hash: defaultBackend.sha256 })
}
