/** Errors of this folder, matched by `name`. */

/** The key given to the service is not the one by which its libp2p node is known. */
export class KeyMismatchError extends Error {
  override name = 'KeyMismatchError'
}

/** The node's key is no member's of the group. */
export class NotAMemberError extends Error {
  override name = 'NotAMemberError'
}

/** The node's key is no client's of the group. */
export class NotAClientError extends Error {
  override name = 'NotAClientError'
}

/** The service was not started, or has been stopped. */
export class NotStartedError extends Error {
  override name = 'NotStartedError'
}

/** Deliveries, or indications, are being consumed already: there is one consumer at a time. */
export class ConsumerBusyError extends Error {
  override name = 'ConsumerBusyError'
}

/** A service has told more than may wait for an application: the oldest indications are gone. */
export class IndicationsLostError extends Error {
  override name = 'IndicationsLostError'
  /** How many. */
  readonly lost: number

  constructor(lost: number) {
    super(`${lost} indications are lost: nobody asked for them in time`)
    this.lost = lost
  }
}

/** The process stopped as in a crash: a handler threw, or a write failed. `cause` says what. */
export class ProcessStoppedError extends Error {
  override name = 'ProcessStoppedError'
}
