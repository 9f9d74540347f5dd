/**
 * Byzantine reliable broadcast: authenticated double echo (Bracha 1987; CGR11 Algorithm 3.18, Module 3.12).
 *
 * Requests:    broadcast(payload), acknowledge(sender, sequence)
 * Indications: deliver(sender, sequence, payload), gap(sender, from, to), ready()
 *
 * Properties, for each instance, named (sender, sequence):
 * - Validity: if a correct process p broadcasts m, every correct process eventually delivers m.
 * - No duplication: no correct process delivers more than one payload in an instance.
 * - Integrity: if a correct process delivers m from a correct p, then p broadcast m.
 * - Consistency: if two correct processes deliver m and m' in an instance, then m = m'.
 * - Totality: if some correct process delivers in an instance, every correct process eventually does (within
 *   retention, see windows.ts).
 *
 * Model: fail-arbitrary, asynchronous, authenticated links; n > 3f.
 * Cost of an instance: 3 communication steps; n - 1 SENDs with the payload and 2n(n - 1) votes of 32 bytes: votes
 * carry the digest, and who has a quorum but no payload pulls it (payloads.ts), so the bytes are about n times the
 * payload, not n^2 times.
 * Space: for each sender at most W open instances (windows.ts) of one payload and 2n votes, and the retained ones.
 * The caller acknowledges what was delivered, in any order; until then it is redelivered after a restart.
 *
 * With `signedSend` the sender signs (instance, digest), and ECHOs carry that signature: a sender that equivocates
 * hands out two signed statements that contradict each other, which prove it to anybody.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bool, bytes, digest, optional, rank, record, signature, uint, type ValueOf } from '../core/shapes.ts'
import { defineStatement, signStatement, verifyStatement } from '../core/statement.ts'
import type { PlainValue } from '../core/trace.ts'
import { contradiction } from '../exchange/evidence.ts'
import { Tally } from '../exchange/tally.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type BroadcastOptions, withDefaults } from './constants.ts'
import type { Instance } from './instances.ts'
import { type BroadcastIndications, NumberedBroadcast } from './numbered-broadcast.ts'

export interface DoubleEchoOptions extends BroadcastOptions {
  /** SENDs are signed, so that equivocation becomes provable; all members must agree on it. Default: false. */
  readonly signedSend?: boolean
}

export function doubleEchoMessages(payloadBytesMax: number) {
  const instance = { of: 'sender', numbers: ['sequence'] } as const
  return defineMessages(
    {
      SEND: [0, { sequence: uint(), payload: bytes(payloadBytesMax), signature: optional(signature) }],
      ECHO: [1, { sender: rank, sequence: uint(), digest, signature: optional(signature) }],
      READY: [2, { sender: rank, sequence: uint(), digest }]
    },
    {
      SEND: { role: 'proposal', instance: { of: 'speaker', numbers: ['sequence'] }, content: 'payload' },
      ECHO: { role: 'vote', instance, content: 'digest' },
      READY: { role: 'vote', instance, content: 'digest' }
    }
  )
}
type DoubleEchoMessage = MessageOf<ReturnType<typeof doubleEchoMessages>>

/** What a sender signs with `signedSend`. */
export const sendStatement = defineStatement('SEND', { sequence: uint(), digest })

/** What two signed SENDs prove. */
export const twoPayloads = contradiction(
  { name: 'two-payloads', sentence: 'sent two payloads in one instance' },
  sendStatement,
  (a, b) => a.sequence === b.sequence
)

const recordShape = record({
  echoed: optional(digest),
  readied: optional(digest),
  delivered: bool,
  signature: optional(signature)
})

type DoubleEchoRecord = ValueOf<typeof recordShape>

interface DoubleEchoInstance extends Instance {
  /** What this process voted for; null before it did (`sentecho`, `sentready`). */
  echoed: Uint8Array | null
  readied: Uint8Array | null
  /** The sender's signature over `echoed`, with `signedSend`. */
  signature: Uint8Array | null
  echoes: Tally
  readies: Tally
}

export class DoubleEcho extends NumberedBroadcast<DoubleEchoInstance, DoubleEchoRecord> {
  readonly #port: Port<DoubleEchoMessage>
  readonly #signedSend: boolean

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: DoubleEchoOptions,
    indications: BroadcastIndications
  ) {
    super(env, path, ports, options, recordShape, indications)
    this.#signedSend = options.signedSend ?? false
    this.#port = ports.open(
      path,
      doubleEchoMessages(withDefaults(options).payloadBytesMax),
      {
        deliver: (from, message) => this.#receive(from, message),
        resync: () => {} // windows report first; what the peer needs follows from its report
      },
      { terms: { signedSend: this.#signedSend } }
    )
  }

  // upon event ⟨ byz-rb, Broadcast | m ⟩ do: send [SEND, m] to all
  protected override start(instance: DoubleEchoInstance, payload: Uint8Array): void {
    this.sendToAdmitting(this.#port, instance, this.#send(instance.sequence, payload))
  }

  #receive(from: ProcessId, message: DoubleEchoMessage): void {
    if (message.type === 'SEND') this.#onSend(from, message.sequence, message.payload, message.signature)
    else if (message.type === 'ECHO') {
      this.#onEcho(from, message.sender, message.sequence, message.digest, message.signature)
    } else this.#onReady(from, message.sender, message.sequence, message.digest)
  }

  // upon event ⟨ al, Deliver | p, [SEND, m] ⟩ such that p = s and sentecho = FALSE do: send [ECHO, m] to all
  #onSend(from: ProcessId, sequence: number, payload: Uint8Array, sig: Uint8Array | null): void {
    const instance = this.admitted(from, from, sequence)
    if (instance === undefined) return
    const sent = this.env.crypto.hash(payload)
    if (instance.echoed !== null) {
      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, instance, sent, sig)
      return
    }
    // Who once sent a bad signature here costs no further verification.
    if (this.#signedSend && instance.named.has(from)) return
    if (this.#signedSend && !this.#signatureHolds(from, instance, sent, sig)) {
      this.accuse(instance, from, 'invalid-signature', 'a SEND that its sender did not sign')
      return
    }
    const other = instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, sent)
    if (other !== undefined) this.#equivocation(from, instance, other, null)
    // A payload that a quorum vouched for was pulled already: it is not given up for another one.
    if (instance.digest !== undefined && !sameBytes(instance.digest, sent)) return
    if (instance.payload === undefined) this.keepPayload(instance, payload, sent)
    if (this.#signedSend) this.#port.earn(from, WORK_US.verification)
    instance.echoed = sent
    instance.signature = sig
    this.keep(instance)
    const echo = { sender: from, sequence, digest: sent, signature: sig }
    this.sendToAdmitting(this.#port, instance, { type: 'ECHO', ...echo })
  }

  #onEcho(
    from: ProcessId,
    sender: number,
    sequence: number,
    voted: Uint8Array,
    sig: Uint8Array | null
  ): void {
    const instance = this.admitted(from, sender, sequence)
    if (instance === undefined) return
    if (!this.#count(instance, instance.echoes, from, voted, 'ECHO')) return
    const { echoed } = instance
    if (echoed !== null && !sameBytes(echoed, voted)) this.#echoConflicts(from, instance, voted, sig)
    this.progress(instance)
  }

  #onReady(from: ProcessId, sender: number, sequence: number, voted: Uint8Array): void {
    const instance = this.admitted(from, sender, sequence)
    if (instance === undefined) return
    if (this.#count(instance, instance.readies, from, voted, 'READY')) this.progress(instance)
  }

  protected override progress(instance: DoubleEchoInstance): void {
    if (instance.delivered) return
    const { sender, sequence } = instance
    const { quorum } = this.env.group
    if (instance.readied === null) {
      // upon exists m such that #({p | echos[p] = m}) > (N+f)/2 and sentready = FALSE
      const echoed = instance.echoes.reached(quorum.byzantine)
      // upon exists m such that #({p | readys[p] = m}) > f and sentready = FALSE
      const amplified = echoed ?? instance.readies.reached(quorum.oneCorrect)
      if (amplified !== undefined) {
        if (echoed === undefined) this.env.observer.landmark('ready-amplified')
        instance.readied = amplified
        this.keep(instance)
        const ready = { sender, sequence, digest: amplified }
        this.sendToAdmitting(this.#port, instance, { type: 'READY', ...ready })
      }
    }
    // upon exists m such that #({p | readys[p] = m}) > 2f and delivered = FALSE
    const agreed = instance.readies.reached(quorum.correctMajority)
    if (agreed === undefined) return
    if (instance.digest !== undefined && sameBytes(instance.digest, agreed)) this.deliver(instance)
    else this.payloads.pull(instance, agreed)
  }

  protected override owe(peer: ProcessId, instance: DoubleEchoInstance): void {
    const { sender, sequence, echoed, readied, payload, delivered } = instance
    // A delivered instance is answered with READY alone, and with the payload on request: no new delivery rule.
    if (!delivered) {
      if (sender === this.env.self && payload !== undefined)
        this.#port.answer(peer, this.#send(sequence, payload, instance.signature))
      if (echoed !== null) {
        this.#port.answer(peer, {
          type: 'ECHO',
          sender,
          sequence,
          digest: echoed,
          signature: instance.signature
        })
      }
    }
    if (readied !== null) this.#port.answer(peer, { type: 'READY', sender, sequence, digest: readied })
  }

  protected override holders(instance: DoubleEchoInstance): readonly ProcessId[] {
    const agreed = instance.readies.reached(this.env.group.quorum.correctMajority)
    if (agreed === undefined) return []
    // Who echoed has the payload; who only says READY may have it by now.
    return [...new Set([...instance.echoes.votersFor(agreed), ...instance.readies.votersFor(agreed)])]
  }

  protected override create(blank: Instance): DoubleEchoInstance {
    return {
      ...blank,
      echoed: null,
      readied: null,
      signature: null,
      echoes: new Tally(),
      readies: new Tally()
    }
  }

  protected override toRecord({ echoed, readied, delivered, signature: sig }: DoubleEchoInstance) {
    return { echoed, readied, delivered, signature: sig }
  }

  protected override fromRecord(instance: DoubleEchoInstance, stored: DoubleEchoRecord): void {
    Object.assign(instance, stored)
    if (stored.echoed !== null) instance.echoes.vote(this.env.self, stored.echoed)
    if (stored.readied !== null) instance.readies.vote(this.env.self, stored.readied)
  }

  protected override shrink(instance: DoubleEchoInstance): void {
    instance.echoes = new Tally()
    instance.readies = new Tally()
  }

  protected override instanceState(instance: DoubleEchoInstance): PlainValue {
    const { digest: held, echoed, readied, delivered, echoes, readies } = instance
    return {
      held: held ?? null,
      echoed,
      readied,
      delivered,
      echoes: echoes.state(),
      readies: readies.state()
    }
  }

  /** @param known - what it was signed with before */
  #send(sequence: number, payload: Uint8Array, known: Uint8Array | null = null): DoubleEchoMessage {
    const sign = () =>
      signStatement(this.env, this.path, sendStatement, { sequence, digest: this.env.crypto.hash(payload) })
    return { type: 'SEND', sequence, payload, signature: this.#signedSend ? (known ?? sign()) : null }
  }

  #count(
    instance: DoubleEchoInstance,
    tally: Tally,
    from: ProcessId,
    voted: Uint8Array,
    type: 'ECHO' | 'READY'
  ): boolean {
    const outcome = tally.vote(from, voted)
    if (outcome === 'contradicted') {
      this.env.observer.landmark('contradicting-vote')
      this.accuse(instance, from, 'contradicting-vote', `two ${type}s`)
    }
    return outcome === 'counted'
  }

  /** An ECHO for another digest than this process got from the sender itself. */
  #echoConflicts(
    from: ProcessId,
    instance: DoubleEchoInstance,
    voted: Uint8Array,
    sig: Uint8Array | null
  ): void {
    this.env.observer.landmark('conflicting-echo')
    if (instance.named.has(instance.sender)) return
    if (this.#signedSend && this.#signatureHolds(from, instance, voted, sig)) {
      this.#port.earn(from, WORK_US.verification)
      this.#equivocation(from, instance, voted, sig)
    } else if (
      instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined
    ) {
      // One of f+1 is correct and echoes what it was sent.
      this.#equivocation(from, instance, voted, null)
    }
  }

  /** @param by - whose message shows it */
  #equivocation(
    by: ProcessId,
    instance: DoubleEchoInstance,
    other: Uint8Array,
    otherSignature: Uint8Array | null
  ): void {
    const { sender, sequence } = instance
    if (instance.named.has(sender)) return
    this.env.observer.landmark('equivocation-seen')
    const did = 'sent different payloads'
    const { echoed, signature: mine } = instance
    const provable =
      this.#signedSend &&
      echoed !== null &&
      mine !== null &&
      this.#signatureHolds(by, instance, other, otherSignature)
    if (!provable || otherSignature === null) {
      this.accuse(instance, sender, 'equivocation', did)
      return
    }
    const statement = (d: Uint8Array) =>
      sendStatement.bytes(this.env.group, this.path, sender, { sequence, digest: d })
    const evidence = {
      claim: twoPayloads.name,
      statements: [
        { signer: sender, statement: statement(echoed), signature: mine },
        { signer: sender, statement: statement(other), signature: otherSignature }
      ]
    }
    this.accuse(instance, sender, 'equivocation', did, evidence)
  }

  /** @param by - whose message brought it, and in whose budget it counts */
  #signatureHolds(
    by: ProcessId,
    { sender, sequence }: DoubleEchoInstance,
    sent: Uint8Array,
    sig: Uint8Array | null
  ): boolean {
    if (sig === null) return false
    this.#port.charge(by, WORK_US.verification)
    return verifyStatement(this.env, this.path, sender, sendStatement, { sequence, digest: sent }, sig)
  }
}
