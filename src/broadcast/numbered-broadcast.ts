/**
 * What the Byzantine broadcasts share, so that each protocol file holds the protocol and little else: the sender's
 * numbers, the table of open instances, windows and retention, payloads by digest, and what survives a crash.
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
import type { ProcessId } from '../core/group.ts'
import { decode, encode, type Shape, uint } from '../core/shapes.ts'
import { fromNumericKey, numericKey } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Ports } from '../links/ports.ts'
import { type BroadcastOptions, OWED_VOTES_BYTES, withDefaults } from './constants.ts'
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

/** The part of an instance that every protocol has. */
export interface Instance {
  payload: Uint8Array | undefined
  /** SHA-256 of the payload. */
  digest: Uint8Array | undefined
  delivered: boolean
}

const instanceKey = (sender: ProcessId, sequence: number) => `${numericKey(sender)}/${numericKey(sequence)}`

function parseInstanceKey(key: string): [sender: ProcessId, sequence: number] {
  const [sender = '', sequence = ''] = key.split('/')
  return [fromNumericKey(sender), fromNumericKey(sequence)]
}

export abstract class NumberedBroadcast<
  I extends Instance,
  R extends PlainValue
> extends Component<BroadcastIndications> {
  protected readonly windows: Windows
  protected readonly payloads: Payloads
  readonly #payloadBytesMax: number
  /** By sender, then by sequence: the open instances and the retained ones. */
  readonly #instances: readonly Map<number, I>[]
  readonly #recordShape: Shape<R>
  /** Instances whose record is to be written in this turn. */
  readonly #changed = new Map<I, readonly [sender: ProcessId, sequence: number]>()
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
    this.#recordShape = recordShape
    this.#instances = env.group.ranks.map(() => new Map())
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
      found: (sender, sequence, payload) => this.#found(sender, sequence, payload),
      holders: (sender, sequence) => {
        const instance = this.peek(sender, sequence)
        return instance === undefined ? [] : this.holders(instance)
      }
    })
  }

  // The protocol's own part.

  protected abstract create(): I
  /** What of the instance must survive a crash, beside its payload. */
  protected abstract toRecord(instance: I): R
  protected abstract fromRecord(instance: I, record: R): void
  /** The owner of the number starts: the textbook's ⟨Broadcast | m⟩. */
  protected abstract start(sequence: number, payload: Uint8Array): void
  /** Send `peer` all that this process has to say about the instance. */
  protected abstract owe(peer: ProcessId, sender: ProcessId, sequence: number, instance: I): void
  /** The guards ("upon exists ..."), evaluated after every input that they read. */
  protected abstract progress(sender: ProcessId, sequence: number, instance: I): void
  /** An undelivered instance after a restart: counts again what this process itself had said. */
  protected resume(sender: ProcessId, sequence: number, instance: I): void {
    this.progress(sender, sequence, instance)
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
      const instance = this.instance(self, sequence)
      this.keepPayload(self, sequence, instance, payload)
      this.env.whenDurable(accepted)
      this.start(sequence, payload)
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
    for (const [key, payload] of this.store.restored('payload/')) {
      const [sender, sequence] = parseInstanceKey(key)
      const instance = this.instance(sender, sequence)
      instance.payload = payload
      instance.digest = this.env.crypto.hash(payload)
    }
    for (const [key, value] of this.store.restored('record/')) {
      const [sender, sequence] = parseInstanceKey(key)
      const record = decode(this.#recordShape, value)
      assert(record !== undefined, `a stored record is of its shape: ${key}`)
      this.fromRecord(this.instance(sender, sequence), record)
    }
    for (const sender of this.env.group.ranks) {
      this.#restoreRetained(sender)
      for (const [sequence, instance] of this.#sorted(sender)) {
        if (sequence < this.base(sender)) continue
        if (sender === this.env.self) this.#ownBytes += instance.payload?.length ?? 0
        if (this.windows.isAcknowledged(sender, sequence)) continue
        if (instance.delivered) this.#indicateDelivery(sender, sequence, instance)
        else this.resume(sender, sequence, instance)
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
        this.#sorted(sender).map(([sequence, instance]) => ({
          sequence,
          ...asRecord(this.instanceState(instance))
        }))
      )
    }
  }

  // What protocols use.

  protected peek(sender: ProcessId, sequence: number): I | undefined {
    return this.#instances[sender]?.get(sequence)
  }

  /** The instance, made on demand; the caller has checked that the window admits it. */
  protected instance(sender: ProcessId, sequence: number): I {
    const instances = this.#instances[sender]
    assert(instances !== undefined, `a member's rank, not ${sender}`)
    let instance = instances.get(sequence)
    if (instance === undefined) {
      instance = this.create()
      instances.set(sequence, instance)
    }
    return instance
  }

  /** The instance that a remote message speaks of, if this process may still learn something about it. */
  protected admitted(from: ProcessId, sender: number, sequence: number): I | undefined {
    if (this.#instances[sender] === undefined) {
      const detail = `names ${sender}, which is no member, as a sender`
      this.env.observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
      return undefined
    }
    if (this.windows.admits(sender, sequence)) return this.instance(sender, sequence)
    if (sequence >= this.base(sender)) {
      const detail = `speaks of broadcast ${sequence} of ${sender}, beyond the window at ${this.base(sender)}`
      // Only suspected: a message held back across the end of a session may be ahead of what was reported in the new one.
      this.env.observer.fault({ process: from, kind: 'flooding', certainty: 'suspected', detail })
      this.env.observer.landmark('beyond-window')
    }
    return undefined
  }

  /** Holds the payload from now on, durably with this turn. @param digest - of the payload, where it is known */
  protected keepPayload(
    sender: ProcessId,
    sequence: number,
    instance: I,
    payload: Uint8Array,
    digest: Uint8Array = this.env.crypto.hash(payload)
  ): void {
    instance.payload = payload
    instance.digest = digest
    this.store.put(`payload/${instanceKey(sender, sequence)}`, payload)
    this.payloads.drop(sender, sequence)
  }

  /** Makes the protocol's part of the instance durable with this turn. */
  protected keep(sender: ProcessId, sequence: number, instance: I): void {
    // An instance often changes more than once in a turn (its READY and its delivery): what counts is how it ends.
    if (this.#changed.size === 0) this.env.trigger(() => this.#keepChanged())
    this.#changed.set(instance, [sender, sequence])
  }

  #keepChanged(): void {
    for (const [instance, [sender, sequence]] of this.#changed) {
      if (this.peek(sender, sequence) !== instance) continue // retired since
      const record = encode(this.#recordShape, this.toRecord(instance))
      this.store.put(`record/${instanceKey(sender, sequence)}`, record)
    }
    this.#changed.clear()
  }

  protected deliver(sender: ProcessId, sequence: number, instance: I): void {
    assert(!instance.delivered, 'an instance is delivered once')
    instance.delivered = true
    this.payloads.drop(sender, sequence)
    this.keep(sender, sequence, instance)
    this.#indicateDelivery(sender, sequence, instance)
  }

  #indicateDelivery(sender: ProcessId, sequence: number, instance: I): void {
    assert(instance.payload !== undefined, 'what is delivered is in hand')
    this.indicate.deliver(sender, sequence, instance.payload)
  }

  #owe(peer: ProcessId, sender: ProcessId, sequence: number): number {
    const instance = this.peek(sender, sequence)
    if (instance === undefined) return 0
    if (instance.delivered) this.env.observer.landmark('catch-up-used')
    this.owe(peer, sender, sequence, instance)
    // Its sender alone sends the payload again.
    return OWED_VOTES_BYTES + (sender === this.env.self ? (instance.payload?.length ?? 0) : 0)
  }

  #found(sender: ProcessId, sequence: number, payload: Uint8Array): void {
    const instance = this.peek(sender, sequence)
    if (instance === undefined || instance.delivered) return
    this.keepPayload(sender, sequence, instance, payload)
    this.progress(sender, sequence, instance)
  }

  #firstDelivered(sender: ProcessId, from: number, to: number): number {
    for (const [sequence, { delivered }] of this.#sorted(sender)) {
      if (delivered && sequence >= from && sequence < to) return sequence
    }
    return to
  }

  #skip(sender: ProcessId, from: number, to: number): void {
    if (sender === this.env.self && to > this.#next) {
      this.#next = to
      this.store.put('next', encode(uint(), to))
    }
    for (const [sequence, { payload }] of this.#sorted(sender)) {
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
    this.#instances[sender]?.delete(sequence)
    this.payloads.drop(sender, sequence)
    this.store.delete(`payload/${instanceKey(sender, sequence)}`)
    this.store.delete(`record/${instanceKey(sender, sequence)}`)
  }

  #moved(sender: ProcessId): void {
    if (sender !== this.env.self || !this.#refused) return
    this.#refused = false
    this.indicate.ready()
  }

  #sorted(sender: ProcessId): [number, I][] {
    return [...(this.#instances[sender] ?? [])].sort(([a], [b]) => a - b)
  }
}

function asRecord(state: PlainValue): { readonly [name: string]: PlainValue } {
  return { instance: state }
}
