/**
 * What Byzantine members said to a correct process that it can know to be a lie, by what it was told, said and
 * delivered itself: there is nothing for it to do but to name who said it. Only what is certain counts: an instance is
 * looked at within the first window and before the process delivers it, where it is open whatever else happens.
 */

import { withDefaults } from '../broadcast/constants.ts'
import { verifyEchoCertificate } from '../broadcast/echo-certificate.ts'
import { findStack } from '../catalogue/index.ts'
import { asBroadcastEvent } from '../checkers/broadcast-history.ts'
import { sameBytes } from '../core/bytes.ts'
import type { FaultKind } from '../core/fault.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import type { Certificate } from '../exchange/certificate.ts'
import type { OpenPort } from '../links/ports.ts'
import type { HistoryEvent, Lie } from '../simulator/history.ts'
import type { Listener, ListenerInit, Told } from '../simulator/listener.ts'

type Fields = { readonly [name: string]: unknown }

/** What is said of who contradicts itself in an instance; there it is named once, for the first. */
const IN_ONE_INSTANCE: readonly FaultKind[] = [
  'equivocation',
  'contradicting-vote',
  'invalid-signature',
  'protocol-violation'
]

/** What is known of one correct process. */
class Hearer {
  /** In this life. What it echoed: by instance. */
  readonly echoed = new Map<string, Uint8Array>()
  /** The first votes of members in this life: by type and instance, by voter. */
  readonly votes = new Map<string, Map<ProcessId, Uint8Array>>()
  /** The question that is open for sure: by instance, whom it asked last, and for what. */
  readonly asked = new Map<string, { readonly peer: ProcessId; readonly digest: Uint8Array }>()
  /** What it reads, of members that have two values each, and who has answered: only the last question is looked at. */
  reading: { readonly question: string; readonly answered: Set<ProcessId> } | undefined
  /** In all lives. What it broadcast itself: by number. */
  readonly broadcasts = new Map<number, Uint8Array>()
  /** Who confirmed a broadcast of its own: by number. */
  readonly confirmed = new Map<number, Set<ProcessId>>()
  /** Instances that it delivered, and senders of whom it skipped something. */
  readonly settled = new Set<string>()
  /** Who told it of a gap: by sender. What f+1 say it skips, and its application hears of that a little later. */
  readonly gapClaims = new Map<ProcessId, Set<ProcessId>>()
  /** What it had a valid certificate of: by instance. */
  readonly agreed = new Map<string, Uint8Array>()
  /** What was no message, in order: a session that ends may end before that is looked at. */
  unreadable: Lie[] = []

  /** The first vote of a member, if this is not it. */
  vote(name: string, voter: ProcessId, digest: Uint8Array): Uint8Array | undefined {
    const votes = this.votes.get(name) ?? new Map<ProcessId, Uint8Array>()
    this.votes.set(name, votes)
    const first = votes.get(voter)
    if (first === undefined) votes.set(voter, digest)
    return first
  }

  crash(): void {
    for (const memory of [this.echoed, this.votes, this.asked]) memory.clear()
    this.reading = undefined
    this.unreadable = []
  }
}

export class Lies implements Listener {
  readonly #init: ListenerInit
  readonly #window: number
  /** Of a protocol from elsewhere nobody knows what its messages mean. */
  readonly #isKnown: boolean
  readonly #hearers = new Map<ProcessId, Hearer>()
  readonly #lies: Lie[] = []

  constructor(init: ListenerInit) {
    this.#init = init
    this.#window = withDefaults(init.options).windowInstances
    this.#isKnown = findStack(init.stack.name) === init.stack
  }

  get all(): readonly Lie[] {
    const unreadable = [...this.#hearers.values()].flatMap((hearer) => hearer.unreadable)
    return [...this.#lies, ...unreadable].sort((a, b) => a.at - b.at)
  }

  heard(process: ProcessId, from: ProcessId, bytes: Uint8Array, ports: readonly OpenPort[]): void {
    if (!this.#init.isLiar(from)) return
    const message = ports[bytes[0] ?? ports.length]?.messages.decode(bytes.subarray(1))
    if (message !== undefined) return
    const detail = `sent ${bytes.length} bytes that are no message of the protocol`
    this.#of(process).unreadable.push(this.#lie(process, from, ['malformed'], detail))
  }

  sessionEnded(process: ProcessId, peer: ProcessId): void {
    const hearer = this.#of(process)
    // What waited to be taken in is lost with it.
    const { at } = this.#init.now()
    hearer.unreadable = hearer.unreadable.filter((lie) => lie.liar !== peer || lie.at < at)
    for (const [name, { peer: asked }] of hearer.asked) if (asked === peer) hearer.asked.delete(name)
  }

  happened(told: HistoryEvent): void {
    if (this.#init.isLiar(told.process)) return
    const event = asBroadcastEvent(told)
    const hearer = this.#of(event.process)
    if (event.kind === 'crash' || event.kind === 'stop') hearer.crash()
    else if (event.kind === 'broadcast') hearer.broadcasts.set(event.sequence, event.payload)
    else if (event.kind === 'deliver') hearer.settled.add(`${event.sender}/${event.sequence}`)
    else if (event.kind === 'gap') hearer.settled.add(`${event.sender}`)
  }

  told(process: ProcessId, event: Told): void {
    if (!this.#isKnown || typeof event.message !== 'object') return
    const message = event.message as Fields
    if (event.kind === 'send') this.#sent(process, event.to, message)
    else this.#received(process, event.from, event.path, message)
  }

  #sent(process: ProcessId, to: ProcessId, { type, sender = to, sequence, digest, call }: Fields): void {
    const hearer = this.#of(process)
    if (type === 'READ' && hearer.reading?.question !== questionOf(call))
      hearer.reading = { question: questionOf(call), answered: new Set() }
    if (!(digest instanceof Uint8Array)) return
    if (type === 'ECHO') {
      hearer.echoed.set(`${sender}/${sequence}`, digest)
      this.#compareEchoes(process, Number(sender), Number(sequence))
    }
    if (type === 'PULL') hearer.asked.set(`${sender}/${sequence}`, { peer: to, digest })
  }

  #received(process: ProcessId, from: ProcessId, path: string, message: Fields): void {
    const { type, sequence, digest, sender, bases } = message
    const { group, isLiar } = this.#init
    const hearer = this.#of(process)
    const say = (kinds: readonly FaultKind[], detail: string) => {
      if (isLiar(from)) this.#lies.push(this.#lie(process, from, kinds, detail))
    }
    if (typeof sender === 'number' && sender >= group.n)
      say(['malformed'], `sent ${type} that names ${sender}, which is no member`)
    else if (Array.isArray(bases) && bases.length !== group.n)
      say(['malformed'], `sent ${type} of ${bases.length} members`)
    if (type === 'GAP' && typeof sender === 'number') {
      const claims = (hearer.gapClaims.get(sender) ?? new Set()).add(from)
      hearer.gapClaims.set(sender, claims)
      if (claims.size >= group.quorum.oneCorrect) hearer.settled.add(`${sender}`)
    }
    if (type === 'VALUE' && 'prewritten' in message) this.#onPair(hearer, from, message, say)
    if (typeof sequence !== 'number') return

    if (type === 'PAYLOAD' || type === 'SEND') {
      const instance = `${sender ?? from}/${sequence}`
      const question = hearer.asked.get(instance)
      hearer.asked.delete(instance)
      if (type === 'PAYLOAD' && question?.peer === from && !this.#isSettled(hearer, instance)) {
        if (!this.#isOf(message.payload, question.digest))
          say(['protocol-violation'], `handed over another payload of ${instance} than it was asked for`)
      }
    }
    if (type === 'SEND') this.#onSend(hearer, from, sequence, message.payload, say)
    else if (type === 'FINAL') this.#onFinal(hearer, from, path, message, say)
    else if (!(digest instanceof Uint8Array) || (type !== 'ECHO' && type !== 'READY')) return
    else if (typeof sender === 'number') {
      this.#onVote(hearer, from, { type, sender, sequence, digest }, say)
      this.#compareEchoes(process, sender, sequence)
    } else this.#onConfirmation(hearer, process, from, sequence, digest, say)
  }

  /**
   * Who keeps what was prewritten and what was written has the first no lower than the second, and one value at one
   * timestamp. An answer is looked at for sure as long as there are too few others to go by.
   */
  #onPair(hearer: Hearer, from: ProcessId, { call, prewritten, written }: Fields, say: Say): void {
    const { reading } = hearer
    if (reading === undefined || reading.question !== questionOf(call) || reading.answered.has(from)) return
    const isLookedAt = reading.answered.size + 1 < this.#init.group.quorum.byzantine
    reading.answered.add(from)
    const [first, second] = [prewritten as Claimed | null, written as Claimed | null]
    const isOrdered =
      second === null ||
      (first !== null &&
        (first.timestamp > second.timestamp ||
          (first.timestamp === second.timestamp && sameBytes(first.value, second.value))))
    if (isLookedAt && !isOrdered)
      say(['protocol-violation'], 'answered a READ with a pair that no member has')
  }

  /** It echoed another payload, or has a certificate of another: who sent it two is an equivocator. */
  #onSend(hearer: Hearer, from: ProcessId, sequence: number, payload: unknown, say: Say): void {
    const instance = `${from}/${sequence}`
    const before = hearer.echoed.get(instance) ?? hearer.agreed.get(instance)
    if (before === undefined || !this.#isOpen(hearer, from, sequence) || this.#isOf(payload, before)) return
    say(IN_ONE_INSTANCE, `sent two payloads in instance ${instance}`)
  }

  /** The first vote of a member in an instance counts, and another one contradicts it. */
  #onVote(hearer: Hearer, from: ProcessId, { type, sender, sequence, digest }: Vote, say: Say): void {
    if (!isMember(this.#init.group, sender) || !this.#isOpen(hearer, sender, sequence)) return
    const first = hearer.vote(`${type}/${sender}/${sequence}`, from, digest)
    if (first !== undefined && !sameBytes(first, digest))
      say(IN_ONE_INSTANCE, `sent two ${type}s in instance ${sender}/${sequence}`)
  }

  /** One of f+1 is correct and echoes what it was sent: if that is another payload, the sender sent two. */
  #compareEchoes(process: ProcessId, sender: ProcessId, sequence: number): void {
    const { group, isLiar } = this.#init
    const hearer = this.#of(process)
    const instance = `${sender}/${sequence}`
    const echoed = hearer.echoed.get(instance)
    if (echoed === undefined || !isLiar(sender) || !this.#isOpen(hearer, sender, sequence)) return
    const others = [...(hearer.votes.get(`ECHO/${instance}`)?.values() ?? [])].filter(
      (digest) => !sameBytes(digest, echoed)
    )
    const agree = others.filter((digest) => others[0] !== undefined && sameBytes(digest, others[0]))
    if (agree.length !== group.quorum.oneCorrect) return
    const detail = `sent another payload in instance ${instance}, as ${agree.length} say`
    this.#lies.push(this.#lie(process, sender, IN_ONE_INSTANCE, detail))
  }

  /** Signed echo: an ECHO is for what the receiver sent. Beyond a quorum nobody looks at them any more. */
  #onConfirmation(
    hearer: Hearer,
    process: ProcessId,
    from: ProcessId,
    sequence: number,
    digest: Uint8Array,
    say: Say
  ): void {
    const payload = hearer.broadcasts.get(sequence)
    if (payload === undefined) return
    const isFirst = hearer.vote(`ECHO/${process}/${sequence}`, from, digest) === undefined
    const confirmed = hearer.confirmed.get(sequence) ?? new Set()
    hearer.confirmed.set(sequence, confirmed)
    const isOpen = this.#isOpen(hearer, process, sequence)
    if (this.#isOf(payload, digest)) confirmed.add(from)
    else if (isFirst && isOpen && confirmed.size + 1 < this.#init.group.quorum.byzantine)
      say(IN_ONE_INSTANCE, `sent an ECHO in instance ${process}/${sequence} for what it was not sent there`)
  }

  /** A certificate that proves nothing, or proves what the receiver was not sent. */
  #onFinal(hearer: Hearer, from: ProcessId, path: string, message: Fields, say: Say): void {
    const { crypto, group } = this.#init
    const { sequence, digest, certificate } = message
    if (typeof sequence !== 'number' || !(digest instanceof Uint8Array)) return
    const instance = `${from}/${sequence}`
    if (hearer.agreed.has(instance) || !this.#isOpen(hearer, from, sequence)) return
    const claim = { sender: from, sequence, digest }
    const echoed = hearer.echoed.get(instance)
    if (!isOfDistinct(certificate) || !verifyEchoCertificate(crypto, group, path, claim, certificate))
      say(IN_ONE_INSTANCE, `sent a certificate in instance ${instance} that proves nothing`)
    else {
      hearer.agreed.set(instance, digest)
      if (echoed !== undefined && !sameBytes(echoed, digest))
        say(IN_ONE_INSTANCE, `sent a certificate in instance ${instance} for another payload than before`)
    }
  }

  /** Whether the process admits the instance for sure: its window cannot have moved past it, nor end before it. */
  #isOpen(hearer: Hearer, sender: ProcessId, sequence: number): boolean {
    return sequence < this.#window && !this.#isSettled(hearer, `${sender}/${sequence}`)
  }

  #isSettled({ settled }: Hearer, instance: string): boolean {
    const [sender = ''] = instance.split('/')
    return settled.has(instance) || settled.has(sender)
  }

  #isOf(payload: unknown, digest: Uint8Array): boolean {
    return payload instanceof Uint8Array && sameBytes(this.#init.crypto.hash(payload), digest)
  }

  #lie(process: ProcessId, liar: ProcessId, kinds: readonly FaultKind[], detail: string): Lie {
    return { ...this.#init.now(), process, liar, kinds, detail }
  }

  #of(process: ProcessId): Hearer {
    const hearer = this.#hearers.get(process) ?? new Hearer()
    this.#hearers.set(process, hearer)
    return hearer
  }
}

/** Whether each signature of the certificate is another member's: seen here, and not by the code that is judged. */
function isOfDistinct(certificate: unknown): certificate is Certificate {
  if (!Array.isArray(certificate)) return false
  const signers = (certificate as Certificate).map(({ signer }) => signer)
  return new Set(signers).size === signers.length
}

/** Names a question by the life in which it was asked, and its number there. */
function questionOf(call: unknown): string {
  const { life, number } = (call ?? {}) as Fields
  return `${life}/${number}`
}

interface Claimed {
  readonly timestamp: number
  readonly value: Uint8Array
}

type Say = (kinds: readonly FaultKind[], detail: string) => void

interface Vote {
  readonly type: string
  readonly sender: ProcessId
  readonly sequence: number
  readonly digest: Uint8Array
}
