/**
 * Byzantine consistent broadcast: authenticated echo (CGR11 Algorithm 3.16, Module 3.11).
 *
 * Requests:    broadcast(payload), acknowledge(sender, sequence)
 * Indications: deliver(sender, sequence, payload), gap(sender, from, to), ready()
 *
 * Properties, for each instance, named (sender, sequence):
 * - Validity: if a correct process p broadcasts m, every correct process eventually delivers m.
 * - No duplication: no correct process delivers more than one payload in an instance.
 * - Integrity: if a correct process delivers m from a correct p, then p broadcast m.
 * - Consistency: if two correct processes deliver m and m' in an instance, then m = m'.
 * There is no totality: when the sender lies, some correct processes may deliver and others not. A window of such
 * a sender then stands still at those that did not: it hurts itself alone.
 *
 * Model: fail-arbitrary, asynchronous, authenticated links; n > 3f.
 * Cost of an instance: 2 communication steps; n - 1 SENDs with the payload and n(n - 1) ECHOs of 32 bytes; who has
 * a quorum but no payload pulls it (payloads.ts).
 * Space: for each sender at most W open instances (windows.ts) of one payload and n votes, and the retained ones.
 * The caller acknowledges what was delivered, in any order; until then it is redelivered after a restart.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bool, bytes, digest, optional, rank, record, uint, type ValueOf } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { Tally } from '../exchange/tally.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type BroadcastOptions, withDefaults } from './constants.ts'
import type { Instance } from './instances.ts'
import { type BroadcastIndications, NumberedBroadcast } from './numbered-broadcast.ts'

export function authenticatedEchoMessages(payloadBytesMax: number) {
  return defineMessages(
    {
      SEND: [0, { sequence: uint(), payload: bytes(payloadBytesMax) }],
      ECHO: [1, { sender: rank, sequence: uint(), digest }]
    },
    {
      SEND: { role: 'proposal', instance: { of: 'speaker', numbers: ['sequence'] }, content: 'payload' },
      ECHO: { role: 'vote', instance: { of: 'sender', numbers: ['sequence'] }, content: 'digest' }
    }
  )
}
type AuthenticatedEchoMessage = MessageOf<ReturnType<typeof authenticatedEchoMessages>>

const recordShape = record({ echoed: optional(digest), delivered: bool })
type AuthenticatedEchoRecord = ValueOf<typeof recordShape>

interface AuthenticatedEchoInstance extends Instance {
  /** What this process voted for; null before it did (`sentecho`). */
  echoed: Uint8Array | null
  echoes: Tally
}

export class AuthenticatedEcho extends NumberedBroadcast<AuthenticatedEchoInstance, AuthenticatedEchoRecord> {
  readonly #port: Port<AuthenticatedEchoMessage>

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: BroadcastOptions,
    indications: BroadcastIndications
  ) {
    super(env, path, ports, options, recordShape, indications)
    this.#port = ports.open(path, authenticatedEchoMessages(withDefaults(options).payloadBytesMax), {
      deliver: (from, message) => {
        if (message.type === 'SEND') this.#onSend(from, message.sequence, message.payload)
        else this.#onEcho(from, message.sender, message.sequence, message.digest)
      },
      resync: () => {} // windows report first; what the peer needs follows from its report
    })
  }

  // upon event ⟨ bcb, Broadcast | m ⟩ do: send [SEND, m] to all
  protected override start(instance: AuthenticatedEchoInstance, payload: Uint8Array): void {
    this.sendToAdmitting(this.#port, instance, { type: 'SEND', sequence: instance.sequence, payload })
  }

  // upon event ⟨ al, Deliver | p, [SEND, m] ⟩ such that p = s and sentecho = FALSE do: send [ECHO, m] to all
  #onSend(from: ProcessId, sequence: number, payload: Uint8Array): void {
    const instance = this.admitted(from, from, sequence)
    if (instance === undefined) return
    const sent = this.env.crypto.hash(payload)
    if (instance.echoed !== null) {
      if (!sameBytes(instance.echoed, sent)) this.#equivocation(instance)
      return
    }
    if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, sent) !== undefined) {
      this.#equivocation(instance)
    }
    // A payload that a quorum vouched for was pulled already: it is not given up for another one.
    if (instance.digest !== undefined && !sameBytes(instance.digest, sent)) return
    if (instance.payload === undefined) this.keepPayload(instance, payload, sent)
    this.#echo(instance, sent)
  }

  #onEcho(from: ProcessId, sender: number, sequence: number, voted: Uint8Array): void {
    const instance = this.admitted(from, sender, sequence)
    if (instance === undefined) return
    const outcome = instance.echoes.vote(from, voted)
    if (outcome === 'contradicted') {
      this.env.observer.landmark('contradicting-vote')
      this.accuse(instance, from, 'contradicting-vote', 'two ECHOs')
    }
    if (outcome !== 'counted') return
    const { echoed } = instance
    if (echoed !== null && !sameBytes(echoed, voted)) {
      this.env.observer.landmark('conflicting-echo')
      // One of f+1 is correct and echoes what it was sent.
      if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, echoed) !== undefined) {
        this.#equivocation(instance)
      }
    }
    this.progress(instance)
  }

  // upon exists m such that #({p | echos[p] = m}) > (N+f)/2 and delivered = FALSE do: trigger Deliver
  protected override progress(instance: AuthenticatedEchoInstance): void {
    if (instance.delivered) return
    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)
    if (agreed === undefined) return
    if (instance.digest === undefined || !sameBytes(instance.digest, agreed)) {
      this.payloads.pull(instance, agreed)
      return
    }
    // Unlike the book's, this instance ends: a SEND that comes later is not admitted any more. Others may need this
    // process's ECHO to reach their quorum, so it echoes what it delivers, if it has echoed nothing yet.
    if (instance.echoed === null) this.#echo(instance, agreed)
    this.deliver(instance)
  }

  protected override owe(
    peer: ProcessId,
    { sender, sequence, echoed, payload }: AuthenticatedEchoInstance
  ): void {
    if (sender === this.env.self && payload !== undefined)
      this.#port.answer(peer, { type: 'SEND', sequence, payload })
    if (echoed !== null) this.#port.answer(peer, { type: 'ECHO', sender, sequence, digest: echoed })
  }

  protected override holders(instance: AuthenticatedEchoInstance): readonly ProcessId[] {
    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)
    return agreed === undefined ? [] : instance.echoes.votersFor(agreed)
  }

  protected override create(blank: Instance): AuthenticatedEchoInstance {
    return { ...blank, echoed: null, echoes: new Tally() }
  }

  protected override toRecord({ echoed, delivered }: AuthenticatedEchoInstance): AuthenticatedEchoRecord {
    return { echoed, delivered }
  }

  protected override fromRecord(instance: AuthenticatedEchoInstance, stored: AuthenticatedEchoRecord): void {
    Object.assign(instance, stored)
    if (stored.echoed !== null) instance.echoes.vote(this.env.self, stored.echoed)
  }

  protected override shrink(instance: AuthenticatedEchoInstance): void {
    instance.echoes = new Tally()
  }

  protected override instanceState({
    digest: held,
    echoed,
    delivered,
    echoes
  }: AuthenticatedEchoInstance): PlainValue {
    return { held: held ?? null, echoed, delivered, echoes: echoes.state() }
  }

  #echo(instance: AuthenticatedEchoInstance, digest: Uint8Array): void {
    const { sender, sequence } = instance
    instance.echoed = digest
    this.keep(instance)
    this.sendToAdmitting(this.#port, instance, { type: 'ECHO', sender, sequence, digest })
  }

  #equivocation(instance: AuthenticatedEchoInstance): void {
    this.env.observer.landmark('equivocation-seen')
    this.accuse(instance, instance.sender, 'equivocation', 'sent different payloads')
  }
}
