/**
 * What a frame is bound to, as injective encodings: the context of the handshake, which is the
 * same for ever, and that of a session, which never comes twice since both ends put a fresh nonce into it.
 */
import { type Group, isMember, type ProcessId } from '../core/group.ts'
import { bytes, digest, encode, fixedBytes, record, text, uint } from '../core/shapes.ts'
import { FINGERPRINT_BYTES_MAX, NONCE_BYTES, SESSION_ID_BYTES } from './constants.ts'

/**
 * How a client is written on the wire: the number by which a process knows it means nothing elsewhere. Which client it
 * is follows from the key: a MAC key is made of both public keys, and a signature covers the client's
 * (authenticator.ts).
 */
export const CLIENT_WIRE_RANK = Number.MAX_SAFE_INTEGER

/** What both ends of a link call `process`. */
export const wireRank = (group: Group, process: ProcessId): number =>
  isMember(group, process) ? process : CLIENT_WIRE_RANK

const handshakeContext = record({ domain: text(64), path: text(256), from: uint(), to: uint() })

/**
 * Group and stack are in the handshake's frames, in clear and authenticated; a direction only here.
 *
 * @param from - as on the wire, like `to`
 */
export function encodeHandshakeContext(path: string, from: number, to: number): Uint8Array {
  return encode(handshakeContext, { domain: 'byzkit/link-handshake/1', path, from, to })
}

const sessionContext = record({
  domain: text(64),
  path: text(256),
  group: digest,
  epoch: uint(),
  fingerprint: bytes(FINGERPRINT_BYTES_MAX),
  from: uint(),
  to: uint(),
  initiator: record({ nonce: fixedBytes(NONCE_BYTES), incarnation: uint() }),
  responder: record({ nonce: fixedBytes(NONCE_BYTES), incarnation: uint() })
})

/** One end's contribution to a session. */
export interface End {
  /** As on the wire. */
  readonly rank: number
  readonly nonce: Uint8Array
  readonly incarnation: number
}

/** All that tells a session from every other one. */
export interface SessionTerms {
  readonly path: string
  readonly group: Group
  readonly fingerprint: Uint8Array
  /** The end of lower rank; with a client, the member. */
  readonly initiator: End
  readonly responder: End
}

/** The context of one direction of a session; ranks as on the wire. */
export function encodeSessionContext(terms: SessionTerms, from: number, to: number): Uint8Array {
  const { path, group, fingerprint, initiator, responder } = terms
  return encode(sessionContext, {
    domain: 'byzkit/link-session/1',
    path,
    group: group.id,
    epoch: group.epoch,
    fingerprint,
    from,
    to,
    initiator: { nonce: initiator.nonce, incarnation: initiator.incarnation },
    responder: { nonce: responder.nonce, incarnation: responder.incarnation }
  })
}

/** A short name for a session, the same at both ends. */
export function sessionId(terms: SessionTerms, hash: (message: Uint8Array) => Uint8Array): Uint8Array {
  const { initiator, responder } = terms
  return hash(encodeSessionContext(terms, initiator.rank, responder.rank)).slice(0, SESSION_ID_BYTES)
}
