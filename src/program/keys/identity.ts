/** A fresh identity: a member's or a client's key pair, and what of it becomes a file. */
import { randomBytes } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { defaultBackend, SECRET_KEY_BYTES } from '../../crypto/index.ts'
import { isMultiaddrText } from '../../crypto/multiaddr-text.ts'
import { peerIdOf } from '../../crypto/peer-id.ts'
import { UsageError } from '../errors.ts'
import { type NewFile, PRIVATE_MODE, PUBLIC_MODE } from '../files/new-files.ts'
import { formatKeyFile } from './key-file.ts'

export interface Identity {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  readonly peerId: string
}

export function createIdentity(): Identity {
  const seed = new Uint8Array(randomBytes(SECRET_KEY_BYTES))
  const publicKey = defaultBackend.publicKey(seed)
  return { seed, publicKey, peerId: peerIdOf(publicKey) }
}

export interface KeyOptions {
  readonly passphrase?: string | undefined
  /** Whether the key is to be published. */
  readonly demo?: boolean | undefined
}

/** The file of its private key; a demo key is public by intent. */
export function keyFile(
  path: string,
  { seed }: Identity,
  { passphrase, demo = false }: KeyOptions = {}
): NewFile {
  return { path, text: formatKeyFile({ seed, demo }, passphrase), mode: demo ? PUBLIC_MODE : PRIVATE_MODE }
}

/** @throws {UsageError} that names where the address came from, unless libp2p understands it */
export function requireMultiaddr(source: string, text: string): string {
  try {
    if (isMultiaddrText(text)) {
      multiaddr(text)
      return text
    }
  } catch {
    // Said below, in our own words.
  }
  throw new UsageError(
    `${source}: ${JSON.stringify(text)} is not a multiaddr such as /ip4/127.0.0.1/tcp/9100`
  )
}
