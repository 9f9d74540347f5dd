import { expect } from 'vitest'
import { fromHex } from '../../src/core/bytes.ts'
import type { CryptoBackend } from '../../src/crypto/index.ts'
import { nobleBackend, nodeBackend } from '../../src/crypto/index.ts'

if (nodeBackend === undefined)
  throw new Error('these tests compare two backends, and run where node:crypto is')

/** Both, by name: what one accepts the other must. */
export const backends: readonly CryptoBackend[] = [nodeBackend, nobleBackend]

export const bytes = fromHex

/** A byte string whose bytes are `start`, `start` + 1 and so on: a seed that is nobody's. */
export function counting(length: number, start = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => start + i)
}

/** Every backend's verdict, by either of its ways to ask, must be this one. */
export function expectVerdict(
  expected: boolean,
  { publicKey, message, signature }: { publicKey: unknown; message: unknown; signature: unknown }
): void {
  // The types say Uint8Array; what arrives from a network was promised by nobody.
  const args = [publicKey, message, signature] as [Uint8Array, Uint8Array, Uint8Array]
  for (const backend of backends) {
    expect(backend.verify(...args), `${backend.name}.verify`).toBe(expected)
    expect(backend.verifier(args[0])(args[1], args[2]), `${backend.name}.verifier`).toBe(expected)
  }
}
