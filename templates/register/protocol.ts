/**
 * A register of your own: this one is a (1,N) regular register by majority voting (CGR11 Algorithm 4.2).
 *
 * Members keep the value with the highest timestamp that they have seen. The writer counts its writes, sends each to
 * all members, and is done when a majority has it; a reader asks all, and takes the highest of a majority's answers.
 * Two majorities share a member: so a read meets the last write that was done.
 */
import {
  bytes,
  Component,
  defineMessages,
  type Environment,
  failSilent,
  isMember,
  type MessageOf,
  moreThanTwoF,
  optional,
  type Port,
  type Ports,
  type ProcessId,
  type ReadResult,
  type RegisterId,
  type RegisterRequests,
  type RegisterStack,
  registerKey,
  registerService,
  registerShape,
  uint,
  type WriteResult
} from 'byzkit/protocols'

const VALUE_BYTES_MAX = 65_536

const messages = defineMessages({
  READ: [0, { call: uint(), register: registerShape }],
  VALUE: [1, { call: uint(), timestamp: uint(), value: optional(bytes(VALUE_BYTES_MAX)) }],
  WRITE: [2, { call: uint(), register: registerShape, timestamp: uint(), value: bytes(VALUE_BYTES_MAX) }],
  ACK: [3, { call: uint() }]
})

type Message = MessageOf<typeof messages>
type Answer = Extract<Message, { type: 'VALUE' | 'ACK' }>

/** A question that goes to all members, until a majority of them has answered. */
interface Call {
  readonly answers: Map<ProcessId, Answer>
  done(answers: readonly Answer[]): void
}

export class MyRegister extends Component implements RegisterRequests {
  readonly #port: Port<Message>
  /** At a member: what it keeps, by register. */
  readonly #kept = new Map<string, ReadResult>()
  /** At a writer: the timestamp of its last write, by register. */
  readonly #written = new Map<string, number>()
  readonly #calls = new Map<number, Call>()
  #lastCall = 0

  constructor(env: Environment, ports: Ports) {
    super(env, 'my-register', {})
    const handlers = {
      deliver: (from: ProcessId, message: Message) => this.#onMessage(from, message),
      resync: () => {} // the links are perfect: nothing is lost, so nothing is asked again
    }
    // Clients use it too, who are no members.
    this.#port = ports.open('my-register', messages, handlers, { audience: 'everybody' })
  }

  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void) {
    const key = registerKey(register)
    const timestamp = (this.#written.get(key) ?? 0) + 1
    this.#written.set(key, timestamp)
    this.request('write', [register.name, value], () =>
      this.#ask(
        (call) => ({ type: 'WRITE', call, register, timestamp, value }),
        () => returned({ written: true, timestamp })
      )
    )
    return { abandon() {} }
  }

  read(register: RegisterId, returned: (result: ReadResult) => void) {
    this.request('read', [register.name], () =>
      this.#ask(
        (call) => ({ type: 'READ', call, register }),
        (answers) => {
          let highest: ReadResult = { timestamp: 0, value: null }
          for (const answer of answers)
            if (answer.type === 'VALUE' && answer.timestamp > highest.timestamp) highest = answer
          returned({ timestamp: highest.timestamp, value: highest.value })
        }
      )
    )
    return { abandon() {} }
  }

  override state() {
    return { kept: this.#kept.size, calls: this.#calls.size }
  }

  #ask(question: (call: number) => Message, done: Call['done']): void {
    const call = ++this.#lastCall
    this.#calls.set(call, { answers: new Map(), done })
    this.#port.sendAll(question(call))
  }

  #onMessage(from: ProcessId, message: Message): void {
    if (message.type === 'VALUE' || message.type === 'ACK') this.#onAnswer(from, message)
    else if (isMember(this.env.group, this.env.self)) this.#onQuestion(from, message)
  }

  #onQuestion(from: ProcessId, message: Exclude<Message, Answer>): void {
    const { call } = message
    const key = registerKey(message.register)
    const kept = this.#kept.get(key) ?? { timestamp: 0, value: null }
    if (message.type === 'READ') {
      this.#port.send(from, { type: 'VALUE', call, ...kept })
      return
    }
    const { timestamp, value } = message
    if (timestamp > kept.timestamp) this.#kept.set(key, { timestamp, value })
    this.#port.send(from, { type: 'ACK', call })
  }

  #onAnswer(from: ProcessId, answer: Answer): void {
    const call = this.#calls.get(answer.call)
    if (call === undefined) return // a majority has answered already
    call.answers.set(from, answer)
    if (call.answers.size < this.env.group.quorum.majority) return
    this.#calls.delete(answer.call)
    call.done([...call.answers.values()])
  }
}

const myRegister: RegisterStack = {
  abstraction: 'register',
  services: [registerService],
  clients: true,
  name: 'my-register',
  title: 'a register of my own',
  source: 'CGR11 Algorithm 4.2',
  model: failSilent,
  resilience: moreThanTwoF,
  consistency: 'regular',
  writers: 'one',
  properties: ['termination', 'validity'],
  landmarks: ['read-overlapping-write'],
  build(env, ports) {
    const register = new MyRegister(env, ports)
    return {
      services: { registers: register },
      restore() {},
      state: () => ({ [register.path]: register.state() })
    }
  }
}

export default myRegister
