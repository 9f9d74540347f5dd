/**
 * Starts of views that a Byzantine quorum has accepted, as far as they were shown: what a VIEW-CHANGE names is looked
 * up here. Two quorums share a correct member, which accepts once: so of each view there is one.
 *
 * Space: two for each member; the oldest are forgotten first, and shown again by whoever names them.
 */
import { sameBytes } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import { digestOfStart } from './messages.ts'
import { type CertifiedStart, FIRST_START, type Progress } from './progress.ts'

/** The first view begins with nothing, which needs no certificate. */
const FIRST: CertifiedStart = { start: FIRST_START, certificate: [] }

export class CertifiedStarts {
  readonly #env: Environment
  readonly #progress: Progress
  /** By view, the last one shown last. */
  readonly #shown = new Map<number, CertifiedStart>()

  constructor(env: Environment, progress: Progress) {
    this.#env = env
    this.#progress = progress
  }

  /** The one of that view, if its digest is this. */
  of(view: number, digest: Uint8Array): CertifiedStart | undefined {
    const { crypto } = this.#env
    const all = [this.#progress.certifiedBase, FIRST, this.#shown.get(view)]
    const known = all.find((one) => one?.start.view === view)
    return known !== undefined && sameBytes(digestOfStart(crypto, known.start), digest) ? known : undefined
  }

  show(certified: CertifiedStart): void {
    const { view } = certified.start
    if (view === 0) return
    this.#shown.delete(view)
    this.#shown.set(view, certified)
    const [oldest] = this.#shown.keys()
    if (this.#shown.size > 2 * this.#env.group.n && oldest !== undefined) this.#shown.delete(oldest)
  }

  get views(): readonly number[] {
    return [...this.#shown.keys()]
  }
}
