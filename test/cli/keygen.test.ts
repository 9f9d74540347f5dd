import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { groupId } from '../../src/crypto/genesis.ts'
import { parseGroupFile } from '../../src/crypto/group-file.ts'
import { parseMemberFile } from '../../src/crypto/member-file.ts'
import { nobleBackend } from '../../src/crypto/noble-backend.ts'
import { createIdentity } from '../../src/program/keys/identity.ts'
import { readKeyFile } from '../../src/program/keys/key-file.ts'
import { byzkit, byzkitJson, contents, expectRefused, temporaryFolder } from './support.ts'

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
const ADDRESS = '/ip4/127.0.0.1/tcp/9100'

describe('keygen --one', () => {
  it('makes a private key that nobody else can read, and the public file of the same member', async () => {
    const out = join(await temporaryFolder(), 'a', 'b')
    const addresses = [ADDRESS, '/dns/example.org/tcp/9100']
    const result = await byzkitJson(['keygen', '--one', '--address', ...addresses, '--out', out])
    expect(Object.keys(await contents(out)).sort()).toEqual(['member.json', 'member.pem'])
    expect(await modeOf(join(out, 'member.pem'))).toBe(0o600)
    expect(await modeOf(out)).toBe(0o700)
    const { seed, demo } = await readKeyFile(join(out, 'member.pem'))
    const member = parseMemberFile('member.json', await readFile(join(out, 'member.json'), 'utf8'))
    expect(member).toEqual({ publicKey: nobleBackend.publicKey(seed), addresses, client: false })
    expect(demo).toBe(false)
    expect(result).toMatchObject({
      role: 'member',
      publicKey: toHex(member.publicKey),
      key: join(out, 'member.pem')
    })
  })

  it('makes a client, which listens nowhere', async () => {
    const cwd = await temporaryFolder()
    const { stdout } = await byzkit(['keygen', '--one', '--client', '--out', 'alice'], { cwd })
    expect(stdout).toMatch(/^12D3Koo\w+ is the new client\n/)
    const text = await readFile(join(cwd, 'alice', 'client.json'), 'utf8')
    expect(parseMemberFile('client.json', text)).toMatchObject({ client: true, addresses: [] })
    expect(await modeOf(join(cwd, 'alice', 'client.pem'))).toBe(0o600)
  })

  it('puts the key under a passphrase, from a file or from the environment', async () => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'secret'), 'correct horse \n', { mode: 0o600 })
    const words = ['keygen', '--one', '--client', '--out']
    await byzkitJson([...words, 'file', '--passphrase-file', 'secret'], {
      cwd,
      env: { BYZKIT_PASSPHRASE: 'other' }
    })
    await byzkitJson([...words, 'environment'], { cwd, env: { BYZKIT_PASSPHRASE: 'battery staple' } })
    const file = join(cwd, 'file', 'client.pem')
    expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    expect((await readKeyFile(file, 'correct horse ')).seed).toHaveLength(32)
    expect((await readKeyFile(join(cwd, 'environment', 'client.pem'), 'battery staple')).seed).toHaveLength(
      32
    )
    await expect(readKeyFile(file, 'other')).rejects.toMatchObject({
      name: 'KeyFileError',
      message: expect.stringMatching(/wrong passphrase/)
    })
  })

  it('never makes the same key twice', async () => {
    const cwd = await temporaryFolder()
    const keys = await Promise.all(
      ['a', 'b'].map((out) => byzkitJson(['keygen', '--one', '--client', '--out', out], { cwd }))
    )
    expect(keys[0].publicKey).not.toBe(keys[1].publicKey)
  })
})

describe('keygen --members', () => {
  it('makes a group for tests, and says that it is', async () => {
    const cwd = await temporaryFolder()
    const words = [
      'keygen',
      '--members',
      '7',
      '--clients',
      '2',
      '--host',
      '::1',
      '--port',
      '7000',
      '--out',
      'g'
    ]
    const { status, stdout } = await byzkit(words, { cwd })
    expect(status).toBe(0)
    expect(stdout).toMatch(/For tests and demonstrations/)
    const group = parseGroupFile('group.json', await readFile(join(cwd, 'g', 'group.json'), 'utf8'))
    expect(group.genesis.f).toBe(2)
    expect(group.addresses).toEqual([0, 1, 2, 3, 4, 5, 6].map((rank) => [`/ip6/::1/tcp/${7000 + rank}`]))
    expect(group.clients).toHaveLength(2)
    for (const [rank, publicKey] of group.genesis.publicKeys.entries()) {
      const { seed } = await readKeyFile(join(cwd, 'g', `member-${rank}.pem`))
      expect(nobleBackend.publicKey(seed)).toEqual(publicKey)
    }
    expect(Object.keys(await contents(join(cwd, 'g')))).toHaveLength(1 + 7 + 2)
  })

  it('tells machines the group id', async () => {
    const cwd = await temporaryFolder()
    const result = await byzkitJson(['keygen', '--members', '4', '--host', 'example.org', '--out', '.'], {
      cwd
    })
    const group = parseGroupFile('group.json', await readFile(join(cwd, 'group.json'), 'utf8'))
    expect(result).toMatchObject({ members: 4, f: 1, clients: 0, groupId: toHex(groupId(group.genesis)) })
    expect(group.addresses[0]).toEqual(['/dns/example.org/tcp/9100'])
  })
})

describe('keygen refuses', () => {
  it.each<[string, string[], string | RegExp]>([
    ['to guess what to make', [], 'keygen needs --one or --members <n>'],
    ['a member without an address', ['--one'], '--one needs --address <multiaddr...>, or --client'],
    [
      'a client with one',
      ['--one', '--client', '--address', ADDRESS],
      '--address is for members: a client listens nowhere'
    ],
    [
      'host:port',
      ['--one', '--address', '127.0.0.1:9100'],
      '--address: "127.0.0.1:9100" is not a multiaddr such as /ip4/127.0.0.1/tcp/9100'
    ],
    ['an unknown protocol', ['--one', '--address', '/carrier-pigeon/1'], /is not a multiaddr/],
    ['a port out of range', ['--one', '--address', '/ip4/127.0.0.1/tcp/99999'], /is not a multiaddr/],
    ...[
      '/ip4/127.0.0.1/udp/9100/quic-v1',
      '/ip4/127.0.0.1/tcp/9100/ws',
      '/ip4/127.0.0.1/tcp/0',
      '/ip4/127.0.0.1',
      '/unix/a-socket'
    ].map((address): [string, string[], RegExp] => [
      `${address}, on which byzkit node cannot listen`,
      ['--one', '--address', ADDRESS, address],
      /^--address: \S+ is no TCP address, and byzkit node listens on those alone: /
    ]),
    ['one bad address of two', ['--one', '--address', ADDRESS, 'x'], /"x" is not a multiaddr/],
    [
      'a peer id, since its own is not known yet',
      ['--one', '--address', `${ADDRESS}/p2p/${createIdentity().peerId}`],
      /^--address: \S+ has the peer id of another peer, since the key is made only now; leave it out$/
    ],
    ['one of many', ['--one', '--members', '4'], "option '--one' cannot be used with option '--members <n>'"],
    [
      'addresses of many',
      ['--members', '4', '--address', ADDRESS],
      /cannot be used with option '--members <n>'/
    ],
    [
      'a passphrase for many',
      ['--members', '4', '--passphrase-file', 'p'],
      /cannot be used with option '--members <n>'/
    ],
    ['no members', ['--members', '0'], /'0' is invalid. Expected an integer from 1 to 256./],
    ['half a member', ['--members', '4.5'], /'4.5' is invalid/],
    ['too many members', ['--members', '257'], /Expected an integer from 1 to 256/],
    [
      'ports beyond the last',
      ['--members', '4', '--port', '65533'],
      '--port 65533 leaves no ports for 4 members'
    ],
    [
      'a host that is none',
      ['--members', '4', '--host', 'a/b'],
      '--host a/b is neither an IP address nor a name'
    ],
    ['operands', ['--members', '4', 'more'], /too many arguments/],
    [
      'a missing passphrase file',
      ['--one', '--client', '--passphrase-file', 'nowhere'],
      'nowhere cannot be read: no such file or folder'
    ],
    [
      'an open passphrase file',
      ['--one', '--client', '--passphrase-file', 'open'],
      'passphrase file open is open to other users (mode 644): run chmod 600 on it'
    ],
    [
      'an empty passphrase file',
      ['--one', '--client', '--passphrase-file', 'empty'],
      'passphrase file empty is empty'
    ],
    [
      'a passphrase of two lines',
      ['--one', '--client', '--passphrase-file', 'two'],
      'passphrase file two has more than one line'
    ],
    [
      'a passphrase without end',
      ['--one', '--client', '--passphrase-file', 'long'],
      'a passphrase has 1 to 1024 bytes, not 2000'
    ],
    [
      'a file as folder',
      ['--one', '--client', '--out', 'empty'],
      /empty cannot be made a folder: it exists already/
    ],
    [
      'a folder below a file',
      ['--one', '--client', '--out', 'empty/x'],
      /empty\/x cannot be made a folder: part of the path is not a folder/
    ]
  ])('%s', async (_, words, message) => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'open'), 'secret', { mode: 0o644 })
    for (const [name, text] of [
      ['empty', '\n'],
      ['two', 'a\nb\n'],
      ['long', 'a'.repeat(2000)]
    ] as const)
      await writeFile(join(cwd, name), text, { mode: 0o600 })
    const out = words.includes('--out') ? [] : ['--out', 'new']
    await expectRefused(['keygen', ...words, ...out], message, { cwd })
  })

  it('an empty passphrase in the environment', async () => {
    const options = { cwd: await temporaryFolder(), env: { BYZKIT_PASSPHRASE: '' } }
    await expectRefused(
      ['keygen', '--one', '--client', '--out', 'x'],
      'BYZKIT_PASSPHRASE is set, but empty',
      options
    )
  })

  it.each(['member.pem', 'member.json'])('to overwrite %s', async (name) => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, name), 'precious')
    const words = ['keygen', '--one', '--address', ADDRESS, '--out', '.']
    await expectRefused(words, `${name} exists already, and nothing is overwritten`, { cwd })
  })

  it('to write a part of a group: a folder or a dangling link in the place of one file', async () => {
    const cwd = await temporaryFolder()
    await mkdir(join(cwd, 'a', 'member-3.pem'), { recursive: true })
    await expectRefused(['keygen', '--members', '4', '--out', 'a'], /a\/member-3.pem exists already/, { cwd })
    await mkdir(join(cwd, 'b'))
    await symlink('/nowhere/else', join(cwd, 'b', 'group.json'))
    await expectRefused(['keygen', '--members', '4', '--out', 'b'], /b\/group.json exists already/, { cwd })
  })

  it('and leaves nothing behind when the disk fails in the middle', async () => {
    const cwd = await temporaryFolder()
    // A limit on the size of files stands for a full disk: keys fit in a block, group.json does not.
    const words = ['keygen', '--members', '30', '--out', 'a/b']
    const outcome = await byzkit(words, { cwd, shell: 'ulimit -f 1;' })
    expect(outcome).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^byzkit: a\/b\/group.json cannot be written: [^\n]+\n$/)
    })
    expect(await contents(cwd)).toEqual({})
  })

  it('to let two at once write to one folder', async () => {
    const cwd = await temporaryFolder()
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(() => byzkit(['keygen', '--members', '4', '--out', 'g'], { cwd }))
    )
    expect(outcomes.map(({ status }) => status).sort()).toEqual([0, 2, 2, 2])
    const group = parseGroupFile('group.json', await readFile(join(cwd, 'g', 'group.json'), 'utf8'))
    for (const [rank, publicKey] of group.genesis.publicKeys.entries())
      expect(nobleBackend.publicKey((await readKeyFile(join(cwd, 'g', `member-${rank}.pem`))).seed)).toEqual(
        publicKey
      )
    expect(Object.keys(await contents(join(cwd, 'g')))).toHaveLength(5)
  })
})
