/**
 * Records one life of a stack while it runs: a wrapper around its environment, its carrier and its application, which
 * changes nothing and writes down what passes (recording-format.ts). The links stand below it, so no MAC key passes,
 * and of the private key only the signatures that were made with it.
 *
 * A line is told at the end of its turn before the links pack what the turn sent: what others have seen of this
 * process is in the recording. Space: one line.
 */
import { toHex } from '../core/bytes.ts'
import type { Environment, MacKey } from '../core/environment.ts'
import type { ServiceDeclaration } from '../core/service.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import { type BuiltStack, buildStack, type StackInit } from '../stacks/build.ts'
import { optionsInFull } from '../stacks/options.ts'
import type { BroadcastInstance, StackInstance } from '../stacks/stack.ts'
import { Observed } from './observed.ts'
import { type AsInput, RecordedServices, recordedApplication } from './recorded-services.ts'
import {
  type Consequences,
  type Input,
  type LineSink,
  RECORDING_FORMAT,
  RECORDING_VERSION,
  type Reading,
  type RecordingEnd,
  type RecordingHeader,
  type StoredEntry
} from './recording-format.ts'

export interface RecordedStack<I = BroadcastInstance> extends BuiltStack<I> {
  /** The life is over: by a cause, or because it was told to stop. */
  end(cause?: Error): void
}

/** As {@link buildStack}, and tells every line of a recording of the new stack's life. */
export function recordStack<A extends object, I extends StackInstance<object>>(
  init: StackInit<A, I>,
  sink: LineSink
): RecordedStack<I> {
  const { env, stack, options } = init
  const recorder = new Recorder(env, sink)
  recorder.begin({
    format: RECORDING_FORMAT,
    version: RECORDING_VERSION,
    group: {
      id: toHex(env.group.id),
      epoch: env.group.epoch,
      f: env.group.f,
      publicKeys: env.group.publicKeys.map(toHex),
      clients: env.group.clients.map(toHex)
    },
    self: env.self,
    incarnation: env.incarnation,
    fresh: env.fresh,
    stack: stack.name,
    registers: stack.registers === true,
    options: optionsInFull(options)
  })
  const built = recorder.input({ input: 'build' }, () =>
    buildStack({
      ...init,
      env: recorder.environment(),
      application: recorder.application(init.application)
    })
  )
  return {
    ...built,
    indications: recorder.indications(built.indications),
    attach: (carrier) => built.attach(recorder.carrier(carrier)),
    instance: recorder.instance(built.instance, stack.services),
    end: (cause) => recorder.end(cause)
  }
}

/** A stack whose life is recorded if somebody wants to be told the lines. */
export const buildLife = <A extends object, I extends StackInstance<object>>(
  init: StackInit<A, I>,
  sink: LineSink | undefined
): BuiltStack<I> => (sink === undefined ? buildStack(init) : recordStack(init, sink))

interface OpenLine {
  readonly input: Input
  readonly at: number
  ran: string
  readonly readings: Reading[]
}

class Recorder {
  readonly #env: Environment
  readonly #sink: LineSink
  readonly #observed: Observed
  #line: OpenLine | undefined
  #timers = 0
  #reads = 0
  #flushes = 0
  #ended = false

  constructor(env: Environment, sink: LineSink) {
    this.#env = env
    this.#sink = sink
    this.#observed = new Observed(env.crypto.hash)
    env.onTurnEnd(() => this.#close())
  }

  begin(header: RecordingHeader): void {
    this.#tell(header)
  }

  input<T>(input: Input, handler: () => T): T {
    this.#open(input)
    return this.#watched(handler)
  }

  end(cause?: Error): void {
    if (this.#ended) return
    this.#close()
    this.#ended = true
    const how: Pick<RecordingEnd, 'end' | 'cause'> =
      cause === undefined ? { end: 'stopped' } : { end: 'crashed', cause: cause.message }
    const line = { ...how, at: this.#now() }
    this.#sink(JSON.stringify({ ...line, ...this.#observed.check(line) }))
  }

  environment(): Environment {
    const env = this.#env
    return {
      ...env,
      clock: {
        now: () => this.#read(env.clock.now(), (now) => ({ now })),
        setTimer: (delayMs, handler) => {
          const timer = ++this.#timers
          this.#observed.timerSet(timer, delayMs)
          const set = env.clock.setTimer(delayMs, () => this.input({ input: 'timer', timer }, handler))
          return {
            cancel: () => {
              this.#observed.timerCancelled(timer)
              set.cancel()
            }
          }
        }
      },
      random: {
        bytes: (length) => this.#read(env.random.bytes(length), (bytes) => ({ random: toHex(bytes) })),
        below: (bound) => this.#read(env.random.below(bound), (below) => ({ below }))
      },
      crypto: {
        ...env.crypto,
        sign: (statement) =>
          this.#read(env.crypto.sign(statement), (signature) => ({ signature: toHex(signature) })),
        macKey: (peer, context) => this.#macKey(env.crypto.macKey(peer, context))
      },
      store: {
        put: (key, value) => {
          this.#observed.wrote(key, value)
          env.store.put(key, value)
        },
        delete: (key) => {
          this.#observed.wrote(key, undefined)
          env.store.delete(key)
        },
        restored: (prefix) => {
          const entries = env.store.restored(prefix)
          for (const [key, value] of entries) this.#tell({ stored: prefix + key, value: toHex(value) })
          return entries
        },
        read: (key, then) => {
          const read = ++this.#reads
          env.store.read(key, (value) => {
            const input: Input =
              value === undefined
                ? { input: 'nothing-stored', read }
                : { input: 'disk-read', read, value: toHex(value) }
            this.input(input, () => then(value))
          })
        }
      },
      observer: {
        tracing: env.observer.tracing,
        event: (event) => env.observer.event(event),
        fault: (fault) => {
          this.#observed.named(fault)
          env.observer.fault(fault)
        },
        landmark: (name) => {
          this.#observed.reached(name)
          env.observer.landmark(name)
        },
        applying: (command) => env.observer.applying?.(command)
      },
      trigger: (handler) => env.trigger(() => this.#ran('e', handler)),
      whenDurable: (effect) => env.whenDurable(() => this.#ran('f', effect)),
      onTurnEnd: (flush) => {
        const input: Input = { input: 'turn-end', flush: this.#flushes++ }
        env.onTurnEnd(() => this.input(input, flush))
      }
    }
  }

  carrier(carrier: Carrier): Carrier {
    return {
      send: (to, message) => {
        this.#observed.sent(to, message)
        carrier.send(to, message)
      },
      // What is wanted of a peer is not observed: others see no more of it than that this process is slow.
      press: (peer, isPressed) => carrier.press?.(peer, isPressed)
    }
  }

  indications({ deliver, sessionStarted, sessionEnded }: CarrierIndications): CarrierIndications {
    return {
      deliver: (from, message) =>
        this.input({ input: 'receive', from, message: toHex(message) }, () => deliver(from, message)),
      sessionStarted: (peer) => this.input({ input: 'session-started', peer }, () => sessionStarted(peer)),
      sessionEnded: (peer, reason) =>
        this.input({ input: 'session-ended', peer, reason }, () => sessionEnded(peer, reason))
    }
  }

  application<A extends object>(application: A): A {
    return recordedApplication(application, this.#observed)
  }

  instance<S extends object, I extends StackInstance<S>>(
    instance: I,
    declared: readonly ServiceDeclaration[]
  ): I {
    const asInput: AsInput = (input, handler) => this.input(input, handler)
    const { services } = new RecordedServices(instance.services, declared, asInput, this.#observed)
    return {
      ...instance,
      services,
      get resuming() {
        return instance.resuming
      },
      restore: () => this.input({ input: 'start' }, () => instance.restore()),
      state: () => instance.state()
    }
  }

  /** A tag is no secret, and neither is a verdict; the key stays where it is. */
  #macKey(key: MacKey): MacKey {
    return {
      tag: (message) => this.#read(key.tag(message), (tag) => ({ tag: toHex(tag) })),
      verify: (message, tag) => this.#read(key.verify(message, tag), (verified) => ({ verified }))
    }
  }

  #ran(kind: 'e' | 'f', handler: () => void): void {
    const line = this.#line ?? this.#open({ input: 'continue' })
    line.ran += kind
    this.#watched(handler)
  }

  /** An error is for the caller: the application that asked for too much, or the process, which stops by it. */
  #watched<T>(handler: () => T): T {
    try {
      return handler()
    } catch (error) {
      this.#observed.threw(error)
      throw error
    }
  }

  #read<T>(value: T, reading: (value: T) => Reading): T {
    this.#line?.readings.push(reading(value))
    return value
  }

  #open(input: Input): OpenLine {
    this.#close()
    this.#line = { input, at: this.#now(), ran: '', readings: [] }
    return this.#line
  }

  #close(): void {
    if (this.#line === undefined || this.#ended) return
    const { input, at, ran, readings } = this.#line
    this.#line = undefined
    const consequences: Consequences = {
      at,
      ...(ran === '' ? {} : { ran }),
      ...(readings.length === 0 ? {} : { readings })
    }
    const line = { ...input, ...consequences }
    this.#sink(JSON.stringify({ ...line, ...this.#observed.check(line) }))
  }

  /** A line in front of the step that it is for. */
  #tell(line: RecordingHeader | StoredEntry): void {
    this.#observed.line(line)
    this.#sink(JSON.stringify(line))
  }

  #now(): number {
    return Math.round(this.#env.clock.now() * 1000)
  }
}
