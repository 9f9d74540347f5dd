/** What registers send and sign, with values that show it. What each field means is in docs/wire.md. */
import { utf8 } from '../../src/core/bytes.ts'
import type { Messages } from '../../src/core/messages.ts'
import type { Shape } from '../../src/core/shapes.ts'
import { BodyTree, encodeReference, referenceShape } from '../../src/exchange/body.ts'
import { leaderlessMessages } from '../../src/leaderless/messages.ts'
import { storageMessages } from '../../src/registers/authenticated-storage.ts'
import { VALUE_BYTES_MAX } from '../../src/registers/constants.ts'
import { doubleWriteMessages } from '../../src/registers/double-write-register.ts'
import { majorityMessages } from '../../src/registers/majority-register.ts'
import { maskingQuorumMessages } from '../../src/registers/masking-quorum-register.ts'
import { maxRegisterMessages } from '../../src/registers/max-register.ts'
import { type RegisterId, sharedBy, soleWriter } from '../../src/registers/register.ts'
import { registerBodyMessages } from '../../src/registers/register-bodies.ts'
import {
  CONTENT,
  signedValueShape,
  type UnsignedValue,
  ValueSigner
} from '../../src/registers/signed-value.ts'
import { STORAGE_PATH } from '../../src/stacks/compose-registers.ts'
import { made, messageEntries, shaped } from './codecs.ts'
import type { Specification } from './fixture.ts'
import { counting, cryptoOf, environmentOf, genesis } from './inputs.ts'

const [firstKey, secondKey] = genesis.publicKeys as [Uint8Array, Uint8Array]
const register = soleWriter(firstKey, 'register')
const shared = sharedBy([firstKey, secondKey], 'grüße')
const hello = utf8('hello')
const digest = cryptoOf(0).hash(hello)
const signature = counting(0x40, 64)
const signed = { timestamp: 7, writer: 0, content: CONTENT.value, value: hello, signature }
const deleted = { timestamp: 300, writer: 1, content: CONTENT.tombstone, value: new Uint8Array(0), signature }
const header = { timestamp: 7, writer: 0, content: CONTENT.value, digest, signature }
const claimed = { timestamp: 7, value: hello }
const stamped = { timestamp: 7, writer: 0, value: hello }

const call = (number: number) => ({ life: 1_700_000_000_000, number })
const answered = (number: number) => ({ ...call(number), question: counting(0x80, 32) })

const list = {
  type: 'LIST',
  call: call(4),
  writers: shared.writers,
  after: 'register',
  limit: 1
} as const

const clock = [
  { rank: 0, counter: 24 },
  { rank: 2, counter: 1 }
]
const write = { number: counting(0xc0, 16), time: 1_700_000_000_000 }
const sibling = { rank: 0, counter: 24, ...write, value: hello }
const tombstone = { rank: 2, counter: 1, ...write, number: counting(0xd0, 16), value: null }
const state = { clock, versions: [sibling, tombstone] }
const [id, digestOfState] = [counting(0xe0, 16), counting(0xf0, 16)]

/** Two entries of one type get different names. */
function numbered(entries: Specification['entries']): Specification['entries'] {
  return entries.map((entry, index) => {
    const before = entries.slice(0, index).filter(({ name }) => name === entry.name).length
    return before === 0 ? entry : { ...entry, name: `${entry.name}, another one` }
  })
}

export const registerMessages: Specification = {
  file: 'registers',
  about: 'The messages of the registers, as a port carries them: without the port number.',
  entries: numbered([
    ...messageEntries('storage', storageMessages as Messages<never>, [
      { type: 'READ', call: call(1), register },
      { type: 'VALUE', call: answered(1), register, value: null },
      { type: 'VALUE', call: answered(24), register: shared, value: deleted },
      { type: 'WRITE', call: call(2), register, value: signed },
      { type: 'ACK', call: answered(2) },
      { type: 'REFUSED', call: answered(2), reason: 2 },
      { type: 'SERVING' },
      { type: 'LIST', call: call(3), writers: register.writers, after: null, limit: 128 },
      list,
      { type: 'KEYS', call: answered(3), entries: [{ name: 'register', header }], more: false },
      {
        type: 'KEYS',
        call: { ...list.call, question: cryptoOf(0).hash(storageMessages.encode(list)) },
        entries: [],
        more: false
      }
    ]),
    ...messageEntries('bodies', registerBodyMessages as Messages<never>, [
      { type: 'FETCH', transfer: call(1), subject: register, root: digest, index: 1023 },
      { type: 'CHUNK', transfer: call(1), index: 2, chunk: hello, proof: [digest, counting(0x60, 32)] },
      { type: 'MISSING', transfer: call(1), index: 2 }
    ]),
    ...messageEntries('masking quorum', maskingQuorumMessages(VALUE_BYTES_MAX) as Messages<never>, [
      { type: 'READ', call: call(1), register },
      { type: 'VALUE', call: answered(1), value: null },
      { type: 'VALUE', call: answered(1), value: claimed },
      { type: 'WRITE', call: call(2), register, value: claimed },
      { type: 'ACK', call: answered(2) },
      { type: 'REFUSED', call: answered(2), reason: 0 },
      { type: 'SERVING' }
    ]),
    ...messageEntries('double write', doubleWriteMessages(VALUE_BYTES_MAX) as Messages<never>, [
      { type: 'READ', call: call(1), register },
      { type: 'VALUE', call: answered(1), prewritten: claimed, written: null },
      { type: 'PREWRITE', call: call(2), register, value: claimed },
      { type: 'PREACK', call: answered(2) },
      { type: 'WRITE', call: call(3), register, value: claimed },
      { type: 'ACK', call: answered(3) },
      { type: 'REFUSED', call: answered(3), reason: 1 },
      { type: 'SERVING' }
    ]),
    ...messageEntries('max-register', maxRegisterMessages as Messages<never>, [
      { type: 'READ', call: call(1) },
      { type: 'VALUE', call: answered(1), value: 300 },
      { type: 'RAISE', call: call(2), value: 24 },
      { type: 'ACK', call: answered(2) }
    ]),
    ...messageEntries('majority', majorityMessages as Messages<never>, [
      { type: 'READ', call: call(1), register },
      { type: 'VALUE', call: answered(1), value: null },
      { type: 'VALUE', call: answered(1), value: stamped },
      { type: 'WRITE', call: call(2), register, value: stamped },
      { type: 'IMPOSE', call: call(3), register: shared, value: { ...stamped, writer: 1 } },
      { type: 'ACK', call: answered(2) },
      { type: 'REFUSED', call: answered(2), reason: 0 }
    ]),
    ...messageEntries('leaderless', leaderlessMessages as Messages<never>, [
      { type: 'GET', call: call(1), key: 'key' },
      { type: 'PUT', call: call(2), key: 'key', context: clock, ...write, value: hello },
      { type: 'PUT', call: call(3), key: 'key', context: [], ...write, value: null },
      { type: 'STATE', call: answered(2), key: 'key', state },
      { type: 'MERGE', call: call(4), key: 'key', state },
      { type: 'MERGED', call: answered(4) },
      { type: 'REFUSED', call: answered(2), reason: 2 },
      { type: 'REPAIR', key: 'key', state: { clock: [], versions: [] } },
      { type: 'COMPARE', exchange: call(1), root: digestOfState },
      { type: 'SAME', exchange: call(1) },
      { type: 'DESCRIBE', exchange: call(1), paths: [Uint8Array.of(14), Uint8Array.of(14, 0)] },
      {
        type: 'NODES',
        exchange: call(1),
        nodes: [{ path: Uint8Array.of(14), children: [], entries: [{ id, digest: digestOfState }] }]
      },
      { type: 'FETCH', exchange: call(1), ids: [id] },
      { type: 'ITEMS', exchange: call(1), items: [{ key: 'key', state }] },
      { type: 'OFFER', exchange: call(1), items: [{ key: 'key', state }] },
      { type: 'TAKEN', exchange: call(1) }
    ])
  ])
}

interface Written {
  readonly register: RegisterId
  readonly unsigned: UnsignedValue
}

/** Of member 0, as a writer. */
const signedBy = (sign: (statement: Uint8Array) => Uint8Array, { register, unsigned }: Written) => {
  const env = environmentOf(0)
  return new ValueSigner({ ...env, crypto: { ...env.crypto, sign } }, STORAGE_PATH, {}).sign(
    register,
    unsigned
  )
}
const statementOf = made((written: Written) => signedBy((statement) => statement, written).signature)
const signatureOf = made((written: Written) => signedBy(cryptoOf(0).sign, written).signature)

/** Byte i of it is i mod 251, so that no two chunks are alike. */
const bodyOf = (size: number) => Uint8Array.from({ length: size }, (_, i) => i % 251)
const treeOf = (size: number) => new BodyTree(cryptoOf(0).hash, bodyOf(size))

const inRegister: Written = {
  register,
  unsigned: { timestamp: 7, writer: 0, content: CONTENT.value, value: hello }
}
const inShared: Written = {
  register: shared,
  unsigned: {
    timestamp: 300,
    writer: shared.writers.indexOf(firstKey),
    content: CONTENT.tombstone,
    value: new Uint8Array(0)
  }
}
const inPlaceOfBody: Written = {
  register,
  unsigned: {
    timestamp: 8,
    writer: 0,
    content: CONTENT.body,
    value: encodeReference(treeOf(200_000).reference)
  }
}

export const values: Specification = {
  file: 'values',
  about:
    'Values that member 0 signs as a writer, for registers at the path authenticated-data; roots of bodies, whose byte i is i mod 251.',
  entries: [
    ...Object.entries({
      'a value': inRegister,
      'a tombstone of two writers': inShared,
      'a reference to a body': inPlaceOfBody
    }).flatMap(([name, value]) => [
      { name: `statement of ${name}`, value, codec: statementOf },
      { name: `signature of ${name}`, value, codec: signatureOf }
    ]),
    {
      name: 'a signed value',
      value: signedBy(cryptoOf(0).sign, inRegister),
      codec: shaped(signedValueShape as Shape<never>)
    },
    {
      name: 'a reference to a body',
      value: treeOf(200_000).reference,
      codec: shaped(referenceShape as Shape<never>)
    },
    ...[1, 65_536, 65_537, 200_000, 327_680].map((size) => ({
      name: `root of a body of ${size} bytes`,
      value: { size },
      codec: made((body: { readonly size: number }) => treeOf(body.size).reference.root)
    }))
  ]
}
