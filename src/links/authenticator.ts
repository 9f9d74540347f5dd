/**
 * How frames are authenticated. A context (see contexts.ts) names all that a frame is bound to; with HMAC it goes
 * into the key, with Ed25519 into what is signed. A MAC convinces its receiver alone and costs a hash; a signature
 * would convince anybody, and costs a hundred times as much.
 */
import type { Environment, MacKey } from '../core/environment.ts'
import type { FaultKind } from '../core/fault.ts'
import { isMember, type ProcessId, publicKeyOf } from '../core/group.ts'
import { bytes, encode, fixedBytes, record, text } from '../core/shapes.ts'
import { LINK_FRAME_BYTES_MAX, WORK_US } from './constants.ts'

export type Authentication = 'hmac' | 'ed25519'

export type Tag = (body: Uint8Array) => Uint8Array
export type Verify = (body: Uint8Array, tag: Uint8Array) => boolean

export interface Authenticator {
  readonly tagBytes: number
  /** What a tag that is verified or made counts in a budget, nominal microseconds. */
  readonly tagUs: number
  /** What a frame that does not verify is called. */
  readonly fault: FaultKind
  /** Authenticates to `peer` what is sent within `context`. */
  outgoing(peer: ProcessId, context: Uint8Array): Tag
  /** Verifies what `peer` authenticated within `context`. */
  incoming(peer: ProcessId, context: Uint8Array): Verify
}

const signedFrame = record({ domain: text(64), context: bytes(1024), body: bytes(LINK_FRAME_BYTES_MAX) })
const SIGNED_DOMAIN = 'byzkit/link-frame/1'

/**
 * A frame between a member and a client. Its context cannot say which client it is; unless what is signed did, what a
 * member signs for one client would convince another, who was given the first one's nonces.
 */
const signedClientFrame = record({
  domain: text(64),
  client: fixedBytes(32),
  context: bytes(1024),
  body: bytes(LINK_FRAME_BYTES_MAX)
})
const SIGNED_CLIENT_DOMAIN = 'byzkit/client-link-frame/1'

export function createAuthenticator(env: Environment, authentication: Authentication): Authenticator {
  const { crypto } = env
  if (authentication === 'hmac') {
    // Derived at its first use: a session that is offered and never taken up needs no key.
    const keyOf = (peer: ProcessId, context: Uint8Array) => {
      let key: MacKey | undefined
      return () => {
        key ??= crypto.macKey(peer, context)
        return key
      }
    }
    return {
      tagBytes: 32,
      tagUs: WORK_US.tag,
      fault: 'invalid-mac',
      outgoing(peer, context) {
        const key = keyOf(peer, context)
        return (body) => key().tag(body)
      },
      incoming(peer, context) {
        const key = keyOf(peer, context)
        return (body, tag) => key().verify(body, tag)
      }
    }
  }
  const { group, self } = env
  const statement = (peer: ProcessId, context: Uint8Array, body: Uint8Array) => {
    const client = [self, peer].find((process) => !isMember(group, process))
    if (client === undefined) return encode(signedFrame, { domain: SIGNED_DOMAIN, context, body })
    const key = publicKeyOf(group, client) ?? new Uint8Array(32)
    return encode(signedClientFrame, { domain: SIGNED_CLIENT_DOMAIN, client: key, context, body })
  }
  return {
    tagBytes: 64,
    tagUs: WORK_US.verification,
    fault: 'invalid-signature',
    outgoing: (peer, context) => (body) => crypto.sign(statement(peer, context, body)),
    incoming: (peer, context) => (body, tag) => crypto.verify(peer, statement(peer, context, body), tag)
  }
}
