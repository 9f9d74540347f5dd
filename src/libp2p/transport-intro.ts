/**
 * INTRO, the first frame each way on a stream: which group it is for. Nothing in it is believed: who the peer is
 * follows from the key that libp2p authenticated, and the genesis serves only to say which field differs.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import { bytes, decode, digest, encode, record, uint, type ValueOf } from '../core/shapes.ts'
import { GENESIS_BYTES_MAX } from './transport-limits.ts'
import type { Refusal } from './transport-refusal.ts'

/** The version of everything on the stream; another one is another language. */
export const TRANSPORT_VERSION = 3

const intro = record({ version: uint(255), groupId: digest, genesis: bytes(GENESIS_BYTES_MAX) })

export type Intro = ValueOf<typeof intro>

/** An INTRO frame is at most this long: the genesis, and what CBOR and the other fields add. */
export const INTRO_BYTES_MAX = GENESIS_BYTES_MAX + 64

export const encodeIntro = (value: Intro): Uint8Array => encode(intro, value)
export const decodeIntro = (frame: Uint8Array): Intro | undefined => decode(intro, frame)

/** Why an INTRO does not fit ours; undefined if it does. */
export function refusalOf(theirs: Intro, ours: Intro): Refusal | undefined {
  if (theirs.version !== ours.version) {
    const detail = `speaks version ${theirs.version} of the transport, this process version ${ours.version}`
    return { kind: 'other-version', detail }
  }
  if (sameBytes(theirs.groupId, ours.groupId)) return undefined
  const detail = `is in group ${shortHex(theirs.groupId)}, this process in ${shortHex(ours.groupId)}`
  return { kind: 'wrong-group', detail, genesis: { ours: ours.genesis, theirs: theirs.genesis } }
}

const shortHex = (id: Uint8Array): string => toHex(id.subarray(0, 4))
