/**
 * Checkpoints (Castro, Liskov 1999, section 4.3): after every so many batches each member signs the digest of its
 * state. When a Byzantine quorum has signed one, it is stable: nothing before it is needed for agreement any more, and
 * the window of open numbers moves.
 *
 * Space: for each open checkpoint a signature of each member; of the own states the last two that are stable, and those
 * after them.
 */
import { sameBytes } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import { signStatement, verifyStatement } from '../../core/statement.ts'
import type { PlainValue } from '../../core/trace.ts'
import { type Certificate, certificateOf, verifyCertificate } from '../../exchange/certificate.ts'
import type { Verdicts } from '../../exchange/verdicts.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port } from '../../links/ports.ts'
import { proveTwo } from './claims.ts'
import { STATES_KEPT } from './constants.ts'
import type { Log } from './log.ts'
import type { Machine } from './machine.ts'
import { checkpointStatement, type PbftMessage, type PbftMessageOf } from './messages.ts'
import { type CertifiedStable, FIRST_STABLE, type Progress } from './progress.ts'
import type { StableCheckpoint } from './selection.ts'

export interface CheckpointsInit {
  readonly env: Environment
  readonly path: string
  readonly port: Port<PbftMessage>
  readonly progress: Progress
  readonly log: Log
  readonly machine: Pick<Machine, 'checkpoint' | 'forget'>
  readonly verdicts: Verdicts
  taken(sequence: number, digest: Uint8Array): void
  /** A state that was taken in an earlier turn is whole now. */
  whole(): void
  /** The window has moved. */
  stable(checkpoint: StableCheckpoint): void
}

/** Names the parts in which a state is another one. */
export type Differing = () => readonly string[]

/** As many parts are named in a sentence. */
const PARTS_NAMED_MAX = 8

/** This member has come to another state than the others once more: its machine is no function, or its memory fails. */
class DivergedError extends Error {
  override name = 'DivergedError'

  constructor(sequence: number, differing: readonly string[]) {
    const named = differing.slice(0, PARTS_NAMED_MAX)
    const more = differing.length > named.length ? ` and ${differing.length - named.length} more` : ''
    super(
      `the state after ${sequence} is not that of the others, once more; it differs in ${named.join(', ')}${more}`
    )
  }
}

interface Signed {
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

export class Checkpoints {
  readonly #init: CheckpointsInit
  /** By number, by member; above the stable one. */
  readonly #signed = new Map<number, Map<ProcessId, Signed>>()
  /** Digests of own states, by number. */
  readonly #own = new Map<number, Uint8Array>()
  /** Stable checkpoints that others have shown, by number: of each there is one. */
  readonly #shown = new Map<number, CertifiedStable>()
  readonly #named = new Set<ProcessId>()
  /** Numbers whose state was signed when it was another one: above the stable one. */
  readonly #unsigned = new Set<number>()
  /** In this life. */
  #hasDiverged = false

  constructor(init: CheckpointsInit) {
    this.#init = init
  }

  restore(own: ReadonlyMap<number, Uint8Array>, unsigned: readonly number[]): void {
    for (const [sequence, digest] of own) this.#own.set(sequence, digest)
    for (const sequence of unsigned) this.#unsigned.add(sequence)
    this.#compare(this.#init.progress.low)
  }

  /** `sequence` was executed. */
  executed(sequence: number): void {
    const { progress, machine } = this.#init
    if (sequence % progress.bounds.checkpointEvery !== 0) return
    let isLater = false
    machine.checkpoint(sequence, (digest) => {
      this.#whole(sequence, digest)
      if (isLater) this.#init.whole()
    })
    isLater = true
  }

  /** The state after `sequence` is written. */
  #whole(sequence: number, digest: Uint8Array): void {
    this.#init.log.putCheckpoint(sequence, digest)
    this.#own.set(sequence, digest)
    this.#compare(sequence)
    this.#forgetStates()
    this.#init.taken(sequence, digest)
    this.go()
  }

  /**
   * A state differs for the first time in this life: that may come of memory or disk, and a good state mends it.
   *
   * @throws DivergedError else
   */
  requireFirst(sequence: number, differing: Differing): void {
    if (this.#hasDiverged) throw new DivergedError(sequence, differing())
    this.#hasDiverged = true
  }

  /** The state of a stable checkpoint is here, which others had. */
  installed(sequence: number, digest: Uint8Array): void {
    const { log } = this.#init
    for (const after of this.#own.keys()) {
      if (after < sequence) continue
      this.#own.delete(after)
      log.deleteCheckpoint(after)
      // It was signed as it was, and is not signed another time, in this life or a later one.
      this.#unsigned.add(after)
      log.putUnsigned(after)
    }
    log.putCheckpoint(sequence, digest)
    this.#own.set(sequence, digest)
    this.#forgetStates()
  }

  /** Signs the own states that are not stable and not signed yet, if this member may. */
  go(): void {
    const { env, port, progress } = this.#init
    if (!progress.serving || progress.diverged) return
    for (const [sequence, digest] of this.#own) {
      if (sequence <= progress.low || this.#unsigned.has(sequence)) continue
      if (this.#signed.get(sequence)?.has(env.self) === true) continue
      const signed = this.#sign(sequence, digest)
      this.#keep(env.self, sequence, signed)
      port.sendAll({ type: 'CHECKPOINT', sequence, ...signed })
      this.#makeStable(sequence, digest)
    }
  }

  onCheckpoint(from: ProcessId, { sequence, digest, signature }: PbftMessageOf<'CHECKPOINT'>): void {
    const { env, path, port, progress } = this.#init
    if (!progress.isOpen(sequence) || sequence % progress.bounds.checkpointEvery !== 0) return
    const first = this.#signed.get(sequence)?.get(from)
    if ((first !== undefined && sameBytes(first.digest, digest)) || this.#named.has(from)) return
    if (from !== env.self) port.charge(from, WORK_US.verification)
    const fields = { sequence, digest }
    if (!verifyStatement(env, path, from, checkpointStatement, fields, signature)) {
      this.#named.add(from)
      const detail = 'a CHECKPOINT without valid signature'
      env.observer.fault({ process: from, kind: 'invalid-signature', certainty: 'certain', detail })
      return
    }
    port.earn(from, WORK_US.verification)
    if (first !== undefined) {
      this.#named.add(from)
      const before = { fields: { sequence, digest: first.digest }, signature: first.signature }
      proveTwo(env, path, from, 'two-checkpoints', checkpointStatement, before, { fields, signature })
      return
    }
    this.#keep(from, sequence, { digest, signature })
    this.#makeStable(sequence, digest)
  }

  onStable(from: ProcessId, { sequence, digest, certificate }: PbftMessageOf<'STABLE'>): void {
    const { env, port } = this.#init
    const stable = { sequence, digest }
    if (this.knows(stable) || this.#named.has(from)) return
    port.charge(from, certificate.length * WORK_US.verification)
    if (!this.#isCertified(stable, certificate)) {
      this.#named.add(from)
      const detail = 'a certificate of a checkpoint that proves nothing'
      env.observer.fault({ process: from, kind: 'invalid-signature', certainty: 'certain', detail })
      return
    }
    port.earn(from, certificate.length * WORK_US.verification)
    this.#show({ stable, certificate })
    this.adopt({ stable, certificate })
  }

  /** Whether the certificate of that checkpoint is here, or it needs none. */
  knows({ sequence, digest }: StableCheckpoint): boolean {
    return this.proofOf({ sequence, digest }) !== undefined
  }

  /** The certificate of a checkpoint, if it is here. */
  proofOf({ sequence, digest }: StableCheckpoint): CertifiedStable | undefined {
    const { stable } = this.#init.progress
    const first: CertifiedStable = { stable: FIRST_STABLE, certificate: [] }
    const known = [stable, first, this.#shown.get(sequence)].find(
      (each) => each?.stable.sequence === sequence
    )
    return known !== undefined && sameBytes(known.stable.digest, digest) ? known : undefined
  }

  adopt(certified: CertifiedStable): void {
    const { env, progress, log } = this.#init
    const { stable } = certified
    if (stable.sequence <= progress.low) return
    // Whoever has a VIEW-CHANGE of an older one is to be shown that one.
    if (progress.low > 0) this.#show(progress.stable)
    progress.stable = certified
    log.putStable(certified)
    env.observer.landmark('stable')
    if (progress.executed < stable.sequence) env.observer.landmark('behind-stable')
    for (const sequence of this.#signed.keys()) if (sequence <= stable.sequence) this.#signed.delete(sequence)
    for (const sequence of this.#unsigned) {
      if (sequence > stable.sequence) continue
      this.#unsigned.delete(sequence)
      log.deleteUnsigned(sequence)
    }
    this.#compare(stable.sequence)
    this.#forgetStates()
    this.#init.stable(stable)
  }

  /** Own ones above that number that are not stable yet, as they were signed. */
  ownAbove(sequence: number): readonly PbftMessageOf<'CHECKPOINT'>[] {
    return [...this.#signed].flatMap(([taken, signed]) => {
      const own = signed.get(this.#init.env.self)
      return own === undefined || taken <= sequence ? [] : [{ type: 'CHECKPOINT', sequence: taken, ...own }]
    })
  }

  state(): PlainValue {
    return {
      signed: [...this.#signed].map(([sequence, signed]) => ({
        sequence,
        signers: [...signed].map(([signer, { digest }]) => ({ signer, digest }))
      })),
      own: [...this.#own].map(([sequence, digest]) => ({ sequence, digest }))
    }
  }

  #makeStable(sequence: number, digest: Uint8Array): void {
    const { env } = this.#init
    const signatures = [...(this.#signed.get(sequence) ?? [])]
      .filter(([, signed]) => sameBytes(signed.digest, digest))
      .slice(0, env.group.quorum.byzantine)
      .map(([signer, { signature }]) => [signer, signature] as const)
    if (signatures.length < env.group.quorum.byzantine) return
    this.adopt({ stable: { sequence, digest }, certificate: certificateOf(new Map(signatures)) })
  }

  /** A state of this member's own at a number that is stable with another is one that it cannot go on from. */
  #compare(sequence: number): void {
    const { env, progress } = this.#init
    const { stable } = progress.stable
    const own = this.#own.get(sequence)
    if (own === undefined || stable.sequence !== sequence || sameBytes(own, stable.digest)) return
    env.observer.landmark('state-diverged')
    progress.diverged = true
  }

  /**
   * Of the own states the last two that are stable or before it are kept, and all after them: who fetches the last but
   * one may go on while the window moves.
   */
  #forgetStates(): void {
    const { progress, log, machine } = this.#init
    const settled = [...this.#own.keys()].filter((sequence) => sequence <= progress.low).sort((a, b) => a - b)
    for (const sequence of settled.slice(0, -STATES_KEPT)) {
      this.#own.delete(sequence)
      log.deleteCheckpoint(sequence)
      machine.forget(sequence)
    }
  }

  #show(certified: CertifiedStable): void {
    const { sequence } = certified.stable
    this.#shown.delete(sequence)
    this.#shown.set(sequence, certified)
    // No more are named at once than there are members, in a VIEW-CHANGE and in a NEW-VIEW each.
    const [oldest] = this.#shown.keys()
    if (this.#shown.size > 2 * this.#init.env.group.n && oldest !== undefined) this.#shown.delete(oldest)
  }

  #keep(from: ProcessId, sequence: number, signed: Signed): void {
    const all = this.#signed.get(sequence) ?? new Map<ProcessId, Signed>()
    this.#signed.set(sequence, all)
    all.set(from, signed)
  }

  #sign(sequence: number, digest: Uint8Array): Signed {
    const { env, path } = this.#init
    return { digest, signature: signStatement(env, path, checkpointStatement, { sequence, digest }) }
  }

  #isCertified({ sequence, digest }: StableCheckpoint, certificate: Certificate): boolean {
    const { env, path, verdicts } = this.#init
    const statementOf = (signer: ProcessId) =>
      checkpointStatement.bytes(env.group, path, signer, { sequence, digest })
    return verifyCertificate(verdicts, env.group, statementOf, certificate)
  }
}
