/** Names and encodings: of every small value there is one, and of no two the same. */
import { compareBytes, toHex } from '../../src/core/bytes.ts'
import { createGroup } from '../../src/core/group.ts'
import {
  bool,
  bytes,
  decode,
  encode,
  list,
  optional,
  record,
  type Shape,
  text,
  uint
} from '../../src/core/shapes.ts'
import { defineClientStatement, defineStatement } from '../../src/core/statement.ts'
import { BULK_PREFIX, fromNumericKey, numericKey, scopedStore } from '../../src/core/store.ts'
import type { PlainValue } from '../../src/core/trace.ts'
import {
  mayWrite,
  ownerKey,
  registerKey,
  sameRegister,
  writersProblem
} from '../../src/registers/register.ts'
import { journalKey, journalNumber } from '../../src/store/layout.ts'
import { group } from '../wire/inputs.ts'
import { product, sequences, toldApart } from './inputs.ts'
import type { Row, Table } from './table.ts'

/** At which the head of a number becomes longer, and next to it. */
const NUMBERS = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]
const HEAD_BYTES = [0, 1, 2, 4, 8]

const shapes: readonly { readonly shape: Shape<PlainValue>; readonly values: readonly PlainValue[] }[] = [
  { shape: uint(), values: NUMBERS },
  { shape: uint(30), values: [0, 23, 24, 30] },
  { shape: bytes(2), values: [...sequences([0, 255], 2)].map((of) => Uint8Array.from(of)) },
  { shape: bytes(2, 1), values: [[0], [1, 2]].map((of) => Uint8Array.from(of)) },
  { shape: text(2), values: ['', 'a', 'ab', 'ä', '€', '\u{1F600}', '\u{FEFF}', '\u{FFFD}'] },
  { shape: bool, values: [false, true] },
  { shape: optional(uint()), values: [null, 0, 24] },
  { shape: list(uint(), 2), values: [...sequences([0, 24], 2)] },
  {
    shape: record({ a: uint(), b: bool }) as Shape<PlainValue>,
    values: [...product([0, 256], [false, true])].map(([a, b]) => ({ a, b }))
  }
]

/** All byte strings of at most two bytes, and longer ones that begin like heads of numbers, strings and lists. */
function* encodings(): Generator<Uint8Array> {
  const every = Array.from({ length: 256 }, (_, byte) => byte)
  for (const some of sequences(every, 2)) yield Uint8Array.from(some)
  const heads = [
    0x00, 0x17, 0x18, 0x19, 0x41, 0x42, 0x58, 0x61, 0x62, 0x63, 0x80, 0x81, 0x82, 0x98, 0xf4, 0xf5
  ]
  const next = [0x00, 0x01, 0x17, 0x18, 0x61, 0xf5, 0xff]
  for (const [head, ...rest] of product(heads, next, next)) yield Uint8Array.from([head, ...rest])
  for (const [head, ...rest] of product(heads, next, next, next)) yield Uint8Array.from([head, ...rest])
  // Surrogates and overlong forms.
  for (const wrong of ['63eda080', '63edbfbf', '62c080', '63e08080', '64f4908080', '62c3a4', '63efbbbf'])
    yield Uint8Array.from(wrong.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

const same = (a: Uint8Array, b: Uint8Array) => toHex(a) === toHex(b)
const told = (value: unknown) =>
  JSON.stringify(value, (_, inner) => (inner instanceof Uint8Array ? toHex(inner) : inner))

const keys = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
const registers = [...product([...sequences(keys, 3)], ['', 'a', 'a/b', '/'])].map(([writers, name]) => ({
  writers,
  name
}))
const proper = registers.filter(({ writers }) => writersProblem(writers) === undefined)

const groups = [1, 2].flatMap((id) =>
  [0, 1].map((epoch) =>
    createGroup({ id: new Uint8Array(32).fill(id), epoch, f: 1, publicKeys: group.publicKeys })
  )
)

export const names: Table = {
  *'what was encoded is decoded again'(): Generator<Row> {
    for (const { shape, values } of shapes)
      for (const value of values)
        yield [told(decode(shape, encode(shape, value))) === told(value), () => told(value)]
  },
  *'no bytes but those of its encoding are decoded to a value'(): Generator<Row> {
    for (const { shape } of shapes)
      for (const given of encodings()) {
        const value = decode(shape, given)
        yield [
          value === undefined || same(encode(shape, value), given),
          () => `${toHex(given)} is taken for ${told(value)}`
        ]
      }
  },
  *'a number has the shortest head, and no other is read'(): Generator<Row> {
    for (const [number, length] of product(NUMBERS, HEAD_BYTES)) {
      if (length < 8 && number >= (length === 0 ? 24 : 256 ** length)) continue
      const head = new Uint8Array(1 + length)
      const digits = number.toString(16).padStart(2 * length, '0')
      head[0] = length === 0 ? number : 24 + Math.log2(length)
      for (let at = 0; at < length; at++) head[1 + at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16)
      const isShortest = HEAD_BYTES.every(
        (shorter) => shorter >= length || number >= (shorter === 0 ? 24 : 256 ** shorter)
      )
      const read = decode(uint(), head)
      yield [read === (isShortest ? number : undefined), () => `${toHex(head)} is read as ${read}`]
      if (isShortest)
        yield [same(encode(uint(), number), head), () => `${number}: ${toHex(encode(uint(), number))}`]
    }
  },
  *'what is longer, larger or of another kind than its shape is refused'(): Generator<Row> {
    for (const [one, other] of product(shapes, shapes))
      for (const value of other.values) {
        const given = encode(other.shape, value)
        const fits = one === other || one.values.some((own) => same(encode(one.shape, own), given))
        if (fits || isNumber(one.shape, value) || isIn(one.shape, value)) continue
        yield [decode(one.shape, given) === undefined, () => `${toHex(given)}, of ${told(value)}`]
        for (const longer of [[0], [0xff]])
          yield [
            decode(other.shape, Uint8Array.from([...given, ...longer])) === undefined,
            () => `${toHex(given)} and more`
          ]
      }
  },
  *'numbers as keys are in the order of the numbers, and are read again'(): Generator<Row> {
    const numbers = [...new Set(NUMBERS.flatMap((number) => [number, Math.max(0, number - 1)]))]
    for (const [a, b] of product(numbers, numbers))
      yield [a < b === numericKey(a) < numericKey(b), () => `${a} and ${b}`]
    for (const number of numbers) {
      yield [fromNumericKey(numericKey(number)) === number, () => `${number}: ${numericKey(number)}`]
      yield [journalNumber(journalKey(number)) === number, () => `record ${number}: ${journalKey(number)}`]
    }
  },
  'a register has a key that no other has': () => toldApart(proper, registerKey, told),
  'a list of writers has a key that no other has': () =>
    toldApart([...sequences(keys, 3)], (writers) => ownerKey(writers), told),
  *'two registers are the same exactly if their names and writers are'(): Generator<Row> {
    for (const [a, b] of product(registers, registers))
      yield [sameRegister(a, b) === (told(a) === told(b)), () => `${told(a)} and ${told(b)}`]
  },
  *'writers stand in ascending order, each of them once, and they alone may write'(): Generator<Row> {
    for (const writers of sequences(keys, 3)) {
      const isRight =
        writers.length > 0 && writers.every((key, at) => at === 0 || compareKeys(writers[at - 1], key) < 0)
      yield [(writersProblem(writers) === undefined) === isRight, () => told(writers)]
      for (const key of keys)
        yield [
          mayWrite({ writers, name: '' }, key) === writers.includes(key),
          () => `${told(key)} of ${told(writers)}`
        ]
    }
    yield [writersProblem([new Uint8Array(31)]) !== undefined, () => 'a key of 31 bytes']
  },
  *'a part of a store reaches its own keys alone, and bulk stays bulk'(): Generator<Row> {
    for (const key of ['', 'a', `${BULK_PREFIX}a`]) {
      const put: string[] = []
      const store = { put: (at: string) => void put.push(at), delete: (at: string) => void put.push(at) }
      const own = scopedStore({ ...store, restored: () => [], read: (at) => void put.push(at) }, 'part/')
      own.put(key, new Uint8Array(0))
      own.delete(key)
      own.read(key, () => {})
      const right = key.startsWith(BULK_PREFIX) ? `${BULK_PREFIX}part/${key.slice(1)}` : `part/${key}`
      yield [put.length === 3 && put.every((at) => at === right), () => `${key}: ${put}`]
    }
  },
  'a statement of a member tells apart all that statements differ in': () =>
    toldApart(
      product(groups, ['a', 'ab'], [0, 1], ['ONE', 'TWO'], [0, 1], [0, 1]),
      ([of, path, signer, name, x, y]) =>
        defineStatement(name, { x: uint(), y: uint() }).bytes(of, path, signer, { x, y }),
      ([of, ...rest]) => told([of.id[0], of.epoch, ...rest])
    ),
  'a statement of a client tells apart all that statements differ in': () =>
    toldApart(
      product([groups[0], groups[2]], ['a', 'ab'], keys, ['ONE', 'TWO'], [0, 1]),
      ([of, path, signer, name, x]) =>
        defineClientStatement(name, { x: uint() }).bytes(of as (typeof groups)[0], path, signer, { x }),
      ([of, path, signer, name, x]) => told([of?.id[0], path, signer[0], name, x])
    ),
  *'a statement is read as what it says, and not as one of another name or kind'(): Generator<Row> {
    const kinds = ['ONE', 'TWO'].map((name) => ({ name, type: defineStatement(name, { x: uint() }) }))
    const ofClient = defineClientStatement('ONE', { x: uint() })
    for (const [of, path, signer, { name, type }, x] of product(
      groups,
      ['a', 'ab'],
      [0, 1],
      kinds,
      [0, 24]
    )) {
      const bytesOf = type.bytes(of, path, signer, { x })
      for (const other of kinds) {
        const read = other.type.read(bytesOf)
        const isRight =
          other.name === name
            ? read !== undefined &&
              told([read.group, read.epoch, read.path, read.signer, read.fields]) ===
                told([of.id, of.epoch, path, signer, { x }])
            : read === undefined
        yield [isRight, () => `${name} ${told([path, signer, x])} read as ${other.name}: ${told(read)}`]
      }
      yield [ofClient.read(bytesOf) === undefined, () => `${name} of a member read as of a client`]
    }
  }
}

const compareKeys = (a: Uint8Array | undefined, b: Uint8Array) => compareBytes(a ?? new Uint8Array(0), b)

/** A number within the bound of another shape of numbers, which is a value of both. */
const isNumber = ({ description }: Shape<PlainValue>, value: PlainValue) =>
  description.kind === 'uint' && typeof value === 'number' && value <= description.max

/** A byte string or a list that is a value of both shapes. */
const isIn = (shape: Shape<PlainValue>, value: PlainValue): boolean => {
  const { kind } = shape.description
  return (kind === 'bytes' && value instanceof Uint8Array) || ['list', 'optional', 'record'].includes(kind)
}
