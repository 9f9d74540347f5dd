/**
 * Pulls by digest: votes carry only the digest of what is long; whoever has a quorum for a digest but not what it is
 * the digest of asks those who hold it (a correct process votes only with it in hand), one after the other, and checks
 * what it gets.
 *
 * At most PULLS_OPEN_MAX questions are open at once, so that the answers do not end the session with who gives them;
 * one that goes unanswered goes to the end of the line. What is pulled is handed to a peer at most once for each name
 * and session, so that a short question repeated costs no long answers. Space: one entry for each question, a timer for
 * each open one, and n bits for each name that was served.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import { WORK_US } from '../links/constants.ts'
import { PULL_RETRY_MS, PULLS_OPEN_MAX } from './constants.ts'

/** What a payload is the payload of: there is one for each name, and everybody calls it so. */
export type PullName = { readonly [field: string]: PlainValue }

/** What has the payloads, and the port on which they travel. */
export interface Puller<N extends PullName> {
  /** One text for each name. */
  keyOf(name: N): string
  /** The payload of that digest, if this process has it and still keeps it. */
  find(name: N, digest: Uint8Array): Uint8Array | undefined
  /** The payload that was asked for. */
  found(name: N, payload: Uint8Array): void
  /** Who voted for the digest so far: those who can be asked. */
  holders(name: N): readonly ProcessId[]
  ask(peer: ProcessId, name: N, digest: Uint8Array): void
  answer(peer: ProcessId, name: N, payload: Uint8Array): void
  /** Counts in the budget of `peer`. */
  charge(peer: ProcessId, us: number): void
}

interface Question<N> {
  readonly name: N
  readonly digest: Uint8Array
  readonly asked: Set<ProcessId>
  /** While the question is open: until then its answer is waited for. */
  timer: Timer | undefined
}

export class Pulls<N extends PullName> {
  readonly #env: Environment
  readonly #puller: Puller<N>
  /** The open ones and those in line, in the order in which they are asked. */
  readonly #questions = new Map<string, Question<N>>()
  #open = 0
  /** For each peer, the names whose payload it was handed in this session. */
  readonly #served: readonly Set<string>[]

  constructor(env: Environment, puller: Puller<N>) {
    this.#env = env
    this.#puller = puller
    this.#served = env.group.ranks.map(() => new Set())
  }

  /** What is asked for and not found yet. */
  get open(): readonly N[] {
    return [...this.#questions.values()].map(({ name }) => name)
  }

  /** Asks for the payload until it is found or the question is dropped. Asking again changes nothing. */
  pull(name: N, digest: Uint8Array): void {
    const key = this.#puller.keyOf(name)
    if (!this.#questions.has(key)) {
      this.#env.observer.landmark('payload-pulled')
      this.#questions.set(key, { name, digest, asked: new Set(), timer: undefined })
    }
    this.#askNext()
  }

  /** It is over: nothing more is asked or served under that name. */
  drop(name: N): void {
    // Mostly nobody has asked for anything: then there is no key to make.
    if (this.#questions.size === 0 && this.#served.every((served) => served.size === 0)) return
    const key = this.#puller.keyOf(name)
    const question = this.#questions.get(key)
    if (question !== undefined) {
      this.#close(question)
      this.#questions.delete(key)
      this.#askNext()
    }
    for (const served of this.#served) served.delete(key)
  }

  /** `from` asks this process for the payload. */
  onPull(from: ProcessId, name: N, digest: Uint8Array): void {
    const key = this.#puller.keyOf(name)
    const served = this.#served[from]
    const payload = this.#puller.find(name, digest)
    if (payload === undefined || served === undefined || served.has(key)) {
      this.#puller.charge(from, WORK_US.refusal)
      return
    }
    served.add(key)
    this.#puller.answer(from, name, payload)
  }

  /** `from` hands a payload over. */
  onPayload(from: ProcessId, name: N, payload: Uint8Array): void {
    const key = this.#puller.keyOf(name)
    const question = this.#questions.get(key)
    if (question === undefined) return // answered already, by another or by the sender itself
    if (!sameBytes(this.#env.crypto.hash(payload), question.digest)) {
      const detail = `handed over another payload than the one asked for (${key})`
      // Certain: it was asked by digest, and a correct member checks before it answers.
      const certainty = question.asked.has(from) ? 'certain' : 'suspected'
      this.#env.observer.fault({ process: from, kind: 'protocol-violation', certainty, detail })
      return
    }
    this.drop(name)
    this.#puller.found(name, payload)
  }

  /** The session with `peer` is new: questions and answers on their way in the old one are lost. */
  resync(peer: ProcessId): void {
    this.#served[peer]?.clear()
    for (const question of this.#questions.values()) if (question.asked.delete(peer)) this.#close(question)
    this.#askNext()
  }

  state(): PlainValue {
    return {
      questions: [...this.#questions.values()].map(({ name, digest, asked, timer }) => ({
        ...name,
        digest,
        asked: [...asked].sort((a, b) => a - b),
        open: timer !== undefined
      })),
      served: this.#served.map((names) => [...names].sort())
    }
  }

  #askNext(): void {
    for (const question of this.#questions.values()) {
      if (this.#open >= PULLS_OPEN_MAX) return
      if (question.timer === undefined) this.#ask(question)
    }
  }

  /** One holder at a time: a payload is long. When all have been asked it starts over, for as long as it takes. */
  #ask(question: Question<N>): void {
    const { name, digest, asked } = question
    const holders = this.#puller.holders(name).filter((peer) => peer !== this.#env.self)
    let next = holders.find((peer) => !asked.has(peer))
    if (next === undefined) {
      asked.clear()
      next = holders[0]
    }
    if (next === undefined) return // asked as soon as somebody votes: pull() is called again
    asked.add(next)
    this.#open++
    question.timer = this.#env.clock.setTimer(PULL_RETRY_MS, () => this.#unanswered(question))
    this.#puller.ask(next, name, digest)
  }

  #unanswered(question: Question<N>): void {
    const key = this.#puller.keyOf(question.name)
    this.#close(question)
    this.#questions.delete(key)
    this.#questions.set(key, question)
    this.#askNext()
  }

  #close(question: Question<N>): void {
    if (question.timer === undefined) return
    question.timer.cancel()
    question.timer = undefined
    this.#open--
  }
}
