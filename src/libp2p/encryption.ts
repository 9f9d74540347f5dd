/** What encrypts the connections of a node, as the status of its service says it. */
import type { ConnectionEncrypter } from '@libp2p/interface'
import type { NamedEncrypter, NoiseBackend } from './noise-crypto.ts'

/** One of the node's connection encrypters. Plain JSON. */
export interface Encryption {
  /** As peers negotiate it, such as `/noise`. */
  readonly protocol: string
  /** Null for one that `fastNoise` did not make, which does not say. */
  readonly backend: NoiseBackend | null
}

/** The part of libp2p's upgrader that knows the encrypters. */
export interface Encrypters {
  getConnectionEncrypters(): ReadonlyMap<string, ConnectionEncrypter | NamedEncrypter>
}

/** In the order in which the node prefers them. */
export function encryptionOf(encrypters: Encrypters | undefined): Encryption[] {
  const all = [...(encrypters?.getConnectionEncrypters().values() ?? [])]
  return all.map((encrypter) => ({
    protocol: encrypter.protocol,
    backend: 'backend' in encrypter ? encrypter.backend : null
  }))
}
