/**
 * Assertions state what must hold of our own code. They are never used on what a remote process sent:
 * remote misbehaviour is a {@link Fault}, data, and must not throw.
 */

/** Thrown when one of our own invariants does not hold: a bug, after which the process stops as in a crash. */
export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** @param claim what must hold, in words; a function where making the words costs more than checking */
export function assert(condition: boolean, claim: string | (() => string)): asserts condition {
  if (condition) return
  throw new AssertionError(`invariant violated: ${typeof claim === 'string' ? claim : claim()}`)
}
