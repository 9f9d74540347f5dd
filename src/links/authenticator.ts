/**
 * How frames are authenticated. A context (see contexts.ts) names all that a frame is bound to; with HMAC it goes
 * into the key, with Ed25519 into what is signed. A MAC convinces its receiver alone and costs a hash; a signature
 * would convince anybody, and costs a hundred times as much.
 */
import type { Environment } from '../core/environment.ts'
import type { FaultKind } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import { bytes, encode, record, text } from '../core/shapes.ts'
import { LINK_FRAME_BYTES_MAX } from './constants.ts'

export type Authentication = 'hmac' | 'ed25519'

export type Tag = (body: Uint8Array) => Uint8Array
export type Verify = (body: Uint8Array, tag: Uint8Array) => boolean

export interface Authenticator {
  readonly tagBytes: number
  /** What a frame that does not verify is called. */
  readonly fault: FaultKind
  /** Authenticates to `peer` what is sent within `context`. */
  outgoing(peer: ProcessId, context: Uint8Array): Tag
  /** Verifies what `peer` authenticated within `context`. */
  incoming(peer: ProcessId, context: Uint8Array): Verify
}

const signedFrame = record({ domain: text(64), context: bytes(1024), body: bytes(LINK_FRAME_BYTES_MAX) })
const SIGNED_DOMAIN = 'byzkit/link-frame/1'

export function createAuthenticator(env: Environment, authentication: Authentication): Authenticator {
  const { crypto } = env
  if (authentication === 'hmac') {
    return {
      tagBytes: 32,
      fault: 'invalid-mac',
      outgoing(peer, context) {
        const key = crypto.macKey(peer, context)
        return (body) => key.tag(body)
      },
      incoming(peer, context) {
        const key = crypto.macKey(peer, context)
        return (body, tag) => key.verify(body, tag)
      }
    }
  }
  const statement = (context: Uint8Array, body: Uint8Array) =>
    encode(signedFrame, { domain: SIGNED_DOMAIN, context, body })
  return {
    tagBytes: 64,
    fault: 'invalid-signature',
    outgoing: (_peer, context) => (body) => crypto.sign(statement(context, body)),
    incoming: (peer, context) => (body, tag) => crypto.verify(peer, statement(context, body), tag)
  }
}
