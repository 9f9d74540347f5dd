/**
 * ACCEPTs: who would begin a view with which start. A correct member accepts one for each view, durably; the signatures
 * of a Byzantine quorum make it the start of the view.
 *
 * Space: of each member its ACCEPT for the highest view; the own accepted starts since a view was entered.
 */
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { FaultKind } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import { signStatement } from '../../core/statement.ts'
import type { PlainValue } from '../../core/trace.ts'
import { type Certificate, certificateOf, verifyCertificate } from '../../exchange/certificate.ts'
import { WORK_US } from '../../links/constants.ts'
import type { ChangesInit } from './changes.ts'
import { proveTwo } from './claims.ts'
import type { Log } from './log.ts'
import { acceptStatement, digestOfStart, type PbftMessageOf } from './messages.ts'
import type { CertifiedStart } from './progress.ts'
import type { Start } from './selection.ts'

export type Acceptance = PbftMessageOf<'ACCEPT'>

export interface AcceptancesInit extends ChangesInit {
  readonly log: Log
}

export class Acceptances {
  readonly #init: AcceptancesInit
  readonly #latest = new Map<ProcessId, Acceptance>()
  /** The own ones, by view. */
  readonly #own = new Map<number, Start>()
  /** Who has signed two for one view: nothing more is taken of it. */
  readonly #proven = new Set<ProcessId>()

  constructor(init: AcceptancesInit) {
    this.#init = init
  }

  restore(own: readonly Start[]): void {
    for (const start of own) {
      this.#own.set(start.view, start)
      this.#latest.set(this.#init.env.self, this.#sign(start))
    }
  }

  /** Of this member. */
  has(view: number): boolean {
    return this.#own.has(view)
  }

  accept(start: Start): void {
    const { log, port } = this.#init
    this.#own.set(start.view, start)
    log.putAccepted(start)
    port.sendAll(this.#sign(start))
  }

  /** The own one for that view, as a message. */
  of(view: number): readonly Acceptance[] {
    const own = this.#latest.get(this.#init.env.self)
    return own?.view === view ? [own] : []
  }

  /** Starts that this member has accepted: their bodies are kept. */
  get starts(): readonly Start[] {
    return [...this.#own.values()]
  }

  /** @returns what is wrong with it; undefined if nothing is, or nobody needs it */
  take(from: ProcessId, message: Acceptance): readonly [kind: FaultKind, detail: string] | undefined {
    const { env, path, port, progress, verdicts } = this.#init
    const { view, digest, signature } = message
    if (view <= progress.base || this.#proven.has(from)) return undefined
    const kept = this.#latest.get(from)
    if (kept !== undefined && (kept.view > view || isOne(kept, message))) return undefined
    const fields = { view, digest }
    if (from !== env.self) port.charge(from, WORK_US.verification)
    if (!verdicts.verify(from, acceptStatement.bytes(env.group, path, from, fields), signature))
      return ['invalid-signature', 'an ACCEPT without valid signature']
    port.earn(from, WORK_US.verification)
    if (kept?.view === view) {
      this.#proven.add(from)
      const before = { fields: { view, digest: kept.digest }, signature: kept.signature }
      proveTwo(env, path, from, 'two-acceptances', acceptStatement, before, { fields, signature })
    } else this.#latest.set(from, message)
    return undefined
  }

  /**
   * A start that a Byzantine quorum has accepted, and that is known.
   *
   * @param startOf - what is said to be the start of that view
   */
  certified(startOf: (view: number) => Start | undefined): CertifiedStart | undefined {
    const { env, progress } = this.#init
    const { byzantine } = env.group.quorum
    for (const first of this.#latest.values()) {
      const { view, digest } = first
      if (view < progress.target || view <= progress.base) continue
      const same = [...this.#latest].filter(([, said]) => isOne(said, first)).slice(0, byzantine)
      if (same.length < byzantine) continue
      const known = [this.#own.get(view), startOf(view)]
      const start = known.find(
        (one) => one !== undefined && sameBytes(digestOfStart(env.crypto, one), digest)
      )
      const signatures = same.map(([signer, { signature }]) => [signer, signature] as const)
      if (start !== undefined) return { start, certificate: certificateOf(new Map(signatures)) }
    }
    return undefined
  }

  /** Whether the certificate proves that a Byzantine quorum has accepted it. */
  isCertified(start: Start, certificate: Certificate): boolean {
    const { env, path, verdicts } = this.#init
    const fields = { view: start.view, digest: digestOfStart(env.crypto, start) }
    const statementOf = (signer: ProcessId) => acceptStatement.bytes(env.group, path, signer, fields)
    return verifyCertificate(verdicts, env.group, statementOf, certificate)
  }

  /** A view was entered. */
  forget(view: number): void {
    for (const [from, said] of this.#latest) if (said.view <= view) this.#latest.delete(from)
    for (const accepted of [...this.#own.keys()].filter((one) => one <= view)) {
      this.#own.delete(accepted)
      this.#init.log.deleteAccepted(accepted)
    }
  }

  state(): PlainValue {
    return {
      latest: [...this.#latest].map(([from, { view, digest }]) => ({ from, view, digest: toHex(digest) })),
      own: [...this.#own.keys()]
    }
  }

  #sign(start: Start): Acceptance {
    const { env, path } = this.#init
    const fields = { view: start.view, digest: digestOfStart(env.crypto, start) }
    return { type: 'ACCEPT', ...fields, signature: signStatement(env, path, acceptStatement, fields) }
  }
}

const isOne = (a: Acceptance, b: Acceptance): boolean => a.view === b.view && sameBytes(a.digest, b.digest)
