/** `byzkit read` and `byzkit write` on groups of real processes. */
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { parseGroupFile } from '../../src/crypto/group-file.ts'
import { peerIdOf } from '../../src/crypto/peer-id.ts'
import { documentAt } from '../docs/documents.ts'
import { extent } from '../extent.ts'
import { freePort } from '../ports.ts'
import { type ClientGroup, startClientGroup } from './client-group.ts'
import { startByzkit, startUntil } from './running.ts'
import { byzkit, byzkitJson, runHere, temporaryFolder } from './support.ts'

const KEYS = new URL('../../keys/', import.meta.url).pathname

/** Whether some file of a folder has that text: a client's store has what it is about to write before anybody hears of it. */
async function isStored(folder: string, text: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1').catch(() => '')))
  return files.some((file) => file.includes(text))
}

const ends: (() => void)[] = []
let shared: ClientGroup

/** Of all tests that leave it as it is; each has registers of its own. */
beforeAll(async () => {
  shared = await startClientGroup(4, (end) => void ends.push(end))
})
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

describe('byzkit write, then read', () => {
  it('gives what was written, to any client, with one of four members killed', async () => {
    const { run, json, members } = await startClientGroup()
    expect(await json('read', 1, 'greeting', '--writer', 'client:0')).toEqual({
      register: 'greeting',
      value: null,
      timestamp: 0,
      consistency: 'atomic',
      ms: expect.any(Number)
    })
    expect((await run('read', 0, 'greeting')).stdout).toBe('greeting was never written\n')
    expect(await json('write', 0, 'greeting', 'hello')).toEqual({
      register: 'greeting',
      bytes: 5,
      timestamp: 1,
      ms: expect.any(Number)
    })
    members[3]?.kill('SIGKILL')
    expect((await run('write', 0, 'greeting', 'hello again')).stdout).toBe(
      'greeting is written (timestamp 2): 11 bytes, with a quorum of the members\n'
    )
    expect(await run('read', 1, 'greeting', '--writer', 'client:0')).toEqual({
      status: 0,
      stdout: 'hello again\n',
      stderr: ''
    })
    expect(
      await json('read', 2, 'greeting', '--writer', 'client:0', '--consistency', 'regular')
    ).toMatchObject({ value: 'hello again', timestamp: 2, consistency: 'regular' })
    // A register of the same name and another writer is another register.
    expect(await json('read', 1, 'greeting')).toMatchObject({ value: null })
  })

  it.each(extent<string[]>([], ['keeps bytes as they are, from a file and to a file']))('%s', async () => {
    const { run, json, folder } = shared
    const bytes = randomBytes(64 * 1024)
    bytes[0] = 0xff
    await writeFile(join(folder, 'in'), bytes)
    expect(await json('write', 0, 'blob', '--input', join(folder, 'in'))).toMatchObject({ bytes: 65536 })
    const to = ['--output', join(folder, 'out')]
    expect(await json('read', 0, 'blob', ...to)).toMatchObject({
      value: `base64:${bytes.toString('base64')}`
    })
    expect((await readFile(join(folder, 'out'))).equals(bytes)).toBe(true)
    // Nothing is overwritten.
    expect(await run('read', 0, 'blob', ...to)).toEqual({
      status: 2,
      stdout: '',
      stderr: `byzkit: ${join(folder, 'out')} cannot be written: it exists already\n`
    })
    await json('write', 0, 'empty', '')
    expect(await json('read', 0, 'empty')).toMatchObject({ value: '', timestamp: 1 })
    await json('write', 0, 'lines', 'one\ntwo \u001b[31m')
    expect((await run('read', 0, 'lines')).stdout).not.toContain('\u001b')
    expect(await json('read', 0, 'lines')).toMatchObject({ value: 'one\ntwo \u001b[31m' })
  })

  it.each(
    extent<string[]>([], ['takes a writer by number, by peer id and by public key, and several of them'])
  )('%s', async () => {
    const { json, folder } = shared
    const { clients } = parseGroupFile('', await readFile(join(folder, 'group.json'), 'utf8'))
    const [key = new Uint8Array()] = clients
    await json('write', 0, 'mine', 'x')
    for (const writer of ['client:0', peerIdOf(key), toHex(key)])
      expect(await json('read', 1, 'mine', '--writer', writer)).toMatchObject({ value: 'x' })
    for (const writer of ['member:0', 'ab'.repeat(32)])
      expect(await json('read', 1, 'mine', '--writer', writer)).toMatchObject({ value: null })

    const writers = ['--writer', 'client:0', '--writer', 'client:1']
    await json('write', 0, ...writers, 'ours', 'first')
    await json('write', 1, 'ours', 'second', '--writer', 'client:1', '--writer', 'client:0')
    expect(await json('read', 2, 'ours', ...writers)).toMatchObject({ value: 'second', timestamp: 2 })
  })
})

describe('a writer', () => {
  it('killed in mid-write finishes that write with its next one, before that', async () => {
    const { json, words, folder, members } = await startClientGroup()
    await json('write', 0, 'a', 'old')
    // Two members that stand still are more than a write can do without.
    for (const member of members.slice(2)) member.kill('SIGSTOP')
    const history = ['--history', join(folder, 'history.jsonl')]
    const writer = startByzkit(...words('write', 0, 'a', 'interrupted', ...history))
    await expect.poll(() => isStored(join(folder, 'client-0', 'store'), 'interrupted')).toBe(true)
    writer.kill('SIGKILL')
    await writer.exited
    for (const member of members.slice(2)) member.kill('SIGCONT')
    // Another register: only that it finishes what it had begun can have written this one.
    await json('write', 0, 'b', 'new', ...history)
    expect(await json('read', 1, 'a', '--writer', 'client:0', ...history)).toMatchObject({
      value: 'interrupted',
      timestamp: 2
    })
    expect(await json('write', 0, 'a', 'next', ...history)).toMatchObject({ timestamp: 3 })
    expect(await json('read', 1, 'a', '--writer', 'client:0', ...history)).toMatchObject({ value: 'next' })
    const judged = await byzkitJson(['check', join(folder, 'history.jsonl'), '--model', 'register'])
    expect(judged).toMatchObject({ valid: true, operations: 5, keys: 2 })
  })

  it('has its data folder for itself', async () => {
    const { run, words, folder } = await startClientGroup(2)
    const first = startByzkit(...words('write', 0, 'a', 'x', '--history', join(folder, 'history')))
    await expect.poll(() => isStored(folder, '"invoke"')).toBe(true)
    expect(await run('write', 0, 'a', 'y')).toEqual({
      status: 2,
      stdout: '',
      stderr: `byzkit: data folder ${join(folder, 'client-0')} is in use by another process\n`
    })
    first.kill('SIGINT')
    expect(await first.exited).toEqual({
      status: 130,
      stdout: '',
      stderr:
        'byzkit: interrupted by SIGINT: the write was aborted; it may take effect all the same, now or with the next write from this data folder\n'
    })
  })

  it('that has lost its data folder is told that it needs a new key', async () => {
    const { run, json, folder } = shared
    await json('write', 2, 'lost', 'x')
    await rm(join(folder, 'client-2'), { recursive: true })
    const { status, stderr } = await run('write', 2, 'lost', 'y')
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^byzkit: [^\n]*needs a new[^\n]*\n$/)
    })
    expect(stderr).toContain('it took no effect')
    expect(await json('read', 1, 'lost', '--writer', 'client:2')).toMatchObject({ value: 'x' })
  })
})

describe('without a quorum', () => {
  it('operations end with status 1 after --timeout, and say whom they reached and whether they may take effect', async () => {
    const { run, folder } = await startClientGroup(2)
    // On a busy machine the time may be up before those that run are reached, or while they are: that is said too,
    // before or behind.
    const reached = '[0-2] of 4 members were reached, not [^\\n]*2 and 3 \\(no address leads to it\\)[^\\n]*'
    const history = ['--history', join(folder, 'history.jsonl'), '--timeout', '600']
    expect(await run('read', 1, 'a', ...history)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        `^byzkit: the read found no quorum of members within 600 ms: ${reached}\\n$`
      )
    })
    expect(await run('write', 0, 'a', 'x', ...history)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        `^byzkit: the write found no quorum of members within 600 ms: ${reached}; it may take effect all the same, now or with the next write from this data folder\\n$`
      )
    })
    const lines = (await readFile(join(folder, 'history.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(
      lines.map((line) => JSON.parse(line)).map(({ type, f, key, value }) => [type, f, key, value])
    ).toEqual([
      ['invoke', 'read', 'client:1/a', undefined],
      ['fail', 'read', 'client:1/a', undefined],
      ['invoke', 'write', 'client:0/a', 'x'],
      ['info', 'write', 'client:0/a', 'x']
    ])
  })
})

it('several clients at once append to one history, which is atomic', async () => {
  const { json, folder } = shared
  const file = join(folder, 'history.jsonl')
  const words = ['--history', file, '--writer', 'client:0', '--writer', 'client:1']
  const clients = [0, 1, 2].map(async (client) => {
    for (let count = 0; count < 3; count++) {
      if (client < 2) await json('write', client, 'a', `${client}.${count}`, ...words)
      else await json('read', client, 'a', ...words)
    }
  })
  await Promise.all(clients)
  const judged = await byzkitJson(['check', file, '--model', 'register'])
  expect(judged).toMatchObject({ valid: true, operations: 9, keys: 1 })
  // The checker sees what it is there to see: a read of what nobody wrote is no register's.
  const text = await readFile(file, 'utf8')
  const lie = '{"process":"z","type":"invoke","f":"read","key":"client:0+client:1/a"}\n'
  const answer = '{"process":"z","type":"ok","f":"read","key":"client:0+client:1/a","value":"never"}\n'
  await writeFile(file, `${text}${lie}${answer}`)
  expect((await byzkit(['check', file, '--model', 'register'])).status).toBe(1)
})

it('the commands of the README start the members of the demo group, write and read', async () => {
  const cwd = await temporaryFolder()
  await cp(KEYS, join(cwd, 'keys'), { recursive: true })
  // Other ports, which are outside the group id: somebody may be using those of the demo.
  const first = await freePort(4)
  const group = await readFile(join(cwd, 'keys', 'group.json'), 'utf8')
  await writeFile(
    join(cwd, 'keys', 'group.json'),
    group.replaceAll(/tcp\/910(\d)/g, (_, rank) => `tcp/${first + Number(rank)}`)
  )
  const [, section = ''] = /^### Registers$([\s\S]*?)^###? /m.exec(documentAt('README.md').text) ?? []
  const lines = [...section.matchAll(/^npx byzkit (.*)$/gm)].map(([, words = '']) => words.split(' '))
  const nodes = lines.filter(([command]) => command === 'node')
  const clients = lines.slice(nodes.length)
  expect(clients.map(([command]) => command)).toEqual(['write', 'read'])
  const members = nodes.map((words) => startUntil(onTestFinished, words, { cwd }))
  await Promise.all(members.map((member) => member.event({ event: 'ready' })))
  const [write = [], read = []] = clients
  expect(await byzkitJson(write, { cwd })).toMatchObject({ timestamp: 1 })
  expect(await byzkit(read, { cwd })).toEqual({ status: 0, stdout: 'hello\n', stderr: '' })
})

describe('wrong usage is refused in one line:', () => {
  const group = ['--group', 'keys/group.json']
  const key = ['--key', 'keys/client-0.pem']
  const data = ['--data', 'data']
  const before = process.cwd()
  beforeAll(async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'byzkit-usage-'))
    ends.push(() => rm(cwd, { recursive: true }))
    await writeFile(join(cwd, 'large'), new Uint8Array(65537))
    await cp(KEYS, join(cwd, 'keys'), { recursive: true })
    process.chdir(cwd)
    await runHere(['keygen', '--members', '4', '--out', 'other'])
  })
  afterAll(() => process.chdir(before))

  it.each<[what: string, words: string[], line: string | RegExp]>([
    ['no register', ['read', ...group, ...key], /missing required argument 'register'/],
    ['no group', ['read', ...key, 'a'], /required option '--group <file>'/],
    ['no key', ['read', ...group, 'a'], /required option '--key <file>'/],
    ['no data folder', ['write', ...group, ...key, 'a', 'x'], /required option '--data <dir>'/],
    ['nothing to write', ['write', ...group, ...key, ...data, 'a'], 'write needs a text or --input <file>'],
    [
      'two things to write',
      ['write', ...group, ...key, ...data, 'a', 'x', '--input', 'large'],
      'give a text or --input <file>, not both'
    ],
    [
      'too long a text',
      ['write', ...group, ...key, ...data, 'a', 'x'.repeat(65537)],
      'the text is larger than 65536 bytes'
    ],
    [
      'too large a file',
      ['write', ...group, ...key, ...data, 'a', '--input', 'large'],
      'large: larger than 65536 bytes'
    ],
    [
      'a file that is not there',
      ['write', ...group, ...key, ...data, 'a', '--input', 'no'],
      'no cannot be read: no such file or folder'
    ],
    [
      "a member's key",
      ['read', ...group, '--key', 'keys/member-0.pem', 'a'],
      'key file keys/member-0.pem is the key of a member of the group, not a client, in keys/group.json'
    ],
    [
      "a stranger's key",
      ['read', '--group', 'other/group.json', ...key, 'a'],
      'key file keys/client-0.pem is the key of no client of the group in other/group.json'
    ],
    [
      'an unknown writer',
      ['read', ...group, ...key, 'a', '--writer', 'client:1'],
      '--writer client:1: expected client:NUMBER, member:RANK, a peer id of the group, or a public key of 64 hexadecimal digits'
    ],
    [
      "writing somebody else's register",
      ['write', ...group, ...key, ...data, 'a', 'x', '--writer', 'member:0', '--writer', 'member:2'],
      'client:0 may not write a: its writers are member:0, member:2'
    ],
    ['a broken group file', ['read', '--group', 'large', ...key, 'a'], /^large: /],
    ['no group file', ['read', '--group', 'no', ...key, 'a'], 'no cannot be read: no such file or folder'],
    ['no time', ['read', ...group, ...key, 'a', '--timeout', '0'], /Expected an integer from 1 to/],
    [
      'an unknown consistency',
      ['read', ...group, ...key, 'a', '--consistency', 'x'],
      /Allowed choices are atomic/
    ],
    [
      'a history that cannot be written',
      ['read', ...group, ...key, 'a', '--history', 'no/history'],
      'no/history cannot be appended to: no such file or folder'
    ],
    ['too long a name', ['read', ...group, ...key, 'a'.repeat(257)], /at most 256 UTF-16 code units/],
    [
      'a writer twice',
      ['read', ...group, ...key, 'a', '--writer', 'client:0', '--writer', 'client:0'],
      /each of them once/
    ]
  ])('%s', async (_, words, line) => {
    const { status, stdout, stderr } = await runHere(words)
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^byzkit: [^\n]+\n$/)
    })
    if (typeof line === 'string') expect(stderr).toBe(`byzkit: ${line}\n`)
    else expect(stderr.slice('byzkit: '.length)).toMatch(line)
  })
})
