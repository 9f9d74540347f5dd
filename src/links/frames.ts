/**
 * The frames of authenticated links. A frame is one byte string: a body (CBOR, declared below) followed by its
 * tag (32 bytes of HMAC-SHA256 or a 64-byte Ed25519 signature) over the body's bytes as received.
 *
 * DATA, ACK and CONFIRM belong to a session and are authenticated under its keys, which bind everything else.
 * INIT, ACCEPT, UNKNOWN and WAKE come before there is one: they are authenticated under a static key of the
 * ordered pair and say in clear for which group and which stack they speak, so that two ends that were set up
 * differently learn what differs instead of seeing tags fail.
 */
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bytes, byteView, digest, fixedBytes, list, uint } from '../core/shapes.ts'
import {
  EARLIER_LIVES_MAX,
  FINGERPRINT_BYTES_MAX,
  LINK_FRAME_MESSAGES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  NONCE_BYTES,
  SESSION_ID_BYTES
} from './constants.ts'

const session = fixedBytes(SESSION_ID_BYTES)
const nonce = fixedBytes(NONCE_BYTES)

/** For whom it is meant: the group and its configuration. A pair of processes may meet in several groups. */
const realm = { group: digest, epoch: uint() }

/**
 * Who speaks: the group, its configuration, the stack's ports, the sender's life, the lives before it whose store it
 * goes on with (the oldest first), and the highest life of the receiver that the sender has seen (0 for none).
 */
const hello = {
  ...realm,
  fingerprint: bytes(FINGERPRINT_BYTES_MAX),
  incarnation: uint(),
  earlier: list(uint(), EARLIER_LIVES_MAX),
  seen: uint()
}

export const frames = defineMessages({
  /** Messages in order; `ack` is the highest sequence number up to which all of the other direction arrived. */
  DATA: [
    0,
    {
      session,
      sequence: uint(),
      ack: uint(),
      // Views: each message is decoded at once, or copied where it has to wait.
      messages: list(byteView(LINK_MESSAGE_BYTES_MAX), LINK_FRAME_MESSAGES_MAX)
    }
  ],
  ACK: [1, { session, ack: uint() }],
  /** Third message of the handshake, and a question at any time: is this session yours? An ACK says yes. */
  CONFIRM: [2, { session }],
  /** First message of the handshake, from the lower rank; with a client, from the member. */
  INIT: [3, { ...hello, nonce }],
  /** Second: the higher rank's own nonce, and the first one echoed. */
  ACCEPT: [4, { ...hello, nonce, echo: nonce }],
  /**
   * From the higher rank: this session is not mine and never will be again. It says no more than that, so that whoever
   * sends a frame of no session gets hardly more back.
   */
  UNKNOWN: [5, { ...realm, session }],
  /** From the higher rank, while it has no session. */
  WAKE: [6, hello]
})

export type Frame = MessageOf<typeof frames>
export type FrameOf<T extends Frame['type']> = Extract<Frame, { type: T }>
/** Frames of an established session. */
export type SessionFrame = FrameOf<'DATA' | 'ACK' | 'CONFIRM'>
/** Frames that establish one. */
export type HandshakeFrame = FrameOf<'INIT' | 'ACCEPT' | 'UNKNOWN' | 'WAKE'>
/** The clear fields of a frame that begins a session. */
export type Hello = Omit<FrameOf<'WAKE'>, 'type'>

/** What a DATA frame's fields take at most beside its messages, each of which has a head of at most 5 bytes. */
export const DATA_FIELDS_BYTES_MAX = 40
export const MESSAGE_HEAD_BYTES_MAX = 5

/** What authenticates a received frame: the bytes that the tag is said to cover, and the tag. */
export interface Proof {
  readonly body: Uint8Array
  readonly tag: Uint8Array
}

export interface Opened {
  readonly frame: Frame
  readonly proof: Proof
}

export function isSessionFrame(frame: Frame): frame is SessionFrame {
  return frame.type === 'DATA' || frame.type === 'ACK' || frame.type === 'CONFIRM'
}

/** In an encoded session frame: the heads of the array, of the code and of the session id, each one byte. */
const SESSION_ID_AT = 3
const SESSION_HEAD_BYTES = SESSION_ID_AT + SESSION_ID_BYTES
const SESSION_CODES: ReadonlySet<number | undefined> = new Set([0, 1, 2])
const SESSION_ID_HEAD = 0x40 + SESSION_ID_BYTES

/**
 * The session that a frame says it is of; undefined for one of no session. Nothing is decoded and nothing is believed:
 * frames of the current session are told from all others before these cost anything.
 */
export function claimedSession(bytes: Uint8Array, tagBytes: number): Uint8Array | undefined {
  const isOfSession =
    SESSION_CODES.has(bytes[1]) &&
    bytes[2] === SESSION_ID_HEAD &&
    bytes.length >= SESSION_HEAD_BYTES + tagBytes
  return isOfSession ? bytes.subarray(SESSION_ID_AT, SESSION_HEAD_BYTES) : undefined
}

/** The longest tag: a signature. */
const TAG_BYTES_MAX = 64

/** Encodes a frame and appends the tag that `authenticate` makes of its body. */
export function sealFrame(frame: Frame, authenticate: (body: Uint8Array) => Uint8Array): Uint8Array {
  const whole = frames.encode(frame, { after: TAG_BYTES_MAX })
  const body = whole.subarray(0, whole.length - TAG_BYTES_MAX)
  const tag = authenticate(body)
  whole.set(tag, body.length)
  return whole.subarray(0, body.length + tag.length)
}

/** The parts of a frame, not yet authenticated; undefined for bytes that no encoder made. */
export function openFrame(bytes: Uint8Array, tagBytes: number): Opened | undefined {
  if (bytes.length <= tagBytes) return undefined
  const body = bytes.subarray(0, bytes.length - tagBytes)
  const frame = frames.decode(body)
  return frame && { frame, proof: { body, tag: bytes.subarray(body.length) } }
}
