/**
 * Symbolic cryptography: as unforgeable in a run as the real one, and many times faster. A signature is a hash over
 * the signer's secret and the exact bytes that the real signer would sign; a MAC likewise over the pair's secret
 * and context. A Byzantine member is handed its own functions only, never the secrets of others.
 */

import { concatBytes, sameBytes, utf8 } from '../core/bytes.ts'
import type { Crypto, MacKey } from '../core/environment.ts'
import { type Group, isMember, type ProcessId } from '../core/group.ts'

type Hash = (message: Uint8Array) => Uint8Array

/** Makes the members' cryptography for one run; `seed` keeps runs apart. */
export function symbolicCrypto(group: Group, seed: number, sha256: Hash): (self: ProcessId) => Crypto {
  const secretOf = (name: string) => sha256(utf8(`byzkit/symbolic/${seed}/${name}`))
  const signing = group.ranks.map((rank) => secretOf(`sign/${rank}`))
  const signature = (signer: ProcessId, statement: Uint8Array): Uint8Array => {
    const half = sha256(concatBytes(signing[signer] ?? new Uint8Array(0), statement))
    return concatBytes(half, half)
  }
  return (self) => ({
    hash: sha256,
    sign: (statement) => signature(self, statement),
    verify: (signer, statement, claimed) =>
      isMember(group, signer) &&
      claimed instanceof Uint8Array &&
      sameBytes(signature(signer, statement), claimed),
    macKey: (peer, context): MacKey => {
      const pair = secretOf(`mac/${Math.min(self, peer)}/${Math.max(self, peer)}`)
      const key = sha256(concatBytes(pair, sha256(context)))
      const tag = (message: Uint8Array) => sha256(concatBytes(key, message))
      return {
        tag,
        verify: (message, claimed) => claimed instanceof Uint8Array && sameBytes(tag(message), claimed)
      }
    }
  })
}
