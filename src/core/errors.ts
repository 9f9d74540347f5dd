/**
 * Errors are ours: local misuse, thrown at the caller. What a remote process does wrong is never an Error
 * but a Fault (see fault.ts). Errors are matched by `name`, as in js-libp2p.
 */

/** A value given by the local caller is not acceptable; the message says which, why, and what would be right. */
export class InvalidParametersError extends Error {
  override name = 'InvalidParametersError'
}

/** The group does not have the resilience that a stack needs. */
export class ResilienceError extends Error {
  override name = 'ResilienceError'
}

/** A component stands in a stack whose model is weaker than what it needs. */
export class ModelError extends Error {
  override name = 'ModelError'
}

/** A request that the component's window does not admit now; ask again when it indicates that it is ready. */
export class WindowFullError extends Error {
  override name = 'WindowFullError'
}
