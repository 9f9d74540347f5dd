/**
 * Bounds of what is exchanged, each with its unit last; all are each process's own, but for the lengths that messages
 * carry.
 */

/** Operations that a client has under way or waiting; one more is refused until one of them ends. */
export const OPERATIONS_OPEN_MAX = 1024

/** The longest part of a body, bytes. All of a body's chunks but the last have this length. */
export const CHUNK_BYTES = 64 * 1024

/** The largest value of a key, bytes; above `valueBytesMax` it travels and is stored in chunks. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024

export const BODY_CHUNKS_MAX = BODY_BYTES_MAX / CHUNK_BYTES

/** Levels of the hash tree of the largest body above its leaves. */
export const PROOF_HASHES_MAX = 10

/** Chunks that a process has asked another one for, and has not got. */
export const CHUNKS_ASKED_MAX = 8

/** Chunks that a process reads from its disk for another one; what that one asks for beyond is ignored. */
export const CHUNKS_SERVED_MAX = 64

/** Chunks that a process reads from its disk at once, for all others; more of them wait. */
export const CHUNKS_READ_MAX = 256

/** Without a chunk of a body for so long, what some were asked for is asked of others too. */
export const BODY_STALLED_MS = 500

/** Verdicts on signatures that are remembered, so that equal answers are verified once. */
export const VERDICTS_KEPT_MAX = 4096

/** Who was asked for a payload and has not handed it over within this long is passed over; milliseconds. */
export const PULL_RETRY_MS = 500

/** How many payloads are asked for at once: the answers must not end the session with who gives them. */
export const PULLS_OPEN_MAX = 16
