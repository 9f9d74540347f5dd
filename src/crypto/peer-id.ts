/**
 * The peer id by which libp2p names the owner of an Ed25519 key: the identity multihash of the key's protobuf, in
 * base58. Here, and not from libp2p, so that a group file can be read wherever a protocol can be.
 * Source: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
import { concatBytes, toHex } from '../core/bytes.ts'

/** Identity multihash of 36 bytes: PublicKey { Type: Ed25519 (1), Data: 32 bytes }. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** The peer id, as text, of a 32-byte Ed25519 public key. */
export function peerIdOf(publicKey: Uint8Array): string {
  let rest = BigInt(`0x${toHex(concatBytes(PREFIX, publicKey))}`)
  let digits = ''
  while (rest > 0n) {
    digits = ALPHABET[Number(rest % 58n)] + digits
    rest /= 58n
  }
  // The one leading zero byte, which a number does not show.
  return ALPHABET[0] + digits
}
