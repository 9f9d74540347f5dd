/**
 * Payloads: votes carry only the digest; whoever has a quorum for a digest but not the payload asks those who voted
 * for it (a correct member votes only with the payload in hand), one after the other, and checks what it gets.
 *
 * At most PULLS_OPEN_MAX questions are open at once, so that the answers do not end the session with who gives them;
 * one that goes unanswered goes to the end of the line. A payload is handed to a peer at most once for each instance
 * and session, so that a short question repeated costs no long answers. Space: one entry for each question, a timer
 * for each open one, and n bits for each instance that was served.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bytes, digest, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { PULL_RETRY_MS, PULLS_OPEN_MAX } from './constants.ts'

export function payloadMessages(payloadBytesMax: number) {
  return defineMessages({
    PULL: [0, { sender: uint(), sequence: uint(), digest }],
    PAYLOAD: [1, { sender: uint(), sequence: uint(), payload: bytes(payloadBytesMax) }]
  })
}
type PayloadMessage = MessageOf<ReturnType<typeof payloadMessages>>

export interface PayloadsClient {
  /** The payload of that digest, if this process has it and still keeps it. */
  find(sender: ProcessId, sequence: number, digest: Uint8Array): Uint8Array | undefined
  /** The payload that was asked for. */
  found(sender: ProcessId, sequence: number, payload: Uint8Array): void
  /** Who voted for the digest so far: those who can be asked. */
  holders(sender: ProcessId, sequence: number): readonly ProcessId[]
}

interface Question {
  readonly sender: ProcessId
  readonly sequence: number
  readonly digest: Uint8Array
  readonly asked: Set<ProcessId>
  /** While the question is open: until then its answer is waited for. */
  timer: Timer | undefined
}

const key = (sender: ProcessId, sequence: number) => `${sender}/${sequence}`

export class Payloads {
  readonly #env: Environment
  readonly #port: Port<PayloadMessage>
  readonly #client: PayloadsClient
  /** The open ones and those in line, in the order in which they are asked. */
  readonly #questions = new Map<string, Question>()
  #open = 0
  /** For each peer, the instances whose payload it was handed in this session. */
  readonly #served: readonly Set<string>[]

  constructor(env: Environment, ports: Ports, path: string, payloadBytesMax: number, client: PayloadsClient) {
    this.#env = env
    this.#client = client
    this.#served = env.group.ranks.map(() => new Set())
    this.#port = ports.open(path, payloadMessages(payloadBytesMax), {
      deliver: (from, message) => this.#receive(from, message),
      resync: (peer) => this.#resync(peer)
    })
  }

  /** Asks for the payload until it is found or the question is dropped. Asking again changes nothing. */
  pull(sender: ProcessId, sequence: number, wanted: Uint8Array): void {
    if (!this.#questions.has(key(sender, sequence))) {
      this.#env.observer.landmark('payload-pulled')
      const question: Question = { sender, sequence, digest: wanted, asked: new Set(), timer: undefined }
      this.#questions.set(key(sender, sequence), question)
    }
    this.#askNext()
  }

  /** The instance is over: nothing more is asked or served for it. */
  drop(sender: ProcessId, sequence: number): void {
    const question = this.#questions.get(key(sender, sequence))
    if (question !== undefined) {
      this.#close(question)
      this.#questions.delete(key(sender, sequence))
      this.#askNext()
    }
    for (const served of this.#served) served.delete(key(sender, sequence))
  }

  state(): PlainValue {
    return {
      questions: [...this.#questions.values()].map(({ sender, sequence, digest: wanted, asked, timer }) => ({
        sender,
        sequence,
        digest: wanted,
        asked: [...asked].sort((a, b) => a - b),
        open: timer !== undefined
      })),
      served: this.#served.map((instances) => [...instances].sort())
    }
  }

  #askNext(): void {
    for (const question of this.#questions.values()) {
      if (this.#open >= PULLS_OPEN_MAX) return
      if (question.timer === undefined) this.#ask(question)
    }
  }

  /** One holder at a time: a payload is long. When all have been asked it starts over, for as long as it takes. */
  #ask(question: Question): void {
    const { sender, sequence, asked } = question
    const holders = this.#client.holders(sender, sequence).filter((peer) => peer !== this.#env.self)
    let next = holders.find((peer) => !asked.has(peer))
    if (next === undefined) {
      asked.clear()
      next = holders[0]
    }
    if (next === undefined) return // asked as soon as somebody votes: pull() is called again
    asked.add(next)
    this.#open++
    question.timer = this.#env.clock.setTimer(PULL_RETRY_MS, () => this.#unanswered(question))
    this.#port.send(next, { type: 'PULL', sender, sequence, digest: question.digest })
  }

  #unanswered(question: Question): void {
    const name = key(question.sender, question.sequence)
    this.#close(question)
    this.#questions.delete(name)
    this.#questions.set(name, question)
    this.#askNext()
  }

  #close(question: Question): void {
    if (question.timer === undefined) return
    question.timer.cancel()
    question.timer = undefined
    this.#open--
  }

  #receive(from: ProcessId, message: PayloadMessage): void {
    if (!isMember(this.#env.group, message.sender)) {
      const detail = `${message.type} names ${message.sender}, which is no member`
      this.#env.observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
      return
    }
    if (message.type === 'PULL') this.#onPull(from, message.sender, message.sequence, message.digest)
    else this.#onPayload(from, message.sender, message.sequence, message.payload)
  }

  #onPull(from: ProcessId, sender: ProcessId, sequence: number, wanted: Uint8Array): void {
    const served = this.#served[from]
    const payload = this.#client.find(sender, sequence, wanted)
    if (payload === undefined || served === undefined || served.has(key(sender, sequence))) {
      this.#port.charge(from, WORK_US.refusal)
      return
    }
    served.add(key(sender, sequence))
    this.#port.answer(from, { type: 'PAYLOAD', sender, sequence, payload })
  }

  #onPayload(from: ProcessId, sender: ProcessId, sequence: number, payload: Uint8Array): void {
    const question = this.#questions.get(key(sender, sequence))
    if (question === undefined) return // answered already, by another or by the sender itself
    if (!sameBytes(this.#env.crypto.hash(payload), question.digest)) {
      const detail = `handed over another payload than the one asked for (${sender}/${sequence})`
      // Certain: it was asked by digest, and a correct member checks before it answers.
      const certainty = question.asked.has(from) ? 'certain' : 'suspected'
      this.#env.observer.fault({ process: from, kind: 'protocol-violation', certainty, detail })
      return
    }
    this.drop(sender, sequence)
    this.#client.found(sender, sequence, payload)
  }

  /** The session with `peer` is new: questions and answers on their way in the old one are lost. */
  #resync(peer: ProcessId): void {
    this.#served[peer]?.clear()
    for (const question of this.#questions.values()) if (question.asked.delete(peer)) this.#close(question)
    this.#askNext()
  }
}
