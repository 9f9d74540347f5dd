/** What is drawn once and for all: the private key of a process, and the name of a group. */
import { randomBytes } from '@noble/hashes/utils.js'
import { toHex } from '../core/bytes.ts'
import { SECRET_KEY_BYTES } from './ed25519-rules.ts'
import { GENESIS_VERSION, type Genesis, GROUP_NAME_BYTES, requireGenesis } from './genesis.ts'
import { nobleBackend } from './noble-backend.ts'

/** A new private key: an Ed25519 seed of 32 bytes, from the randomness of the platform. */
export const generatePrivateKey = (): Uint8Array => randomBytes(SECRET_KEY_BYTES)

/** The public key of a private one, 32 bytes. */
export const publicKeyOf = (privateKey: Uint8Array): Uint8Array => nobleBackend.publicKey(privateKey)

/** @throws {InvalidParametersError} if no group can be founded so */
export function newGenesis(f: number, publicKeys: readonly Uint8Array[]): Genesis {
  const genesis = { version: GENESIS_VERSION, name: toHex(randomBytes(GROUP_NAME_BYTES)), f, publicKeys }
  requireGenesis(genesis)
  return genesis
}
