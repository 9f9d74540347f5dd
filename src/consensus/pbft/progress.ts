/**
 * How far a member is: the view that it is in and the one that it wants to enter, what is stable, what it has executed.
 * All parts of agreement look at this; each of these facts is changed by one of them.
 */
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Certificate } from '../../exchange/certificate.ts'
import { type AgreementOptions, agreementBounds, batchesRetained, WINDOW_CHECKPOINTS } from './constants.ts'
import { digestOfStart, primaryOf } from './messages.ts'
import type { StableCheckpoint, Start } from './selection.ts'

/** A start that a Byzantine quorum has accepted. */
export type CertifiedStart = {
  readonly start: Start
  readonly certificate: Certificate
}

/** A checkpoint that a Byzantine quorum has signed. */
export type CertifiedStable = {
  readonly stable: StableCheckpoint
  readonly certificate: Certificate
}

/** Nothing is in it, and everybody knows it: valid by definition. */
export const FIRST_STABLE: StableCheckpoint = { sequence: 0, digest: new Uint8Array(32) }
export const FIRST_START: Start = { view: 0, stable: FIRST_STABLE, selected: [] }

export class Progress {
  readonly bounds: Required<AgreementOptions>
  /** Numbers that are open at once. */
  readonly window: number
  /** Executed batches that are kept for who is behind. */
  readonly retained: number
  readonly #env: Environment
  #base: CertifiedStart = { start: FIRST_START, certificate: [] }
  #baseDigest: Uint8Array
  /** The highest view for which this member has sent a VIEW-CHANGE; the base, if it has entered that. */
  target = 0
  stable: CertifiedStable = { stable: FIRST_STABLE, certificate: [] }
  /** The last number that was executed. */
  executed = 0
  /** The own state is not that which a quorum has signed: nothing is executed until that one is here. */
  diverged = false
  /** Whether it may sign and vote (exchange/serving.ts). */
  serving = false
  /** In this life, for people. */
  readonly counts = { entered: 0, batches: 0, requests: 0 }

  constructor(env: Environment, options: AgreementOptions) {
    this.#env = env
    this.bounds = agreementBounds(options)
    this.window = WINDOW_CHECKPOINTS * this.bounds.checkpointEvery
    this.retained = batchesRetained(this.bounds)
    this.#baseDigest = digestOfStart(env.crypto, FIRST_START)
  }

  /** The view that this member is in. */
  get base(): number {
    return this.#base.start.view
  }

  get certifiedBase(): CertifiedStart {
    return this.#base
  }

  get start(): Start {
    return this.#base.start
  }

  get startDigest(): Uint8Array {
    return this.#baseDigest
  }

  /** One more batch was executed, with so many requests. */
  count(requests: number): void {
    this.counts.batches++
    this.counts.requests += requests
  }

  enter(base: CertifiedStart): void {
    this.#base = base
    this.#baseDigest = digestOfStart(this.#env.crypto, base.start)
    this.target = Math.max(this.target, base.start.view)
  }

  /** The number of the highest stable checkpoint. */
  get low(): number {
    return this.stable.stable.sequence
  }

  /** The last number that may be voted for. */
  get high(): number {
    return this.low + this.window
  }

  /** Who executes that number passes a checkpoint that the group has already: nothing more becomes stable there. */
  passes(sequence: number): boolean {
    return sequence <= this.low && sequence % this.bounds.checkpointEvery === 0
  }

  isOpen(sequence: number): boolean {
    return sequence > this.low && sequence <= this.high
  }

  /** The last number that the base began with a digest for. */
  get startEnd(): number {
    return this.start.stable.sequence + this.start.selected.length
  }

  /** What the base began with at a number. */
  selectedAt(sequence: number): Uint8Array | undefined {
    return this.start.selected[sequence - this.start.stable.sequence - 1]
  }

  get isChanging(): boolean {
    return this.target > this.base
  }

  get mayVote(): boolean {
    return this.serving && !this.isChanging
  }

  get leads(): boolean {
    return this.mayVote && this.primary === this.#env.self
  }

  /** Of the base. */
  get primary(): ProcessId {
    return primaryOf(this.base, this.#env.group)
  }
}
