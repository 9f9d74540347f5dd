/** The cryptography of one run: that of each process, and what needs no secret. */
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { SignaturesMade } from './unforgeable.ts'

/** What evidence is checked with. */
export interface PublicKeys {
  readonly group: Group
  readonly verifyBy: Crypto['verifyBy']
}

export interface RunCrypto {
  /** Of whoever watches, and signs nothing. */
  readonly watching: Crypto
  of(self: ProcessId): Crypto
}

interface RunCryptoInit {
  readonly crypto: (group: Group, seed: number) => (self: ProcessId) => Crypto
  readonly seed: number
  readonly byzantine: readonly ProcessId[]
  /** Undefined: they act by a schedule. */
  readonly behaviour: object | undefined
}

export function runCrypto({ crypto, seed, byzantine, behaviour }: RunCryptoInit, group: Group): RunCrypto {
  const make = crypto(group, seed)
  const signatures = new SignaturesMade(group, (process) => !byzantine.includes(process))
  // A behaviour cannot know a signature that was not made; a schedule can.
  const isWatched = behaviour === undefined && byzantine.length > 0
  return {
    watching: make(0),
    of: (self) => (isWatched ? signatures.watched(self, make(self)) : make(self))
  }
}
