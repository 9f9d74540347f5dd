/**
 * What the lengths before Noise messages need not cost. `@libp2p/noise` (17.0.3), at each end of a connection:
 * - reads a length that is not there yet: once all that came is decoded, its decoder asks for the next length all the
 *   same, and learns by a RangeError that it has to wait, an error with its stack for each piece that is received. Told
 *   instead that a message as long as any may be follows, it finds that this has not come yet, and waits without one;
 * - hands the length and the message to the socket one after the other, which are two writes of the system, and
 *   often two packets. Joined they are one.
 *
 * Nothing changes on the wire. A connection of another version of Noise is left as it is.
 */
import type { ConnectionEncrypter, SecuredConnection } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

const LENGTH_BYTES = 2
const LENGTH_MAX = 0xffff

/** Longer messages are not joined with their length: copying them costs as much as the second write. */
const JOINED_BYTES_MAX = 8 * 1024

/** `encrypter` itself, whose connections from now on save both. */
export function withCheapLengths<T extends ConnectionEncrypter>(encrypter: T): T {
  const secureInbound = encrypter.secureInbound.bind(encrypter)
  const secureOutbound = encrypter.secureOutbound.bind(encrypter)
  encrypter.secureInbound = async (...given) => cheap(await secureInbound(...given))
  encrypter.secureOutbound = async (...given) => cheap(await secureOutbound(...given))
  return encrypter
}

function cheap<T extends SecuredConnection>(secured: T): T {
  const connection: object = secured.connection
  if (isNoiseConnection(connection)) {
    waitForLengths(connection.decoder)
    joinLengths(connection)
  }
  return secured
}

/** What an encrypted stream of `@libp2p/noise` has beside what is public. */
interface NoiseConnection {
  readonly decoder: { lengthDecoder(bytes: { readonly byteLength: number }): number }
  encrypt(chunk: Uint8Array | Uint8ArrayList): Uint8ArrayList
}

function isNoiseConnection(connection: object): connection is NoiseConnection {
  if (!('encrypt' in connection && 'decoder' in connection)) return false
  const { encrypt, decoder } = connection
  if (typeof encrypt !== 'function' || typeof decoder !== 'object' || decoder === null) return false
  return 'lengthDecoder' in decoder && typeof decoder.lengthDecoder === 'function'
}

function waitForLengths(decoder: NoiseConnection['decoder']): void {
  const { lengthDecoder } = decoder
  decoder.lengthDecoder = (bytes) => (bytes.byteLength < LENGTH_BYTES ? LENGTH_MAX : lengthDecoder(bytes))
}

function joinLengths(connection: NoiseConnection): void {
  const encrypt = connection.encrypt.bind(connection)
  connection.encrypt = (chunk) => {
    const pieces = encrypt(chunk)
    return pieces.byteLength > JOINED_BYTES_MAX ? pieces : new Uint8ArrayList(pieces.subarray())
  }
}
