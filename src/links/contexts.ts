/**
 * What a frame is bound to (DESIGN, rule 6), as injective encodings: the context of the handshake, which is the
 * same for ever, and that of a session, which never comes twice since both ends put a fresh nonce into it.
 */
import type { Group, ProcessId } from '../core/group.ts'
import { bytes, digest, encode, fixedBytes, record, text, uint } from '../core/shapes.ts'
import { FINGERPRINT_BYTES_MAX, NONCE_BYTES, SESSION_ID_BYTES } from './constants.ts'

const handshakeContext = record({ domain: text(64), path: text(256), from: uint(), to: uint() })

/** Group and stack are in the handshake's frames, in clear and authenticated; a direction only here. */
export function encodeHandshakeContext(path: string, from: ProcessId, to: ProcessId): Uint8Array {
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
  readonly rank: ProcessId
  readonly nonce: Uint8Array
  readonly incarnation: number
}

/** All that tells a session from every other one. */
export interface SessionTerms {
  readonly path: string
  readonly group: Group
  readonly fingerprint: Uint8Array
  /** The end of lower rank. */
  readonly initiator: End
  readonly responder: End
}

/** The context of one direction of a session. */
export function encodeSessionContext(terms: SessionTerms, from: ProcessId, to: ProcessId): Uint8Array {
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
