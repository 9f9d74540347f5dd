/**
 * Verdicts on signatures, remembered: an equal one is verified once, whoever shows it. A verdict is named by a hash of
 * signer, signature and statement, so that none is taken for another.
 *
 * Space: VERDICTS_KEPT_MAX verdicts; the oldest are forgotten first.
 */
import { concatBytes, toHex } from '../core/bytes.ts'
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { VERDICTS_KEPT_MAX } from './constants.ts'

const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64

export class Verdicts implements Pick<Crypto, 'verify' | 'verifyBy'> {
  readonly #crypto: Pick<Crypto, 'hash' | 'verifyBy'>
  readonly #group: Pick<Group, 'publicKeys'>
  readonly #remembersInvalid: boolean
  readonly #verdicts = new Map<string, boolean>()
  /** Signatures that were really verified. */
  verifications = 0

  /** @param remembersInvalid - whether an invalid signature is told from memory too */
  constructor(
    crypto: Pick<Crypto, 'hash' | 'verifyBy'>,
    group: Pick<Group, 'publicKeys'>,
    remembersInvalid = true
  ) {
    this.#crypto = crypto
    this.#group = group
    this.#remembersInvalid = remembersInvalid
  }

  /** Whether it is the signature of a member. */
  verify(signer: ProcessId, statement: Uint8Array, signature: Uint8Array): boolean {
    const publicKey = this.#group.publicKeys[signer]
    return publicKey !== undefined && this.verifyBy(publicKey, statement, signature)
  }

  verifyBy(publicKey: Uint8Array, statement: Uint8Array, signature: Uint8Array): boolean {
    // Of fixed length, so that two different triples are never one byte string.
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
    const key = toHex(this.#crypto.hash(concatBytes(publicKey, signature, statement)))
    const known = this.#verdicts.get(key)
    if (known !== undefined) return known
    this.verifications++
    const verdict = this.#crypto.verifyBy(publicKey, statement, signature)
    if (!verdict && !this.#remembersInvalid) return false
    this.#verdicts.set(key, verdict)
    if (this.#verdicts.size > VERDICTS_KEPT_MAX) {
      for (const oldest of this.#verdicts.keys()) {
        this.#verdicts.delete(oldest)
        break
      }
    }
    return verdict
  }
}
