/**
 * A max-register by majorities: it can only be raised, and a read returns the highest value to which it ever was
 * (Aspnes, Attiya, Censor 2009; members as in CGR11 4.2, reads that impose as in 4.5). One object, which all clients
 * share.
 *
 * Requests:    raise(value), read()
 * Indications: none
 *
 * Properties:
 * - *termination*: every operation of a correct client returns;
 * - *atomicity*: raises and reads seem to take effect one after the other, each at some moment while it runs.
 *
 *     upon Raise(v):       send [RAISE, c, v] to all; upon a majority of ACKs: return
 *     upon Read:           send [READ, c] to all; upon a majority of VALUEs: v := the highest of them
 *                          if they differ, send [RAISE, c', v] to all and wait for a majority of ACKs; return v
 *     upon [RAISE, c, v]:  max := the higher of max and v; send [ACK, c]
 *     upon [READ, c]:      send [VALUE, c, max]
 *
 * Raises commute, so nothing has a timestamp, and the operations of one client need no turns: any number is under way.
 *
 * Model: fail-silent, n > 2f; perfect links. Cost: 2n messages, one round trip; a read that met a raise 4n and two.
 * Space: one number at a member; at a client its open calls, at most OPERATIONS_OPEN_MAX.
 */

import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { WindowFullError } from '../core/errors.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { CRASH_STOP, type Needs } from '../core/model.ts'
import { uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { answeredShape, callShape, OTHER_QUESTION } from '../exchange/call-id.ts'
import { Calls } from '../exchange/calls.ts'
import { OPERATIONS_OPEN_MAX } from '../exchange/constants.ts'
import { gather } from '../exchange/gather.ts'
import { type OpenOperation, ReadOperation } from '../exchange/operation.ts'
import type { Port, Ports } from '../links/ports.ts'

export const maxRegisterMessages = defineMessages(
  {
    READ: [0, { call: callShape }],
    VALUE: [1, { call: answeredShape, value: uint() }],
    RAISE: [2, { call: callShape, value: uint() }],
    ACK: [3, { call: answeredShape }]
  },
  {
    READ: { role: 'request', call: 'call' },
    VALUE: { role: 'answer', call: 'call', content: 'value' },
    RAISE: { role: 'request', call: 'call' },
    ACK: { role: 'answer', call: 'call' }
  }
)

type MaxRegisterMessage = MessageOf<typeof maxRegisterMessages>
type Request = Extract<MaxRegisterMessage, { type: 'READ' | 'RAISE' }>
type Answer = Exclude<MaxRegisterMessage, Request>

export class MaxRegister extends Component {
  static override readonly needs: Needs = CRASH_STOP
  readonly #port: Port<MaxRegisterMessage>
  readonly #calls: Calls<Request, Answer>
  /** Operations of this process that are under way. */
  #open = 0
  /** What this member was raised to; 0 is the initial value. */
  #max = 0

  constructor(env: Environment, path: string, ports: Ports) {
    super(env, path, {})
    const handlers = {
      deliver: (from: ProcessId, message: MaxRegisterMessage) => this.#onMessage(from, message),
      resync: (peer: ProcessId) => this.#calls.resync(peer)
    }
    this.#port = ports.open(path, maxRegisterMessages, handlers, { audience: 'everybody' })
    this.#calls = new Calls<Request, Answer>(env, maxRegisterMessages, this.#port, (from) =>
      this.#misuse(from, OTHER_QUESTION)
    )
  }

  /**
   * @param returned - is told the value once no later read returns a lower one
   * @throws WindowFullError
   */
  raise(value: number, returned: (value: number) => void): OpenOperation {
    return this.#begin('raise', [value], (operation) => {
      operation.mustEnd()
      this.#raise(operation, value, returned)
    })
  }

  /** @throws WindowFullError */
  read(returned: (value: number) => void): OpenOperation {
    return this.#begin('read', [], (operation) => this.#query(operation, returned))
  }

  override state(): PlainValue {
    return { max: this.#max, calls: this.#calls.state() }
  }

  #begin(
    name: string,
    given: readonly PlainValue[],
    begin: (operation: ReadOperation) => void
  ): OpenOperation {
    if (this.#open >= OPERATIONS_OPEN_MAX)
      throw new WindowFullError(`${OPERATIONS_OPEN_MAX} operations on the max-register are under way`)
    this.#open++
    const operation = new ReadOperation()
    operation.begin(() => this.#open--)
    this.request(name, given, () => {
      if (!operation.over) begin(operation)
    })
    return operation
  }

  #query(operation: ReadOperation, returned: (value: number) => void): void {
    const { majority } = this.env.group.quorum
    const values: number[] = []
    const call = this.#calls.begin(
      (id) => ({ type: 'READ', call: id }),
      (from, answer) => {
        if (answer.type !== 'VALUE') return this.#misuse(from, 'answers READ: ACK')
        values.push(answer.value)
        if (values.length < majority) return true
        call.end()
        const highest = Math.max(...values)
        // Where all say the same a majority has it already.
        if (values.every((value) => value === highest)) this.#return(operation, highest, returned)
        else {
          this.env.observer.landmark('maximum-imposed')
          this.#raise(operation, highest, returned)
        }
        return true
      }
    )
    operation.awaits(call)
  }

  #raise(operation: ReadOperation, value: number, returned: (value: number) => void): void {
    const { quorum, n } = this.env.group
    operation.awaits(
      gather<Request, Answer, never>(this.#calls, {
        question: (call) => ({ type: 'RAISE', call, value }),
        quorum: quorum.majority,
        of: n,
        judge: ({ type }) => (type === 'ACK' ? 'acknowledged' : undefined),
        wrong: (from) => this.#misuse(from, 'answers RAISE: VALUE'),
        returned: () => this.#return(operation, value, returned)
      })
    )
  }

  #return(operation: ReadOperation, value: number, returned: (value: number) => void): void {
    operation.finish()
    if (!operation.forgotten) returned(value)
  }

  #onMessage(from: ProcessId, message: MaxRegisterMessage): void {
    const { group, self } = this.env
    const isRequest = message.type === 'READ' || message.type === 'RAISE'
    // Members serve, and nobody else does.
    if (!isMember(group, isRequest ? self : from))
      this.#misuse(from, `takes a client for a member: ${message.type}`)
    else if (!isRequest) this.#calls.answer(from, message)
    else {
      const call = this.#calls.answering(message)
      if (message.type === 'RAISE') this.#max = Math.max(this.#max, message.value)
      this.#port.answer(
        from,
        message.type === 'RAISE' ? { type: 'ACK', call } : { type: 'VALUE', call, value: this.#max }
      )
    }
  }

  /** @returns that it is nothing that a correct process says */
  #misuse(process: ProcessId, detail: string): false {
    this.env.observer.fault({ process, kind: 'protocol-violation', certainty: 'certain', detail })
    return false
  }
}
