/**
 * What a protocol is written against, injected at construction: the only way out of a component. Both hosts
 * (libp2p and the simulator) provide it; a component cannot tell which one it runs under.
 */
import type { Clock } from './clock.ts'
import type { Group, ProcessId } from './group.ts'
import type { Model } from './model.ts'
import type { Random } from './random.ts'
import type { StableStore } from './store.ts'
import type { Observer } from './trace.ts'

export interface Environment {
  readonly self: ProcessId
  /** Life number: grows at every start, durably. */
  readonly incarnation: number
  /** Whether this life began with nothing stored: the first one, or one that has lost what earlier ones stored. */
  readonly fresh: boolean
  readonly group: Group
  /** What the stack declares (stacks/build.ts); absent of a component by itself. */
  readonly model?: Model
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly store: StableStore
  readonly observer: Observer
  /** Puts an event at the end of this process's queue; it is handled in the same turn, never re-entrantly. */
  trigger(handler: () => void): void
  /**
   * Something that others can see (a message, a delivery to the application): it happens once every write
   * issued up to and including this turn is durable, in the order of the calls.
   */
  whenDurable(effect: () => void): void
  /** Runs `flush` at the end of every turn, after its effects: where links pack messages into frames. */
  onTurnEnd(flush: () => void): void
}

/** Cryptography bound to this process's own keys; it cannot speak for anybody else. */
export interface Crypto {
  /** SHA-256, 32 bytes. */
  hash(message: Uint8Array): Uint8Array
  /** Ed25519 signature (64 bytes) of an encoded statement (see statement.ts; never of bare bytes). */
  sign(statement: Uint8Array): Uint8Array
  /** False for anything malformed or wrong; never throws. */
  verify(signer: ProcessId, statement: Uint8Array, signature: Uint8Array): boolean
  /** As `verify`, by a public key that need not be that of a process of the group. */
  verifyBy(publicKey: Uint8Array, statement: Uint8Array, signature: Uint8Array): boolean
  /**
   * A key for HMAC-SHA256 that only `peer` and this process can derive; `context` must name everything that
   * tells it from every other key (group, direction, session nonces).
   */
  macKey(peer: ProcessId, context: Uint8Array): MacKey
}

export interface MacKey {
  /** HMAC-SHA256, 32 bytes. */
  tag(message: Uint8Array): Uint8Array
  /** Compares in constant time. */
  verify(message: Uint8Array, tag: Uint8Array): boolean
}
