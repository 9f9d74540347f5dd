/** Bounds and delays of agreement, each with its unit last; see AgreementOptions for those that can be set. */
import type { PortTerms } from '../../links/ports.ts'

/** A checkpoint is taken after so many batches. */
const CHECKPOINT_EVERY = 64

/** How far beyond the stable checkpoint numbers may be voted for, in checkpoints. */
export const WINDOW_CHECKPOINTS = 2

/** Commands in one batch. */
export const BATCH_COMMANDS_MAX = 256

/** The longest batch, bytes. */
export const BATCH_BYTES_MAX = 256 * 1024

/** The longest request that can be ordered, bytes: any of them fits a batch. */
export const ENVELOPE_BYTES_MAX = 128 * 1024

/** Batches of the primary that are proposed and not yet executed there. */
export const BATCHES_IN_FLIGHT_MAX = 4

/** Bodies of executed batches that are kept for those who are behind. */
const BATCHES_RETAINED = 1024

/** States of stable checkpoints that a member keeps. */
export const STATES_KEPT = 2

/** Signatures of the requests in a batch that are verified in one turn. */
export const VERIFICATIONS_PER_TURN = 8

/** Bodies that are sent unasked to a member which has not voted for them, bytes: a fourth of what a session holds. */
export const PUSH_BYTES_MAX = 2 * 1024 * 1024

/** How often a body is handed to one member in one session. */
export const BODY_SERVED_MAX = 3

/** Requests of one client, or handed on by one member, that wait to be proposed; and their bytes. */
export const PENDING_REQUESTS_MAX = 256
export const PENDING_BYTES_MAX = 1024 * 1024

/** How long the first primary may let a request wait, and any; it doubles with each view that ends in vain. */
const VIEW_TIMEOUT_MIN_MS = 500
const VIEW_TIMEOUT_MAX_MS = 8000

/** In so many steps a wait is counted. */
export const WAIT_TICKS = 4

/** How often a member that lacks something says how far it is. */
export const STATUS_EVERY_MS = 1000

/** The most that these may be set to. */
export const BATCHES_RETAINED_MAX = 64 * 1024
export const CHECKPOINT_EVERY_MAX = 1024
export const VIEW_TIMEOUT_LIMIT_MS = 60 * 60_000

export interface AgreementOptions {
  /** Batches from one checkpoint to the next; default CHECKPOINT_EVERY. */
  readonly checkpointEvery?: number
  /** Default BATCH_COMMANDS_MAX. */
  readonly batchCommandsMax?: number
  /** Executed batches that are kept for who is behind, and at least a window; default BATCHES_RETAINED. */
  readonly batchesRetained?: number
  /** Default VIEW_TIMEOUT_MIN_MS. */
  readonly viewTimeoutMinMs?: number
  /** Default VIEW_TIMEOUT_MAX_MS. */
  readonly viewTimeoutMaxMs?: number
  /** Default VERIFICATIONS_PER_TURN. */
  readonly verificationsPerTurn?: number
  /** Default PUSH_BYTES_MAX. */
  readonly pushBytesMax?: number
}

export function agreementBounds(options: AgreementOptions): Required<AgreementOptions> {
  const { checkpointEvery = CHECKPOINT_EVERY, batchCommandsMax = BATCH_COMMANDS_MAX } = options
  const { viewTimeoutMinMs = VIEW_TIMEOUT_MIN_MS, viewTimeoutMaxMs = VIEW_TIMEOUT_MAX_MS } = options
  const { batchesRetained = BATCHES_RETAINED } = options
  const { verificationsPerTurn = VERIFICATIONS_PER_TURN, pushBytesMax = PUSH_BYTES_MAX } = options
  return {
    checkpointEvery,
    batchCommandsMax,
    batchesRetained,
    viewTimeoutMinMs,
    viewTimeoutMaxMs: Math.max(viewTimeoutMinMs, viewTimeoutMaxMs),
    verificationsPerTurn,
    pushBytesMax
  }
}

/** How many executed batches a member keeps: from any state that it may go on from, it has what came after it. */
export const batchesRetained = ({ batchesRetained, checkpointEvery }: Required<AgreementOptions>): number =>
  Math.max(batchesRetained, WINDOW_CHECKPOINTS * checkpointEvery)

/** Of the bounds, those that all members must have alike: how much one does at once is its own affair. */
export function agreementTerms(options: AgreementOptions): PortTerms {
  const { verificationsPerTurn: _, pushBytesMax: __, ...terms } = agreementBounds(options)
  return terms
}
