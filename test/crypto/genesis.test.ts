import { createHash } from 'node:crypto'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, utf8 } from '../../src/core/bytes.ts'
import { decode, encode } from '../../src/core/shapes.ts'
import {
  compareGenesis,
  type Genesis,
  GROUP_MEMBERS_MAX,
  genesisShape,
  groupFromGenesis,
  groupId
} from '../../src/crypto/genesis.ts'
import { nobleBackend } from '../../src/crypto/noble-backend.ts'
import { peerIdOf } from '../../src/crypto/peer-id.ts'

const key = (number: number): Uint8Array => nobleBackend.publicKey(new Uint8Array(32).fill(number))
const keys = [1, 2, 3, 4, 5].map(key)
const genesis: Genesis = {
  version: 1,
  name: '000102030405060708090a0b0c0d0e0f',
  f: 1,
  publicKeys: keys.slice(0, 4)
}

describe('the group id', () => {
  it('is the SHA-256 of domain, version, name, f and public keys, in this encoding', () => {
    const bytes = concatBytes(
      Uint8Array.of(0x82, 0x70),
      utf8('byzkit/genesis/1'),
      Uint8Array.of(0x84, 0x01, 0x78, 0x20),
      utf8(genesis.name),
      Uint8Array.of(0x01, 0x84),
      ...genesis.publicKeys.flatMap((publicKey) => [Uint8Array.of(0x58, 0x20), publicKey])
    )
    expect(groupId(genesis)).toEqual(new Uint8Array(createHash('sha256').update(bytes).digest()))
  })

  it('changes with every part of the genesis, the order of the members included', () => {
    const [a, b, c, d] = genesis.publicKeys as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const others: Genesis[] = [
      genesis,
      { ...genesis, version: 2 },
      { ...genesis, name: 'f'.repeat(32) },
      { ...genesis, f: 0 },
      { ...genesis, publicKeys: [b, a, c, d] },
      { ...genesis, publicKeys: [a, b, c] },
      { ...genesis, publicKeys: keys }
    ]
    const ids = others.map((each) => Buffer.from(groupId(each)).toString('hex'))
    expect(new Set(ids).size).toBe(others.length)
  })
})

describe('a group from its genesis', () => {
  it('is at epoch 0, with its quorums', () => {
    const group = groupFromGenesis(genesis)
    expect(group).toMatchObject({ epoch: 0, n: 4, f: 1, quorum: { byzantine: 3 } })
    expect(group.id).toEqual(groupId(genesis))
    expect(group.publicKeys).toEqual(genesis.publicKeys)
  })

  it.each<[string, Partial<Genesis>]>([
    ['version: expected 1, not 2', { version: 2 }],
    ['name: expected 16 bytes in lower-case hexadecimal', { name: 'group' }],
    ['name: expected 16 bytes in lower-case hexadecimal', { name: 'F'.repeat(32) }],
    ['members: expected 1 to 256, not 0', { publicKeys: [] }],
    ['members: expected 1 to 256, not 257', { publicKeys: Array(GROUP_MEMBERS_MAX + 1).fill(keys[0]) }],
    ['f: expected 0 to 3 of 4 members, not 4', { f: 4 }],
    ['f: expected 0 to 3 of 4 members, not -1', { f: -1 }],
    ['f: expected 0 to 3 of 4 members, not 0.5', { f: 0.5 }],
    ['public key of member 1: the same as that of member 0', { publicKeys: [key(1), key(1)] }],
    ['public key of member 1: not a usable Ed25519 key', { publicKeys: [key(1), new Uint8Array(32)] }],
    ['public key of member 0: not a usable Ed25519 key', { publicKeys: [key(1).subarray(1), key(2)] }]
  ])('is refused with "%s"', (problem, change) => {
    expect(() => groupFromGenesis({ ...genesis, ...change })).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', message: `genesis: ${problem}` })
    )
  })
})

describe('two geneses compared', () => {
  it('do not differ when they are the same', () => {
    expect(compareGenesis(genesis, structuredClone(genesis))).toEqual([])
  })

  it.each<[string[], Partial<Genesis>]>([
    [['version: 1 here, 2 there'], { version: 2 }],
    [['f: 1 here, 0 there'], { f: 0 }],
    [['members: 4 here, 3 there'], { publicKeys: keys.slice(0, 3) }],
    [['members: 4 here, 5 there'], { publicKeys: keys }],
    [['public key of member 2'], { publicKeys: [key(1), key(2), key(5), key(4)] }],
    [['name: "000102030405060708090a0b0c0d0e0f" here, "\\u001b[31m" there'], { name: '\u001b[31m' }],
    [
      ['f: 1 here, 2 there', 'members: 4 here, 2 there', 'public key of member 0'],
      { f: 2, publicKeys: [key(9), key(2)] }
    ]
  ])('differ in %j', (differences, change) => {
    expect(compareGenesis(genesis, { ...genesis, ...change })).toEqual(differences)
  })

  it('can come from anybody, over the wire', () => {
    expect(decode(genesisShape, encode(genesisShape, genesis))).toEqual(genesis)
    const nonsense: Genesis = { version: 0, name: 'x', f: 9, publicKeys: [new Uint8Array(32)] }
    const received = decode(genesisShape, encode(genesisShape, nonsense))
    expect(received).toBeDefined()
    expect(compareGenesis(genesis, received!)).toHaveLength(5)
  })
})

describe('a peer id', () => {
  it('is the one that libp2p derives from the public key', () => {
    for (const each of [...keys, fromHex('00'.repeat(32)), fromHex('ff'.repeat(32))])
      expect(peerIdOf(each)).toBe(peerIdFromPublicKey(publicKeyFromRaw(each)).toString())
  })
})
