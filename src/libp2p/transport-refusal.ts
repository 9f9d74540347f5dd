/** Why a transport turned a peer, or what it sent, away. Data, to be shown and counted: see core/fault.ts. */
import type { FaultKind } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import { REFUSAL_INTERVAL_MS } from './transport-limits.ts'

export interface Refusal {
  /**
   * A kind of fault where the peer is a member; `outsider` where its key is not in the group. `other-version` and
   * `wrong-group` are as likely an operator's mistake, at either end.
   */
  readonly kind:
    | Extract<FaultKind, 'wrong-group' | 'malformed' | 'protocol-violation' | 'flooding'>
    | 'other-version'
    | 'outsider'
  /** One line for people. */
  readonly detail: string
  /**
   * With `wrong-group`: both encodings, so that the field that differs can be named. `theirs` is what the peer
   * says, and may be no genesis at all.
   */
  readonly genesis?: { readonly ours: Uint8Array; readonly theirs: Uint8Array }
}

/** Lets through one refusal of a kind a second for each peer, and for all outsiders together. */
export class RefusalReports {
  readonly #report: (peer: ProcessId | undefined, refusal: Refusal) => void
  /** Members and kinds are few, so this does not grow with what is refused. */
  readonly #lastMs = new Map<string, number>()

  constructor(report: (peer: ProcessId | undefined, refusal: Refusal) => void) {
    this.#report = report
  }

  refuse(peer: ProcessId | undefined, refusal: Refusal): void {
    const key = `${peer} ${refusal.kind}`
    const now = performance.now()
    if (now - (this.#lastMs.get(key) ?? Number.NEGATIVE_INFINITY) < REFUSAL_INTERVAL_MS) return
    this.#lastMs.set(key, now)
    this.#report(peer, refusal)
  }
}
