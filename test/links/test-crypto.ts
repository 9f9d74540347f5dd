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

/** The same cryptography, whose tags are counted: those that are made, and those that are verified. */
export const counted = (crypto: Crypto): Crypto => ({
  ...crypto,
  macKey(peer, context) {
    const key = crypto.macKey(peer, context)
    return {
      tag: (message) => {
        counts.macs++
        return key.tag(message)
      },
      verify: (message, tag) => {
        counts.macs++
        return key.verify(message, tag)
      }
    }
  }
})

/**
 * @param nameOf - what all call a process; by default its number
 * @param nameOfKey - whose key it is; by default that of the process with the number that it begins with
 */
export function testCrypto(
  self: ProcessId,
  nameOf: (process: ProcessId) => number = Number,
  nameOfKey: (publicKey: Uint8Array) => number = ([name = 0]) => name
): Crypto {
  const signatureBy = (name: number, statement: Uint8Array) => {
    const half = sha256(`secret of ${name}`, statement)
    return Uint8Array.from([...half, ...half])
  }
  const signature = (signer: ProcessId, statement: Uint8Array) => signatureBy(nameOf(signer), statement)
  return {
    hash: (message) => sha256(message),
    sign: (statement) => signature(self, statement),
    verify: (signer, statement, tag) => sameBytes(signature(signer, statement), tag),
    verifyBy: (publicKey, statement, tag) => sameBytes(signatureBy(nameOfKey(publicKey), statement), tag),
    macKey(peer, context) {
      const key = sha256(`secret of ${[self, peer].map(nameOf).sort().join(' and ')}`, context)
      const tag = (message: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(message).digest())
      return { tag, verify: (message, given) => sameBytes(tag(message), given) }
    }
  }
}
