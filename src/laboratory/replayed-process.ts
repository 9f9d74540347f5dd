/**
 * What a replayed stack runs in: a queue of events and one of effects, which move when the recording says so, and an
 * environment that answers what it answered then. Signatures are checked with the public keys alone; those of the
 * member itself come from the recording, and must be of what is to be signed now.
 */

import { fromHex } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Crypto, Environment } from '../core/environment.ts'
import type { Group } from '../core/group.ts'
import type { Observer } from '../core/trace.ts'
import { defaultBackend } from '../crypto/index.ts'
import type { Observed } from '../recording/observed.ts'
import type { Reading, ReadingValues, RecordingHeader } from '../recording/recording-format.ts'
import { Snapshot } from '../store/snapshot.ts'

/** The stack does something else than was recorded, in words. */
export class Difference extends Error {
  override name = 'Difference'
}

/** The cryptography that needs no secret. */
export type PublicCrypto = Pick<Crypto, 'hash' | 'verify' | 'verifyBy'>

export interface ReplayedProcessInit {
  readonly header: RecordingHeader
  readonly group: Group
  readonly crypto: PublicCrypto
  readonly observed: Observed
  /** Is told what the stack tells, observations included. */
  readonly observer: Observer
  readonly onTimer: (change: 'set' | 'fired', timer: number, delayMs: number) => void
}

interface SetTimer {
  readonly delayMs: number
  readonly handler: () => void
}

/** What the environment is asked for, in words. */
const ASKED: { readonly [K in keyof ReadingValues]: string } = {
  now: 'the time',
  random: 'random bytes',
  below: 'a random number',
  signature: 'a signature',
  tag: 'a MAC',
  verified: 'whether a MAC is right'
}

export class ReplayedProcess {
  readonly env: Environment
  readonly #init: ReplayedProcessInit
  readonly #queue: { readonly e: (() => void)[]; readonly f: (() => void)[] } = { e: [], f: [] }
  readonly #flushes: (() => void)[] = []
  readonly #timers = new Map<number, SetTimer>()
  #lastTimer = 0
  readonly #reads = new Map<number, (value: Uint8Array | undefined) => void>()
  #lastRead = 0
  readonly #stored = new Map<string, Uint8Array>()
  #snapshot: Snapshot | undefined
  #readings: Reading[] = []

  constructor(init: ReplayedProcessInit) {
    this.#init = init
    this.env = this.#environment()
  }

  store(key: string, value: Uint8Array): void {
    this.#stored.set(key, value)
    this.#snapshot = undefined
  }

  /** What the environment will answer, in this order. */
  expect(readings: readonly Reading[]): void {
    this.#readings = [...readings]
  }

  /** @throws Difference if the stack did not ask for all of it */
  requireAllRead(): void {
    if (this.#readings.length > 0) throw new Difference('it asks less of its environment')
  }

  /** The next event of the queue, or the next effect. @throws Difference if there is none */
  run(kind: 'e' | 'f'): void {
    const next = this.#queue[kind].shift()
    if (next === undefined)
      throw new Difference(`it has no ${kind === 'e' ? 'event' : 'effect'} left to happen`)
    next()
  }

  /** @throws Difference if no such timer is set */
  fire(timer: number): void {
    const set = this.#timers.get(timer)
    if (set === undefined) throw new Difference(`it has not set timer ${timer}`)
    this.#timers.delete(timer)
    this.#init.onTimer('fired', timer, set.delayMs)
    set.handler()
  }

  /** The disk answers. @throws Difference if it was not asked */
  answer(read: number, value: Uint8Array | undefined): void {
    const then = this.#reads.get(read)
    if (then === undefined) throw new Difference(`it has not asked for read ${read} of its disk`)
    this.#reads.delete(read)
    then(value)
  }

  /** @throws Difference if there is no such thing to be done at the end of a turn */
  endTurn(flush: number): void {
    const handler = this.#flushes[flush]
    if (handler === undefined) throw new Difference('it does nothing at the end of a turn')
    handler()
  }

  #environment(): Environment {
    const { header, group, crypto, observed, observer } = this.#init
    const { self, incarnation, fresh } = header
    return {
      self,
      incarnation,
      fresh,
      group,
      clock: {
        now: () => this.#read('now'),
        setTimer: (delayMs, handler) => this.#setTimer(delayMs, handler)
      },
      random: {
        bytes: () => fromHex(this.#read('random')),
        below: () => this.#read('below')
      },
      crypto: {
        ...crypto,
        sign: (statement) => {
          const signature = fromHex(this.#read('signature'))
          if (crypto.verify(self, statement, signature)) return signature
          throw new Difference('it signs another statement than the one that was signed')
        },
        macKey: () => ({
          tag: () => fromHex(this.#read('tag')),
          verify: () => this.#read('verified')
        })
      },
      store: {
        put: (key, value) => observed.wrote(key, value),
        delete: (key) => observed.wrote(key, undefined),
        restored: (prefix) => {
          this.#snapshot ??= new Snapshot(this.#stored)
          return this.#snapshot.under(prefix)
        },
        read: (_, then) => this.#reads.set(++this.#lastRead, then)
      },
      observer,
      trigger: (handler) => this.#queue.e.push(handler),
      whenDurable: (effect) => this.#queue.f.push(effect),
      onTurnEnd: (flush) => this.#flushes.push(flush)
    }
  }

  #setTimer(delayMs: number, handler: () => void): Timer {
    const { observed, onTimer } = this.#init
    const timer = ++this.#lastTimer
    observed.timerSet(timer, delayMs)
    onTimer('set', timer, delayMs)
    this.#timers.set(timer, { delayMs, handler })
    return {
      cancel: () => {
        observed.timerCancelled(timer)
        this.#timers.delete(timer)
      }
    }
  }

  #read<K extends keyof ReadingValues>(name: K): ReadingValues[K] {
    const next: Partial<ReadingValues> = this.#readings.shift() ?? {}
    const value = next[name]
    if (value === undefined) throw new Difference(`it asks for ${ASKED[name]}, which it did not then`)
    return value
  }
}

/** With the keys of members and clients. */
export function publicCrypto(group: Group): PublicCrypto {
  const verifiers = [...group.publicKeys, ...group.clients].map((key) => defaultBackend.verifier(key))
  return {
    hash: defaultBackend.sha256,
    verify: (signer, statement, signature) => verifiers[signer]?.(statement, signature) ?? false,
    verifyBy: defaultBackend.verify
  }
}
