/** Private key files: PKCS#8 PEM, for nobody's eyes but the owner's, unless they are the published demo keys. */
import { decryptPrivateKey, encryptPrivateKey } from '../../crypto/encrypted-key.ts'
import { decodePrivateKey, encodePrivateKey, isEncryptedPrivateKey } from '../../crypto/index.ts'
import { readTextFile } from '../files/read-file.ts'

/** A private key file is not to be used; one line that names it and says why. */
class KeyFileError extends Error {
  override name = 'KeyFileError'
}

/** What the first line of a demo key begins with: RFC 7468 allows text before the key. */
export const DEMO_MARKER = 'byzkit demo key: INSECURE'

const DEMO_LINE = `${DEMO_MARKER}, published for everybody to read; for demonstrations on loopback only`

export interface PrivateKey {
  /** The 32 bytes from which an Ed25519 key pair follows. */
  readonly seed: Uint8Array
  /** A published key: no member may use it on any address but loopback. */
  readonly demo: boolean
}

/** The text of a key file; the passphrase, if there is one, protects it. */
export function formatKeyFile({ seed, demo }: PrivateKey, passphrase?: string): string {
  const pem = passphrase === undefined ? encodePrivateKey(seed) : encryptPrivateKey(seed, passphrase)
  return demo ? `${DEMO_LINE}\n${pem}` : pem
}

/**
 * Reads a key file that others cannot read, or a demo key.
 *
 * @param passphrase - for a protected file (see passphrase.ts); not needed for another
 * @throws {KeyFileError} or `UsageError`, if it cannot be read
 */
export async function readKeyFile(path: string, passphrase?: string): Promise<PrivateKey> {
  const { text, mode } = await readTextFile(path)
  const demo = text.startsWith(DEMO_MARKER)
  if (!demo) refuseReadableByOthers(`key file ${path}`, mode)
  try {
    return { seed: decode(withoutExplanation(text), passphrase), demo }
  } catch (error) {
    throw new KeyFileError(`key file ${path}: ${(error as Error).message}`)
  }
}

function decode(pem: string, passphrase: string | undefined): Uint8Array {
  if (!isEncryptedPrivateKey(pem)) return decodePrivateKey(pem)
  if (passphrase !== undefined) return decryptPrivateKey(pem, passphrase)
  throw new KeyFileError('protected by a passphrase: give --passphrase-file or set BYZKIT_PASSPHRASE')
}

/** Without the lines before the key, which say to people what it is. */
function withoutExplanation(text: string): string {
  const begin = text.search(/^-----BEGIN /m)
  return begin < 0 ? text : text.slice(begin)
}

/** @throws {KeyFileError} if anybody but its owner can do anything with the file */
export function refuseReadableByOthers(name: string, mode: number): void {
  // Windows has no such bits.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw new KeyFileError(`${name} is open to other users (mode ${mode.toString(8)}): run chmod 600 on it`)
}
