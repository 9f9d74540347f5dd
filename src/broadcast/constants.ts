/**
 * Bounds of the broadcast abstractions. Members must agree on the window, the longest payload and the retention, and
 * links name those that do not (stacks/paths.ts); the others are each member's own.
 */
import type { PortTerms } from '../links/ports.ts'

/** How many instances of one sender may be open at a process: undelivered, or not yet acknowledged from above. */
export const WINDOW_INSTANCES = 256

/**
 * How many bytes of one's own payloads may be under way; a broadcast that exceeds it is admitted only alone. Well below
 * LINK_UNACKED_BYTES_MAX: all of them are sent again in a new session, which must not end by that.
 */
export const WINDOW_BYTES_MAX = 2 * 1024 * 1024

/** The longest payload that a message can carry, bytes: what `payloadBytesMax` may be at most. */
export const BROADCAST_PAYLOAD_BYTES_MAX = 1024 * 1024

/** Longest payload of one broadcast, bytes. */
export const PAYLOAD_BYTES_MAX = 64 * 1024

/**
 * How many delivered instances of one sender are kept for members that may still need them; up to a window more, while
 * too few members report that they have the oldest (windows.ts).
 */
export const RETENTION_COUNT_MAX = 1024

/** How many bytes of delivered payloads of one sender are kept likewise; up to WINDOW_BYTES_MAX more. */
export const RETENTION_BYTES_MAX = 16 * 1024 * 1024

/** A moved window is reported after this many instances ... */
export const STATUS_EVERY_INSTANCES = 32

/** ... or after this long, whichever comes first; milliseconds. */
export const STATUS_DELAY_MS = 100

/** What is sent at once of what peers are owed for their reports, bytes; then there is a pause, milliseconds. */
export const OWED_BYTES_AT_ONCE = 1024 * 1024
export const OWED_PAUSE_MS = 10

/** What an instance that is looked at counts in it, and one that has something to send beside its payload. */
export const OWED_LOOK_BYTES = 16
export const OWED_VOTES_BYTES = 256

/** A base in a report, nominal microseconds of work; see WORK_US. */
export const REPORTED_BASE_US = 0.125

/** Messages of each member that an instance of a broadcast takes, which they earn when it is over. */
export const MESSAGES_PER_INSTANCE = 3

export interface BroadcastOptions {
  readonly windowInstances?: number
  readonly windowBytesMax?: number
  readonly payloadBytesMax?: number
  readonly retentionCountMax?: number
  readonly retentionBytesMax?: number
}

export function withDefaults(options: BroadcastOptions): Required<BroadcastOptions> {
  return {
    windowInstances: options.windowInstances ?? WINDOW_INSTANCES,
    windowBytesMax: options.windowBytesMax ?? WINDOW_BYTES_MAX,
    payloadBytesMax: options.payloadBytesMax ?? PAYLOAD_BYTES_MAX,
    retentionCountMax: options.retentionCountMax ?? RETENTION_COUNT_MAX,
    retentionBytesMax: options.retentionBytesMax ?? RETENTION_BYTES_MAX
  }
}

/** Of the bounds, those of windows and retention that members must have alike. */
export function windowTerms(options: BroadcastOptions): PortTerms {
  const { windowInstances, retentionCountMax, retentionBytesMax } = withDefaults(options)
  return { windowInstances, retentionCountMax, retentionBytesMax }
}
