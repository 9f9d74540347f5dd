/**
 * A member's cryptography: a backend bound to its own secret key and to the public keys of its group. This is the
 * `crypto` of a component's Environment.
 */
import { toHex } from '../core/bytes.ts'
import type { Crypto, MacKey } from '../core/environment.ts'
import { type Group, type ProcessId, publicKeyOf } from '../core/group.ts'
import type { CryptoBackend, Verifier } from './backend.ts'
import { hkdf, sharedSecret } from './key-agreement.ts'

/**
 * @param secretKey this member's 32-byte Ed25519 seed
 */
export function memberCrypto(backend: CryptoBackend, group: Group, secretKey: Uint8Array): Crypto {
  const sign = backend.signer(secretKey)
  // One public key for each member and client: bounded by the group.
  const keys = [...group.publicKeys, ...group.clients]
  const verifiers: readonly Verifier[] = keys.map((publicKey) => backend.verifier(publicKey))
  const verifierOf = new Map(keys.map((publicKey, process) => [toHex(publicKey), verifiers[process]]))
  const secrets = new Map<ProcessId, Uint8Array>()
  const secretWith = (peer: ProcessId): Uint8Array => {
    let secret = secrets.get(peer)
    if (secret === undefined) {
      secret = sharedSecret(secretKey, publicKeyOf(group, peer) ?? new Uint8Array(0))
      secrets.set(peer, secret)
    }
    return secret
  }
  return {
    hash: (message) => backend.sha256(message),
    sign,
    verify: (signer, statement, signature) => verifiers[signer]?.(statement, signature) ?? false,
    verifyBy: (publicKey, statement, signature) =>
      verifierOf.get(toHex(publicKey))?.(statement, signature) ??
      backend.verify(publicKey, statement, signature),
    macKey: (peer, context): MacKey => backend.hmacKey(hkdf(secretWith(peer), new Uint8Array(0), context, 32))
  }
}
