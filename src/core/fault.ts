/**
 * A Fault is what a remote process did wrong, as data. It never throws and never crashes; the host shows it,
 * counts it and can act on it. Accuracy is a checked property of every run: no correct process is ever named
 * `proven` or `certain`, restarts, replays and lag included.
 */
import type { ProcessId } from './group.ts'

/**
 * - `proven`: transferable; anyone with the public keys can check the evidence.
 * - `certain`: this process knows (over an authenticated link, or by a quorum), but cannot show it to others.
 * - `suspected`: somebody lied, perhaps this one; or it is slow, or the network is.
 */
export type Certainty = 'proven' | 'certain' | 'suspected'

/** What went wrong, by the field's terms. */
export type FaultKind =
  | 'equivocation' // two different messages where the protocol allows one
  | 'contradicting-vote' // two different votes in one instance
  | 'malformed' // bytes outside the declared shapes
  | 'invalid-signature'
  | 'invalid-mac'
  | 'wrong-group' // speaks of another group, or another genesis
  | 'stale-life' // an incarnation older than one already seen
  | 'amnesia' // lives, but has lost what it had stored
  | 'protocol-violation' // well-formed, but no correct process sends this here
  | 'flooding' // over a bound that correct processes keep
  | 'lagging' // does not read what it is sent

export interface Fault {
  readonly process: ProcessId
  readonly kind: FaultKind
  readonly certainty: Certainty
  /** One line for people. */
  readonly detail: string
  /** For `proven`: to be checked by anyone. */
  readonly evidence?: Evidence
}

/**
 * What proves that somebody did what no correct process does, to whoever has the public keys (exchange/evidence.ts).
 */
export interface Evidence {
  /** What the statements show together: the name of a claim. */
  readonly claim: string
  readonly statements: readonly SignedStatement[]
}

export interface SignedStatement {
  /** A member; or the public key of a client, which has no number that others would know it by. */
  readonly signer: ProcessId | Uint8Array
  /** The exact bytes that were signed (statement.ts). */
  readonly statement: Uint8Array
  readonly signature: Uint8Array
}
