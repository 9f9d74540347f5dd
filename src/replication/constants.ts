/** Bounds and delays of a replicated machine, each with its unit last; see ReplicaOptions for those that can be set. */
import { type AgreementOptions, agreementBounds } from '../consensus/pbft/constants.ts'
import type { PortTerms } from '../links/ports.ts'

/** The longest command, bytes. */
export const COMMAND_BYTES_MAX = 64 * 1024

/** The longest result of a command, bytes; a command whose result is longer changes nothing, and is an error. */
export const RESULT_BYTES_MAX = 64 * 1024

/** The longest key of the managed state, bytes. */
export const STATE_KEY_BYTES_MAX = 1024

/** The longest value of the managed state, bytes. */
export const STATE_VALUE_BYTES_MAX = 256 * 1024

/** All keys and values of the managed state, bytes, with STATE_ENTRY_BYTES for each; what goes beyond is an error. */
export const STATE_BYTES_MAX = 64 * 1024 * 1024

/** What a key of the managed state is counted for beside its bytes and those of its value. */
export const STATE_ENTRY_BYTES = 64

/** Parts into which keys fall by their hash: a checkpoint writes those that have changed. */
export const STATE_BUCKETS = 1024

/**
 * What a checkpoint writes in one turn, bytes of chunks, and what is read of a state that others had; at least one of
 * them. A bucket of a state of STATE_BYTES_MAX has as much, and takes 1 ms to encode and hash, or 4 ms if its values
 * are short; one whose keys were chosen so that they all fall into it takes as long as they are many.
 */
export const WRITTEN_BYTES_PER_TURN = 64 * 1024

/** The longest name of a part of a state, characters. */
export const PART_NAME_MAX = 64

/** The longest list of the parts of a state, bytes. */
export const PART_LIST_BYTES_MAX = 512 * 1024

/** Parts of a state that are fetched at once. */
export const PARTS_FETCHED_MAX = 32

/** Commands in one envelope: as few as in a batch, where that has fewer. */
export const ENVELOPE_COMMANDS_MAX = 64

/** Envelopes that a client has under way; what is submitted meanwhile goes into the next one. */
export const ENVELOPES_IN_FLIGHT_MAX = 4

/** How long an envelope is left to the primary alone, and at most between one time that all are told and the next. */
export const CLIENT_RETRY_MS = 200
export const CLIENT_RETRY_MAX_MS = 2000

/** A result of at most so many bytes comes from all members; a longer one from f + 1, and its digest from all. */
export const RESULT_SHORT_BYTES = 256

/** Sessions that one key of a member has side by side. */
export const SESSION_SLOTS = 8

/** Sessions that one batch may open: no batch has more commands. */
export const SESSIONS_PER_BATCH = 1024

/** All sessions: those of the largest group's members, and the pool. */
export const SESSIONS_MAX = 1024

/** Numbers of one session that may be under way: from the first one whose reply is not acknowledged. */
const SESSION_WINDOW = 128

/** Sessions of keys that are no member's. */
const SESSION_POOL = 64

/** A session of the pool may be taken from its client when it has been idle for so many commands of others. */
const POOL_IDLE_COMMANDS = 10_000

/** The most that these may be set to. */
export const SESSION_WINDOW_MAX = 128
export const SESSION_POOL_MAX = 512
export const POOL_IDLE_COMMANDS_MAX = 1_000_000_000

/** Results that are kept for one session, and for all; beyond it a command is answered that the member is busy. */
export const SESSION_RESULT_BYTES_MAX = 256 * 1024
export const RESULT_BYTES_TOTAL_MAX = 8 * 1024 * 1024

/** Of all results those of the pool are at most one part in so many. */
export const POOL_SHARE = 4

/** What a kept reply is counted for beside its bytes. */
export const REPLY_BYTES = 64

export interface ReplicaOptions extends AgreementOptions {
  /** Default SESSION_WINDOW. */
  readonly sessionWindow?: number
  /** Default SESSION_POOL. */
  readonly sessionPool?: number
  /** Default POOL_IDLE_COMMANDS. */
  readonly poolIdleCommands?: number
  /** Default WRITTEN_BYTES_PER_TURN. */
  readonly writtenBytesPerTurn?: number
}

export type SessionBounds = Required<
  Pick<ReplicaOptions, 'sessionWindow' | 'sessionPool' | 'poolIdleCommands'>
>

export type StateBounds = SessionBounds & Required<Pick<ReplicaOptions, 'writtenBytesPerTurn'>>

export function replicaBounds(options: ReplicaOptions): Required<ReplicaOptions> {
  const { sessionWindow = SESSION_WINDOW, sessionPool = SESSION_POOL } = options
  const { poolIdleCommands = POOL_IDLE_COMMANDS, writtenBytesPerTurn = WRITTEN_BYTES_PER_TURN } = options
  const sessions = { sessionWindow, sessionPool, poolIdleCommands }
  return { ...agreementBounds(options), ...sessions, writtenBytesPerTurn }
}

/** Of the bounds, those that members and clients must have alike. */
export function replicaTerms(options: ReplicaOptions): PortTerms {
  const { batchCommandsMax, sessionWindow, sessionPool, poolIdleCommands } = replicaBounds(options)
  return { batchCommandsMax, sessionWindow, sessionPool, poolIdleCommands }
}
