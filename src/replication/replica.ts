/**
 * A machine that is replicated by agreement (Schneider 1990; CGR11 Module 6.1 for the order): each member of the group
 * executes the same commands in the same order, each of them once, and so has the same state.
 *
 * Requests:    submit(command)
 * Indications: execute(sequence, batch, commands), checkpoint, stable, view
 *
 * Properties: those of agreement (consensus/pbft/pbft.ts), and
 * - *exactly once*: a command that was submitted is executed at most once, whatever is ordered twice;
 * - *results*: a command has one result, at all members; it is the one that its submitter is told;
 * - *real time*: what was submitted after something had returned is executed after it.
 *
 * A command is signed by who submits it, and sent to the primary; to all, if it is not executed soon: then everybody
 * waits for it, and gives a primary up that does not propose it.
 *
 * Model: as agreement's. Cost: as agreement's, and one signature for each command, verified by each member.
 * Space: SESSION_WINDOW commands of this member's own; a session for each member.
 */

import { type AgreementOptions, ENVELOPE_BYTES_MAX } from '../consensus/pbft/constants.ts'
import type { Machine } from '../consensus/pbft/execution.ts'
import { Pbft } from '../consensus/pbft/pbft.ts'
import { sameBytes } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { WindowFullError } from '../core/errors.ts'
import { type ProcessId, processOf, publicKeyOf } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import type { Needs } from '../core/model.ts'
import { requireWithin } from '../core/parameters.ts'
import { bytes, decode, encode, record } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { Verdicts } from '../exchange/verdicts.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { CountingMachine, countShape } from './counting-machine.ts'
import { COMMAND_BYTES_MAX, isSigned, readRequest, signRequest } from './requests.ts'
import { SESSION_WINDOW, Sessions, sessionsShape } from './sessions.ts'

/** How long a command is left to the primary alone, and at most between one time that all are told and the next. */
const RETRY_MS = 200
const RETRY_MS_MAX = 2000

export const requestMessages = defineMessages(
  { REQUEST: [0, { envelope: bytes(ENVELOPE_BYTES_MAX) }] },
  { REQUEST: { role: 'request', content: 'envelope', ordered: true } }
)
type RequestMessage = MessageOf<typeof requestMessages>

/** A command that took effect. */
export type Executed = {
  readonly client: ProcessId
  readonly life: number
  readonly number: number
  readonly command: Uint8Array
  readonly result: number
}

export interface ReplicaIndications {
  execute(sequence: number, batch: Uint8Array, commands: readonly Executed[]): void
  checkpoint(sequence: number, state: Uint8Array): void
  stable(sequence: number, state: Uint8Array): void
  view(view: number): void
}

const stateShape = record({ machine: countShape, sessions: sessionsShape })

/** A command of this life that has not returned. */
interface Submitted {
  readonly envelope: Uint8Array
  readonly returned: (result: number) => void
}

export class Replica extends Component<ReplicaIndications> implements Machine {
  static override readonly needs: Needs = { signatures: true }
  readonly #port: Port<RequestMessage>
  readonly #agreement: Pbft
  readonly #verdicts: Verdicts
  readonly #machine: CountingMachine
  readonly #sessions: Sessions
  readonly #key: Uint8Array
  /** By number. */
  readonly #submitted = new Map<number, Submitted>()
  #last = 0
  #retry: Timer | undefined
  #retryMs = RETRY_MS

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: AgreementOptions,
    indications: ReplicaIndications
  ) {
    super(env, path, indications)
    this.#verdicts = new Verdicts(env.crypto, env.group)
    this.#machine = new CountingMachine(env.crypto.hash)
    this.#sessions = new Sessions(env.group.publicKeys)
    this.#key = publicKeyOf(env.group, env.self) ?? new Uint8Array(32)
    this.#port = ports.open(path, requestMessages, {
      deliver: (from, { envelope }) => this.#onRequest(from, envelope),
      resync: () => {}
    })
    this.#agreement = new Pbft(env, `${path}/agreement`, ports, options, this, {
      entered: (view) => this.indicate.view(view),
      checkpoint: (sequence, state) => this.indicate.checkpoint(sequence, state),
      stable: (sequence, state) => this.indicate.stable(sequence, state)
    })
  }

  /** Goes on with what was stored; to be called once, in the process's first turn. */
  restore(): void {
    this.#agreement.restore()
  }

  /**
   * @param returned - is given the place of the command among all that were executed
   * @throws WindowFullError if SESSION_WINDOW commands from the oldest that has not returned on are under way
   * @throws InvalidParametersError if the command is too long
   */
  submit(command: Uint8Array, returned: (result: number) => void): void {
    requireWithin('command', command.length, 0, COMMAND_BYTES_MAX, 'bytes')
    const [oldest = this.#last + 1] = this.#submitted.keys()
    if (this.#last + 1 - oldest >= SESSION_WINDOW)
      throw new WindowFullError(
        `${SESSION_WINDOW} commands are under way: wait until one of them has returned`
      )
    const number = ++this.#last
    this.request('submit', [command], () => {
      const { incarnation: life } = this.env
      const envelope = signRequest(this.env, this.path, { client: this.#key, life, number, command })
      this.#submitted.set(number, { envelope, returned })
      this.#port.send(this.#agreement.primary, { type: 'REQUEST', envelope })
      this.#retryLater()
    })
  }

  // The machine of agreement: it calls these, in its order.

  isValid(envelope: Uint8Array): boolean {
    const read = readRequest(envelope)
    return read !== undefined && isSigned(this.#verdicts, this.env, this.path, read)
  }

  isDone(envelope: Uint8Array): boolean {
    const read = readRequest(envelope)
    return read === undefined || this.#sessions.isOver(read)
  }

  execute(sequence: number, batch: Uint8Array, envelopes: readonly Uint8Array[]): void {
    const executed: Executed[] = []
    for (const envelope of envelopes) {
      const read = readRequest(envelope)
      if (read === undefined || !this.#sessions.admit(read)) {
        this.env.observer.landmark('ordered-again')
        continue
      }
      const { client, life, number, command } = read
      const result = this.#machine.apply(command)
      executed.push({ client: processOf(this.env.group, client) ?? 0, life, number, command, result })
    }
    this.indicate.execute(sequence, batch, executed)
    for (const { client, life, number, result } of executed)
      if (client === this.env.self && life === this.env.incarnation) this.#return(number, result)
  }

  digest(): Uint8Array {
    return this.env.crypto.hash(this.snapshot())
  }

  snapshot(): Uint8Array {
    return encode(stateShape, { machine: this.#machine.state, sessions: this.#sessions.state })
  }

  install(snapshot: Uint8Array): void {
    const state = decode(stateShape, snapshot)
    if (state === undefined) throw new Error('a stored state of the machine is none')
    this.#machine.install(state.machine)
    this.#sessions.install(state.sessions)
  }

  override state(): PlainValue {
    return {
      machine: this.#machine.state,
      sessions: this.#sessions.state,
      underWay: [...this.#submitted.keys()]
    }
  }

  /** The component that orders, for a stack that shows its state. */
  get agreement(): Pbft {
    return this.#agreement
  }

  #onRequest(from: ProcessId, envelope: Uint8Array): void {
    const read = readRequest(envelope)
    this.#port.charge(from, WORK_US.verification)
    const key = publicKeyOf(this.env.group, from)
    const problem =
      read === undefined
        ? 'asks with what is no request'
        : key === undefined || !sameBytes(read.client, key)
          ? 'asks in the name of another'
          : !this.isValid(envelope)
            ? 'asks without a valid signature'
            : undefined
    if (problem !== undefined) {
      const fault = {
        process: from,
        kind: 'protocol-violation',
        certainty: 'certain',
        detail: problem
      } as const
      this.env.observer.fault(fault)
      return
    }
    this.#port.earn(from, WORK_US.verification)
    this.#agreement.order(from, envelope)
  }

  #return(number: number, result: number): void {
    const submitted = this.#submitted.get(number)
    if (submitted === undefined) return
    this.#submitted.delete(number)
    this.env.trigger(() => submitted.returned(result))
    if (this.#submitted.size > 0) return
    this.#retry?.cancel()
    this.#retry = undefined
    this.#retryMs = RETRY_MS
  }

  #retryLater(): void {
    this.#retry ??= this.env.clock.setTimer(this.#retryMs, () => {
      this.#retry = undefined
      this.#retryMs = Math.min(RETRY_MS_MAX, 2 * this.#retryMs)
      for (const { envelope } of this.#submitted.values()) this.#port.sendAll({ type: 'REQUEST', envelope })
      if (this.#submitted.size > 0) this.#retryLater()
    })
  }
}
