/** What agreement asks of that which is replicated. */
import type { ProcessId } from '../../core/group.ts'
import type { StableCheckpoint } from './selection.ts'

/** A deterministic machine that takes requests in their order. */
export interface Machine {
  /** Whether the request may be ordered: by its bytes alone, so that all correct members say the same. */
  isValid(envelope: Uint8Array): boolean
  /** Signatures that it has really verified so far. */
  readonly verifications: number
  /** How many commands it counts for in a batch: at least one. */
  commandsIn(envelope: Uint8Array): number
  /** Whether the request has been answered: it need not be ordered any more. */
  isDone(envelope: Uint8Array): boolean
  execute(sequence: number, digest: Uint8Array, envelopes: readonly Uint8Array[]): void
  /**
   * Writes the state after `sequence`, which was just executed: in this turn, or in later ones as it is now, but before
   * the next one.
   *
   * @param whole - is given the digest of the whole, in the turn in which the last of it is written
   */
  checkpoint(sequence: number, whole: (digest: Uint8Array) => void): void
  /** The state after `sequence` is needed no more. */
  forget(sequence: number): void
  /** Obtains that state from these members, as far as it is not under way; whoever has it calls `install`. */
  obtain(stable: StableCheckpoint, sources: readonly ProcessId[]): void
  /** No state is needed of others. */
  drop(): void
  /**
   * Goes on from the last state that earlier lives have written.
   *
   * @param read - is told when it is here: nothing is executed before
   * @returns after which number it is; 0: there is none
   */
  resume(read: () => void): number
}
