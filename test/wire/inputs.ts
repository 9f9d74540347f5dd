/** The inputs of all fixtures: written down here, so that the same bytes come out on every machine. */
import type { Crypto, Environment } from '../../src/core/environment.ts'
import { emptyEnvironment } from '../../src/core/environments.ts'
import type { Group, ProcessId } from '../../src/core/group.ts'
import { type Genesis, groupFromGenesis } from '../../src/crypto/genesis.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { memberCrypto } from '../../src/crypto/member-crypto.ts'

/** `length` bytes that count up from `first`: no two fields of a fixture look alike. */
export const counting = (first: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i) % 256)

/** The Ed25519 seed of a member: 32 times the same byte, 0x10 for member 0, 0x11 for member 1 and so on. */
export const seedOf = (rank: ProcessId): Uint8Array => new Uint8Array(32).fill(0x10 + rank)

export const genesis: Genesis = {
  version: 1,
  name: '000102030405060708090a0b0c0d0e0f',
  f: 1,
  publicKeys: [0, 1, 2, 3].map((rank) => defaultBackend.publicKey(seedOf(rank)))
}

export const group: Group = groupFromGenesis(genesis)

const cryptos = group.ranks.map((rank) => memberCrypto(defaultBackend, group, seedOf(rank)))

export function cryptoOf(rank: ProcessId): Crypto {
  const crypto = cryptos[rank]
  if (crypto === undefined) throw new Error(`no member ${rank}`)
  return crypto
}

/** An environment for components that only send: events run at once, nothing is stored. */
export function environmentOf(self: ProcessId): Environment {
  const unexpected = () => {
    throw new Error('no fixture needs this')
  }
  return {
    ...emptyEnvironment({ self, incarnation: 1, fresh: true, group, crypto: cryptoOf(self) }),
    random: { bytes: unexpected, below: unexpected },
    trigger: (handler) => handler(),
    whenDurable: (effect) => effect()
  }
}
