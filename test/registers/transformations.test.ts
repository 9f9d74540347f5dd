/** The transformations over base registers that the test holds: when they read and write, and what they make of it. */
import { describe, expect, test } from 'vitest'
import { InvalidParametersError, WindowFullError } from '../../src/core/errors.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { REGISTER_WRITERS_MAX } from '../../src/registers/constants.ts'
import {
  type ReadResult,
  type RegisterId,
  type RegisterRequests,
  registerKey,
  sharedBy,
  soleWriter,
  type WriteResult
} from '../../src/registers/register.ts'
import { RegularToSingleReaderAtomicRegister } from '../../src/registers/regular-to-single-reader-atomic-register.ts'
import { SingleReaderToMultiReaderAtomicRegister } from '../../src/registers/single-reader-to-multi-reader-atomic-register.ts'
import { SingleWriterToMultiWriterAtomicRegister } from '../../src/registers/single-writer-to-multi-writer-atomic-register.ts'
import { bytesOf, keyOf, RegisterSolo } from './solo.ts'

interface Asked {
  readonly register: RegisterId
  readonly returned: (result: ReadResult) => void
}

interface Written {
  readonly register: RegisterId
  readonly value: Uint8Array
  readonly returned: (result: WriteResult) => void
}

/** Base registers that answer when the test says so. */
class Base implements RegisterRequests {
  readonly reads: Asked[] = []
  readonly writes: Written[] = []
  /** What they hold: of all processes that share it. */
  readonly held: Map<string, Uint8Array>

  constructor(held = new Map<string, Uint8Array>()) {
    this.held = held
  }

  read(register: RegisterId, returned: (result: ReadResult) => void) {
    const asked = { register, returned }
    this.reads.push(asked)
    return { abandon: () => void this.reads.splice(this.reads.indexOf(asked), 1) }
  }

  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void) {
    this.writes.push({ register, value, returned })
    return { abandon() {} }
  }

  /** The oldest read returns what is held, or this. */
  answerRead(value?: Uint8Array | null): void {
    const { register, returned } = this.reads.shift() as Asked
    returned({
      value: value === undefined ? (this.held.get(registerKey(register)) ?? null) : value,
      timestamp: 0
    })
  }

  answerWrite(refuses = false): void {
    const { register, value, returned } = this.writes.shift() as Written
    if (!refuses) this.held.set(registerKey(register), value)
    returned(refuses ? { written: false, refusal: 'too many bytes' } : { written: true, timestamp: 0 })
  }
}

const N = 3
const [WRITER, READER, OTHER] = [3, 4, 5] as const

const KINDS = {
  singleReader: RegularToSingleReaderAtomicRegister,
  multiReader: SingleReaderToMultiReaderAtomicRegister,
  multiWriter: SingleWriterToMultiWriterAtomicRegister
}

/** Process `self` of three members and three clients, of whom the first is the writer. */
function transformed(kind: keyof typeof KINDS, self: number, held?: Map<string, Uint8Array>) {
  const base = new Base(held)
  const solo = new RegisterSolo({
    n: N,
    clients: 3,
    self,
    make: (env, _ports, indications) => new KINDS[kind](env, 'register', base, {}, indications)
  })
  /** Everything asked of the base registers returns, and what it leads to. */
  const settle = () => {
    while (base.reads.length > 0) solo.do(() => base.answerRead())
    while (base.writes.length > 0) solo.do(() => base.answerWrite())
    if (base.reads.length > 0) settle()
  }
  return Object.assign(solo, { base, settle })
}

describe('4.3, ordering for one reader', () => {
  test('a read that the base answers with an older value returns the newest that was returned', () => {
    const writer = transformed('singleReader', WRITER)
    const reader = transformed('singleReader', READER)
    const contents = ['a', 'b'].map((text) => {
      writer.write(text)
      const [{ value }] = writer.base.writes as [Written]
      writer.do(() => writer.base.answerWrite())
      return value
    })
    expect(writer.writes.map((result) => result.written && result.timestamp)).toEqual([1, 2])
    for (const content of [null, contents[1], contents[0], null]) {
      reader.read()
      reader.do(() => reader.base.answerRead(content as Uint8Array | null))
    }
    expect(reader.reads).toEqual([
      [null, 0],
      ['b', 2],
      ['b', 2],
      ['b', 2]
    ])
    expect(reader.landmarks).toEqual(['older-value-outread', 'older-value-outread'])
  })

  test('a write that the base refuses is refused', () => {
    const writer = transformed('singleReader', WRITER)
    writer.write('a')
    writer.do(() => writer.base.answerWrite(true))
    expect(writer.writes).toEqual([{ written: false, refusal: 'too many bytes' }])
  })

  test('what was written otherwise than by it reads as nothing', () => {
    const reader = transformed('singleReader', READER)
    reader.read()
    reader.do(() => reader.base.answerRead(bytesOf('raw')))
    expect(reader.reads).toEqual([[null, 0]])
  })
})

describe('4.4, ordering for any number of readers', () => {
  test('a write is complete when it is in the registers of all readers', () => {
    const writer = transformed('multiReader', WRITER)
    writer.write('a')
    expect(new Set(writer.base.writes.map(({ register }) => registerKey(register))).size).toBe(3)
    for (const { register } of writer.base.writes) expect(register.writers).toEqual([keyOf(WRITER)])
    for (let i = 0; i < 2; i++) writer.do(() => writer.base.answerWrite())
    expect(writer.writes).toEqual([])
    writer.do(() => writer.base.answerWrite())
    expect(writer.writes).toEqual([{ written: true, timestamp: 1 }])
  })

  test('a reader that met a value alone tells it to the others before it returns', () => {
    const held = new Map<string, Uint8Array>()
    const [writer, reader, other] = [WRITER, READER, OTHER].map((self) =>
      transformed('multiReader', self, held)
    ) as [ReturnType<typeof transformed>, ReturnType<typeof transformed>, ReturnType<typeof transformed>]
    writer.write('a')
    // The write reaches the register of the first reader, and not that of the other.
    const order = [...writer.base.writes]
    reader.read()
    const mine = new Set(reader.base.reads.map(({ register }) => registerKey(register)))
    writer.base.writes.sort((x) => (mine.has(registerKey(x.register)) ? -1 : 1))
    writer.do(() => writer.base.answerWrite())
    expect(order).toHaveLength(3)
    for (let i = 0; i < 3; i++) reader.do(() => reader.base.answerRead())
    expect([reader.reads, reader.base.writes.length]).toEqual([[], 3])
    reader.settle()
    expect(reader.reads).toEqual([['a', 1]])
    other.read()
    other.settle()
    expect(other.reads).toEqual([['a', 1]])
    expect(other.landmarks).toContain('value-told-by-reader')
  })

  test('the initial value is not written back', () => {
    const reader = transformed('multiReader', READER)
    reader.read()
    for (let i = 0; i < 3; i++) reader.do(() => reader.base.answerRead())
    expect([reader.reads, reader.base.writes]).toEqual([[[null, 0]], []])
  })

  test('a read that is given up while it writes back keeps its turn to the end, and returns nothing', () => {
    const held = new Map<string, Uint8Array>()
    const writer = transformed('multiReader', WRITER, held)
    writer.write('a')
    writer.settle()
    const reader = transformed('multiReader', READER, held)
    let returned = 0
    const operations: { abandon(): void }[] = []
    const begin = () =>
      reader.do((register) => operations.push(register.read(reader.id, () => void returned++)))
    begin()
    reader.do(() => operations.shift()?.abandon())
    expect(reader.base.reads).toEqual([])
    begin()
    for (let i = 0; i < 3; i++) reader.do(() => reader.base.answerRead())
    reader.do(() => operations.shift()?.abandon())
    reader.read()
    expect([reader.base.reads.length, reader.base.writes.length]).toEqual([0, 3])
    for (let i = 0; i < 3; i++) reader.do(() => reader.base.answerWrite())
    expect([returned, reader.base.reads.length]).toEqual([0, 3])
    reader.settle()
    expect(reader.reads).toEqual([['a', 1]])
  })

  test('members are no part of the matrix, but for a writer', () => {
    const member = transformed('multiReader', 0)
    expect(() => member.register.read(member.id, () => {})).toThrow(InvalidParametersError)
    const own = soleWriter(keyOf(0), 'x')
    member.write('a', own)
    expect(member.base.writes).toHaveLength(4)
    member.settle()
    member.read(own)
    member.settle()
    expect(member.reads).toEqual([['a', 1]])
  })
})

describe('4.8, atomicity for several writers', () => {
  const register = sharedBy([keyOf(WRITER), keyOf(READER), keyOf(OTHER)], 'x')
  const ranked = [...[WRITER, READER, OTHER]].sort((a, b) => rankOf(a) - rankOf(b)) as readonly number[]
  function rankOf(process: number): number {
    return register.writers.findIndex((key) => key[0] === keyOf(process)[0])
  }

  test('a write goes beyond the maximum of all writers, and into its own register', () => {
    const held = new Map<string, Uint8Array>()
    const first = transformed('multiWriter', WRITER, held)
    for (const text of ['a', 'b']) {
      first.write(text, register)
      first.settle()
    }
    const second = transformed('multiWriter', READER, held)
    second.write('c', register)
    expect(second.base.writes).toEqual([])
    for (let i = 0; i < 3; i++) second.do(() => second.base.answerRead())
    expect(second.base.writes.map(({ register: { writers } }) => writers)).toEqual([[keyOf(READER)]])
    second.settle()
    expect(second.writes).toEqual([{ written: true, timestamp: 3 }])
    expect([first.landmarks, second.landmarks]).toEqual([[], ['write-consulted']])
    first.read(register)
    first.settle()
    expect(first.reads).toEqual([['c', 3]])
  })

  test('of two writes with one timestamp that of the higher rank is the later one', () => {
    const held = new Map<string, Uint8Array>()
    const [low, , high] = ranked.map((process) => transformed('multiWriter', process, held)) as [
      ReturnType<typeof transformed>,
      unknown,
      ReturnType<typeof transformed>
    ]
    for (const [writer, text] of [
      [low, 'low'],
      [high, 'high']
    ] as const) {
      writer.write(text, register)
      for (let i = 0; i < 3; i++) writer.do(() => writer.base.answerRead())
    }
    high.settle()
    low.settle()
    low.read(register)
    low.settle()
    expect(low.reads).toEqual([['high', 1]])
  })
})

test.each([
  ['singleReader', OPERATIONS_OPEN_MAX],
  ['multiReader', OPERATIONS_OPEN_MAX / 4],
  ['multiWriter', OPERATIONS_OPEN_MAX / REGISTER_WRITERS_MAX]
] as const)('%s: admits as many operations as its base registers do', (kind, bound) => {
  const writer = transformed(kind, WRITER)
  for (let i = 0; i < bound; i++) writer.write('v', soleWriter(keyOf(WRITER), `${i}`))
  expect(() => writer.register.write(writer.id, bytesOf('v'), () => {})).toThrow(WindowFullError)
  expect(writer.base.writes.length + writer.base.reads.length).toBeLessThanOrEqual(OPERATIONS_OPEN_MAX)
})
