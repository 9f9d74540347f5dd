/** Founding a group: the one moment at which its name is drawn. */
import { randomBytes } from 'node:crypto'
import { toHex } from '../core/bytes.ts'
import { GENESIS_VERSION, type Genesis, GROUP_NAME_BYTES, requireGenesis } from '../crypto/genesis.ts'

/** @throws {InvalidParametersError} if no group can be founded so */
export function newGenesis(f: number, publicKeys: readonly Uint8Array[]): Genesis {
  const genesis = { version: GENESIS_VERSION, name: toHex(randomBytes(GROUP_NAME_BYTES)), f, publicKeys }
  requireGenesis(genesis)
  return genesis
}
