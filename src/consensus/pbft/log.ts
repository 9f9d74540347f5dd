/**
 * What a member has written before anybody could see it: the start of its view, what it voted for, signed and accepted,
 * the digests of its states, and which numbers it has executed. A member that forgot a vote would cast another; one
 * that forgot its VIEW-CHANGE would vote on in a view that it has left; one that forgot what it accepted could help a
 * second start.
 *
 * Space: the open numbers with a vote each, a VIEW-CHANGE and a NEW-VIEW with their proofs, the starts that were
 * accepted since a view was entered, and the digests of the batches that are retained.
 */
import { assert } from '../../core/assert.ts'
import {
  bool,
  decode,
  digest,
  encode,
  list,
  record,
  type Shape,
  uint,
  type ValueOf
} from '../../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore } from '../../core/store.ts'
import type { PlainValue } from '../../core/trace.ts'
import { certificateShape } from '../../exchange/certificate.ts'
import { newViewShape, PBFT_MEMBERS_MAX, signedChangeShape, startShape } from './messages.ts'
import type { CertifiedStable, CertifiedStart } from './progress.ts'
import type { Start } from './selection.ts'

const certifiedStart = record({ start: startShape, certificate: certificateShape })
const certifiedStable = record({
  stable: record({ sequence: uint(), digest }),
  certificate: certificateShape
})
const voteShape = record({ digest, prepared: bool })
/** Who sends it shows these first: to whoever has not seen them. */
const changeShape = record({ change: signedChangeShape, start: certifiedStart, stable: certifiedStable })
const ownNewViewShape = record({
  newView: newViewShape,
  starts: list(certifiedStart, PBFT_MEMBERS_MAX),
  stables: list(certifiedStable, PBFT_MEMBERS_MAX)
})

/** The own VIEW-CHANGE, with what it names. */
export type OwnChange = ValueOf<typeof changeShape>
/** The own NEW-VIEW, with what the VIEW-CHANGEs in it name. */
export type OwnNewView = ValueOf<typeof ownNewViewShape>
/** The own vote for a number: a PREPARE, and whether a COMMIT followed. */
export type OwnVote = ValueOf<typeof voteShape>

/** What earlier lives have left. */
export interface Restored {
  readonly base: CertifiedStart | undefined
  readonly stable: CertifiedStable | undefined
  readonly change: OwnChange | undefined
  readonly newView: OwnNewView | undefined
  /** By view. */
  readonly accepted: readonly Start[]
  /** By number. */
  readonly votes: ReadonlyMap<number, OwnVote>
  readonly checkpoints: ReadonlyMap<number, Uint8Array>
  /** Numbers whose state was signed, and was another one. */
  readonly unsigned: readonly number[]
  readonly committed: ReadonlyMap<number, Uint8Array>
}

export class Log {
  readonly #store: StableStore

  constructor(store: StableStore) {
    this.#store = store
  }

  restored(): Restored {
    return {
      base: this.#one('start', certifiedStart),
      stable: this.#one('stable', certifiedStable),
      change: this.#one('change', changeShape),
      newView: this.#one('new-view', ownNewViewShape),
      accepted: [...this.#all('accepted/', startShape).values()],
      votes: this.#all('vote/', voteShape),
      checkpoints: this.#all('checkpoint/', digest),
      unsigned: [...this.#all('unsigned/', bool).keys()],
      committed: this.#all('committed/', digest)
    }
  }

  putBase(base: CertifiedStart): void {
    this.#put('start', certifiedStart, base)
  }

  putStable(stable: CertifiedStable): void {
    this.#put('stable', certifiedStable, stable)
  }

  putChange(change: OwnChange): void {
    this.#put('change', changeShape, change)
  }

  putNewView(newView: OwnNewView): void {
    this.#put('new-view', ownNewViewShape, newView)
  }

  /** A view was entered: nothing is left to be said of it or of one before. */
  deleteChange(): void {
    this.#store.delete('change')
    this.#store.delete('new-view')
  }

  putAccepted(start: Start): void {
    this.#put(`accepted/${numericKey(start.view)}`, startShape, start)
  }

  deleteAccepted(view: number): void {
    this.#store.delete(`accepted/${numericKey(view)}`)
  }

  putVote(sequence: number, vote: OwnVote): void {
    this.#put(`vote/${numericKey(sequence)}`, voteShape, vote)
  }

  deleteVote(sequence: number): void {
    this.#store.delete(`vote/${numericKey(sequence)}`)
  }

  putCheckpoint(sequence: number, state: Uint8Array): void {
    this.#put(`checkpoint/${numericKey(sequence)}`, digest, state)
  }

  deleteCheckpoint(sequence: number): void {
    this.#store.delete(`checkpoint/${numericKey(sequence)}`)
  }

  putUnsigned(sequence: number): void {
    this.#put(`unsigned/${numericKey(sequence)}`, bool, true)
  }

  deleteUnsigned(sequence: number): void {
    this.#store.delete(`unsigned/${numericKey(sequence)}`)
  }

  putCommitted(sequence: number, batch: Uint8Array): void {
    this.#put(`committed/${numericKey(sequence)}`, digest, batch)
  }

  deleteCommitted(sequence: number): void {
    this.#store.delete(`committed/${numericKey(sequence)}`)
  }

  #put<T extends PlainValue>(key: string, shape: Shape<T>, value: T): void {
    this.#store.put(key, encode(shape, value))
  }

  #one<T extends PlainValue>(key: string, shape: Shape<T>): T | undefined {
    const found = this.#store.restored(key).find(([rest]) => rest === '')
    return found && readOwn(shape, found[1], key)
  }

  #all<T extends PlainValue>(prefix: string, shape: Shape<T>): ReadonlyMap<number, T> {
    const found = this.#store.restored(prefix)
    return new Map(found.map(([key, value]) => [fromNumericKey(key), readOwn(shape, value, prefix + key)]))
  }
}

function readOwn<T extends PlainValue>(shape: Shape<T>, encoded: Uint8Array, key: string): T {
  const value = decode(shape, encoded)
  assert(value !== undefined, () => `what is stored under ${key} is what was written there`)
  return value
}
