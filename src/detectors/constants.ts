/** The bound that a perfect failure detector stands on. */

/**
 * How long a process waits for the answers to its heartbeat requests, milliseconds of its own clock. An answer comes
 * within it where timing is bounded (core/model.ts): twice the latency of a message, a step at either end, and the
 * drift of a clock that is fast.
 */
export const DETECTOR_TIMEOUT_MS = 1000
