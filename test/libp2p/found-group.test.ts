/** A group is founded in a program as `byzkit group` does it, and whatever could be no group file is refused. */
import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { generatePrivateKey, publicKeyOf } from '../../src/crypto/founding.ts'
import { formatGroupFile, parseGroupFile } from '../../src/crypto/group-file.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { formatMemberFile, parseMemberFile } from '../../src/crypto/member-file.ts'
import { type Founding, foundGroup } from '../../src/libp2p/found-group.ts'
import { toPrivateKey } from '../../src/libp2p/identity.ts'

const keys = Array.from({ length: 6 }, generatePrivateKey)
const publicKeys = keys.map(publicKeyOf)
const addressOf = (rank: number) => `/ip4/127.0.0.1/tcp/${9100 + rank}`
const members = publicKeys.slice(0, 4).map((publicKey, rank) => ({ publicKey, addresses: [addressOf(rank)] }))

test('new private keys are those of the public ones that every backend computes, and differ', () => {
  for (const [at, key] of keys.entries()) {
    expect(key).toHaveLength(32)
    expect(publicKeys[at]).toEqual(defaultBackend.publicKey(key))
    expect(toPrivateKey(key).publicKey.raw).toEqual(publicKeys[at])
  }
  expect(new Set(keys.map(String)).size).toBe(keys.length)
})

describe('a group', () => {
  test('is of its members in their order, with as many faulty ones as they tolerate, and a name of its own', () => {
    const group = foundGroup({ members, clients: publicKeys.slice(4), comment: 'ours' })
    expect(group).toMatchObject({
      comment: 'ours',
      genesis: { version: 1, f: 1, publicKeys: publicKeys.slice(0, 4) },
      addresses: members.map(({ addresses }) => addresses),
      clients: publicKeys.slice(4)
    })
    expect(parseGroupFile('group.json', formatGroupFile(group))).toEqual(group)
    expect(foundGroup({ members }).genesis.name).not.toBe(group.genesis.name)
    expect(foundGroup({ members, f: 0 }).genesis.f).toBe(0)
    expect(foundGroup({ members, f: 2, anyResilience: true }).genesis.f).toBe(2)
  })

  test('knows its members by public keys, by peer ids and by their files, and addresses as libp2p has them', () => {
    const [first, second, third, fourth] = publicKeys as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const text = formatMemberFile({ publicKey: fourth, addresses: [addressOf(3)], client: false })
    const { name: _, ...genesis } = foundGroup({
      members: [
        { publicKey: publicKeyFromRaw(first), addresses: [multiaddr(addressOf(0))] },
        { publicKey: peerIdFromPublicKey(publicKeyFromRaw(second)), addresses: [addressOf(1)] },
        { publicKey: Buffer.from(third), addresses: [addressOf(2)] },
        parseMemberFile('member.json', text)
      ]
    }).genesis
    const { name: __, ...expected } = foundGroup({ members }).genesis
    expect(genesis).toEqual(expected)
  })

  test.each<[problem: RegExp, founding: () => Founding | Promise<Founding>]>([
    [/^foundGroup: expected an object with members, not undefined$/, () => undefined as never],
    [/^foundGroup: members: expected a list, not undefined$/, () => ({}) as never],
    [/^foundGroup: there is no "memebers": did you mean members\?/, () => ({ memebers: members }) as never],
    [/^genesis: members: expected 1 to 256, not 0$/, () => ({ members: [] })],
    [
      /^foundGroup: the publicKey of member 0 is an Ed25519 public key, .* not undefined$/,
      () => ({ members: [{}] }) as never
    ],
    [
      /^foundGroup: client 0 is an Ed25519 public key, .* not 31 bytes$/,
      () => ({ members, clients: [new Uint8Array(31)] })
    ],
    [
      /^foundGroup: client 0 is an Ed25519 public key, .* not the peer id 16Uiu\w+, which is made of none$/,
      async () => ({ members, clients: [peerIdFromPrivateKey(await generateKeyPair('secp256k1'))] })
    ],
    [/member 0.* the same|same as that of member 0/, () => ({ members: [members[0]!, members[0]!] })],
    [/clients.*the same public key as an earlier/, () => ({ members, clients: [publicKeys[0]!] })],
    [/f: 4 members tolerate at most 1 faulty ones/, () => ({ members, f: 2 })],
    [/f: expected 0 to 3 of 4 members, not 4/, () => ({ members, f: 4, anyResilience: true })],
    [/f: expected 0 to 3 of 4 members, not x/, () => ({ members, f: 'x' }) as never],
    [
      /addresses.*expected at least one address/,
      () => ({ members: members.map((each) => ({ ...each, addresses: [] })) })
    ],
    [
      /addresses.*a multiaddr such as/,
      () => ({ members: members.map((each) => ({ ...each, addresses: ['here'] })) })
    ],
    [
      /is an address of member 0, too/,
      () => ({ members: members.map((each) => ({ ...each, addresses: [addressOf(0)] })) })
    ]
  ])('is refused in one line: %s', async (problem, founding) => {
    const given = await founding()
    expect(() => foundGroup(given)).toThrow(problem)
  })
})
