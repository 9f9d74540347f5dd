/**
 * VIEW-CHANGEs: of each member the one for the highest view, whoever showed it. The first for a view counts; a second
 * that differs is evidence against its signer.
 *
 * Space: one for each member.
 */
import { sameBytes } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { FaultKind } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { Verdicts } from '../../exchange/verdicts.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port } from '../../links/ports.ts'
import { proveTwo } from './claims.ts'
import { type PbftMessage, type SignedChange, viewChangeStatement } from './messages.ts'
import type { Progress } from './progress.ts'

export interface ChangesInit {
  readonly env: Environment
  readonly path: string
  readonly port: Port<PbftMessage>
  readonly progress: Progress
  readonly verdicts: Verdicts
}

export class Changes {
  readonly #init: ChangesInit
  readonly #latest = new Map<ProcessId, SignedChange>()
  /** Who has signed two for one view: nothing more is taken of it. */
  readonly #proven = new Set<ProcessId>()

  constructor(init: ChangesInit) {
    this.#init = init
  }

  /** The own one. */
  put(change: SignedChange): void {
    this.#latest.set(this.#init.env.self, change)
  }

  /**
   * Keeps it if it is the first of its signer for that view, and for none before.
   *
   * @param from - who shows it, at whose expense it is verified
   * @returns what is wrong with it; undefined if nothing is, or nobody needs it
   */
  take(change: SignedChange, from: ProcessId): readonly [kind: FaultKind, detail: string] | undefined {
    const { env, path, port, progress } = this.#init
    const { signer, view, signature } = change
    if (view <= progress.base || this.#proven.has(signer)) return undefined
    const kept = this.#latest.get(signer)
    if (kept !== undefined && (kept.view > view || sameBytes(kept.signature, signature))) return undefined
    if (!this.isWellFormed(change))
      return ['protocol-violation', 'a VIEW-CHANGE that no correct member sends']
    if (from !== env.self) port.charge(from, WORK_US.verification)
    if (!this.isSigned(change)) return ['invalid-signature', 'a VIEW-CHANGE without valid signature']
    port.earn(from, WORK_US.verification)
    if (kept?.view === view) {
      this.#proven.add(signer)
      const before = { fields: fieldsOf(kept), signature: kept.signature }
      const after = { fields: fieldsOf(change), signature }
      proveTwo(env, path, signer, 'two-view-changes', viewChangeStatement, before, after)
    } else this.#latest.set(signer, change)
    return undefined
  }

  /** Its votes stand in the order of their numbers, one for each, and all in the window above its checkpoint. */
  isWellFormed({ view, base, stable, reported }: SignedChange): boolean {
    let previous = stable.sequence
    for (const { sequence } of reported) {
      if (sequence <= previous || sequence > stable.sequence + this.#init.progress.window) return false
      previous = sequence
    }
    return base.view < view
  }

  isSigned(change: SignedChange): boolean {
    const { env, path, verdicts } = this.#init
    const { signer, signature } = change
    return verdicts.verify(
      signer,
      viewChangeStatement.bytes(env.group, path, signer, fieldsOf(change)),
      signature
    )
  }

  /** For exactly that view, by signer. */
  for(view: number): readonly SignedChange[] {
    return [...this.#latest.values()]
      .filter((change) => change.view === view)
      .sort((a, b) => a.signer - b.signer)
  }

  /** Whether a Byzantine quorum wants that view, or a later one. */
  isWanted(view: number): boolean {
    const { byzantine } = this.#init.env.group.quorum
    return [...this.#latest.values()].filter((change) => change.view >= view).length >= byzantine
  }

  /** The view above `target` that f+1 others want, or a later one: one of them is correct. */
  joined(target: number): number | undefined {
    const { self, group } = this.#init.env
    return [...this.#latest.values()]
      .filter(({ signer, view }) => signer !== self && view > target)
      .map(({ view }) => view)
      .sort((a, b) => b - a)[group.quorum.oneCorrect - 1]
  }

  /** A view was entered. */
  forget(view: number): void {
    for (const [signer, change] of this.#latest) if (change.view <= view) this.#latest.delete(signer)
  }

  state(): PlainValue {
    return [...this.#latest.values()].map(({ signer, view, base, stable }) => ({
      signer,
      view,
      base: base.view,
      stable: stable.sequence
    }))
  }
}

const fieldsOf = ({ view, stable, base, reported }: SignedChange) => ({ view, stable, base, reported })
