/**
 * Signatures of correct processes exist only once they were made. Where Byzantine members act by a schedule, a
 * message may hold a signature that a correct process made in the run in which the schedule was recorded; if it does
 * not make it in this one (for a choice was taken away), nobody could know it, and it does not verify.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Crypto } from '../core/environment.ts'
import { type Group, type ProcessId, processOf } from '../core/group.ts'

export class SignaturesMade {
  readonly #group: Group
  readonly #isCorrect: (process: ProcessId) => boolean
  readonly #made = new Map<number, Uint8Array[]>()

  constructor(group: Group, isCorrect: (process: ProcessId) => boolean) {
    this.#group = group
    this.#isCorrect = isCorrect
  }

  /** The same cryptography, whose signatures of correct processes are known by this register only. */
  watched(self: ProcessId, crypto: Crypto): Crypto {
    return {
      ...crypto,
      sign: (statement) => {
        const signature = crypto.sign(statement)
        if (this.#isCorrect(self)) this.#add(signature)
        return signature
      },
      verify: (signer, statement, signature) =>
        (!this.#isCorrect(signer) || this.#has(signature)) && crypto.verify(signer, statement, signature),
      verifyBy: (publicKey, statement, signature) =>
        this.#knowable(publicKey, signature) && crypto.verifyBy(publicKey, statement, signature)
    }
  }

  #knowable(publicKey: Uint8Array, signature: Uint8Array): boolean {
    const signer = processOf(this.#group, publicKey)
    return signer === undefined || !this.#isCorrect(signer) || this.#has(signature)
  }

  #add(signature: Uint8Array): void {
    const key = keyOf(signature)
    this.#made.set(key, [...(this.#made.get(key) ?? []), signature])
  }

  #has(signature: Uint8Array): boolean {
    return this.#made.get(keyOf(signature))?.some((made) => sameBytes(made, signature)) ?? false
  }
}

/** The first four bytes: enough to tell signatures apart quickly. */
function keyOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
