/** Everything that a transport bounds, and by default how much. */

/** The longest frame, in bytes. A peer that announces a longer one loses its stream before anything is buffered. */
export const FRAME_BYTES_MAX = 2 * 1024 * 1024

/**
 * Frames that wait for one peer's stream to become writable; beyond it, frames to that peer are lost. As much as a
 * link may have outstanding (LINK_UNACKED_BYTES_MAX), which holds the same bytes anyway: less would lose frames of
 * a burst of large messages, and each loss costs a link its retransmission delay.
 */
export const TRANSPORT_WRITE_BUFFER_BYTES_MAX = 8 * 1024 * 1024

/** The longest encoded genesis that an INTRO carries: that of a group of some 400 members. */
export const GENESIS_BYTES_MAX = 16 * 1024

/**
 * Inbound streams of one peer, over all its connections, that have not said yet which group they are for; for
 * each group that we share with it.
 */
export const INBOUND_STREAMS_WAITING_MAX = 4

/**
 * Inbound streams that one peer may open in quick succession, for each group that we share with it, and how fast
 * it may go on. A correct peer waits longer with each failure and stays below.
 */
export const INBOUND_STREAMS_BURST_MAX = 16
export const INBOUND_STREAMS_PER_SECOND_MAX = 1

/**
 * Streams of our protocol that libp2p lets one connection have open at a time. Each group needs one, and a second
 * while it is being replaced.
 */
export const STREAMS_PER_CONNECTION_MAX = 64

/** A peer's misdeeds of one kind are reported at most this often: a report must not cost more than the misdeed. */
export const REFUSAL_INTERVAL_MS = 1000

/** What an operator or a test may want otherwise. */
export interface TransportLimits {
  /** See {@link FRAME_BYTES_MAX}; the same at all members. */
  readonly frameBytesMax: number
  /** See {@link TRANSPORT_WRITE_BUFFER_BYTES_MAX}. */
  readonly writeBufferBytesMax: number
  /** A stream whose INTRO has not come by then is reset. */
  readonly introTimeoutMs: number
  /**
   * To connect, to secure the connection and to open a stream on it: for all addresses of a member in turn, but see
   * `addressTimeoutMs`.
   */
  readonly dialTimeoutMs: number
  /** Each address of a member has at least so long, however many there are. */
  readonly addressTimeoutMs: number
  /** The wait before the first redial; it doubles with each failure. */
  readonly redialDelayMinMs: number
  readonly redialDelayMaxMs: number
  /** How often a sign of life is sent on a stream that has nothing else to send. */
  readonly heartbeatIntervalMs: number
  /**
   * A stream that has brought nothing for so long is half open: it is given up and dialled again. Longer than a
   * minute, for which a correct peer may well be slow.
   */
  readonly silenceMaxMs: number
  /** How long `stop` waits for peers to take what was sent. */
  readonly stopTimeoutMs: number
}

export const TRANSPORT_LIMITS: TransportLimits = Object.freeze({
  frameBytesMax: FRAME_BYTES_MAX,
  writeBufferBytesMax: TRANSPORT_WRITE_BUFFER_BYTES_MAX,
  introTimeoutMs: 10_000,
  dialTimeoutMs: 10_000,
  addressTimeoutMs: 3_000,
  redialDelayMinMs: 100,
  redialDelayMaxMs: 5_000,
  heartbeatIntervalMs: 10_000,
  silenceMaxMs: 90_000,
  stopTimeoutMs: 500
})
