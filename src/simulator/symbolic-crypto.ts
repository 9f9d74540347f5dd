/**
 * Symbolic cryptography: as unforgeable in a run as the real one, and many times faster. A signature is a hash over
 * the signer's secret and the exact bytes that the real signer would sign; a MAC likewise over the pair's secret
 * and context. A Byzantine member is handed its own functions only, never the secrets of others.
 */

import { concatBytes, sameBytes, utf8 } from '../core/bytes.ts'
import type { Crypto, MacKey } from '../core/environment.ts'
import { type Group, type ProcessId, processOf } from '../core/group.ts'

type Hash = (message: Uint8Array) => Uint8Array

/** Makes the members' cryptography for one run; `seed` keeps runs apart. */
export function symbolicCrypto(group: Group, seed: number, sha256: Hash): (self: ProcessId) => Crypto {
  const secretOf = (name: string) => sha256(utf8(`byzkit/symbolic/${seed}/${name}`))
  const keys = [...group.publicKeys, ...group.clients]
  const signing = keys.map((_, process) => secretOf(`sign/${process}`))
  const signature = (signer: ProcessId, statement: Uint8Array): Uint8Array => {
    const half = sha256(concatBytes(signing[signer] ?? new Uint8Array(0), statement))
    return concatBytes(half, half)
  }
  const verify = (signer: ProcessId, statement: Uint8Array, claimed: Uint8Array): boolean =>
    signing[signer] !== undefined &&
    claimed instanceof Uint8Array &&
    sameBytes(signature(signer, statement), claimed)
  return (self) => ({
    hash: sha256,
    sign: (statement) => signature(self, statement),
    verify,
    verifyBy: (publicKey, statement, claimed) => {
      const signer = processOf(group, publicKey)
      return signer !== undefined && verify(signer, statement, claimed)
    },
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
