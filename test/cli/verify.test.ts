/** `byzkit verify`: what it says of evidence and certificates, and of files that are neither. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { sendStatement } from '../../src/broadcast/double-echo.ts'
import { echoStatement } from '../../src/broadcast/echo-certificate.ts'
import { main } from '../../src/cli/main.ts'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { formatGroupFile } from '../../src/crypto/group-file.ts'
import { cryptoOf, genesis, group } from '../wire/inputs.ts'
import { byzkit, temporaryFolder } from './support.ts'

const digest = (text: string) => cryptoOf(0).hash(utf8(text))
const groupFile = formatGroupFile({
  genesis,
  addresses: group.ranks.map((rank) => [`/ip4/127.0.0.1/tcp/${4000 + rank}`]),
  clients: []
})

const signed = (signer: number, statement: Uint8Array) => ({
  signer,
  signature: toHex(cryptoOf(signer).sign(statement))
})

function sent(signer: number, text: string) {
  const statement = sendStatement.bytes(group, 'double-echo', signer, { sequence: 3, digest: digest(text) })
  return { ...signed(signer, statement), statement: toHex(statement) }
}

const evidence = { claim: 'two-payloads', statements: [sent(2, 'one'), sent(2, 'two')] }
const fault = {
  event: 'fault',
  member: 2,
  kind: 'equivocation',
  certainty: 'proven',
  detail: 'sent different payloads in instance 2/3',
  evidence
}
const instance = { sender: 0, sequence: 7, digest: digest('one') }
const vouched = (...signers: number[]) =>
  signers.map((signer) => signed(signer, echoStatement.bytes(group, 'signed-echo', signer, instance)))
const certificate = {
  path: 'signed-echo',
  ...instance,
  digest: toHex(instance.digest),
  certificate: vouched(0, 1, 3)
}

/** Writes both files and gives what the command says: the text of people, or the value with `--json`. */
async function verify(value: unknown, ...words: string[]) {
  const folder = await temporaryFolder()
  const file = join(folder, 'shown.json')
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value))
  await writeFile(join(folder, 'group.json'), groupFile)
  const said = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text
    }
  })
  const status = await main(['verify', file, '--group', join(folder, 'group.json'), ...words], {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { NO_COLOR: '1' }
  })
  return { status, stdout: said.stdout, stderr: said.stderr.replaceAll(`${folder}/`, '') }
}

test('the built command proves it, to people and to machines', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'fault.json'), JSON.stringify(fault))
  await writeFile(join(folder, 'group.json'), groupFile)
  expect(await byzkit(['verify', 'fault.json', '--group', 'group.json'], { cwd: folder })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('proven: member 2 sent two payloads in one instance')
  })
})

describe('evidence', () => {
  it('holds alone and in the fault that it came with', async () => {
    for (const shown of [fault, evidence]) {
      const { status, stdout } = await verify(shown, '--json')
      expect(status).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        kind: 'evidence',
        valid: true,
        detail: 'proven: member 2 sent two payloads in one instance',
        accused: toHex(group.publicKeys[2] as Uint8Array),
        member: 2
      })
    }
  })

  it.each<[what: string, shown: unknown, detail: string]>([
    [
      'under another claim',
      { ...evidence, claim: 'two-values' },
      'statement 0: it is no statement of the kind'
    ],
    [
      'under no claim',
      { ...evidence, claim: 'none\n' },
      'there is no claim of that name; there are two-payloads'
    ],
    [
      'of the same twice',
      { ...evidence, statements: [sent(2, 'one'), sent(2, 'one')] },
      'both statements say'
    ],
    [
      'of one statement',
      { ...evidence, statements: [sent(2, 'one')] },
      'two statements contradict each other'
    ],
    ['of nothing', { ...evidence, statements: [] }, 'it has 0 statements'],
    [
      'of two signers',
      { ...evidence, statements: [sent(2, 'one'), sent(1, 'two')] },
      'the two statements have two'
    ],
    [
      'of a signer who is no member',
      { ...evidence, statements: [sent(2, 'one'), { ...sent(2, 'two'), signer: 4 }] },
      'statement 1: its signer is no member of the group'
    ],
    [
      'with another signature',
      {
        ...evidence,
        statements: [sent(2, 'one'), { ...sent(2, 'two'), signature: sent(2, 'one').signature }]
      },
      'statement 1: the signature is not that of its signer'
    ],
    [
      'in a fault that names another',
      { ...fault, member: 1 },
      'the fault names member 1, and its evidence member 2'
    ]
  ])('%s proves nothing, and the status says so', async (_, shown, detail) => {
    const { status, stdout } = await verify(shown)
    expect(status).toBe(1)
    expect(stdout).toMatch(/^proves nothing: [^\n]+\n$/)
    expect(stdout).toContain(`proves nothing: ${detail}`)
  })
})

describe('a certificate', () => {
  it('holds', async () => {
    expect(await verify(certificate)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^certified: 3 of 4 members vouch for [0-9a-f]{64} in instance 0\/7\n$/)
    })
  })

  it.each<[what: string, shown: object]>([
    ['of too few', { certificate: vouched(0, 1) }],
    ['of too many', { certificate: vouched(0, 1, 2, 3) }],
    ['with one signer twice', { certificate: vouched(0, 1, 1) }],
    ['out of order', { certificate: vouched(1, 0, 3) }],
    ['of another instance', { sequence: 8 }],
    ['of another sender', { sender: 1 }],
    ['of another component', { path: 'another' }],
    ['of another digest', { digest: toHex(digest('two')) }]
  ])('%s proves nothing', async (_, change) => {
    expect(await verify({ ...certificate, ...change })).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^proves nothing: it takes exactly 3 signatures [^\n]+\n$/)
    })
  })
})

describe('a file that is neither is refused in one line', () => {
  it.each<[shown: unknown, line: string | RegExp]>([
    ['{', /^byzkit: shown\.json: .+/],
    ['{"claim":"a","claim":"b","statements":[]}', 'byzkit: shown.json: duplicate key "claim"'],
    [[], 'byzkit: shown.json: expected an object, not []'],
    [{}, 'byzkit: shown.json: claim: missing'],
    [{ ...evidence, more: 1 }, 'byzkit: shown.json: more: unknown field'],
    [{ ...evidence, statements: {} }, 'byzkit: shown.json: statements: expected a list, not {}'],
    [
      { ...evidence, statements: [{ ...sent(2, 'one'), signature: 'ab' }] },
      'byzkit: shown.json: statements[0].signature: expected 128 lower-case hexadecimal digits, not "ab"'
    ],
    [
      { ...evidence, statements: [{ ...sent(2, 'one'), statement: 'ABC' }] },
      'byzkit: shown.json: statements[0].statement: expected lower-case hexadecimal digits, not "ABC"'
    ],
    [
      { ...evidence, statements: [{ ...sent(2, 'one'), signer: -1 }] },
      /^byzkit: shown\.json: statements\[0\]\.signer: expected an integer from 0 to \d+, not -1$/
    ],
    [
      { ...evidence, statements: [{ ...sent(2, 'one'), signer: '00'.repeat(32) }] },
      /^byzkit: shown\.json: statements\[0\]\.signer: expected a usable Ed25519 public key, not "0+\.*"?/
    ],
    [{ ...fault, evidence: 'none' }, 'byzkit: shown.json: evidence: expected an object, not "none"'],
    [{ ...certificate, sender: 4 }, 'byzkit: shown.json: sender: expected an integer from 0 to 3, not 4'],
    [
      { ...certificate, certificate: [{ signer: 4, signature: vouched(0)[0]?.signature }] },
      'byzkit: shown.json: certificate[0].signer: expected an integer from 0 to 3, not 4'
    ]
  ])('%j', async (shown, line) => {
    const { status, stdout, stderr } = await verify(shown)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^byzkit: [^\n]+\n$/)
    if (typeof line === 'string') expect(stderr.trimEnd()).toBe(line)
    else expect(stderr.trimEnd()).toMatch(line)
  })
})
