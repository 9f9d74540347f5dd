/** How large the files are that `replay` reads: they may come from anybody. */

/** A trace file, in bytes: a run of the most events that a run may have. */
export const TRACE_BYTES_MAX = 2 * 1024 * 1024 * 1024

/** The recording of a member, in bytes: it may have run for weeks. */
export const RECORDING_BYTES_MAX = 64 * 1024 * 1024 * 1024

/** A line of either, in characters: the longest message in hexadecimal, several times over. */
export const REPLAY_LINE_CHARACTERS_MAX = 16 * 1024 * 1024
