/** Cryptography for tests: not asymmetric at all, but it binds exactly what the real one binds. */
import { createHash, createHmac } from 'node:crypto'
import { sameBytes } from '../../src/core/bytes.ts'
import type { Crypto } from '../../src/core/environment.ts'
import type { ProcessId } from '../../src/core/group.ts'

const sha256 = (...parts: (Uint8Array | string)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

export const counts = { macs: 0 }

/** @param nameOf - what all call a process; by default its number */
export function testCrypto(self: ProcessId, nameOf: (process: ProcessId) => number = Number): Crypto {
  const signatureBy = (name: number, statement: Uint8Array) => {
    const half = sha256(`secret of ${name}`, statement)
    return Uint8Array.from([...half, ...half])
  }
  const signature = (signer: ProcessId, statement: Uint8Array) => signatureBy(nameOf(signer), statement)
  return {
    hash: (message) => sha256(message),
    sign: (statement) => signature(self, statement),
    verify: (signer, statement, tag) => sameBytes(signature(signer, statement), tag),
    // The key of a process is its name, 32 times.
    verifyBy: ([name = 0], statement, tag) => sameBytes(signatureBy(name, statement), tag),
    macKey(peer, context) {
      const key = sha256(`secret of ${[self, peer].map(nameOf).sort().join(' and ')}`, context)
      const tag = (message: Uint8Array) => {
        counts.macs++
        return new Uint8Array(createHmac('sha256', key).update(message).digest())
      }
      return { tag, verify: (message, given) => sameBytes(tag(message), given) }
    }
  }
}
