/**
 * Byzantine consistent broadcast: signed echo (Reiter 1994; CGR11 Algorithm 3.17, Module 3.11).
 *
 * Requests:    broadcast(payload), acknowledge(sender, sequence), certificate(sender, sequence)
 * Indications: deliver(sender, sequence, payload), gap(sender, from, to), ready()
 *
 * Properties, for each instance, named (sender, sequence): validity, no duplication, integrity, consistency, as in
 * authenticated-echo.ts; no totality. What is delivered comes with a certificate that anybody can check
 * (echo-certificate.ts).
 *
 * Model: fail-arbitrary, asynchronous, authenticated links; n > 3f.
 * Cost of an instance: 3 communication steps; 3(n - 1) messages: n - 1 SENDs with the payload, n - 1 signed ECHOs to
 * the sender, n - 1 FINALs with a certificate of more than (n+f)/2 signatures. Each member signs once; the sender
 * verifies a quorum of signatures, and each receiver of the FINAL as many.
 * Space: for each sender at most W open instances (windows.ts) of one payload and a certificate, and the retained ones.
 * The caller acknowledges what was delivered, in any order; until then it is redelivered after a restart.
 */

import { sameBytes } from '../core/bytes.ts'
import type { Crypto, Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import type { Needs } from '../core/model.ts'
import { bool, bytes, digest, optional, record, signature, uint, type ValueOf } from '../core/shapes.ts'
import { signStatement, verifyStatement } from '../core/statement.ts'
import type { PlainValue } from '../core/trace.ts'
import { type Certificate, certificateOf, certificateShape } from '../exchange/certificate.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type BroadcastOptions, withDefaults } from './constants.ts'
import { echoStatement, verifyEchoCertificate } from './echo-certificate.ts'
import type { Instance } from './instances.ts'
import { type BroadcastIndications, NumberedBroadcast } from './numbered-broadcast.ts'

export function signedEchoMessages(payloadBytesMax: number) {
  const own = { of: 'speaker', numbers: ['sequence'] } as const
  return defineMessages(
    {
      SEND: [0, { sequence: uint(), payload: bytes(payloadBytesMax) }],
      ECHO: [1, { sequence: uint(), digest, signature }],
      FINAL: [2, { sequence: uint(), digest, certificate: certificateShape }]
    },
    {
      SEND: { role: 'proposal', instance: own, content: 'payload' },
      ECHO: { role: 'vote', instance: { of: 'receiver', numbers: ['sequence'] }, content: 'digest' },
      FINAL: { role: 'decision', instance: own, content: 'digest' }
    }
  )
}
type SignedEchoMessage = MessageOf<ReturnType<typeof signedEchoMessages>>

const recordShape = record({
  echoed: optional(digest),
  agreed: optional(digest),
  certificate: certificateShape,
  delivered: bool
})
type SignedEchoRecord = ValueOf<typeof recordShape>

interface SignedEchoInstance extends Instance {
  /** What this process signed; null before it did (`sentecho`). It never signs another. */
  echoed: Uint8Array | null
  /** The digest that `certificate` proves. */
  agreed: Uint8Array | null
  certificate: Certificate
  /** At the sender: valid signatures by member (`echos`). */
  readonly echoes: Map<ProcessId, Uint8Array>
}

export class SignedEcho extends NumberedBroadcast<SignedEchoInstance, SignedEchoRecord> {
  static override readonly needs: Needs = { signatures: true }
  readonly #port: Port<SignedEchoMessage>

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: BroadcastOptions,
    indications: BroadcastIndications
  ) {
    super(env, path, ports, options, recordShape, indications)
    this.#port = ports.open(path, signedEchoMessages(withDefaults(options).payloadBytesMax), {
      deliver: (from, message) => {
        if (message.type === 'SEND') this.#onSend(from, message.sequence, message.payload)
        else if (message.type === 'ECHO')
          this.#onEcho(from, message.sequence, message.digest, message.signature)
        else this.#onFinal(from, message.sequence, message.digest, message.certificate)
      },
      resync: () => {} // windows report first; what the peer needs follows from its report
    })
  }

  /** The proof that a Byzantine quorum vouched for the digest of the delivered payload, while it is retained. */
  certificate(sender: ProcessId, sequence: number): Certificate | undefined {
    const instance = this.peek(sender, sequence)
    return instance?.delivered === true ? instance.certificate : undefined
  }

  // upon event ⟨ bcb, Broadcast | m ⟩ do: send [SEND, m] to all
  protected override start(instance: SignedEchoInstance, payload: Uint8Array): void {
    this.sendToAdmitting(this.#port, instance, { type: 'SEND', sequence: instance.sequence, payload })
  }

  // upon event ⟨ al, Deliver | p, [SEND, m] ⟩ such that p = s and sentecho = FALSE do: sign, send [ECHO, m, σ] to s
  #onSend(from: ProcessId, sequence: number, payload: Uint8Array): void {
    const instance = this.admitted(from, from, sequence)
    if (instance === undefined) return
    const sent = this.env.crypto.hash(payload)
    if (instance.echoed !== null) {
      if (!sameBytes(instance.echoed, sent)) this.#equivocation(instance)
      return
    }
    if (instance.agreed !== null && !sameBytes(instance.agreed, sent)) {
      this.#equivocation(instance)
      return
    }
    if (instance.payload === undefined) this.keepPayload(instance, payload)
    instance.echoed = sent
    this.keep(instance)
    this.#port.send(from, this.#echo(from, sequence, sent))
    this.progress(instance)
  }

  // upon event ⟨ al, Deliver | p, [ECHO, m, σ] ⟩ do: if echos[p] = ⊥ and the signature verifies, keep it
  #onEcho(from: ProcessId, sequence: number, voted: Uint8Array, sig: Uint8Array): void {
    const { self, group } = this.env
    const instance = this.admitted(from, self, sequence)
    if (instance === undefined || instance.agreed !== null) return
    // Of who sent a wrong signature or certificate here, nothing more is verified in this instance.
    if (instance.echoes.has(from) || instance.named.has(from)) return
    if (instance.digest === undefined || !sameBytes(instance.digest, voted)) {
      this.accuse(instance, from, 'protocol-violation', 'an ECHO for what was not sent')
      return
    }
    const fields = { sender: self, sequence, digest: voted }
    this.#port.charge(from, WORK_US.verification)
    if (!verifyStatement(this.env, this.path, from, echoStatement, fields, sig)) {
      this.accuse(instance, from, 'invalid-signature', 'an ECHO without valid signature')
      return
    }
    this.#port.earn(from, WORK_US.verification)
    instance.echoes.set(from, sig)
    // upon exists m such that #({p | echos[p] = m}) > (N+f)/2 and sentfinal = FALSE do: send [FINAL, m, Σ] to all
    if (instance.echoes.size < group.quorum.byzantine) return
    instance.agreed = voted
    instance.certificate = certificateOf(instance.echoes)
    this.keep(instance)
    const { certificate } = instance
    this.sendToAdmitting(this.#port, instance, { type: 'FINAL', sequence, digest: voted, certificate })
  }

  // upon event ⟨ al, Deliver | p, [FINAL, m, Σ] ⟩ do: if a quorum of Σ verifies and delivered = FALSE, deliver
  #onFinal(from: ProcessId, sequence: number, agreed: Uint8Array, certificate: Certificate): void {
    const instance = this.admitted(from, from, sequence)
    if (instance === undefined || instance.delivered || instance.named.has(from)) return
    if (instance.agreed === null) {
      const claim = { sender: from, sequence, digest: agreed }
      if (
        !verifyEchoCertificate(this.#chargingVerifier(from), this.env.group, this.path, claim, certificate)
      ) {
        this.env.observer.landmark('invalid-certificate')
        this.accuse(instance, from, 'invalid-signature', 'a certificate that proves nothing')
        return
      }
      this.#port.earn(from, certificate.length * WORK_US.verification)
      instance.agreed = agreed
      instance.certificate = certificate
      this.keep(instance)
    }
    if (instance.echoed !== null && !sameBytes(instance.echoed, instance.agreed)) {
      this.#equivocation(instance)
    }
    this.progress(instance)
  }

  protected override progress(instance: SignedEchoInstance): void {
    const { agreed, delivered, digest: held } = instance
    if (delivered || agreed === null) return
    if (held !== undefined && sameBytes(held, agreed)) this.deliver(instance)
    else this.payloads.pull(instance, agreed)
  }

  protected override owe(peer: ProcessId, instance: SignedEchoInstance): void {
    const { sender, sequence, echoed, agreed, certificate, payload } = instance
    if (sender === this.env.self) {
      if (payload !== undefined) this.#port.answer(peer, { type: 'SEND', sequence, payload })
      if (agreed !== null) this.#port.answer(peer, { type: 'FINAL', sequence, digest: agreed, certificate })
    } else if (peer === sender && echoed !== null) {
      // It is signed again, which costs about as much as to verify.
      this.#port.charge(peer, WORK_US.verification)
      this.#port.answer(peer, this.#echo(sender, sequence, echoed))
    }
  }

  /** Who signed had the payload in hand. */
  protected override holders({ certificate }: SignedEchoInstance): readonly ProcessId[] {
    return certificate.map(({ signer }) => signer)
  }

  protected override create(blank: Instance): SignedEchoInstance {
    return { ...blank, echoed: null, agreed: null, certificate: [], echoes: new Map() }
  }

  protected override toRecord({
    echoed,
    agreed,
    certificate,
    delivered
  }: SignedEchoInstance): SignedEchoRecord {
    return { echoed, agreed, certificate, delivered }
  }

  protected override fromRecord(instance: SignedEchoInstance, stored: SignedEchoRecord): void {
    Object.assign(instance, stored)
  }

  protected override resume(instance: SignedEchoInstance): void {
    const { self } = this.env
    const { sender, sequence } = instance
    if (sender === self && instance.echoed !== null && instance.agreed === null) {
      const fields = { sender, sequence, digest: instance.echoed }
      instance.echoes.set(self, signStatement(this.env, this.path, echoStatement, fields))
    }
    this.progress(instance)
  }

  protected override shrink(instance: SignedEchoInstance): void {
    instance.echoes.clear()
  }

  protected override instanceState(instance: SignedEchoInstance): PlainValue {
    const { digest: held, echoed, agreed, certificate, delivered, echoes } = instance
    return {
      held: held ?? null,
      echoed,
      agreed,
      delivered,
      signers: certificate.map(({ signer }) => signer),
      echoes: [...echoes.keys()].sort((a, b) => a - b)
    }
  }

  /** Each signature that is really verified counts in the budget of `from`. */
  #chargingVerifier(from: ProcessId): Pick<Crypto, 'verify'> {
    return {
      verify: (...args) => {
        this.#port.charge(from, WORK_US.verification)
        return this.env.crypto.verify(...args)
      }
    }
  }

  #echo(sender: ProcessId, sequence: number, voted: Uint8Array): SignedEchoMessage {
    const sig = signStatement(this.env, this.path, echoStatement, { sender, sequence, digest: voted })
    return { type: 'ECHO', sequence, digest: voted, signature: sig }
  }

  #equivocation(instance: SignedEchoInstance): void {
    this.env.observer.landmark('equivocation-seen')
    this.accuse(instance, instance.sender, 'equivocation', 'vouched for different payloads')
  }
}
