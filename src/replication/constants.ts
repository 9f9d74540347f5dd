/** Bounds of a replicated machine, each with its unit last. */

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
