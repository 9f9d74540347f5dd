import { chmod, cp, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openLevelStore } from '../../src/store/level-store.ts'
import { freePort } from '../ports.ts'
import { isAlive, makeGroup, nodeWords, occupyPort, startByzkit } from './running.ts'
import { byzkit, byzkitJson, expectRefused, temporaryFolder } from './support.ts'

const KEYS = new URL('../../keys/', import.meta.url).pathname

/** A group of so many, in a folder of its own. */
async function groupOf(members: number, ...words: string[]): Promise<string> {
  const folder = await temporaryFolder()
  await makeGroup(folder, members, ...words)
  return folder
}

async function portOf(folder: string, rank = 0): Promise<number> {
  const { members } = JSON.parse(await readFile(join(folder, 'group.json'), 'utf8'))
  return Number(members[rank].addresses[0].split('/').at(-1))
}

async function editGroup(folder: string, edit: (text: string) => string): Promise<void> {
  const path = join(folder, 'group.json')
  await writeFile(path, edit(await readFile(path, 'utf8')))
}

describe('byzkit node refuses', () => {
  /** A group that never runs: one is enough for all who ask, each for a copy. */
  let group = ''

  beforeAll(async () => {
    group = await mkdtemp(join(tmpdir(), 'byzkit-cli-'))
    await makeGroup(group, 1, '--clients', '1')
  })

  afterAll(() => rm(group, { recursive: true, force: true }))

  it.each<[what: string, words: string[], line: string | RegExp]>([
    ['no group', ['--key', 'member-0.pem'], "required option '--group <file>' not specified"],
    ['no key', ['--group', 'group.json'], "required option '--key <file>' not specified"],
    [
      'a group file that is not there',
      ['--group', 'no.json', '--key', 'member-0.pem'],
      /^no\.json cannot be read: no such/
    ],
    ['a key file as group', ['--group', 'member-0.pem', '--key', 'member-0.pem'], /^member-0\.pem: /],
    [
      'a key file that is not there',
      ['--group', 'group.json', '--key', 'no.pem'],
      /^no\.pem cannot be read: no such/
    ],
    ['a group file as key', ['--group', 'group.json', '--key', 'group.json'], /^key file group\.json/],
    [
      "a client's key",
      ['--group', 'group.json', '--key', 'client-0.pem'],
      /is the key of a client of the group, not a member/
    ],
    [
      'an unknown stack',
      ['--group', 'group.json', '--key', 'member-0.pem', '--stack', 'x'],
      /^--stack x: one of .*byzantine-reliable-channel/
    ],
    [
      'an unknown authenticator',
      ['--group', 'group.json', '--key', 'member-0.pem', '--authenticator', 'x'],
      /Allowed choices are hmac, ed25519/
    ],
    [
      'no port for metrics',
      ['--group', 'group.json', '--key', 'member-0.pem', '--metrics', '0'],
      /from 1 to 65535/
    ],
    [
      'a passphrase file that is not there',
      ['--group', 'group.json', '--key', 'member-0.pem', '--passphrase-file', 'no'],
      /^no cannot be read/
    ],
    ['a word too many', ['--group', 'group.json', '--key', 'member-0.pem', 'more'], /too many arguments/],
    [
      'a file as data folder',
      ['--group', 'group.json', '--key', 'member-0.pem', '--data', 'group.json'],
      /^data folder group\.json cannot be used: not a folder/
    ]
  ])('%s', async (_, words, line) => {
    const cwd = await temporaryFolder()
    await cp(group, cwd, { recursive: true })
    // Who may read group.json as a key is not the question here.
    await chmod(join(cwd, 'group.json'), 0o600)
    await expectRefused(['node', ...words], line, { cwd })
  })

  it('a key that is no member of the group', async () => {
    const cwd = await groupOf(1)
    const other = await groupOf(1)
    await cp(join(other, 'member-0.pem'), join(cwd, 'other.pem'))
    await expectRefused(['node', '--group', 'group.json', '--key', 'other.pem'], /no member of the group/, {
      cwd
    })
  })

  it('a key that others can read', async () => {
    const cwd = await groupOf(1)
    await chmod(join(cwd, 'member-0.pem'), 0o640)
    await expectRefused(
      nodeWords(cwd, 0),
      /member-0\.pem is open to other users \(mode 640\): run chmod 600/,
      { cwd }
    )
  })

  it('a protected key without its passphrase', async () => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'right'), 'right', { mode: 0o600 })
    await writeFile(join(cwd, 'wrong'), 'wrong', { mode: 0o600 })
    const address = ['--address', '/ip4/127.0.0.1/tcp/9100']
    await byzkitJson(['keygen', '--one', ...address, '--out', cwd, '--passphrase-file', join(cwd, 'right')])
    await byzkitJson(['group', join(cwd, 'member.json'), '--out', join(cwd, 'group.json')])
    const words = ['node', '--group', 'group.json', '--key', 'member.pem']
    await expectRefused(words, /protected by a passphrase/, { cwd })
    await expectRefused([...words, '--passphrase-file', 'wrong'], /wrong passphrase/, { cwd })
  })

  it('demo keys on an address that others can reach', async () => {
    const cwd = await temporaryFolder()
    await cp(KEYS, cwd, { recursive: true })
    await editGroup(cwd, (text) => text.replace('/ip4/127.0.0.1/tcp/9103', '/ip4/192.0.2.1/tcp/9103'))
    await expectRefused(
      nodeWords(cwd, 0),
      /published demo key: .* loopback only, not with \/ip4\/192\.0\.2\.1/,
      { cwd }
    )
  })

  it("another member's peer id in an address", async () => {
    const cwd = await groupOf(4)
    const { members } = JSON.parse(await readFile(join(cwd, 'group.json'), 'utf8'))
    const [address] = members[3].addresses
    await editGroup(cwd, (text) => text.replace(address, `${address}/p2p/${members[1].peerId}`))
    const problem = `members[3].addresses[0]: ${address}/p2p/${members[1].peerId} has the peer id of member 1; that of member 3 is ${members[3].peerId}, and may be left out`
    await expectRefused(nodeWords(cwd, 0), `${join(cwd, 'group.json')}: ${problem}`, { cwd })
  })

  it("an address of another member's that libp2p does not understand", async () => {
    const cwd = await groupOf(4)
    await editGroup(cwd, (text) => {
      const last = text.lastIndexOf('/ip4/127.0.0.1')
      return `${text.slice(0, last)}/carrier-pigeon/1${text.slice(last + '/ip4/127.0.0.1'.length)}`
    })
    await expectRefused(
      nodeWords(cwd, 0),
      /group\.json: member \d: "\/carrier-pigeon\S+ is not a multiaddr/,
      { cwd }
    )
  })

  it('a group too small for the stack', async () => {
    const cwd = await groupOf(3)
    await editGroup(cwd, (text) => text.replace('"f": 0', '"f": 1'))
    await expectRefused(
      nodeWords(cwd, 0),
      /needs n > 3f: a group of 3 tolerates at most 0 faulty members, not 1/,
      { cwd }
    )
  })

  it('a port in use', async () => {
    const cwd = await groupOf(1)
    await occupyPort(await portOf(cwd))
    await expectRefused(
      nodeWords(cwd, 0),
      /^cannot listen on \/ip4\/127\.0\.0\.1\/tcp\/\d+: the port is in use/,
      { cwd }
    )
  })

  it('an address that this machine does not have', async () => {
    const cwd = await groupOf(1)
    await editGroup(cwd, (text) => text.replace('127.0.0.1', '192.0.2.1'))
    await expectRefused(nodeWords(cwd, 0), /this machine does not have the address/, { cwd })
  })

  it('a metrics port in use', async () => {
    const cwd = await groupOf(1)
    const port = String(await occupyPort())
    await expectRefused(nodeWords(cwd, 0, '--metrics', port), `--metrics ${port}: the port is in use`, {
      cwd
    })
  })

  it('a data folder that others can enter', async () => {
    const cwd = await groupOf(1)
    await mkdir(join(cwd, 'data-0'))
    await writeFile(join(cwd, 'data-0', 'something'), '')
    await chmod(join(cwd, 'data-0'), 0o755)
    await expectRefused(nodeWords(cwd, 0), /open to other users/, { cwd })
  })

  it('a data folder on which a member runs', async () => {
    const cwd = await groupOf(1)
    const running = startByzkit(...nodeWords(cwd, 0))
    await running.event({ event: 'ready' })
    await expectRefused(nodeWords(cwd, 0), /^data folder .*data-0 is in use by another process$/, { cwd })
    // It goes on, undisturbed.
    expect(await byzkitJson(['status', '--data', join(cwd, 'data-0')])).toMatchObject({
      self: 0,
      ready: true
    })
  })

  it('a data folder that another program has locked', async () => {
    const cwd = await groupOf(1)
    const store = await openLevelStore(join(cwd, 'data-0'))
    onTestFinished(() => store.close())
    const outcome = await byzkit(nodeWords(cwd, 0))
    expect(outcome).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^byzkit: data folder .*data-0 is in use by another process\n$/)
    })
  })
})

describe('byzkit node', () => {
  it('runs with the demo keys on loopback', async () => {
    const cwd = await temporaryFolder()
    await cp(KEYS, cwd, { recursive: true })
    const port = await freePort()
    await editGroup(cwd, (text) => text.replace('tcp/9100', `tcp/${port}`))
    const member = startByzkit(...nodeWords(cwd, 0))
    expect(await member.event({ event: 'started' })).toMatchObject({
      self: 0,
      incarnation: expect.any(Number)
    })
    member.kill('SIGTERM')
    expect(await member.exited).toMatchObject({ status: 0, stderr: '' })
  })

  it.each([
    ['an IPv6 address', '::1', 'ip6'],
    ['a name', 'localhost', 'dns']
  ])('listens on %s, and is dialled there', async (_, host, protocol) => {
    const cwd = await temporaryFolder()
    await makeGroup(cwd, 2, '--host', host)
    const both = [0, 1].map((rank) => startByzkit(...nodeWords(cwd, rank)))
    for (const member of both) {
      const { addresses } = await member.event({ event: 'started' })
      expect(addresses).toEqual([expect.stringContaining(`/${protocol}/${host}/tcp/`)])
      expect(await member.event({ event: 'ready' })).toMatchObject({ connected: [expect.any(Number)] })
    }
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('stops at %s, leaving no socket', async (signal) => {
    const cwd = await groupOf(1)
    const member = startByzkit(...nodeWords(cwd, 0))
    await member.event({ event: 'ready' })
    member.kill(signal)
    const { status, stderr } = await member.exited
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(member.events.at(-1)).toEqual({ event: 'stopped' })
    await expect(lstat(join(cwd, 'data-0', 'control.sock'))).rejects.toThrow('ENOENT')
    expect(isAlive(member.pid)).toBe(false)
  })

  it('keeps its data folder and socket to its owner', async () => {
    const cwd = await groupOf(1)
    const member = startByzkit(...nodeWords(cwd, 0))
    await member.event({ event: 'ready' })
    expect((await lstat(join(cwd, 'data-0'))).mode & 0o777).toBe(0o700)
    const socket = await lstat(join(cwd, 'data-0', 'control.sock'))
    expect(socket.isSocket()).toBe(true)
    expect(socket.mode & 0o777).toBe(0o600)
  })

  it('says to people what it says to machines', async () => {
    const cwd = await groupOf(1)
    const { stdout } = await byzkit(['node', '--help'])
    expect(stdout).toMatch(/--group .*--key .*--data .*--metrics/s)
    const words = nodeWords(cwd, 0).filter((word) => word !== '--data' && !word.includes('data-0'))
    const shell = 'exec > said; (until grep -q ready said; do sleep 0.1; done; kill -INT $$) &'
    await byzkit(words, { cwd, shell })
    const said = await readFile(join(cwd, 'said'), 'utf8')
    expect(said).toMatch(/^member 0 of 1, f = 0: byzantine-reliable-channel/)
    expect(said).toMatch(/no --data: .*amnesia/)
    expect(said).toMatch(/ready: connected to a quorum \(with itself 1 of 1\)/)
    expect(said).toMatch(/stopped\n$/)
  })

  it('runs any stack, and tells what its service tells', async () => {
    const cwd = await groupOf(4)
    const member = startByzkit(...nodeWords(cwd, 0), '--stack', 'exclude-on-timeout')
    // The others never start.
    const told = await member.event({ event: 'indication' })
    expect(told).toMatchObject({ service: 'detector', name: 'detected', values: { member: 1 } })
    member.kill('SIGTERM')
    expect(await member.exited).toMatchObject({ status: 0, stderr: '' })
  })

  it('serves its counts on loopback', async () => {
    const cwd = await groupOf(1)
    const port = await freePort()
    const member = startByzkit(...nodeWords(cwd, 0, '--metrics', String(port)))
    await member.event({ event: 'ready' })
    await byzkitJson(['broadcast', '--data', join(cwd, 'data-0'), 'hello'])
    await member.event({ event: 'delivery' })
    const response = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    expect(text).toMatch(/^byzkit_members\{group="[0-9a-f]{8}",process="0"\} 1$/m)
    expect(text).toMatch(/^byzkit_broadcasts_total\{.*\} 1$/m)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
  })
})
