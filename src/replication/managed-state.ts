/**
 * The state of a replicated machine: a map from keys to values, both bytes, in the order of the keys. What a command
 * changed is undone if it fails. Keys fall into buckets by their hash; each bucket is a part of the state that has a
 * digest of its own and is written by itself, and only when something in it has changed: a little in each turn, as it
 * was when it was taken.
 *
 * Space: STATE_BYTES_MAX, counted with STATE_ENTRY_BYTES for each key; beside it the same again for the keys' order;
 * while a state is written, what was in the buckets that have changed since it was taken.
 */
import type { Crypto } from '../core/environment.ts'
import { bytes, decode, encode, list, record } from '../core/shapes.ts'
import {
  STATE_BUCKETS,
  STATE_BYTES_MAX,
  STATE_ENTRY_BYTES,
  STATE_KEY_BYTES_MAX,
  STATE_VALUE_BYTES_MAX
} from './constants.ts'
import { OrderedKeys } from './ordered-keys.ts'

/** What a machine's commands read and change. Bytes that are given and got are the caller's own. */
export interface ManagedState {
  /** Undefined: there is nothing under the key. */
  get(key: Uint8Array): Uint8Array | undefined
  /** @throws StateBoundError if the key or the value is too long, or the state would become too large */
  set(key: Uint8Array, value: Uint8Array): void
  /** @returns whether there was something */
  delete(key: Uint8Array): boolean
  /**
   * Keys and values in the order of the keys' bytes, from the key `from` on and before `to`; default: to the end. What
   * is changed meanwhile shows in it, if it lies ahead.
   */
  range(from: Uint8Array, to?: Uint8Array): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
}

/** A command would leave more than the state may hold. */
export class StateBoundError extends Error {
  override name = 'StateBoundError'
}

/**
 * A part of a state by its name, to be written: asked for once, and in any later turn, it gives the part as it was when
 * it was taken; undefined: it had become empty.
 */
export type ChangedPart = readonly [name: string, encode: () => Uint8Array | undefined]

const bucketShape = list(
  record({ key: bytes(STATE_KEY_BYTES_MAX), value: bytes(STATE_VALUE_BYTES_MAX) }),
  STATE_BYTES_MAX / STATE_ENTRY_BYTES
)

type Pair = readonly [key: string, value: Uint8Array]

interface Entry {
  readonly value: Uint8Array
  readonly bucket: number
}

type Change = readonly [key: string, before: Uint8Array | undefined]

export class StateMap implements ManagedState {
  readonly #hash: Crypto['hash']
  readonly #bytesMax: number
  readonly #entries = new Map<string, Entry>()
  readonly #order = new OrderedKeys()
  readonly #buckets: readonly Set<string>[] = Array.from({ length: STATE_BUCKETS }, () => new Set())
  readonly #changed = new Set<number>()
  /** Buckets that were taken, and have neither been encoded nor changed since. */
  readonly #taken = new Set<number>()
  /** Those that have changed, as they were. */
  readonly #before = new Map<number, readonly Pair[]>()
  #bytes = 0
  /** By the command that is applied, in their order. */
  #undo: Change[] = []

  constructor(hash: Crypto['hash'], bytesMax = STATE_BYTES_MAX) {
    this.#hash = hash
    this.#bytesMax = bytesMax
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(textOf(key))?.value.slice()
  }

  set(key: Uint8Array, value: Uint8Array): void {
    if (key.length > STATE_KEY_BYTES_MAX || value.length > STATE_VALUE_BYTES_MAX)
      throw new StateBoundError(`a key of ${key.length} bytes with a value of ${value.length}`)
    const text = textOf(key)
    const before = this.#entries.get(text)?.value
    const grown = value.length - (before?.length ?? -key.length - STATE_ENTRY_BYTES)
    if (this.#bytes + grown > this.#bytesMax)
      throw new StateBoundError(`${this.#bytes + grown} bytes of state`)
    this.#undo.push([text, before])
    this.#put(text, value.slice())
  }

  delete(key: Uint8Array): boolean {
    const text = textOf(key)
    const before = this.#entries.get(text)?.value
    if (before === undefined) return false
    this.#undo.push([text, before])
    this.#put(text, undefined)
    return true
  }

  *range(from: Uint8Array, to?: Uint8Array): Iterable<readonly [Uint8Array, Uint8Array]> {
    const end = to && textOf(to)
    let key = this.#order.firstFrom(textOf(from))
    while (key !== undefined && (end === undefined || key < end)) {
      const entry = this.#entries.get(key)
      if (entry !== undefined) yield [bytesOf(key), entry.value.slice()]
      key = this.#order.firstAfter(key)
    }
  }

  /** Runs it, and undoes all that it has changed if it throws. */
  attempt<T>(run: () => T): T {
    this.#undo = []
    try {
      return run()
    } catch (error) {
      for (const [key, before] of this.#undo.reverse()) this.#put(key, before)
      throw error
    } finally {
      this.#undo = []
    }
  }

  /** Buckets that have changed since it was asked before, by their names. What was taken then is given up. */
  takeChanged(): readonly ChangedPart[] {
    const changed = [...this.#changed].sort((a, b) => a - b)
    this.#changed.clear()
    this.#taken.clear()
    this.#before.clear()
    for (const bucket of changed) this.#taken.add(bucket)
    return changed.map((bucket) => [nameOf(bucket), () => this.#encoded(bucket)])
  }

  /** Takes in a part that was written. @returns false if it is none of this map */
  install(encoded: Uint8Array): boolean {
    const entries = decode(bucketShape, encoded)
    for (const { key, value } of entries ?? []) this.#put(textOf(key), value)
    this.#changed.clear()
    return entries !== undefined
  }

  /** For `state()`. */
  state() {
    return [...this.range(new Uint8Array())].map(([key, value]) => ({ key, value }))
  }

  #put(key: string, value: Uint8Array | undefined): void {
    const before = this.#entries.get(key)
    const bucket = before?.bucket ?? this.#bucketOf(key)
    if (this.#taken.delete(bucket)) this.#before.set(bucket, this.#pairsOf(bucket))
    if (before !== undefined) this.#bytes -= key.length + before.value.length + STATE_ENTRY_BYTES
    if (value !== undefined) this.#bytes += key.length + value.length + STATE_ENTRY_BYTES
    this.#changed.add(bucket)
    if (value !== undefined) this.#entries.set(key, { value, bucket })
    else this.#entries.delete(key)
    if ((before === undefined) === (value === undefined)) return
    if (value === undefined) {
      this.#order.delete(key)
      this.#buckets[bucket]?.delete(key)
    } else {
      this.#order.add(key)
      this.#buckets[bucket]?.add(key)
    }
  }

  #encoded(bucket: number): Uint8Array | undefined {
    const pairs = this.#before.get(bucket) ?? this.#pairsOf(bucket)
    this.#taken.delete(bucket)
    this.#before.delete(bucket)
    const entries = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))
    return entries.length === 0
      ? undefined
      : encode(
          bucketShape,
          entries.map(([key, value]) => ({ key: bytesOf(key), value }))
        )
  }

  /** In any order. Values do not change: another one takes their place. */
  #pairsOf(bucket: number): readonly Pair[] {
    const keys = [...(this.#buckets[bucket] ?? [])]
    return keys.map((key) => [key, this.#entries.get(key)?.value ?? new Uint8Array()])
  }

  #bucketOf(key: string): number {
    const [high = 0, low = 0] = this.#hash(bytesOf(key))
    return (256 * high + low) % STATE_BUCKETS
  }
}

const nameOf = (bucket: number): string => `bucket/${bucket.toString(16).padStart(3, '0')}`

/** Longer keys may not fit the stack, as arguments of one call. */
const KEY_BYTES_AT_ONCE = 256

/** A character for each byte: the order of such texts is that of the bytes. */
function textOf(key: Uint8Array): string {
  if (key.length <= KEY_BYTES_AT_ONCE) return String.fromCharCode(...key)
  let text = ''
  for (const byte of key) text += String.fromCharCode(byte)
  return text
}

function bytesOf(text: string): Uint8Array {
  const key = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) key[at] = text.charCodeAt(at)
  return key
}
