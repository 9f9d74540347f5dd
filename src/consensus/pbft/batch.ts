/**
 * A batch: the requests that are ordered at one number, as whole encodings. Its digest is the hash of its encoding,
 * signatures included: whoever has the digest knows which bytes are meant, and so whether they are valid.
 */
import type { Crypto } from '../../core/environment.ts'
import { byteView, decode, encode, list, record, uint } from '../../core/shapes.ts'
import { BATCH_BYTES_MAX, ENVELOPE_BYTES_MAX } from './constants.ts'

/** Of a batch with so many requests at most. */
const batchShape = (batchCommandsMax: number) =>
  record({
    /** Reserved for an agreed time; nobody supplies it yet. */
    time: uint(0),
    /** Views of the encoding, which are kept no longer than that. */
    envelopes: list(byteView(ENVELOPE_BYTES_MAX), batchCommandsMax)
  })

/** What a request costs in a batch beside its own bytes, at most. */
export const ENVELOPE_OVERHEAD_BYTES = 8

/** Digests of batches, and batches of their bytes. */
export class BatchCodec {
  readonly #shape: ReturnType<typeof batchShape>
  readonly #crypto: Pick<Crypto, 'hash'>
  /** Commands in one batch. */
  readonly commandsMax: number
  /** Digest of the batch without requests, which everybody has. */
  readonly nothing: Uint8Array

  constructor(crypto: Pick<Crypto, 'hash'>, batchCommandsMax: number) {
    this.#shape = batchShape(batchCommandsMax)
    this.#crypto = crypto
    this.commandsMax = batchCommandsMax
    this.nothing = this.digest(this.encode([]))
  }

  encode(envelopes: readonly Uint8Array[]): Uint8Array {
    return encode(this.#shape, { time: 0, envelopes })
  }

  /** Undefined: these bytes are no batch. */
  decode(encoded: Uint8Array): readonly Uint8Array[] | undefined {
    if (encoded.length > BATCH_BYTES_MAX) return undefined
    return decode(this.#shape, encoded)?.envelopes
  }

  digest(encoded: Uint8Array): Uint8Array {
    return this.#crypto.hash(encoded)
  }
}
