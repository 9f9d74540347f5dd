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

/**
 * A session younger than this is not replaced yet: sessions that end at once must not spin. After so many that began
 * one upon the other it doubles with each, up to the longest delay of a handshake; one of them is forgotten in so long.
 */
export const SESSION_AGE_MIN_MS = 500
export const SESSIONS_AT_ONCE = 4
export const SESSION_FORGOTTEN_MS = 10_000

/** A connected peer that has acknowledged nothing for this long is lagging. */
export const LAGGING_AFTER_MS = 2000

/** A fresh nonce of each end goes into every session's keys. */
export const NONCE_BYTES = 16

/**
 * How many lives before its own a process tells of in a handshake: the latest ones. A peer that remembers an older life
 * than these cannot look it up, and takes it to be known.
 */
export const EARLIER_LIVES_MAX = 256

/**
 * Misdeeds, certain or proven, that a peer is allowed: one more, and it is cut off. One is forgotten in so long.
 */
export const CUT_OFF_ALLOWANCE = 32
export const MISDEED_FORGOTTEN_MS = 10_000

/**
 * How long a peer is cut off the first time, and at most: twice as long each time. One time is forgotten in so long.
 */
export const CUT_OFF_MIN_MS = 10_000
export const CUT_OFF_MAX_MS = 10 * 60_000
export const CUT_OFF_FORGOTTEN_MS = 30 * 60_000

/** Evidence against one process that is remembered, so that it counts once. */
export const CUT_OFF_EVIDENCE_MAX = 64

/** Enough to tell sessions of a pair apart; authenticity does not rest on it. */
export const SESSION_ID_BYTES = 8

/** The longest fingerprint of a stack (a hash). */
export const FINGERPRINT_BYTES_MAX = 64

/**
 * The budget of work that a process has for each other one: nominal microseconds that time fills in each second, and
 * what it holds when full. A tenth of one core: whoever offers more waits, and the others do not.
 */
export const PEER_WORK_US_PER_SECOND = 100_000
export const PEER_WORK_BURST_US = 50_000

/**
 * The budget of each peer for frames that need no session, which are read only as far as it goes, and for those of the
 * session that bring it nothing. A correct peer's handshake takes a thousandth of it; who spends it all has its
 * handshake repeated later.
 */
export const SESSIONLESS_WORK_US_PER_SECOND = 20_000
export const SESSIONLESS_WORK_BURST_US = 10_000

/**
 * What counts how much in these budgets, nominal microseconds. They need not be exact, but nothing may cost much more
 * than it counts, on a machine on which a signature is verified in some 130 microseconds.
 */
export const WORK_US = Object.freeze({
  /** A message that is taken in, whatever it says. */
  message: 5,
  /** A signature that was verified. */
  verification: 150,
  /** 64 KiB that are sent because a peer asked for them: 25 MiB a second are answered to each. */
  answered64KiB: 250,
  /** A question that cannot be answered as it was asked: a correct process seldom asks one. */
  refusal: 50,
  /** A body that is asked for because a reference to it came: its record, and the questions for its chunks. */
  body: 200,
  /** A session that begins: what is resent in it counts by itself. */
  session: 2000,
  /** A frame that needs no session and is read; its tag counts by itself. */
  frame: 15,
  /** A tag that was verified or made, by HMAC; a signature counts as a verification. */
  tag: 10,
  /** A handshake frame that is authentic, and answered: its answer's bytes and tag count by themselves. */
  handshake: 100
})

/** As {@link WORK_US}.answered64KiB, for one byte. */
export const ANSWERED_BYTE_US = WORK_US.answered64KiB / (64 * 1024)

/** What a turn takes in of one peer at most: messages, their bytes, and the work that they cause, microseconds. */
export const TURN_MESSAGES_MAX = 512
export const TURN_BYTES_MAX = 256 * 1024
export const TURN_WORK_US_MAX = 5_000

/** What a message that waits to be taken in is charged beside its own bytes: an object, with a buffer of its own. */
export const WAITING_MESSAGE_OVERHEAD_BYTES = 256

/** While more bytes of a peer wait to be taken in, its stream is not read. */
export const INTAKE_PRESSED_BYTES = 128 * 1024

/** Bytes that are accepted of a peer that was told to pause: what was on its way. Frames beyond them come again. */
export const INTAKE_OVERRUN_BYTES_MAX = 1024 * 1024

/** While more bytes for a peer wait for the disk, nothing more is taken in of it. */
export const HELD_BYTES_MAX = 1024 * 1024
