import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { formatGroupFile, type GroupFile, parseGroupFile } from '../../src/crypto/group-file.ts'
import { formatMemberFile, type MemberFile, parseMemberFile } from '../../src/crypto/member-file.ts'
import { nobleBackend } from '../../src/crypto/noble-backend.ts'
import { peerIdOf } from '../../src/crypto/peer-id.ts'
import { parseStrictJson } from '../../src/crypto/strict-json.ts'

const key = (number: number): Uint8Array => nobleBackend.publicKey(new Uint8Array(32).fill(number))

const group: GroupFile = {
  comment: 'for a test',
  genesis: { version: 1, name: '0123456789abcdef'.repeat(2), f: 1, publicKeys: [1, 2, 3, 4].map(key) },
  addresses: [9100, 9101, 9102, 9103].map((port) => [
    `/ip4/127.0.0.1/tcp/${port}`,
    `/dns/example.org/tcp/${port}`
  ]),
  clients: [key(9)]
}
const groupText = formatGroupFile(group)

/** The file with one piece of its text replaced. */
const edited = (from: string | RegExp, to: string): string => {
  const text = groupText.replace(from, to)
  expect(text).not.toBe(groupText)
  return text
}

const hex = (number: number): string => toHex(key(number))

/** The file with something behind the first address of member 3. */
const addressed = (rest: string) => edited('127.0.0.1/tcp/9103', `127.0.0.1/tcp/9103${rest}`)

describe('a group file', () => {
  it.each([
    ['its own peer id', `/p2p/${peerIdOf(key(4))}`],
    ["a relay's before its own", `/p2p/${peerIdOf(key(1))}/p2p-circuit/p2p/${peerIdOf(key(4))}`],
    ["a relay's and no other", `/p2p/${peerIdOf(key(1))}/p2p-circuit`],
    ['a host that is called p2p', '/sni/p2p/tls']
  ])('may have %s in an address of a member', (_, rest) => {
    expect(parseGroupFile('g', addressed(rest)).addresses[3]?.[0]).toBe(`/ip4/127.0.0.1/tcp/9103${rest}`)
  })

  it.each([
    ["another member's peer id", `/p2p/${peerIdOf(key(2))}`, 'member 1'],
    ['the same by its older name', `/ipfs/${peerIdOf(key(2))}`, 'member 1'],
    ['a second one after its own', `/p2p/${peerIdOf(key(4))}/p2p/${peerIdOf(key(1))}`, 'member 0'],
    ["another's behind a relay", `/p2p/${peerIdOf(key(4))}/p2p-circuit/p2p/${peerIdOf(key(1))}`, 'member 0'],
    ["a client's", `/p2p/${peerIdOf(key(9))}`, 'client 0'],
    ["a stranger's", `/p2p/${peerIdOf(key(7))}`, 'nobody in the group'],
    ['no peer id', '/p2p/foo', 'nobody in the group']
  ])('with %s in an address of a member is refused: which one, whose', (_, rest, whose) => {
    expect(() => parseGroupFile('g', addressed(rest))).toThrow(
      expect.objectContaining({
        name: 'GroupFileError',
        message: `g: members[3].addresses[0]: /ip4/127.0.0.1/tcp/9103${rest} has the peer id of ${whose}; that of member 3 is ${peerIdOf(key(4))}, and may be left out`
      })
    )
  })

  it('is read as it was written', () => {
    expect(parseGroupFile('group.json', groupText)).toEqual(group)
  })

  it('may leave out peer ids, clients and comment', () => {
    const bare = JSON.parse(groupText)
    delete bare.comment
    delete bare.clients
    for (const member of bare.members) delete member.peerId
    const { genesis, addresses } = group
    expect(parseGroupFile('group.json', JSON.stringify(bare))).toEqual({ genesis, addresses, clients: [] })
  })

  it('may leave the port of several members to the system', () => {
    const text = groupText.replaceAll(/tcp\/910\d/g, 'tcp/0')
    expect(parseGroupFile('group.json', text).addresses[3]).toEqual([
      '/ip4/127.0.0.1/tcp/0',
      '/dns/example.org/tcp/0'
    ])
  })

  it('is for n > 3f, unless the caller leaves resilience to the stack', () => {
    const text = edited('"f": 1', '"f": 3')
    expect(() => parseGroupFile('group.json', text)).toThrow(
      'group.json: f: 4 members tolerate at most 1 faulty ones (n > 3f), not 3'
    )
    expect(parseGroupFile('group.json', text, { anyResilience: true }).genesis.f).toBe(3)
    expect(() => parseGroupFile('group.json', edited('"f": 1', '"f": 4'), { anyResilience: true })).toThrow(
      'group.json: f: 4 faulty of 4 members leaves none correct'
    )
  })

  it.each([
    ['no JSON', 'nonsense', /^g: Unexpected token .* JSON$/],
    ['half a file', groupText.slice(0, 300), /^g: .*JSON/],
    ['another kind of JSON', '[]', 'g: expected an object, not []'],
    ['a duplicate key', edited('"f": 1', '"f": 1, "f": 0'), 'g: duplicate key "f"'],
    [
      'a duplicate key in a member',
      edited('"rank": 2', '"rank": 2, "r\\u0061nk": 3'),
      'g: duplicate key "rank"'
    ],
    ['a missing field', edited('"f": 1,', ''), 'g: f: missing'],
    ['an unknown field', edited('"f": 1,', '"f": 1, "faults": 2,'), 'g: faults: unknown field'],
    ['a hostile field', edited('"f": 1,', '"f": 1, "a\\n\\u001bb": 2,'), 'g: "a\\n\\u001bb": unknown field'],
    ['another version', edited('"version": 1', '"version": 2'), 'g: version: expected 1, not 2'],
    ['a fractional f', edited('"f": 1', '"f": 0.5'), 'g: f: expected an integer from 0 to 256, not 0.5'],
    ['f as text', edited('"f": 1', '"f": "1"'), 'g: f: expected an integer from 0 to 256, not "1"'],
    [
      'no members',
      edited(/"members": \[[\s\S]*\],\n {2}"clients/, '"members": [], "clients'),
      'g: f: 1 faulty of 0 members leaves none correct'
    ],
    [
      'too many members',
      edited(/"members": \[/, `"members": [${'0,'.repeat(300)}`),
      'g: members: expected at most 256 elements, not 304'
    ],
    [
      'a wrong name',
      edited('0123456789abcdef', ''),
      'g: name: expected 16 bytes in lower-case hexadecimal, not "0123456789abcdef"'
    ],
    ['a wrong rank', edited('"rank": 2', '"rank": 3'), 'g: members[2].rank: expected 2, not 3'],
    [
      'a short key',
      edited(hex(2), 'ab'),
      'g: members[1].publicKey: expected 64 lower-case hexadecimal digits, not "ab"'
    ],
    [
      'an unusable key',
      edited(hex(2), '00'.repeat(32)),
      /^g: members\[1\]\.publicKey: expected a usable Ed25519 public key, not "0+\.\.\.$/
    ],
    [
      'the key of another peer id',
      edited(hex(2), hex(8)),
      `g: members[1].peerId: expected ${peerIdOf(key(8))}, which`
    ],
    [
      'a member twice',
      edited(RegExp(`${hex(2)}",\n.*"peerId".*`), `${hex(1)}",`),
      'g: members[1].publicKey: the same public key as an earlier member or client'
    ],
    [
      'a member as client',
      edited(RegExp(`${hex(9)}",\n.*"peerId".*`), `${hex(1)}"`),
      'g: clients[0].publicKey: the same public key as'
    ],
    [
      'no address',
      edited(/"addresses": \[[^\]]*\]/, '"addresses": []'),
      'g: members[0].addresses: expected at least one address'
    ],
    [
      'an address twice',
      edited('/dns/example.org/tcp/9100', '/ip4/127.0.0.1/tcp/9100'),
      'g: members[0].addresses[1]: the same address twice'
    ],
    [
      "another member's address",
      edited('/dns/example.org/tcp/9103', '/ip4/127.0.0.1/tcp/9101'),
      'g: members[3].addresses[1]: /ip4/127.0.0.1/tcp/9101 is an address of member 1, too'
    ],
    [
      'an address as host:port',
      edited('/ip4/127.0.0.1/tcp/9101', '127.0.0.1:9101'),
      'g: members[1].addresses[0]: expected a multiaddr such as /ip4/127.0.0.1/tcp/9100'
    ],
    [
      'an address with a line break',
      edited('/ip4/127.0.0.1/tcp/9101', '/ip4/127.0.0.1/tcp/9101\\n'),
      'g: members[1].addresses[0]: expected a multiaddr'
    ],
    [
      'an address with an empty part',
      edited('/ip4/127.0.0.1/tcp/9101', '/ip4//tcp/9101'),
      'g: members[1].addresses[0]: expected a multiaddr'
    ],
    [
      'a comment that is no text',
      edited('"for a test"', '1'),
      'g: comment: expected text of at most 1000 characters, not 1'
    ]
  ])('with %s is refused in one line that says where and why', (_, text, problem) => {
    expect(() => parseGroupFile('g', text)).toThrow(problem)
    expect(() => parseGroupFile('g', text)).toThrow(
      expect.objectContaining({ name: 'GroupFileError', message: expect.stringMatching(/^[^\n]+$/) })
    )
  })
})

describe("a member's file", () => {
  const member: MemberFile = { publicKey: key(1), addresses: ['/ip4/127.0.0.1/tcp/9100'], client: false }
  const client: MemberFile = { publicKey: key(1), addresses: [], client: true }

  it.each([member, client])('is read as it was written', (each) => {
    expect(parseMemberFile('member.json', formatMemberFile(each))).toEqual(each)
  })

  it.each([
    ['another version', { version: 2 }, 'm: version: expected 1, not 2'],
    ['no key', { publicKey: undefined }, 'm: publicKey: missing'],
    ['no address', { addresses: undefined }, 'm: addresses: expected a list, not nothing'],
    ['an empty list', { addresses: [] }, 'm: addresses: expected at least one address'],
    ['a client that listens', { client: true }, 'm: addresses: a client listens nowhere'],
    ['a client that is no boolean', { client: 1 }, 'm: client: expected true or false, not 1'],
    [
      "another's peer id in an address",
      { addresses: [`/ip4/10.0.0.1/tcp/9100/p2p/${peerIdOf(key(2))}`] },
      `m: addresses[0]: /ip4/10.0.0.1/tcp/9100/p2p/${peerIdOf(key(2))} has the peer id of another peer; that of this member is ${peerIdOf(key(1))}`
    ],
    ['a private field', { seed: 'ab' }, 'm: seed: unknown field']
  ])('with %s is refused', (_, change, problem) => {
    const text = JSON.stringify({ ...JSON.parse(formatMemberFile(member)), ...change })
    expect(() => parseMemberFile('m', text)).toThrow(problem)
  })
})

describe('strict JSON', () => {
  it('reads what JSON.parse reads, of whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 1)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      })
    )
  })

  it('finds a duplicate key at any place, and in no text', () => {
    expect(parseStrictJson('{"a":{"a":"{\\"a\\":1,\\"a\\":2}"},"b":["a","a",{"a":1},{"a":2}]}')).toBeDefined()
    for (const text of [
      '{"a":1,"a":1}',
      '[{"b":{"a":[],"a":{}}}]',
      '{"a":{"b":1},"c":[1],"\\u0061" : 2}',
      '{"":0,"":1}'
    ])
      expect(() => parseStrictJson(text)).toThrow(/^duplicate key "a?"$/)
  })
})
