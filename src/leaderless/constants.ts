/**
 * Bounds and delays of the leaderless store, each with its unit last; see LeaderlessOptions for those that can be set.
 */

/** Replicas of each key, unless set otherwise. */
export const REPLICAS = 3

/** The most replicas of a key: all of them may be in every clock, and all their siblings in one message. */
export const REPLICAS_MAX = 7

/** Points of each member on the ring. */
export const VIRTUAL_NODES = 128

/** The longest key, UTF-16 code units. */
export const KEY_CHARACTERS_MAX = 256

/** The longest value, bytes. */
export const STORED_VALUE_BYTES_MAX = 64 * 1024

/** Keys that a member keeps, deleted ones included. */
export const KEYS_MAX = 64 * 1024

/** Siblings of one key that one replica has let in; a key has so many times its replicas. */
export const SIBLINGS_PER_REPLICA_MAX = 16

/** Bytes of values among them: REPLICAS_MAX times as many fit into one message. */
export const SIBLING_BYTES_PER_REPLICA_MAX = 128 * 1024

/** Of a dot. A replica that counts a thousand puts of one key a second gets there in 100,000 years. */
export const COUNTER_MAX = 2 ** 52

/** Of a put, milliseconds. */
export const TIME_MS_MAX = 2 ** 52

/**
 * Of a wall clock, milliseconds: the year 10,889; what it says beyond is refused, microseconds for one. Up to
 * TIME_MS_MAX there is room for puts that replace others.
 */
export const CLOCK_MS_MAX = 2 ** 48

/** So far beyond the time of a put its store reserves times on disk, milliseconds: one write for so many of them. */
export const TIMES_RESERVED_MS = 1000

/** A put that its first replica has not answered for so long asks the next one too, milliseconds. */
export const PUT_PATIENCE_MS = 200

/**
 * How long a get that has returned waits for the other replicas before it repairs those that were behind, milliseconds.
 */
export const READ_REPAIR_WAIT_MS = 500

/** Gets that have returned and wait to repair; beyond it the oldest repairs at once. */
export const READ_REPAIRS_WAITING_MAX = 256

/** Between two rounds of anti-entropy, milliseconds. */
export const ANTI_ENTROPY_PERIOD_MS = 10_000

/** The longest that may be set, milliseconds: the longest time of a timer of Node. */
export const ANTI_ENTROPY_PERIOD_MS_MAX = 2 ** 31 - 1

/** Keys under a node of a Merkle tree up to which it is a leaf, and is compared key by key. */
export const LEAF_KEYS_MAX = 16

/** Nodes that one message of anti-entropy asks for. */
export const NODES_COMPARED_MAX = 16

/** Keys in one message of anti-entropy. */
export const ITEMS_MAX = 256

/** Bytes of states in one message of anti-entropy beyond which no further key is put into it. */
export const ITEM_BYTES = 64 * 1024
