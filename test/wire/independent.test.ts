/**
 * The same fixtures once more, made from docs/wire.md alone: a CBOR encoder of a few lines and Node's own
 * cryptography, nothing of ours. Whoever writes another implementation starts here.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  sign,
  verify
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sharedSecret } from '../../src/crypto/index.ts'

type Item = number | boolean | string | Buffer | readonly Item[]

/** RFC 8949: a head of major type and shortest length, then the contents. */
function cbor(item: Item): Buffer {
  if (typeof item === 'boolean') return Buffer.of(item ? 0xf5 : 0xf4)
  if (typeof item === 'number') return head(0, item)
  if (typeof item === 'string') {
    const text = Buffer.from(item, 'utf8')
    return Buffer.concat([head(3, text.length), text])
  }
  if (Buffer.isBuffer(item)) return Buffer.concat([head(2, item.length), item])
  return Buffer.concat([head(4, item.length), ...item.map(cbor)])
}

function head(major: number, value: number): Buffer {
  const type = major << 5
  if (value < 24) return Buffer.of(type | value)
  if (value < 2 ** 8) return Buffer.of(type | 24, value)
  const [argument, bytes] = value < 2 ** 16 ? [25, 2] : value < 2 ** 32 ? [26, 4] : [27, 8]
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return Buffer.concat([Buffer.of(type | argument), buffer.subarray(8 - bytes)])
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

const fixture = (file: string, name: string): Buffer => {
  const path = new URL(`../vectors/wire/${file}.json`, import.meta.url)
  const { fixtures } = JSON.parse(readFileSync(path, 'utf8'))
  return Buffer.from(fixtures.find((each: { name: string }) => each.name === name).bytes, 'hex')
}

const seed = (rank: number) => Buffer.alloc(32, 0x10 + rank)
const keyOf = (rank: number) => {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, seed(rank)]), format: 'der', type: 'pkcs8' })
}
const publicKeyOf = (rank: number) => Buffer.from(keyOf(rank).export({ format: 'jwk' }).x ?? '', 'base64url')
const counting = (first: number, length: number) => Buffer.from(Array.from({ length }, (_, i) => first + i))

const genesis: Item = [1, '000102030405060708090a0b0c0d0e0f', 1, [0, 1, 2, 3].map(publicKeyOf)]
const group = sha256(cbor(['byzkit/genesis/1', genesis]))
const terms = [
  ...[
    'double-echo/windows',
    'windowInstances = 256',
    'retentionCountMax = 1024',
    'retentionBytesMax = 16777216'
  ],
  ...['double-echo/payloads', 'payloadBytesMax = 65536'],
  ...['double-echo', 'signedSend = false'],
  'authenticator = hmac'
]
const print = sha256(cbor(terms))
const digest = sha256(Buffer.from('hello'))
const nonces = [counting(0xa0, 16), counting(0xb0, 16)] as const
const sessionContext = (from: number, to: number): Buffer =>
  cbor(
    [
      ['byzkit/link-session/1', 'links', group, 0, print, from, to],
      [[nonces[0], 3]],
      [[nonces[1], 5]]
    ].flat() as Item[]
  )
const session = sha256(sessionContext(0, 1)).subarray(0, 8)

test('shapes, genesis, group id and fingerprint', () => {
  for (const value of [0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, 2 ** 53 - 1])
    expect(cbor(value)).toEqual(value === 0 ? Buffer.of(0) : fixture('shapes', `uint ${value}`))
  expect(cbor(genesis)).toEqual(fixture('genesis', 'genesis'))
  expect(group).toEqual(fixture('genesis', 'group id'))
  expect(print).toEqual(fixture('ports', 'double-echo'))
})

test('messages: the code, then the fields in their order; optional fields as lists of none or one', () => {
  expect(cbor([0, 7, Buffer.from('hello'), []])).toEqual(fixture('messages', 'double-echo SEND'))
  expect(cbor([1, 2, 7, digest, [counting(0x40, 64)]])).toEqual(
    fixture('messages', 'double-echo ECHO, signed')
  )
  expect(cbor([2, 2, 7, digest])).toEqual(fixture('messages', 'double-echo READY'))
  expect(cbor([0, [0, 23, 24, 300]])).toEqual(fixture('messages', 'windows STATUS'))
  expect(cbor([1, 2, 41])).toEqual(fixture('messages', 'windows GAP'))
  const certificate = [0, 1, 3].map((signer) => [signer, counting(0x40 + signer, 64)])
  expect(cbor([2, 7, digest, certificate])).toEqual(fixture('messages', 'signed-echo FINAL'))
})

test('contexts, keys and tags of link frames', () => {
  expect(cbor(['byzkit/link-handshake/1', 'links', 0, 1])).toEqual(
    fixture('contexts', 'handshake context, 0 to 1')
  )
  expect(sessionContext(1, 0)).toEqual(fixture('contexts', 'session context, 1 to 0'))
  expect(session).toEqual(fixture('contexts', 'session id'))
  const secret = sharedSecret(seed(0), publicKeyOf(1))
  const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), sessionContext(0, 1), 32))
  const body = cbor([0, session, 1, 0, [Buffer.of(0, 1, 2, 3), Buffer.of(1)]])
  expect(body).toEqual(fixture('frames', 'body of DATA'))
  const tag = createHmac('sha256', key).update(body).digest()
  expect(Buffer.concat([body, tag])).toEqual(fixture('frames', 'DATA under hmac'))
  const signed = cbor(['byzkit/link-frame/1', sessionContext(0, 1), body])
  expect(Buffer.concat([body, sign(null, signed, keyOf(0))])).toEqual(fixture('frames', 'DATA under ed25519'))
})

test('statements and their signatures', () => {
  const echo = cbor(['byzkit/statement/1', group, 0, 'signed-echo', 'ECHO', 1, [2, 7, digest]])
  expect(echo).toEqual(fixture('statements', 'ECHO of signed echo'))
  expect(sign(null, echo, keyOf(1))).toEqual(fixture('statements', 'signature of that ECHO'))
})

test('the transport: INTRO, and lengths before frames', () => {
  expect(cbor([3, group, cbor(genesis)])).toEqual(fixture('transport', 'INTRO'))
  expect(Buffer.concat([Buffer.of(0xc8, 0x01), counting(0, 200)])).toEqual(
    fixture('transport', 'a frame of 200 bytes: a length of two bytes')
  )
})

test('a signed value of a register, and its signature', () => {
  const register = [[publicKeyOf(0)], 'register']
  const value = Buffer.from('hello')
  const statement = (timestamp: number, content: number, bytes: Buffer): Buffer =>
    cbor([
      'byzkit/client-statement/1',
      group,
      'authenticated-data',
      'value',
      publicKeyOf(0),
      [register, timestamp, content, sha256(bytes)]
    ])
  expect(statement(7, 0, value)).toEqual(fixture('values', 'statement of a value'))
  const signature = sign(null, statement(7, 0, value), keyOf(0))
  expect(signature).toEqual(fixture('values', 'signature of a value'))
  expect(cbor([7, 0, 0, value, signature])).toEqual(fixture('values', 'a signed value'))
  const root = fixture('values', 'root of a body of 200000 bytes')
  const reference = cbor([200_000, root])
  expect(reference).toEqual(fixture('values', 'a reference to a body'))
  const publicKey = createPublicKey(keyOf(0))
  const ofReference = fixture('values', 'signature of a reference to a body')
  expect(verify(null, statement(8, 2, reference), publicKey, ofReference)).toBe(true)
  expect(verify(null, statement(8, 0, reference), publicKey, ofReference)).toBe(false)
})

/** Of whoever asks in the fixtures. */
const LIFE = 1_700_000_000_000

test('the writers of a register in ascending order, each with an index', () => {
  const writers = [0, 1].map(publicKeyOf).sort(Buffer.compare)
  const fields: Item = [[writers, 'grüße'], 300, 1, sha256(Buffer.alloc(0))]
  const statement = cbor([
    'byzkit/client-statement/1',
    group,
    'authenticated-data',
    'value',
    publicKeyOf(0),
    fields
  ])
  expect(statement).toEqual(fixture('values', 'statement of a tombstone of two writers'))
  expect(cbor([5])).toEqual(fixture('registers', 'storage SERVING'))
  expect(cbor([6, [LIFE, 4], writers, ['register'], 1])).toEqual(
    fixture('registers', 'storage LIST, another one')
  )
  const asked = cbor([6, [LIFE, 4], writers, ['register'], 1])
  expect(cbor([7, [LIFE, 4, sha256(asked)], [], false])).toEqual(
    fixture('registers', 'storage KEYS, another one')
  )
})

/** Merkle's tree as docs/wire.md has it, from the top: the left part has as many chunks as the largest power of two below. */
function topOf(chunks: readonly Buffer[]): Buffer {
  if (chunks.length === 1) return sha256(Buffer.concat([Buffer.of(0), ...chunks]))
  let left = 1
  while (left * 2 < chunks.length) left *= 2
  return sha256(Buffer.concat([Buffer.of(1), topOf(chunks.slice(0, left)), topOf(chunks.slice(left))]))
}

test.each([1, 65_536, 65_537, 200_000, 327_680])('the root of a body of %i bytes', (size) => {
  const body = Buffer.from(Array.from({ length: size }, (_, i) => i % 251))
  const chunks = Array.from({ length: Math.ceil(size / 65_536) }, (_, i) =>
    body.subarray(i * 65_536, (i + 1) * 65_536)
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(size))
  const root = sha256(Buffer.concat([Buffer.of(2), length, topOf(chunks)]))
  expect(root).toEqual(fixture('values', `root of a body of ${size} bytes`))
})
