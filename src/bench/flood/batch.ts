/** Messages as a DATA frame has them, encoded once for as many frames as are to carry them. */
import { concatBytes } from '../../core/bytes.ts'
import { LINK_FRAME_MESSAGES_MAX } from '../../links/constants.ts'

export interface Batch {
  /** The encoded list of messages. */
  readonly list: Uint8Array
  readonly messages: number
}

/** Below LINK_FRAME_BYTES_MAX with all that a frame has beside its messages. */
const BATCH_BYTES_MAX = 1_000_000

/** How many messages of this length one frame takes. */
export const batchLength = (messageBytes: number): number =>
  Math.min(LINK_FRAME_MESSAGES_MAX, Math.floor(BATCH_BYTES_MAX / (messageBytes + 5)))

export function batchOf(messages: readonly Uint8Array[]): Batch {
  const parts = messages.flatMap((message) => [head(2, message.length), message])
  return { list: concatBytes(head(4, messages.length), ...parts), messages: messages.length }
}

/** The head of a CBOR item, in its shortest form (RFC 8949, section 3). */
function head(major: number, length: number): Uint8Array {
  const first = major << 5
  if (length < 24) return Uint8Array.of(first | length)
  if (length < 0x1_00) return Uint8Array.of(first | 24, length)
  if (length < 0x1_00_00) return Uint8Array.of(first | 25, length >> 8, length)
  return Uint8Array.of(first | 26, length >>> 24, length >> 16, length >> 8, length)
}
