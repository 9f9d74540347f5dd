import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { groupId } from '../../src/crypto/genesis.ts'
import { parseGroupFile } from '../../src/crypto/group-file.ts'
import { formatMemberFile } from '../../src/crypto/member-file.ts'
import { createIdentity } from '../../src/program/keys/identity.ts'
import { byzkitJson, expectRefused, temporaryFolder } from './support.ts'

const identities = Array.from({ length: 7 }, createIdentity)
let good = ''

beforeAll(() => {
  good = memberText(0)
})

function memberText(number: number): string {
  return formatMemberFile({
    publicKey: identities[number]!.publicKey,
    addresses: [`/ip4/10.0.0.${number + 1}/tcp/9100`],
    client: false
  })
}

/** A folder with six members' files, m0.json to m5.json, and a client's. */
async function folderOfMembers(): Promise<string> {
  const folder = await temporaryFolder()
  for (let i = 0; i < 6; i++) await writeFile(join(folder, `m${i}.json`), memberText(i))
  const client = formatMemberFile({ publicKey: identities[6]!.publicKey, addresses: [], client: true })
  await writeFile(join(folder, 'client.json'), client)
  return folder
}

const members = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}.json`)

describe('group', () => {
  it('founds a group of the members in their order, as resilient as they allow', async () => {
    const cwd = await folderOfMembers()
    const result = await byzkitJson(
      ['group', 'm3.json', 'm1.json', 'client.json', 'm0.json', 'm2.json', '--out', 'group.json'],
      { cwd }
    )
    const group = parseGroupFile('group.json', await readFile(join(cwd, 'group.json'), 'utf8'))
    expect(group.genesis.publicKeys).toEqual([3, 1, 0, 2].map((i) => identities[i]!.publicKey))
    expect(group.genesis.f).toBe(1)
    expect(group.addresses[0]).toEqual(['/ip4/10.0.0.4/tcp/9100'])
    expect(group.clients).toEqual([identities[6]!.publicKey])
    expect(result).toEqual({
      out: 'group.json',
      groupId: toHex(groupId(group.genesis)),
      members: 4,
      f: 1,
      clients: 1
    })
  })

  it('founds another group each time, by its random name', async () => {
    const cwd = await folderOfMembers()
    const [a, b] = await Promise.all(
      ['a', 'b'].map((out) => byzkitJson(['group', ...members(4), '--out', out], { cwd }))
    )
    expect(a.groupId).not.toBe(b.groupId)
  })

  it('takes fewer faults, and more of them by name only', async () => {
    const cwd = await folderOfMembers()
    const none = await byzkitJson(['group', ...members(4), '--faults', '0', '--out', 'none'], { cwd })
    expect(none.f).toBe(0)
    const words = ['group', ...members(3), '--faults', '1', '--out', 'crash']
    await expectRefused(
      words,
      '--faults 1: 3 members tolerate at most 0 (n > 3f), unless --beyond-resilience is given',
      { cwd }
    )
    expect((await byzkitJson([...words, '--beyond-resilience'], { cwd })).f).toBe(1)
    const text = await readFile(join(cwd, 'crash'), 'utf8')
    expect(() => parseGroupFile('crash', text)).toThrow(/tolerate at most 0/)
    expect(parseGroupFile('crash', text, { anyResilience: true }).genesis.f).toBe(1)
  })

  it.each<[string, string[], string | RegExp]>([
    ['no members', [], "missing required argument 'member.json'"],
    ['clients alone', ['client.json'], 'a group needs members: all files given are of clients'],
    [
      'a group too small for f',
      [...members(6), '--faults', '2'],
      /^--faults 2: 6 members tolerate at most 1/
    ],
    [
      'as many faults as members',
      [...members(4), '--faults', '4', '--beyond-resilience'],
      '--faults 4: of 4 members none would be correct'
    ],
    ['negative faults', [...members(4), '--faults', '-1'], /'-1' is invalid. Expected an integer/],
    ['a missing file', ['m0.json', 'nowhere.json'], 'nowhere.json cannot be read: no such file or folder'],
    ['a folder', ['m0.json', '.'], '. cannot be read: it is a folder'],
    ['a member twice', ['m0.json', 'm1.json', 'm0.json'], 'm0.json: the same public key as in m0.json'],
    [
      'its own output',
      [...members(4), '--out', 'm0.json'],
      'm0.json exists already, and nothing is overwritten'
    ],
    [
      'output in a file',
      [...members(4), '--out', 'm0.json/x'],
      /m0.json cannot be made a folder: it exists already/
    ],
    ['output as a folder', [...members(4), '--out', '.'], /^\. exists already/]
  ])('refuses %s', async (_, words, message) => {
    const out = words.includes('--out') ? [] : ['--out', 'group.json']
    await expectRefused(['group', ...words, ...out], message, { cwd: await folderOfMembers() })
  })

  it.each<[string, () => string | Uint8Array, string | RegExp]>([
    ['no JSON', () => 'hello\nworld', /^bad.json: Unexpected token .*JSON$/],
    ['nothing', () => '', 'bad.json: Unexpected end of JSON input'],
    ['no text', () => Uint8Array.of(0x7b, 0xff), 'bad.json: not UTF-8 text'],
    ['too much', () => new Uint8Array(5_000_000).fill(0x20), 'bad.json: larger than 4194304 bytes'],
    ['other JSON', () => '[1]', 'bad.json: expected an object, not [1]'],
    [
      'duplicate keys',
      () => good.replace('"version": 1', '"version": 1, "version": 1'),
      'bad.json: duplicate key "version"'
    ],
    [
      'another version',
      () => good.replace('"version": 1', '"version": 7'),
      'bad.json: version: expected 1, not 7'
    ],
    [
      'an unusable key',
      () => good.replace(/"publicKey": "\w+"/, `"publicKey": "${'0'.repeat(64)}"`),
      /^bad.json: publicKey: expected a usable Ed25519 public key/
    ],
    [
      'a bad address',
      () => good.replace('/ip4/', '/ipv4/'),
      'bad.json: "/ipv4/10.0.0.1/tcp/9100" is not a multiaddr such as /ip4/127.0.0.1/tcp/9100'
    ],
    [
      "another's peer id in its address",
      () => good.replace('/tcp/9100', `/tcp/9100/p2p/${identities[1]!.peerId}`),
      `bad.json: addresses[0]: /ip4/10.0.0.1/tcp/9100/p2p/${identities[1]!.peerId} has the peer id of another peer; that of this member is ${identities[0]!.peerId}, and may be left out`
    ],
    [
      "another's address",
      () => good.replace('10.0.0.1', '10.0.0.2'),
      'bad.json: /ip4/10.0.0.2/tcp/9100 is an address in m1.json, too'
    ],
    [
      'a hostile value',
      () => good.replace('/ip4/', '\u009b31m'),
      /^bad.json: addresses\[0\]: expected a multiaddr [^\u009b]*$/
    ],
    ['deep nesting', () => '['.repeat(100_000), /^bad.json: Unexpected end of JSON input$/],
    ['a private key', () => '-----BEGIN PRIVATE KEY-----\n', /^bad.json: No number after minus sign in JSON/]
  ])('refuses a file with %s', async (_, text, message) => {
    const cwd = await folderOfMembers()
    await writeFile(join(cwd, 'bad.json'), text())
    await expectRefused(
      ['group', 'm1.json', 'm2.json', 'm3.json', 'bad.json', '--out', 'group.json'],
      message,
      { cwd }
    )
  })
})
