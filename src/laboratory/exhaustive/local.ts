/**
 * The configurations of single processes in an exhaustive exploration, each with a small number, and the steps between
 * them. A step is found once, by repeating the inputs that lead to a configuration on a fresh process, and one more;
 * then it is remembered: so that millions of states of the group cost some ten thousand runs of a process.
 *
 * Two ways lead to the same configuration if the process then has the same state, has sent the same, has got the same
 * number of messages of each, has been told the same slots of the liar, and has delivered and accused the same. That
 * they then go on alike rests on `state()` being whole; it is checked (see `checkMerged`).
 */
import { assert } from '../../core/assert.ts'
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import { LIAR, MESSAGES_MAX, type MessageId, type Vocabulary } from './menu.ts'
import type { OutcomeId, Outcomes } from './outcomes.ts'
import { canonicalText, ExploredProcess, type ProcessSetting } from './process.ts'

export type LocalId = number

/** An act of the liar by its number, the timer, or the receipt of a message of another process; see below. */
export type Input = number

const TIMER: Input = 15
const FIRST_RECEIPT: Input = TIMER + 1
const MEMBERS_MAX = 4
const INPUTS = FIRST_RECEIPT + MEMBERS_MAX * MESSAGES_MAX
const UNKNOWN = -1

export const actInput = (act: number): Input => act
export const timerInput = (): Input => TIMER
export const receiptInput = (from: ProcessId, message: MessageId): Input =>
  FIRST_RECEIPT + from * MESSAGES_MAX + message

export type ReadInput =
  | { readonly kind: 'act'; readonly act: number }
  | { readonly kind: 'timer' }
  | { readonly kind: 'receipt'; readonly from: ProcessId; readonly message: MessageId }

export function readInput(input: Input): ReadInput {
  if (input < TIMER) return { kind: 'act', act: input }
  if (input === TIMER) return { kind: 'timer' }
  const from = Math.floor((input - FIRST_RECEIPT) / MESSAGES_MAX)
  return { kind: 'receipt', from, message: (input - FIRST_RECEIPT) % MESSAGES_MAX }
}

export interface Configuration {
  readonly self: ProcessId
  /** The first way that was found here. */
  readonly inputs: readonly Input[]
  /** To each correct member, in order. */
  readonly sent: readonly (readonly MessageId[])[]
  /** From each correct member, how many of what it sent. */
  readonly received: readonly number[]
  /** The liar's slots that are used up, as bits. */
  readonly used: number
  /** Whether a timer may go off. */
  readonly timer: boolean
  readonly outcome: OutcomeId
}

export interface LocalGraphInit {
  readonly setting: ProcessSetting
  readonly vocabulary: Vocabulary
  readonly outcomes: Outcomes
  /** How many times the timers of a process may go off. */
  readonly timerFirings: number
  /** Every so manieth second way to a configuration is checked to go on as the first one does. */
  readonly checkEvery: number
}

export class LocalGraph {
  readonly #init: LocalGraphInit
  readonly #configurations: Configuration[] = []
  readonly #ids = new Map<string, LocalId>()
  /** A row for each configuration, a column for each input. */
  #steps = new Int32Array(0)
  #exchanged = new Int32Array(0)
  /** Second ways to a configuration, to be checked. */
  readonly #unchecked: { readonly id: LocalId; readonly inputs: readonly Input[] }[] = []
  #merged = 0

  constructor(init: LocalGraphInit) {
    this.#init = init
  }

  get size(): number {
    return this.#configurations.length
  }

  /** A process that got nothing yet. */
  start(self: ProcessId): LocalId {
    return this.#reach(self, [])
  }

  at(id: LocalId): Configuration {
    const configuration = this.#configurations[id]
    assert(configuration !== undefined, `a configuration that was reached, not ${id}`)
    return configuration
  }

  /** Where the input leads. */
  step(id: LocalId, input: Input): LocalId {
    const known = this.#steps[id * INPUTS + input] ?? UNKNOWN
    if (known !== UNKNOWN) return known
    const { self, inputs } = this.at(id)
    const way = [...inputs, input]
    const before = this.size
    const next = this.#reach(self, way)
    this.#steps[id * INPUTS + input] = next
    if (next < before && ++this.#merged % this.#init.checkEvery === 0)
      this.#unchecked.push({ id: next, inputs: way })
    return next
  }

  /** The configuration that is reached if both values change places in every input. */
  exchanged(id: LocalId): LocalId {
    const known = this.#exchanged[id] ?? UNKNOWN
    if (known !== UNKNOWN) return known
    const other = this.#exchange(id)
    assert(this.#exchange(other) === id, 'exchanging the values twice leads back')
    this.#exchanged[id] = other
    this.#exchanged[other] = id
    return other
  }

  /**
   * Repeats some second ways to a configuration, with each step that was taken from there, and compares.
   * @returns whether none is left
   */
  checkMerged(count: number): boolean {
    for (const { id, inputs } of this.#unchecked.splice(0, count)) {
      const { self } = this.at(id)
      assert(this.#reach(self, inputs) === id, 'the same inputs lead to the same configuration')
      for (let input = 0; input < INPUTS; input++) {
        const next = this.#steps[id * INPUTS + input] ?? UNKNOWN
        if (next === UNKNOWN || this.#reach(self, [...inputs, input]) === next) continue
        assert(false, () => `what looks alike goes on alike; not so ${this.at(id).inputs} and ${inputs}`)
      }
    }
    return this.#unchecked.length === 0
  }

  /** A process that has had these inputs. */
  replay(self: ProcessId, inputs: readonly Input[]): ExploredProcess {
    const process = new ExploredProcess(this.#init.setting, self)
    for (const input of inputs) this.feed(process, input)
    return process
  }

  feed(process: ExploredProcess, input: Input): void {
    const { vocabulary } = this.#init
    const read = readInput(input)
    if (read.kind === 'timer') process.fireTimer()
    else if (read.kind === 'receipt') process.receive(read.from, vocabulary.bytes(read.message))
    else process.receive(LIAR, vocabulary.bytes(vocabulary.acts[read.act]?.message ?? -1))
  }

  /** The number of the configuration in which `process` is, which has had these inputs. */
  recognise(process: ExploredProcess, inputs: readonly Input[]): LocalId {
    const { vocabulary, outcomes, timerFirings } = this.#init
    const received = process.sent.map(() => 0)
    let used = 0
    let fired = 0
    for (const input of inputs) {
      const read = readInput(input)
      if (read.kind === 'timer') fired++
      else if (read.kind === 'receipt') received[read.from] = (received[read.from] ?? 0) + 1
      else used |= 1 << (vocabulary.acts[read.act]?.slot ?? 0)
    }
    // What the liar is sent changes nothing: it says what it may say at any time anyway.
    const sent = process.sent.map((messages, to) =>
      to === LIAR ? [] : messages.map((message) => vocabulary.intern(message))
    )
    const { self, deliveries, faults, crash, timers } = process
    const text = canonicalText({
      self,
      state: process.state(),
      sent,
      received,
      used,
      fired,
      timers,
      deliveries: deliveries.map((delivery) => ({ ...delivery })),
      // Whom it has accused it does not accuse again: the order tells nothing.
      accusations: [...new Set(faults.map(accusation))].sort(),
      crash: crash?.message ?? null
    })
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const timer = timers > 0 && fired < timerFirings
    const outcome = outcomes.intern({ deliveries, faults, crash })
    this.#ids.set(text, this.size)
    this.#configurations.push({ self, inputs, sent, received, used, timer, outcome })
    this.#reserve()
    return this.size - 1
  }

  #reach(self: ProcessId, inputs: readonly Input[]): LocalId {
    return this.recognise(this.replay(self, inputs), inputs)
  }

  #exchange(id: LocalId): LocalId {
    const { self, inputs } = this.at(id)
    return this.#reach(
      self,
      inputs.map((input) => this.#exchangedInput(input))
    )
  }

  #exchangedInput(input: Input): Input {
    const { vocabulary } = this.#init
    const read = readInput(input)
    if (read.kind === 'timer') return input
    if (read.kind === 'receipt') return receiptInput(read.from, vocabulary.exchanged(read.message))
    return actInput(vocabulary.acts[read.act]?.exchanged ?? input)
  }

  #reserve(): void {
    if (this.size <= this.#exchanged.length) return
    const capacity = Math.max(1024, 2 * this.#exchanged.length)
    this.#steps = extended(this.#steps, capacity * INPUTS)
    this.#exchanged = extended(this.#exchanged, capacity)
  }
}

const accusation = ({ process, kind, certainty }: Fault) => `${process}/${kind}/${certainty}`

function extended(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length).fill(UNKNOWN)
  longer.set(array)
  return longer
}
