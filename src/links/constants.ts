/** The bounds and delays of the links, each with its unit last. */

/** Frames are filled up to this many bytes; a single larger message travels alone. */
export const LINK_FRAME_BYTES = 64 * 1024

/** The largest message: an application payload of 1 MiB and the fields that protocols put around it. */
export const LINK_MESSAGE_BYTES_MAX = 1024 * 1024 + 4 * 1024

/** What a rung of the ladder (stubborn, perfect, FIFO) puts around a message of the rung above, at most. */
export const LINK_RUNG_BYTES_MAX = 32

/** The largest frame: one largest message, the frame's own fields and its tag. */
export const LINK_FRAME_BYTES_MAX = LINK_MESSAGE_BYTES_MAX + 256

/** Messages in one frame, however small they are. */
export const LINK_FRAME_MESSAGES_MAX = 4096

/**
 * Unacknowledged frames per direction. It is a constant of the protocol and cannot be set: the receiver knows by
 * it what no correct sender sends.
 */
export const LINK_FRAMES_IN_FLIGHT = 16

/** Outstanding bytes (queued and unacknowledged) above which the session with a peer ends, unless set otherwise. */
export const LINK_UNACKED_BYTES_MAX = 8 * 1024 * 1024

/** Received frames that wait for an earlier one; beyond it they are dropped, and come again. */
export const LINK_REORDER_BYTES_MAX = 4 * 1024 * 1024

/** What a queued message is charged beside its own bytes: an empty one costs memory too. */
export const LINK_MESSAGE_OVERHEAD_BYTES = 64

/** First and longest delay between retransmissions of the oldest unacknowledged frame. */
export const RETRANSMIT_MIN_MS = 200
export const RETRANSMIT_MAX_MS = 5000

/** A standalone acknowledgement leaves after this many frames, or after the delay, if no data frame takes it along. */
export const ACK_EVERY_FRAMES = 4
export const ACK_DELAY_MS = 25

/** First and longest delay between attempts of the handshake. */
export const HANDSHAKE_RETRY_MIN_MS = 200
export const HANDSHAKE_RETRY_MAX_MS = 5000

/** A session younger than this is not replaced yet: sessions that end at once must not spin. */
export const SESSION_AGE_MIN_MS = 500

/** A connected peer that has acknowledged nothing for this long is lagging. */
export const LAGGING_AFTER_MS = 2000

/** A fresh nonce of each end goes into every session's keys. */
export const NONCE_BYTES = 16

/**
 * Lives before its own that a process tells of in a handshake, the latest ones. Who has seen an older one of a process
 * that has begun so many since takes its word.
 */
export const EARLIER_LIVES_MAX = 256

/** Enough to tell sessions of a pair apart; authenticity does not rest on it. */
export const SESSION_ID_BYTES = 8

/** The longest fingerprint of a stack (a hash). */
export const FINGERPRINT_BYTES_MAX = 64
