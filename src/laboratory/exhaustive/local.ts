/**
 * The configurations of single processes in an exhaustive exploration, each with a small number, and the steps between
 * them. A step is found once, by repeating the inputs that lead to a configuration on a fresh process, and one more;
 * then it is remembered: so that millions of states of the group cost some ten thousand runs of a process.
 *
 * Two ways lead to the same configuration if the process then has the same state, has sent the same, has got the same
 * number of messages of each, has been told the same by the liar, was asked for the same, and has told and accused the
 * same. That they then go on alike rests on `state()` being whole; it is checked (see `checkMerged`).
 */
import { assert } from '../../core/assert.ts'
import type { Fault } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Request } from '../../simulator/application.ts'
import { type Input, inputOf, readInput } from './inputs.ts'
import { type LinkProgress, pastFirst, pastSecond, UNUSED } from './link.ts'
import { LIAR, type MessageId, type Vocabulary } from './menu.ts'
import type { OutcomeId, Outcomes } from './outcomes.ts'
import { canonicalText, ExploredProcess, type Got, type ProcessSetting } from './process.ts'

export type LocalId = number

const UNKNOWN = -1

export interface Configuration {
  readonly self: ProcessId
  /** The first way that was found here. */
  readonly inputs: readonly Input[]
  /** To each process, in order; to the liar only what it may answer. */
  readonly sent: readonly (readonly MessageId[])[]
  /** From each process, how far. */
  readonly received: readonly LinkProgress[]
  /** The liar's slots that are used up, as bits. */
  readonly used: number
  /** The messages to the liar, by place, that it has answered. */
  readonly answered: readonly number[]
  /** How many messages of it were lost, doubled or overtaken. */
  readonly disturbed: number
  /** How often a timer went off, and whether one may. */
  readonly fired: number
  readonly timer: boolean
  /** How many things were asked for. */
  readonly asked: number
  readonly isDown: boolean
  readonly outcome: OutcomeId
}

export interface Asking {
  readonly request: Request
  readonly payload: Uint8Array
}

export interface LocalGraphInit {
  readonly setting: ProcessSetting
  readonly starting: readonly (readonly Got[])[]
  readonly vocabulary: Vocabulary
  readonly outcomes: Outcomes
  /** What each process asks for, in this order. */
  readonly asking: readonly (readonly Asking[])[]
  /** Whether what process LIAR is sent changes anything: not if it is a liar that says its menu, whatever it hears. */
  readonly listens: boolean
  /** How many times the timers of a process may go off. */
  readonly timerFirings: number
  /** Every so manieth second way to a configuration is checked to go on as the first one does. */
  readonly checkEvery: number
}

export class LocalGraph {
  readonly #init: LocalGraphInit
  readonly #configurations: Configuration[] = []
  readonly #ids = new Map<string, LocalId>()
  /** Of each configuration, where its inputs lead. */
  readonly #steps: Map<Input, LocalId>[] = []
  readonly #exchanged: LocalId[] = []
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
    const known = this.#steps[id]?.get(input)
    if (known !== undefined) return known
    const { self, inputs } = this.at(id)
    const way = [...inputs, input]
    const before = this.size
    const next = this.#reach(self, way)
    this.#steps[id]?.set(input, next)
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
      for (const [input, next] of this.#steps[id] ?? []) {
        if (this.#reach(self, [...inputs, input]) === next) continue
        assert(false, () => `what looks alike goes on alike; not so ${this.at(id).inputs} and ${inputs}`)
      }
    }
    return this.#unchecked.length === 0
  }

  /** A process that has had these inputs. */
  replay(self: ProcessId, inputs: readonly Input[]): ExploredProcess {
    const { setting, starting } = this.#init
    const process = new ExploredProcess(setting, self, starting[self] ?? [])
    for (const input of inputs) this.feed(process, input)
    return process
  }

  feed(process: ExploredProcess, input: Input): void {
    const { vocabulary, asking } = this.#init
    const read = readInput(input)
    if (read.kind === 'timer') process.fireTimer()
    else if (read.kind === 'crash') process.crash()
    else if (read.kind === 'request') {
      const next = asking[process.self]?.[process.asked]
      assert(next !== undefined, 'there is something left to ask for')
      process.ask(next.request, next.payload)
    } else if (read.kind === 'answer') process.receive(LIAR, vocabulary.bytes(read.message))
    else if (read.kind === 'act')
      process.receive(LIAR, vocabulary.bytes(vocabulary.acts[read.act]?.message ?? -1))
    else if (read.kind !== 'lost') process.receive(read.from, vocabulary.bytes(read.message))
  }

  /** The number of the configuration in which `process` is, which has had these inputs. */
  recognise(process: ExploredProcess, inputs: readonly Input[]): LocalId {
    const { vocabulary, outcomes, timerFirings, listens } = this.#init
    const met = this.#met(process, inputs)
    // Where the liar has a menu, what it is sent changes nothing: it says what it may say at any time anyway.
    const sent = process.sent.map((messages, to) =>
      to === LIAR && !listens ? [] : messages.map((message) => vocabulary.intern(message))
    )
    const { self, events, faults, failure, timers, isDown, heard } = process
    const text = canonicalText({
      self,
      state: process.state(),
      sent,
      met,
      heard: heard.toSorted((a, b) => a.from - b.from),
      timers,
      events,
      // Whom it has accused it does not accuse again: the order tells nothing.
      accusations: [...new Set(faults.map(accusation))].sort(),
      failure: failure?.message ?? null
    })
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const timer = timers > 0 && met.fired < timerFirings
    const outcome = outcomes.intern({ events, faults, failure })
    this.#ids.set(text, this.size)
    this.#configurations.push({ self, inputs, sent, ...met, timer, isDown, outcome })
    this.#steps.push(new Map())
    return this.size - 1
  }

  #reach(self: ProcessId, inputs: readonly Input[]): LocalId {
    return this.recognise(this.replay(self, inputs), inputs)
  }

  /** What of a configuration the inputs alone tell. */
  #met({ sent, asked }: ExploredProcess, inputs: readonly Input[]) {
    const received = sent.map(() => UNUSED)
    const answered: number[] = []
    let used = 0
    let fired = 0
    let disturbed = 0
    const passed = (from: ProcessId, past: (progress: LinkProgress) => LinkProgress) => {
      received[from] = past(received[from] ?? UNUSED)
    }
    for (const input of inputs) {
      const read = readInput(input)
      if (read.kind === 'timer') fired++
      else if (read.kind === 'act') used |= 1 << (this.#init.vocabulary.acts[read.act]?.slot ?? 0)
      else if (read.kind === 'answer') answered.push(read.to)
      if (!('from' in read)) continue
      if (read.kind !== 'receipt') disturbed++
      if (read.kind === 'overtaken') passed(read.from, pastSecond)
      else if (read.kind !== 'doubled') passed(read.from, pastFirst)
    }
    return { received, used, answered: answered.sort((a, b) => a - b), fired, disturbed, asked }
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
    if (read.kind === 'act')
      return inputOf({ kind: 'act', act: vocabulary.acts[read.act]?.exchanged ?? read.act })
    if (!('message' in read)) return input
    return inputOf({ ...read, message: vocabulary.exchanged(read.message) })
  }
}

const accusation = ({ process, kind, certainty }: Fault) => `${process}/${kind}/${certainty}`
