/**
 * A machine that is replicated by agreement (Schneider 1990; CGR11 Module 6.1 for the order): each member of the group
 * executes the same commands in the same order, each of them once, and so has the same state. Clients and members
 * submit commands.
 *
 * Requests:    submit(command), closeSession()
 * Indications: execute(sequence, batch, commands), checkpoint, stable, install, view
 *
 * Properties: those of agreement (consensus/pbft/pbft.ts), and
 * - *exactly once*: a command that was submitted is executed at most once, whatever is ordered twice;
 * - *results*: a command has one result, at all members; it is the one that its submitter is told;
 * - *real time*: what was submitted after something had returned is executed after it.
 *
 * Commands are signed by who submits them, and sent to the primary; to all, if they are not executed soon: then
 * everybody waits for them, and gives a primary up that does not propose them. Who submitted a command believes what
 * f + 1 members reply alike.
 *
 * Model: as agreement's. Cost: as agreement's, one signature for each envelope, verified by each member, and n replies
 * to each command.
 * Space: at a member the managed state and the sessions (replicated-state.ts); at whoever submits, its commands that
 * are under way.
 */

import { Pbft } from '../consensus/pbft/pbft.ts'
import type { AgreementStatus } from '../consensus/pbft/status.ts'
import { assert } from '../core/assert.ts'
import { sameBytes } from '../core/bytes.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId, processOf, publicKeyOf } from '../core/group.ts'
import type { Needs } from '../core/model.ts'
import { requireWithin } from '../core/parameters.ts'
import type { PlainValue } from '../core/trace.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { Serving } from '../exchange/serving.ts'
import { Verdicts } from '../exchange/verdicts.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import {
  COMMAND_BYTES_MAX,
  RESULT_SHORT_BYTES,
  type ReplicaOptions,
  replicaBounds,
  replicaTerms
} from './constants.ts'
import { COMMANDS, commandsIn, type Envelope, isSigned, readEnvelope } from './envelopes.ts'
import { type ReplicaMessage, type ReplyMessage, replicaMessages } from './messages.ts'
import { type ClosedSession, ReplicaClient, type Returned } from './replica-client.ts'
import { type Answered, type Applied, ReplicatedState } from './replicated-state.ts'
import { FULL, REPLY_KINDS, withoutResult } from './replies.ts'
import type { StateMachine } from './state-machine.ts'
import { StateTransfer, type WantedState } from './state-transfer.ts'

/** A command that was executed, with what came of it. */
export type Executed = Applied & {
  /** What this process calls its client; null: it does not know it. */
  readonly process: ProcessId | null
}

export interface ReplicaIndications {
  execute(sequence: number, batch: Uint8Array, commands: readonly Executed[]): void
  checkpoint(sequence: number, state: Uint8Array): void
  stable(sequence: number, state: Uint8Array): void
  /** This member goes on from a state that others had; @param diverged - since its own was another one */
  install(sequence: number, state: Uint8Array, diverged: boolean): void
  view(view: number): void
}

/** What a member has and a client has not. */
interface Member {
  readonly agreement: Pbft
  readonly state: ReplicatedState
  readonly transfer: StateTransfer
}

export class Replica extends Component<ReplicaIndications> {
  static override readonly needs: Needs = { signatures: true }
  readonly #port: Port<ReplicaMessage>
  readonly #bounds: Required<ReplicaOptions>
  readonly #verdicts: Verdicts
  /** Those that were read, for as long as their bytes are here. */
  readonly #envelopes = new WeakMap<Uint8Array, Envelope>()
  readonly #client: ReplicaClient
  readonly #serving: Serving
  readonly #member: Member | undefined
  /** Landmarks, each with how many commands had been executed when it came about: answers about older ones show it. */
  readonly #since = new Map<string, number>()

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: ReplicaOptions,
    machine: StateMachine,
    indications: ReplicaIndications
  ) {
    super(env, path, indications)
    const bounds = replicaBounds(options)
    this.#bounds = bounds
    this.#verdicts = new Verdicts(env.crypto, env.group, false)
    this.#port = ports.open(
      path,
      replicaMessages,
      {
        deliver: (from, message) => this.#onMessage(from, message),
        resync: (peer) => this.#serving.sessionWith(peer)
      },
      { audience: 'everybody', terms: replicaTerms(options) }
    )
    this.#client = new ReplicaClient({ env, path, port: this.#port, bounds })
    this.#serving = new Serving(env.group, () => {})
    if (!isMember(env.group, env.self)) return
    const state = new ReplicatedState(env, this.store, machine, bounds)
    const verdicts = this.#verdicts
    const ordered = {
      get verifications() {
        return verdicts.verifications
      },
      isValid: (encoded: Uint8Array) => this.#isValid(this.#read(encoded)),
      commandsIn: (encoded: Uint8Array) => commandsIn(this.#read(encoded) ?? { commands: [] }),
      isDone: (encoded: Uint8Array) => {
        const envelope = this.#read(encoded)
        return envelope === undefined || state.answersTo(envelope) !== undefined
      },
      execute: (sequence: number, digest: Uint8Array, envelopes: readonly Uint8Array[]) =>
        this.#execute(sequence, digest, envelopes),
      checkpoint: (sequence: number, whole: (digest: Uint8Array) => void) => state.write(sequence, whole),
      forget: (sequence: number) => transfer.forget(state.forget(sequence)),
      obtain: (stable: WantedState, sources: readonly ProcessId[]) => {
        if (!state.isPreparing) transfer.obtain(stable, sources)
      },
      drop: () => {
        state.giveUp()
        transfer.drop()
      },
      resume: (read: () => void) => state.resume(read)
    }
    const agreement = new Pbft(env, `${path}/agreement`, ports, options, ordered, {
      entered: (view) => {
        this.#since.set('answered-after-a-view-change', state.commands)
        this.indicate.view(view)
      },
      checkpoint: (sequence, digest) => this.indicate.checkpoint(sequence, digest),
      stable: (sequence, digest) => this.indicate.stable(sequence, digest)
    })
    const transfer = new StateTransfer(env, `${path}/state`, ports, state.kept, {
      fetched: (stable, parts) =>
        state.prepare(parts, (prepared) =>
          agreement.install(
            stable,
            (diverged) => {
              state.install(stable.sequence, prepared)
              this.#since.set('answered-after-an-install', state.commands)
              this.indicate.install(stable.sequence, stable.digest, diverged)
            },
            () => state.kept.differing(stable.sequence, parts)
          )
        )
    })
    this.#member = { agreement, state, transfer }
  }

  /** Goes on with what was stored; to be called once, in the process's first turn. */
  restore(): void {
    this.#member?.agreement.restore()
  }

  /**
   * @param returned - is given what came of it
   * @throws WindowFullError if too many commands of this process are under way
   * @throws InvalidParametersError if the command is too long
   */
  submit(command: Uint8Array, returned: Returned): OpenOperation {
    requireWithin('command', command.length, 0, COMMAND_BYTES_MAX, 'bytes')
    return this.#client.submit(command, returned)
  }

  /**
   * Closes the session of what was submitted: of that which is under way and which it has not executed by then, it is
   * certain that it takes no effect. What is submitted meanwhile opens another one.
   *
   * @param returned - is given what came of it
   */
  closeSession(returned: (closed: ClosedSession) => void): OpenOperation {
    return this.#client.close(returned)
  }

  /** Where agreement is at this member, for people; null at a client. */
  status(): AgreementStatus | null {
    return this.#member?.agreement.status ?? null
  }

  override state(): PlainValue {
    const { state, transfer } = this.#member ?? {}
    return {
      ...(state && transfer && { replicated: state.state(), transfer: transfer.state() }),
      client: this.#client.state()
    }
  }

  /** The component that orders, for a stack that shows its state; undefined at a client. */
  get agreement(): Pbft | undefined {
    return this.#member?.agreement
  }

  /** Once, however often it is asked for: agreement asks several times of the same bytes. */
  #read(encoded: Uint8Array): Envelope | undefined {
    const known = this.#envelopes.get(encoded)
    if (known !== undefined) return known
    const envelope = readEnvelope(this.env.crypto, encoded, this.#bounds.batchCommandsMax)
    if (envelope !== undefined) this.#envelopes.set(encoded, envelope)
    return envelope
  }

  /** Whether it may be ordered: by its bytes alone. */
  #isValid(envelope: Envelope | undefined): envelope is Envelope {
    return envelope !== undefined && isSigned(this.#verdicts, this.env, this.path, envelope)
  }

  #onMessage(from: ProcessId, message: ReplicaMessage): void {
    if (message.type === 'REPLY') this.#client.onReply(from, message)
    else if (this.#member === undefined) this.#lie(from, 'asks a client')
    else this.#onRequest(this.#member, from, message.envelope)
  }

  #onRequest({ agreement, state }: Member, from: ProcessId, encoded: Uint8Array): void {
    const envelope = this.#read(encoded)
    this.#port.charge(from, WORK_US.verification)
    const key = publicKeyOf(this.env.group, from)
    if (envelope === undefined) this.#lie(from, 'asks with what is no envelope')
    else if (key === undefined || !sameBytes(envelope.client, key))
      this.#lie(from, 'asks in the name of another')
    else if (!this.#isValid(envelope)) this.#lie(from, 'asks without a valid signature')
    else {
      this.#port.earn(from, WORK_US.verification)
      const mayAnswer = this.#serving.admits(from) && !agreement.diverged
      const answers = mayAnswer ? state.answersTo(envelope) : undefined
      if (answers !== undefined) this.#answersFrom(state, envelope)
      for (const answered of answers ?? []) this.#port.answer(from, this.#replyTo(answered, true))
      const isTakenIn = answers !== undefined || agreement.order(from, encoded)
      if (mayAnswer && !isTakenIn) this.#port.answer(from, this.#full(envelope))
    }
  }

  #answersFrom(state: ReplicatedState, envelope: Envelope): void {
    const { observer } = this.env
    observer.landmark('answered-from-the-state')
    for (const [name, commands] of this.#since)
      if (state.isUnusedSince(envelope, commands)) observer.landmark(name)
  }

  #execute(sequence: number, digest: Uint8Array, encoded: readonly Uint8Array[]): void {
    const member = this.#member
    assert(member !== undefined, 'members alone execute')
    const envelopes = encoded.flatMap((each) => this.#read(each) ?? [])
    const { applied, answered } = member.state.execute({ sequence, digest }, envelopes)
    const processes = new Map(envelopes.map(({ client }) => [client, processOf(this.env.group, client)]))
    const executed = applied.map((one) => ({ ...one, process: processes.get(one.client) ?? null }))
    this.indicate.execute(sequence, digest, executed)
    if (!this.#serving.mayServe) return
    for (const each of answered) {
      const process = processes.get(each.envelope.client)
      if (process !== undefined) this.#port.send(process, this.#replyTo(each, false))
    }
  }

  /** @param isAsked - whether it is an answer to who asks again, and may lack the result */
  #replyTo({ envelope, session, number, reply }: Answered, isAsked: boolean): ReplyMessage {
    const { group, crypto } = this.env
    const { kind, result } = reply
    const isShown = isAsked || result.length <= RESULT_SHORT_BYTES || this.#shows(number)
    return {
      type: 'REPLY',
      envelopeHash: envelope.kind === COMMANDS ? null : envelope.hash,
      sessionId: session,
      number,
      view: this.#member?.agreement.view ?? 0,
      groupEpoch: group.epoch,
      outcome: REPLY_KINDS.indexOf(kind),
      digest: crypto.hash(result),
      result: isShown ? result : null
    }
  }

  /** As many requests of its client wait here as may. */
  #full(envelope: Envelope): ReplyMessage {
    const nothing = { envelope, session: envelope.session, number: 0, reply: withoutResult('busy') }
    return { ...this.#replyTo(nothing, false), envelopeHash: envelope.hash, outcome: FULL, result: null }
  }

  /** Of each number f + 1 members show the result, so that one of them is correct. */
  #shows(number: number): boolean {
    const { group, self } = this.env
    return (self + number) % group.n < group.quorum.oneCorrect
  }

  #lie(process: ProcessId, detail: string): void {
    this.env.observer.fault({ process, kind: 'protocol-violation', certainty: 'certain', detail })
  }
}
