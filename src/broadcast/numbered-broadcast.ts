/**
 * What the Byzantine broadcasts share, so that each protocol file holds the protocol and little else: the sender's
 * numbers, the table of instances, windows and retention, payloads by digest, and what survives a crash.
 *
 * A broadcast is named by (sender, sequence). What must survive is written in the turn that decides it (the
 * sender's number and payload, a vote, a delivery), and the host lets nothing of that turn leave before it is
 * durable. After a restart everything undelivered goes on where it was, and everything delivered but not yet
 * acknowledged by the layer above is delivered again.
 */
import { assert } from '../core/assert.ts'
import { sameBytes } from '../core/bytes.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import type { Evidence, FaultKind } from '../core/fault.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { decode, encode, type Shape, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Port, Ports } from '../links/ports.ts'
import { type BroadcastOptions, OWED_VOTES_BYTES, withDefaults } from './constants.ts'
import { type Instance, Instances } from './instances.ts'
import { Payloads } from './payloads.ts'
import { Windows } from './windows.ts'

export interface BroadcastIndications {
  /** The layer above answers, once it has taken the payload over, with `acknowledge`. */
  deliver(sender: ProcessId, sequence: number, payload: Uint8Array): void
  /** The broadcasts [from, to) of `sender` are beyond what others retain; f+1 members vouch for it. */
  gap(sender: ProcessId, from: number, to: number): void
  /** After a refusal: the window admits a broadcast of one's own again. */
  ready(): void
}

export abstract class NumberedBroadcast<
  I extends Instance,
  R extends PlainValue
> extends Component<BroadcastIndications> {
  protected readonly windows: Windows
  protected readonly payloads: Payloads
  readonly #payloadBytesMax: number
  readonly #instances: Instances<I, R>
  /** The next number of one's own. */
  #next: number
  /** Bytes of one's own payloads that are under way: broadcast, and not yet acknowledged. */
  #ownBytes = 0
  readonly #ownBytesMax: number
  #refused = false

  protected constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: BroadcastOptions,
    recordShape: Shape<R>,
    indications: BroadcastIndications
  ) {
    super(env, path, indications)
    const { payloadBytesMax, windowBytesMax } = withDefaults(options)
    this.#payloadBytesMax = payloadBytesMax
    this.#ownBytesMax = windowBytesMax
    this.#instances = new Instances(env, `${path}/`, {
      recordShape,
      create: (blank) => this.create(blank),
      toRecord: (instance) => this.toRecord(instance),
      fromRecord: (instance, record) => this.fromRecord(instance, record)
    })
    const next = this.store.restored('next')[0]?.[1]
    this.#next = next === undefined ? 0 : (decode(uint(), next) ?? 0)
    this.windows = new Windows(env, ports, `${path}/windows`, options, {
      owe: (peer, sender, sequence) => this.#owe(peer, sender, sequence),
      firstDelivered: (sender, from, to) => this.#firstDelivered(sender, from, to),
      skip: (sender, from, to) => this.#skip(sender, from, to),
      retain: (sender, sequence) => this.#retain(sender, sequence),
      retire: (sender, sequence) => this.#retire(sender, sequence),
      moved: (sender) => this.#moved(sender)
    })
    this.payloads = new Payloads(env, ports, `${path}/payloads`, this.#payloadBytesMax, {
      find: (sender, sequence, wanted) => {
        const instance = this.peek(sender, sequence)
        return instance?.digest !== undefined && sameBytes(instance.digest, wanted)
          ? instance.payload
          : undefined
      },
      found: (sender, sequence, payload) => this.#found(this.peek(sender, sequence), payload),
      holders: (sender, sequence) => {
        const instance = this.peek(sender, sequence)
        return instance === undefined ? [] : this.holders(instance)
      }
    })
  }

  // The protocol's own part.

  /** @param blank - a new instance, as far as it is the same for every protocol */
  protected abstract create(blank: Instance): I
  /** What of the instance must survive a crash, beside its payload. */
  protected abstract toRecord(instance: I): R
  protected abstract fromRecord(instance: I, record: R): void
  /** The owner of the number starts: the textbook's ⟨Broadcast | m⟩. */
  protected abstract start(instance: I, payload: Uint8Array): void
  /** Send `peer` all that this process has to say about the instance. */
  protected abstract owe(peer: ProcessId, instance: I): void
  /** The guards ("upon exists ..."), evaluated after every input that they read. */
  protected abstract progress(instance: I): void
  /** An undelivered instance after a restart: counts again what this process itself had said. */
  protected resume(instance: I): void {
    this.progress(instance)
  }
  /** The instance is over here: drop the votes, keep what `owe` sends of a delivered instance. */
  protected abstract shrink(instance: I): void
  /** Who can be asked for the payload. */
  protected abstract holders(instance: I): readonly ProcessId[]
  protected abstract instanceState(instance: I): PlainValue

  /** The next sequence number of this process's own broadcasts. */
  get nextSequence(): number {
    return this.#next
  }

  /** Below this, everything of `sender` was delivered and acknowledged. */
  base(sender: ProcessId): number {
    return this.windows.base(sender)
  }

  /** The first instance of `sender` that the layer above has not acknowledged: the base may wait below it. */
  undelivered(sender: ProcessId): number {
    let sequence = this.base(sender)
    while (this.windows.isAcknowledged(sender, sequence)) sequence++
    return sequence
  }

  /**
   * Request: broadcasts `payload` to all members.
   * @param accepted is called once the number and the payload are durable: from then on a crash does not lose the
   * broadcast. Before that, a crash may leave it broadcast or not.
   * @returns the sequence number under which it will be delivered, with this process as sender
   * @throws WindowFullError while the window is full; `ready` is indicated when it is not any more
   * @throws InvalidParametersError if the payload is too long
   */
  broadcast(payload: Uint8Array, accepted: () => void = () => {}): number {
    if (payload.length > this.#payloadBytesMax) {
      throw new InvalidParametersError(
        `a payload has at most ${this.#payloadBytesMax} bytes, not ${payload.length}: split it into several broadcasts`
      )
    }
    const { self } = this.env
    if (!this.windows.admits(self, this.#next)) this.#refuse(`${this.windows.size} broadcasts`)
    if (this.#ownBytes > 0 && this.#ownBytes + payload.length > this.#ownBytesMax) {
      this.#refuse(`${this.#ownBytes} bytes`)
    }
    const sequence = this.#next++
    this.#ownBytes += payload.length
    this.request('broadcast', [sequence, payload], () => {
      this.store.put('next', encode(uint(), this.#next))
      const instance = this.#instances.at(self, sequence)
      this.keepPayload(instance, payload)
      this.env.whenDurable(accepted)
      this.start(instance, payload)
    })
    return sequence
  }

  #refuse(underWay: string): never {
    this.#refused = true
    throw new WindowFullError(`${underWay} are under way: wait until one broadcast is delivered`)
  }

  /** Request: the layer above has taken over what it was given; the window may move on. */
  acknowledge(sender: ProcessId, sequence: number): void {
    this.request('acknowledge', [sender, sequence], () => this.windows.acknowledge(sender, sequence))
  }

  /** To be called once, when all components exist: goes on with what was stored before a crash. */
  restore(): void {
    this.#instances.restore()
    for (const sender of this.env.group.ranks) {
      this.#restoreRetained(sender)
      for (const instance of this.#instances.of(sender)) {
        if (instance.sequence < this.base(sender)) continue
        if (sender === this.env.self) this.#ownBytes += instance.payload?.length ?? 0
        if (this.windows.isAcknowledged(sender, instance.sequence)) continue
        if (instance.delivered) this.#indicateDelivery(instance)
        else this.resume(instance)
      }
    }
  }

  #restoreRetained(sender: ProcessId): void {
    const bytes: number[] = []
    let sequence = this.base(sender) - 1
    for (
      let instance = this.peek(sender, sequence);
      instance !== undefined;
      instance = this.peek(sender, --sequence)
    ) {
      this.shrink(instance)
      bytes.unshift(instance.payload?.length ?? 0)
    }
    this.windows.restoreRetained(sender, bytes)
  }

  state(): PlainValue {
    return {
      next: this.#next,
      windows: this.windows.state(),
      questions: this.payloads.state(),
      instances: this.env.group.ranks.map((sender) =>
        this.#instances.of(sender).map((instance) => ({
          sequence: instance.sequence,
          instance: this.instanceState(instance)
        }))
      )
    }
  }

  // What protocols use.

  protected peek(sender: ProcessId, sequence: number): I | undefined {
    return this.#instances.peek(sender, sequence)
  }

  /** The instance that a remote message speaks of, if this process may still learn something about it. */
  protected admitted(from: ProcessId, sender: number, sequence: number): I | undefined {
    if (!isMember(this.env.group, sender)) {
      const detail = `names ${sender}, which is no member, as a sender`
      this.env.observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
      return undefined
    }
    if (this.windows.admits(sender, sequence)) return this.#instances.at(sender, sequence)
    if (sequence >= this.base(sender)) {
      const detail = `speaks of broadcast ${sequence} of ${sender}, beyond the window at ${this.base(sender)}`
      // Only suspected: a message held back across the end of a session may be ahead of what was reported in the new
      // one.
      this.env.observer.fault({ process: from, kind: 'flooding', certainty: 'suspected', detail })
      this.env.observer.landmark('beyond-window')
    }
    return undefined
  }

  /** Holds the payload from now on, durably with this turn. @param digest - of the payload, where it is known */
  protected keepPayload(instance: I, payload: Uint8Array, digest = this.env.crypto.hash(payload)): void {
    instance.payload = payload
    instance.digest = digest
    this.#instances.keepPayload(instance, payload)
    this.payloads.drop(instance)
  }

  /** Makes the protocol's part of the instance durable with this turn. */
  protected keep(instance: I): void {
    this.#instances.keep(instance)
  }

  protected deliver(instance: I): void {
    assert(!instance.delivered, 'an instance is delivered once')
    instance.delivered = true
    this.payloads.drop(instance)
    this.keep(instance)
    this.#indicateDelivery(instance)
  }

  /** To all whose windows admit the instance, and to oneself. */
  protected sendToAdmitting<M>(port: Port<M>, { sender, sequence }: I, message: M): void {
    for (const peer of this.windows.admitting(sender, sequence)) port.send(peer, message)
    port.send(this.env.self, message)
  }

  /**
   * Names `process` for what it did in the instance: once, whatever else it does there.
   * @param did - one line for people, which goes on with the name of the instance
   * @param evidence - what proves it to anybody; without it this process is certain, and no more
   */
  protected accuse(instance: I, process: ProcessId, kind: FaultKind, did: string, evidence?: Evidence): void {
    if (instance.named.has(process)) return
    instance.named = new Set([...instance.named, process])
    const detail = `${did} in instance ${instance.sender}/${instance.sequence}`
    this.env.observer.fault(
      evidence === undefined
        ? { process, kind, certainty: 'certain', detail }
        : { process, kind, certainty: 'proven', detail, evidence }
    )
  }

  #indicateDelivery({ sender, sequence, payload }: I): void {
    assert(payload !== undefined, 'what is delivered is in hand')
    this.indicate.deliver(sender, sequence, payload)
  }

  #owe(peer: ProcessId, sender: ProcessId, sequence: number): number {
    const instance = this.peek(sender, sequence)
    if (instance === undefined) return 0
    if (instance.delivered) this.env.observer.landmark('catch-up-used')
    this.owe(peer, instance)
    // Its sender alone sends the payload again.
    return OWED_VOTES_BYTES + (sender === this.env.self ? (instance.payload?.length ?? 0) : 0)
  }

  #found(instance: I | undefined, payload: Uint8Array): void {
    if (instance === undefined || instance.delivered) return
    this.keepPayload(instance, payload)
    this.progress(instance)
  }

  #firstDelivered(sender: ProcessId, from: number, to: number): number {
    for (const { sequence, delivered } of this.#instances.of(sender)) {
      if (delivered && sequence >= from && sequence < to) return sequence
    }
    return to
  }

  #skip(sender: ProcessId, from: number, to: number): void {
    if (sender === this.env.self && to > this.#next) {
      this.#next = to
      this.store.put('next', encode(uint(), to))
    }
    for (const { sequence, payload } of this.#instances.of(sender)) {
      if (sequence < from || sequence >= to) continue
      if (sender === this.env.self) this.#ownBytes -= payload?.length ?? 0
      this.#retire(sender, sequence)
    }
    this.indicate.gap(sender, from, to)
  }

  #retain(sender: ProcessId, sequence: number): number {
    const instance = this.peek(sender, sequence)
    if (instance === undefined) return 0
    this.shrink(instance)
    const bytes = instance.payload?.length ?? 0
    if (sender === this.env.self) this.#ownBytes -= bytes
    return bytes
  }

  #retire(sender: ProcessId, sequence: number): void {
    const instance = this.peek(sender, sequence)
    if (instance === undefined) return
    this.#instances.delete(instance)
    this.payloads.drop(instance)
  }

  #moved(sender: ProcessId): void {
    if (sender !== this.env.self || !this.#refused) return
    this.#refused = false
    this.indicate.ready()
  }
}
