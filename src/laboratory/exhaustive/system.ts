/**
 * The transition system of an exhaustive exploration. A state is the vector of the configurations of the correct
 * processes; what is on its way from one to another is what the one has sent beyond what the other has received. A
 * step is one input of one process: the next message of another on its link, an act of the liar, or its timer.
 *
 * Every step uses something up (a message, a slot of the liar, a firing) and what is sent is bounded, so no state comes
 * back: the system has no circles.
 */
import type { Violation } from '../../checkers/violation.ts'
import { assert } from '../../core/assert.ts'
import { createGroup } from '../../core/group.ts'
import { defaultBackend } from '../../crypto/index.ts'
import { symbolicCrypto } from '../../simulator/symbolic-crypto.ts'
import type { BroadcastStack } from '../../stacks/stack.ts'
import { actInput, type Configuration, type Input, LocalGraph, receiptInput, timerInput } from './local.ts'
import { LIAR, type MessageId, menuOf, Vocabulary } from './menu.ts'
import { Outcomes } from './outcomes.ts'
import { ExploredProcess } from './process.ts'

/** A liar and somebody to lie to. */
export const EXPLORED_MEMBERS_MIN = 2

/** Above this there are too many states. */
export const EXPLORED_MEMBERS_MAX = 4

/**
 * How many times the timers of each process may go off. Once is enough for totality at n = 4: a process that asks for a
 * payload may have asked the liar, which does not answer, and then asks a correct one, which has it.
 */
export const TIMER_FIRINGS = 1

/** Checking every second way would take as long as the exploration. */
const CHECK_EVERY = 8

export interface SystemInit {
  readonly stack: BroadcastStack
  readonly members: number
  readonly faults: number
  /** The types of messages that the liar may send; by default all of the protocol. */
  readonly menu?: readonly string[]
  readonly timerFirings?: number
  readonly checkEvery?: number
}

export class ExploredSystem {
  readonly graph: LocalGraph
  readonly vocabulary: Vocabulary
  readonly menu: readonly string[]
  /** How many correct processes there are; the i-th of a state, from 0, is member i + 1. */
  readonly width: number
  readonly #outcomes: Outcomes

  constructor({ stack, members, faults, menu = menuOf(stack.name), timerFirings, checkEvery }: SystemInit) {
    assert(menu !== undefined, `a protocol with a menu, not ${stack.name}`)
    assert(members >= EXPLORED_MEMBERS_MIN && members <= EXPLORED_MEMBERS_MAX, 'a small case')
    const publicKeys = Array.from({ length: members }, (_, rank) => new Uint8Array(32).fill(rank))
    const group = createGroup({ id: new Uint8Array(32), f: faults, publicKeys })
    const crypto = symbolicCrypto(group, 0, defaultBackend.sha256)
    const setting = { stack, group, crypto }
    const { spoken } = new ExploredProcess(setting, LIAR)
    this.menu = menu
    this.width = members - 1
    this.vocabulary = new Vocabulary(stack.name, menu, spoken, defaultBackend.sha256)
    this.#outcomes = new Outcomes(members, faults, stack.properties)
    this.graph = new LocalGraph({
      setting,
      vocabulary: this.vocabulary,
      outcomes: this.#outcomes,
      timerFirings: timerFirings ?? TIMER_FIRINGS,
      checkEvery: checkEvery ?? CHECK_EVERY
    })
  }

  start(): Int32Array {
    return Int32Array.from({ length: this.width }, (_, index) => this.graph.start(index + 1))
  }

  /** The next message on its way from one process to another, if there is one. */
  head(state: Int32Array, from: number, to: number): MessageId | undefined {
    return this.#at(state, from).sent[to + 1]?.[this.#at(state, to).received[from + 1] ?? 0]
  }

  /** The inputs that process `to` can have next. */
  inputs(state: Int32Array, to: number): Input[] {
    const inputs: Input[] = []
    for (let from = 0; from < this.width; from++) {
      const message = from === to ? undefined : this.head(state, from, to)
      if (message !== undefined) inputs.push(receiptInput(from + 1, message))
    }
    const { used, timer } = this.#at(state, to)
    const { acts } = this.vocabulary
    for (let act = 0; act < acts.length; act++)
      if ((used & (1 << (acts[act]?.slot ?? 0))) === 0) inputs.push(actInput(act))
    if (timer) inputs.push(timerInput())
    return inputs
  }

  /** No message of a correct process is on its way, and no timer will go off: what is promised must have come. */
  quiescent(state: Int32Array): boolean {
    for (let to = 0; to < this.width; to++) {
      if (this.#at(state, to).timer) return false
      for (let from = 0; from < this.width; from++)
        if (from !== to && this.head(state, from, to) !== undefined) return false
    }
    return true
  }

  judge(state: Int32Array, complete: boolean): readonly Violation[] {
    const outcomes: number[] = []
    for (let index = 0; index < this.width; index++) outcomes.push(this.#at(state, index).outcome)
    return this.#outcomes.judge(outcomes, complete)
  }

  #at(state: Int32Array, index: number): Configuration {
    return this.graph.at(state[index] ?? -1)
  }
}
