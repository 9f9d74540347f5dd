/**
 * Files of strangers: whatever is in one, the command ends, and what is wrong is one line of bounded length, without control
 * characters. An error that nobody foresaw would call itself internal.
 */
import { createPrivateKey } from 'node:crypto'
import { chmod, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAnswer, parseRequest } from '../../src/cli/control/protocol.ts'
import { main } from '../../src/cli/main.ts'
import { formatGroupFile } from '../../src/crypto/group-file.ts'
import { encodePrivateKey, nobleBackend } from '../../src/crypto/index.ts'
import { formatMemberFile } from '../../src/crypto/member-file.ts'
import { recordRun } from '../../src/laboratory/recording.ts'
import { writeTrace } from '../../src/laboratory/trace-file.ts'
import { endingOf } from '../../src/program/errors.ts'
import { readLines } from '../../src/program/files/read-lines.ts'
import { readPassphrase } from '../../src/program/keys/passphrase.ts'
import { readGroupAndKey } from '../../src/program/member/member-identity.ts'
import { TraceDigest } from '../../src/simulator/digest.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { runStack } from '../simulator/support.ts'
import { tampered } from './mutations.ts'

const seeds = [0, 1, 2, 3, 4].map((rank) => new SeededRandom(7, `secret/${rank}`).bytes(32))
const [publicKeys, client] = [seeds.slice(0, 4), seeds[4]!].map((of) =>
  Array.isArray(of) ? of.map((seed) => nobleBackend.publicKey(seed)) : nobleBackend.publicKey(of)
) as [Uint8Array[], Uint8Array]
const addresses = publicKeys.map((_, rank) => [`/ip4/127.0.0.1/tcp/${9100 + rank}`])
const passphrase = 'a passphrase'

const GROUP = formatGroupFile({
  comment: 'a group',
  genesis: { version: 1, name: '00112233445566778899aabbccddeeff', f: 1, publicKeys },
  addresses,
  clients: [client]
})
const MEMBER = formatMemberFile({ publicKey: publicKeys[0]!, addresses: addresses[0]!, client: false })
const KEY = encodePrivateKey(seeds[0]!)
const PROTECTED_KEY = createPrivateKey(KEY)
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase })
  .toString()
const HISTORY = [
  { process: 0, type: 'invoke', f: 'put', key: 'a', value: 1, time: 1_700_000_000_000_000_000 },
  { process: 'alice', type: 'invoke', f: 'get', key: 'a' },
  { process: 0, type: 'ok', f: 'put', key: 'a', value: 1 },
  { process: 'alice', type: 'ok', f: 'get', key: 'a', value: 1.5 },
  { process: 0, type: 'invoke', f: 'cas', key: 'b', value: [null, { x: [1, '2'] }] },
  { process: 'alice', type: 'invoke', f: 'append', key: 'c', value: 'x' },
  { process: 0, type: 'fail', f: 'cas', key: 'b' },
  { process: 'alice', type: 'info', f: 'append', key: 'c' }
]
  .map((line) => JSON.stringify(line))
  .join('\n')

/** A short run: one broadcast of each member that is no liar. */
function traceOf(protocol: string): string[] {
  const { setup, schedule } = recordRun(
    {
      protocol,
      members: 4,
      faults: 1,
      byzantine: 1,
      adversary: 'equivocate',
      links: 'ideal',
      crypto: 'symbolic'
    },
    3
  ).acted
  const lines: string[] = []
  const few = schedule.filter(({ kind }, index) => kind === 'request' || kind === 'clock' || index % 20 === 0)
  writeTrace({ setup: { ...setup, healMs: 20, livenessMs: 100 }, schedule: few }, (line) => lines.push(line))
  return lines
}
const TRACE = traceOf('double-echo')
/** The same, of a protocol that is not known here. */
const OWN_TRACE = TRACE.map((line) => line.replace('"protocol":"double-echo"', '"protocol":"my-own"'))

/** With a last line that vouches for all lines as they are now: as somebody would write it who wants them shown. */
function vouched(text: string): string {
  const lines = text.split('\n')
  const digest = new TraceDigest()
  let events = 0
  for (const line of lines) {
    if (/^\{"(?:format|choice|kind)"/.test(line)) continue
    events++
    digest.addText(line)
  }
  const all = new TraceDigest()
  return lines
    .map((line) => {
      if (!line.startsWith('{"kind":"end"')) {
        if (line.trim() !== '') all.addText(line)
        return line
      }
      const end = line
        .replace(/"events":\d+/, `"events":${events}`)
        .replace(/"eventsDigest":"[^"]*"/, `"eventsDigest":"${digest.hex()}"`)
        .replace(/,"linesDigest":"[^"]*"\}$/, '}')
      all.addText(end)
      return `${end.slice(0, -1)},"linesDigest":"${all.hex()}"}`
    })
    .join('\n')
}

function recordingOf(): string[] {
  const lines: string[] = []
  runStack('double-echo', 4, 3, {
    livenessMs: 100,
    rates: { broadcasts: 2, sessionEnds: 1 },
    recordLife: (process) => (process === 1 ? (line) => void lines.push(line) : undefined)
  })
  return lines
}

let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'byzkit-strangers-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function fileOf(text: string): Promise<string> {
  const path = join(folder, `file-${count++ % 8}`)
  await writeFile(path, text)
  await chmod(path, 0o600)
  return path
}

interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

async function byzkit(...words: readonly string[]): Promise<Outcome> {
  const out: string[] = []
  const err: string[] = []
  const status = await main(words, {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    env: {}
  })
  return { status, stdout: out.join(''), stderr: err.join('') }
}

/** The same form, for what no command does alone. */
async function ending(act: () => Promise<unknown>): Promise<Outcome> {
  try {
    await act()
    return { status: 0, stdout: '', stderr: '' }
  } catch (error) {
    const { status, line } = endingOf(error)
    return { status, stdout: '', stderr: `byzkit: ${line.slice(0, 1000)}\n` }
  }
}

const seen = { ok: 0, refused: 0 }

function expectClear({ status, stdout, stderr }: Outcome): void {
  expect(stderr).not.toContain('internal error')
  expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
  if (status === 2) {
    expect(stderr).toMatch(/^byzkit: [^\p{Cc}\p{Cf}]{1,1003}\n$/u)
    expect(stdout).toBe('')
    seen.refused++
  } else {
    expect(stderr === '' || /^byzkit: [^\p{Cc}]{1,1003}\n$/u.test(stderr)).toBe(true)
    seen.ok++
  }
}

interface Reader {
  readonly name: string
  readonly text: string
  readonly read: (path: string) => Promise<Outcome>
  readonly numRuns: number
  /** Applied after the tampering. */
  readonly finish?: (text: string) => string
}

const groupOf = async (group: string, key: string) =>
  ending(() => readGroupAndKey({ group, key, passphrase }))

const readers: readonly Reader[] = [
  { name: 'group.json', text: GROUP, read: async (path) => groupOf(path, await keyFile()), numRuns: 400 },
  {
    name: 'member.json',
    text: MEMBER,
    read: (path) => byzkit('group', path, '--out', join(folder, `group-${count++}.json`)),
    numRuns: 300
  },
  { name: 'a key', text: KEY, read: async (path) => groupOf(await groupFile(), path), numRuns: 300 },
  {
    name: 'a key under a passphrase',
    text: PROTECTED_KEY,
    read: async (path) => groupOf(await groupFile(), path),
    numRuns: 300
  },
  {
    name: 'a passphrase',
    text: `${passphrase}\n`,
    read: (path) => ending(() => readPassphrase(path, {})),
    numRuns: 100
  },
  { name: 'a history', text: HISTORY, read: (path) => byzkit('check', path, '--model', 'kv'), numRuns: 400 },
  {
    name: 'a history for a page',
    text: HISTORY,
    read: (path) => byzkit('check', path, '--model', 'kv', '--html', join(folder, 'page.html')),
    numRuns: 200
  },
  { name: 'a trace', text: TRACE.join('\n'), read: (path) => byzkit('replay', path), numRuns: 150 },
  {
    name: 'a trace whose last line vouches for it',
    text: TRACE.join('\n'),
    read: (path) => byzkit('replay', path),
    finish: vouched,
    numRuns: 100
  },
  {
    name: 'a trace of an unknown protocol',
    text: OWN_TRACE.join('\n'),
    read: (path) => byzkit('replay', path, '--all'),
    finish: vouched,
    numRuns: 300
  },
  {
    name: 'a trace of an unknown protocol for a page',
    text: OWN_TRACE.join('\n'),
    read: (path) =>
      byzkit('replay', path, '--html', join(folder, 'run.html'), '--shiviz', join(folder, 'log')),
    finish: vouched,
    numRuns: 200
  },
  {
    name: 'a recording',
    text: recordingOf().join('\n'),
    read: (path) => byzkit('replay', path, '--all'),
    numRuns: 300
  }
]

const keyFile = async () => {
  const path = join(folder, 'own.pem')
  await writeFile(path, KEY, { mode: 0o600 })
  return path
}
const groupFile = async () => {
  const path = join(folder, 'own.json')
  await writeFile(path, GROUP)
  return path
}

describe.each(readers)('$name', ({ text, read, numRuns, finish = (same) => same }) => {
  test('control: as it is, it is taken', async () => {
    const { status, stderr } = await read(await fileOf(finish(text)))
    expect(stderr).toBe('')
    expect(status).not.toBe(2)
  })

  test('tampered with, it is taken or refused in one clear line', async () => {
    seen.refused = 0
    await fc.assert(
      fc.asyncProperty(tampered(text), async (changed) => {
        expectClear(await read(await fileOf(finish(changed))))
      }),
      { numRuns, seed: 1 }
    )
    expect(seen.refused).toBeGreaterThan(numRuns / 20)
  })

  test.each([
    ['empty', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(1000)],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x41])],
    ['half a character at its end', Buffer.from('é'.repeat(5)).subarray(0, 9)],
    ['a folder of brackets', Buffer.from('['.repeat(10 ** 6))],
    ['an object without end', Buffer.from('{"a":'.repeat(10 ** 5))],
    ['an escape sequence', Buffer.from('\u001b]0;owned\u0007'.repeat(300))]
  ])('%s: refused', async (_, bytes) => {
    const path = await fileOf('')
    await writeFile(path, bytes)
    const outcome = await read(path)
    expectClear(outcome)
    if (!text.startsWith(passphrase)) expect(outcome.status).toBe(2)
  })

  test('700 MB without a line break are refused after the bound, at the beginning and behind a valid line', async () => {
    for (const head of ['', `${text.split('\n')[0]}\n`]) {
      const path = await fileOf(head)
      // No block of it is on the disk.
      await truncate(path, 700 * 2 ** 20)
      const outcome = await read(path)
      expectClear(outcome)
      expect(outcome.stderr).toMatch(/larger than \d+ bytes|a line of more than \d+ characters/)
    }
  })
})

describe('lines', () => {
  const bounds = { bytesMax: 10 ** 6, lineCharactersMax: 10 ** 5 }
  async function linesOf(path: string, changes = {}): Promise<string[]> {
    const lines: string[] = []
    await readLines(path, { ...bounds, ...changes }, (line) => lines.push(line))
    return lines
  }

  test('are those of the text, wherever the chunks of the file end', async () => {
    const line = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('é𐍈'.repeat(9000)))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (parts) => {
        const text = parts.join('\n').replace(/^\uFEFF+/, '')
        const expected = text.split('\n')
        if (expected.at(-1) === '') expected.pop()
        expect(await linesOf(await fileOf(text.toWellFormed()))).toEqual(
          expected.map((each) => each.toWellFormed())
        )
      }),
      { numRuns: 100, seed: 1 }
    )
  })

  test('begin behind a byte order mark', async () => {
    expect(await linesOf(await fileOf('\uFEFFone\n\uFEFFtwo\n'))).toEqual(['one', '\uFEFFtwo'])
  })

  test('are refused one character beyond the bound, and the file one byte beyond its own', async () => {
    const path = await fileOf(`${'x'.repeat(100)}\n${'y'.repeat(100)}`)
    expect(await linesOf(path, { lineCharactersMax: 100, bytesMax: 201 })).toHaveLength(2)
    await expect(linesOf(path, { lineCharactersMax: 99 })).rejects.toThrow(
      'a line of more than 99 characters'
    )
    await expect(linesOf(path, { bytesMax: 200 })).rejects.toThrow('larger than 200 bytes')
  })

  test('of an endless stream, no more is read than the bound', async () => {
    const file = await open('/dev/zero')
    try {
      await expect(linesOf('/dev/zero', { bytesMax: Number.POSITIVE_INFINITY })).rejects.toThrow(
        'a line of more than'
      )
    } finally {
      await file.close()
    }
  })
})

test('what is said on a control socket is a request or an answer, or is none', () => {
  const request = JSON.stringify({ do: 'broadcast', payload: 'AAAA' })
  const answer = JSON.stringify({ ok: false, error: { name: 'x', message: 'y' } })
  for (const [text, parse] of [
    [request, parseRequest],
    [answer, parseAnswer]
  ] as const) {
    expect(parse(text)).toEqual(JSON.parse(text))
    fc.assert(
      fc.property(fc.oneof(tampered(text), fc.string(), fc.json()), (line) => {
        const parsed = parse(line)
        expect(parsed === undefined || 'do' in parsed || 'ok' in parsed).toBe(true)
      }),
      { numRuns: 500, seed: 1 }
    )
  }
})
