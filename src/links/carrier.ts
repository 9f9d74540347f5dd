/**
 * What protocols stand on: authenticated links with sessions.
 *
 * A link that is reliable, bounded and never blocking cannot exist. Within a session (both ends alive, at most
 * LINK_UNACKED_BYTES_MAX outstanding) a carrier is reliable, in order and without duplicates. Overflow or a
 * restart of either end ends the session and drops what was queued; when the peer is back a new session begins,
 * and every component re-sends, from its own bounded and durable state, what that peer still needs (`resync`).
 */
import type { ProcessId } from '../core/group.ts'

export interface Carrier {
  /** Sends a message within the current session; without one the message is dropped: `resync` will come. */
  send(to: ProcessId, message: Uint8Array): void
  /** Much of `peer` waits here to be taken in: it is to send no more for now; or it may again. */
  press?(peer: ProcessId, isPressed: boolean): void
}

export interface CarrierIndications {
  deliver(from: ProcessId, message: Uint8Array): void
  /** A session with `peer` has begun. Whatever an earlier one had queued is lost. */
  sessionStarted(peer: ProcessId): void
  sessionEnded(peer: ProcessId, reason: string): void
}
