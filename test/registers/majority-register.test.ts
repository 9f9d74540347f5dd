/** The registers by majorities, line by line: what members answer, and what clients count. */
import { describe, expect, test } from 'vitest'
import { InvalidParametersError, WindowFullError } from '../../src/core/errors.ts'
import type { Message } from '../../src/core/messages.ts'
import type { CallId } from '../../src/exchange/call-id.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import type { RegisterOptions } from '../../src/registers/constants.ts'
import { LoggedMajorityVotingRegister } from '../../src/registers/logged-majority-voting-register.ts'
import { MajorityVotingRegister } from '../../src/registers/majority-voting-register.ts'
import { ReadImposeWriteMajorityRegister } from '../../src/registers/read-impose-write-majority-register.ts'
import { sharedBy, soleWriter } from '../../src/registers/register.ts'
import { WriteConsultMajorityRegister } from '../../src/registers/write-consult-majority-register.ts'
import { asked, unasked } from '../exchange/asked.ts'
import { bytesOf, keyOf, RegisterSolo } from './solo.ts'

const CLASSES = {
  voting: MajorityVotingRegister,
  imposing: ReadImposeWriteMajorityRegister,
  consulting: WriteConsultMajorityRegister,
  logged: LoggedMajorityVotingRegister
}

interface Options extends RegisterOptions {
  readonly n?: number
  readonly disk?: Map<string, Uint8Array>
}

/** Process `self` of n members (5 unless told otherwise) and two clients, of whom the first, n, is the writer. */
function solo(kind: keyof typeof CLASSES, self: number, { n = 5, disk, ...options }: Options = {}) {
  return new RegisterSolo({
    n,
    self,
    make: (env, ports, indications) => new CLASSES[kind](env, 'register', ports, options, indications),
    ...(disk && { disk })
  })
}

const value = (timestamp: number, text: string, writer = 0) => ({ timestamp, writer, value: bytesOf(text) })
const numberOf = (message: Message | undefined) => (message?.call as CallId | undefined)?.number ?? 0
const WRITER = 5
const READER = 6

describe('a member', () => {
  const written = (member: ReturnType<typeof solo>, call: number) => {
    member.hears(READER, { type: 'READ', call: asked(call), register: member.id })
    return member.took('VALUE').map(({ to, message }) => [to, numberOf(message), message.value])
  }

  test.each(['voting', 'imposing', 'consulting', 'logged'] as const)(
    '%s: keeps the highest value, acknowledges older ones too, and answers with the number of the call',
    (kind) => {
      const member = solo(kind, 0)
      expect(written(member, 7)).toEqual([[READER, 7, null]])
      for (const [call, shown] of [value(2, 'b'), value(1, 'a'), value(2, 'b')].entries())
        member.hears(WRITER, { type: 'WRITE', call: asked(call), register: member.id, value: shown })
      expect(member.took('ACK').map(({ to, message }) => [to, numberOf(message)])).toEqual([
        [WRITER, 0],
        [WRITER, 1],
        [WRITER, 2]
      ])
      expect(written(member, 9)).toEqual([[READER, 9, value(2, 'b')]])
      expect(member.faults).toEqual([])
    }
  )

  test('orders equal timestamps by writer', () => {
    const member = solo('consulting', 0)
    const register = sharedBy([keyOf(WRITER), keyOf(READER)], 'x')
    const rank = (process: number) => register.writers.findIndex((key) => key[0] === keyOf(process)[0])
    const [low, high] = [WRITER, READER].sort((a, b) => rank(a) - rank(b)) as [number, number]
    member.hears(high, { type: 'WRITE', call: asked(1), register, value: value(1, 'high', 1) })
    member.hears(low, { type: 'WRITE', call: asked(1), register, value: value(1, 'low', 0) })
    expect(member.took('ACK')).toHaveLength(2)
    member.hears(low, { type: 'READ', call: asked(2), register })
    expect(member.took('VALUE')[0]?.message.value).toEqual(value(1, 'high', 1))
  })

  test('ignores a WRITE of a process that is not its writer, and takes an IMPOSE of any', () => {
    const member = solo('imposing', 0)
    member.hears(READER, { type: 'WRITE', call: asked(1), register: member.id, value: value(3, 'mine') })
    expect(written(member, 2)).toEqual([[READER, 2, null]])
    expect(member.took('ACK')).toEqual([])
    expect(member.faults).toMatchObject([{ process: READER, kind: 'protocol-violation' }])
    member.hears(READER, { type: 'IMPOSE', call: asked(3), register: member.id, value: value(3, 'read') })
    expect(member.took('ACK')).toHaveLength(1)
    expect(written(member, 4)).toEqual([[READER, 4, value(3, 'read')]])
  })

  test.each([
    ['a writer that the register does not have', { value: value(1, 'v', 1) }],
    ['writers that are there twice', { register: { writers: [keyOf(WRITER), keyOf(WRITER)], name: 'x' } }]
  ])('ignores %s', (_, wrong) => {
    const member = solo('imposing', 0)
    const right = { type: 'IMPOSE', call: asked(1), register: member.id, value: value(1, 'v') }
    member.hears(READER, { ...right, ...wrong })
    expect(member.sent).toEqual([])
    expect(member.faults).toHaveLength(1)
    member.hears(READER, right)
    expect(member.took('ACK')).toHaveLength(1)
  })

  test('refuses registers beyond the bound of their owner, and bytes; other owners have their own', () => {
    const member = solo('voting', 0, { registersPerOwnerMax: 2, registerBytesPerOwnerMax: 10 })
    const show = (from: number, name: string, text: string, timestamp = 1) => {
      const register = soleWriter(keyOf(from), name)
      member.hears(from, { type: 'WRITE', call: asked(1), register, value: value(timestamp, text) })
      return member.sent.splice(0).map(({ message }) => message.reason ?? message.type)
    }
    expect(show(WRITER, 'a', '1234')).toEqual(['ACK'])
    expect(show(WRITER, 'b', '1234567')).toEqual([1])
    expect(show(WRITER, 'b', '123456')).toEqual(['ACK'])
    expect(show(WRITER, 'c', '')).toEqual([0])
    expect(show(WRITER, 'b', '1', 2)).toEqual(['ACK'])
    expect(show(WRITER, 'a', '123456789', 2)).toEqual(['ACK'])
    expect(show(READER, 'a', '1234')).toEqual(['ACK'])
  })

  test('a client that is asked names who takes it for a member', () => {
    const client = solo('voting', READER)
    client.hears(0, { type: 'READ', call: asked(1), register: client.id })
    expect(client.sent).toEqual([])
    expect(client.faults).toMatchObject([{ process: 0, kind: 'protocol-violation' }])
  })
})

describe('a member that answers a client with', () => {
  const lies = (client: ReturnType<typeof solo>) =>
    client.faults.map(({ process, kind, certainty }) => `${process}: ${kind} ${certainty}`)

  test('a value, when it was asked to write, is named, and its acknowledgement counts after it', () => {
    const writer = solo('voting', WRITER)
    writer.write('v')
    const call = writer.answering(1)
    writer.hears(0, { type: 'VALUE', call, value: null })
    expect(lies(writer)).toEqual(['0: protocol-violation certain'])
    for (const rank of [0, 1]) writer.hears(rank, { type: 'ACK', call })
    expect(writer.writes).toEqual([])
    writer.hears(2, { type: 'ACK', call })
    expect(writer.writes).toEqual([{ written: true, timestamp: 1 }])
    expect(lies(writer)).toHaveLength(1)
  })

  test('an answer to another question is named, and the right one counts after it', () => {
    const reader = solo('voting', READER)
    reader.read()
    const call = reader.answering(1)
    const other = { ...call, question: new Uint8Array(32) }
    for (const rank of [0, 1, 2]) reader.hears(rank, { type: 'VALUE', call: other, value: value(9, 'other') })
    expect(reader.reads).toEqual([])
    expect(lies(reader)).toEqual([0, 1, 2].map((rank) => `${rank}: protocol-violation certain`))
    for (const rank of [0, 1, 2]) reader.hears(rank, { type: 'VALUE', call, value: null })
    expect(reader.reads).toEqual([[null, 0]])
  })
})

describe('validity: a write', () => {
  test.each([
    [3, 2],
    [4, 3],
    [5, 3],
    [7, 4]
  ])('at n = %i returns at %i acknowledgements of distinct members', (n, majority) => {
    const writer = solo('voting', n, { n })
    writer.write('v')
    const sent = writer.took('WRITE')
    expect(sent.map(({ to }) => to)).toEqual(writer.group.ranks)
    const call = 1
    for (let rank = 0; rank < majority - 1; rank++) {
      writer.hears(rank, { type: 'ACK', call: writer.answering(call) })
      writer.hears(rank, { type: 'ACK', call: writer.answering(call) })
    }
    expect(writer.writes).toEqual([])
    writer.hears(majority, { type: 'ACK', call: unasked(call + 1) })
    expect(writer.writes).toEqual([])
    writer.hears(majority, { type: 'ACK', call: writer.answering(call) })
    expect(writer.writes).toEqual([{ written: true, timestamp: 1 }])
  })

  test('counts its timestamps for each register, and the next one waits for its turn', () => {
    const writer = solo('voting', WRITER)
    writer.write('a')
    writer.write('b')
    writer.write('other', soleWriter(keyOf(WRITER), 'y'))
    const sent = writer.took('WRITE').filter(({ to }) => to === 0)
    expect(sent.map(({ message }) => message.value)).toEqual([value(1, 'a'), value(1, 'other')])
    for (const rank of [0, 1, 2]) writer.hears(rank, { type: 'ACK', call: writer.answering(1) })
    expect(writer.took('WRITE')[0]?.message).toMatchObject({ value: value(2, 'b') })
  })

  test('that so many members refuse that no majority is left returns with the reason', () => {
    const writer = solo('voting', WRITER)
    writer.write('v')
    for (const rank of [0, 1]) writer.hears(rank, { type: 'REFUSED', call: writer.answering(1), reason: 1 })
    expect(writer.writes).toEqual([])
    writer.hears(2, { type: 'REFUSED', call: writer.answering(1), reason: 1 })
    expect(writer.writes).toEqual([{ written: false, refusal: 'too many bytes' }])
  })

  test('is refused at once to who is no writer, with a longer value than may be, and beyond the open ones', () => {
    const reader = solo('voting', READER, { valueBytesMax: 2 })
    expect(() => reader.register.write(reader.id, bytesOf('v'), () => {})).toThrow(InvalidParametersError)
    const writer = solo('voting', WRITER, { valueBytesMax: 2 })
    expect(() => writer.register.write(writer.id, bytesOf('abc'), () => {})).toThrow(InvalidParametersError)
    for (let i = 0; i < OPERATIONS_OPEN_MAX; i++) writer.write('v')
    expect(() => writer.register.read(writer.id, () => {})).toThrow(WindowFullError)
    expect(() => solo('voting', WRITER, { valueBytesMax: 2 ** 21 })).toThrow(InvalidParametersError)
  })
})

describe('validity: a read', () => {
  test('returns the highest of a majority of answers to it, and none to an earlier read', () => {
    const reader = solo('voting', READER)
    reader.read()
    for (const rank of [0, 1, 2])
      reader.hears(rank, { type: 'VALUE', call: reader.answering(1), value: null })
    expect(reader.reads).toEqual([[null, 0]])
    reader.read()
    const [asked] = reader.took('READ').slice(-1)
    expect(asked?.message.call).toEqual({ life: 1, number: 2 })
    // Late answers to the first read: a write may have completed since they were given.
    for (const rank of [3, 4]) reader.hears(rank, { type: 'VALUE', call: reader.answering(1), value: null })
    reader.hears(0, { type: 'VALUE', call: reader.answering(2), value: value(1, 'a') })
    expect(reader.reads).toHaveLength(1)
    reader.hears(1, { type: 'VALUE', call: reader.answering(2), value: value(2, 'b') })
    reader.hears(2, { type: 'VALUE', call: reader.answering(2), value: null })
    expect(reader.reads).toEqual([
      [null, 0],
      ['b', 2]
    ])
    expect(reader.landmarks).toEqual(['stale-answer-outvoted'])
  })

  test('counts one answer of each member, and of members only', () => {
    const reader = solo('voting', READER)
    reader.read()
    for (let i = 0; i < 3; i++) reader.hears(0, { type: 'VALUE', call: reader.answering(1), value: null })
    reader.hears(WRITER, { type: 'VALUE', call: reader.answering(1), value: null })
    reader.hears(1, { type: 'VALUE', call: reader.answering(1), value: null })
    reader.hears(2, { type: 'ACK', call: reader.answering(1) })
    expect(reader.reads).toEqual([])
    expect(reader.faults.map(({ process }) => process)).toEqual([WRITER, 2])
    // Who gave none may still give one.
    reader.hears(2, { type: 'VALUE', call: reader.answering(1), value: null })
    expect(reader.reads).toHaveLength(1)
  })

  test('that is given up ends its turn, and returns nothing', () => {
    const reader = solo('imposing', READER)
    let returned = 0
    reader.do((register) => register.read(reader.id, () => returned++).abandon())
    reader.do((register) => {
      const operation = register.read(reader.id, () => returned++)
      reader.do(() => operation.abandon())
    })
    reader.read()
    const call = numberOf(reader.took('READ').at(-1)?.message)
    for (const rank of [0, 1, 2])
      reader.hears(rank, { type: 'VALUE', call: reader.answering(call), value: null })
    expect([returned, reader.reads.length]).toEqual([0, 1])
  })

  test('termination: a new session asks again those, and only those, who have not answered', () => {
    const reader = solo('voting', READER)
    reader.read()
    reader.hears(0, { type: 'VALUE', call: reader.answering(1), value: null })
    reader.took('READ')
    reader.startSession(0)
    reader.startSession(1)
    expect(reader.took('READ').map(({ to }) => to)).toEqual([1])
  })
})

describe('ordering: a read that imposes', () => {
  const answered = (...values: (ReturnType<typeof value> | null)[]) => {
    const reader = solo('imposing', READER)
    reader.read()
    for (const [rank, shown] of values.entries())
      reader.hears(rank, { type: 'VALUE', call: reader.answering(1), value: shown })
    return reader
  }

  test('writes the highest back to all, and returns at a majority of acknowledgements', () => {
    const reader = answered(value(1, 'a'), value(2, 'b'), value(1, 'a'))
    expect(reader.reads).toEqual([])
    const imposed = reader.took('IMPOSE')
    expect(imposed.map(({ to, message }) => [to, message.value])).toEqual(
      reader.group.ranks.map((rank) => [rank, value(2, 'b')])
    )
    for (const rank of [2, 3]) reader.hears(rank, { type: 'ACK', call: reader.answering(2) })
    expect(reader.reads).toEqual([])
    reader.hears(4, { type: 'ACK', call: reader.answering(2) })
    expect(reader.reads).toEqual([['b', 2]])
    expect(reader.landmarks).toContain('write-back-needed')
  })

  test('spares that where a whole majority has the same value, and no sooner', () => {
    const reader = answered(value(2, 'b'), value(2, 'b'))
    expect(reader.reads).toEqual([])
    reader.hears(2, { type: 'VALUE', call: reader.answering(1), value: value(2, 'b') })
    expect(reader.reads).toEqual([['b', 2]])
    expect(reader.took('IMPOSE')).toEqual([])
    expect(reader.landmarks).toEqual(['write-back-spared'])
    expect(answered(null, null, null).reads).toEqual([[null, 0]])
    expect(answered(null, value(1, 'a'), null).reads).toEqual([])
  })
})

describe('atomicity: a write that consults', () => {
  const consulting = () => {
    const writer = solo('consulting', WRITER)
    const register = sharedBy([keyOf(WRITER), keyOf(READER)], 'x')
    const own = register.writers.findIndex((key) => key[0] === keyOf(WRITER)[0])
    writer.write('v', register)
    return { writer, own }
  }

  test('goes beyond the highest of a majority, and names its writer', () => {
    const { writer, own } = consulting()
    expect(writer.took('WRITE')).toEqual([])
    for (const [rank, timestamp] of [3, 8, 5].entries())
      writer.hears(rank, {
        type: 'VALUE',
        call: writer.answering(1),
        value: value(timestamp, 'w', 1 - own)
      })
    expect(writer.took('WRITE')[0]?.message).toMatchObject({ call: { number: 2 }, value: value(9, 'v', own) })
    for (const rank of [0, 1, 2]) writer.hears(rank, { type: 'ACK', call: writer.answering(2) })
    expect(writer.writes).toEqual([{ written: true, timestamp: 9 }])
    expect(writer.landmarks).toEqual(['write-consulted'])
  })

  test('is refused above the highest timestamp there is', () => {
    const { writer, own } = consulting()
    const top = value(Number.MAX_SAFE_INTEGER, 'w', 1 - own)
    for (const rank of [0, 1, 2]) writer.hears(rank, { type: 'VALUE', call: writer.answering(1), value: top })
    expect(writer.writes).toEqual([{ written: false, refusal: 'timestamp too high' }])
    expect(writer.took('WRITE')).toEqual([])
  })
})

describe('crash-recovery: the logged register', () => {
  const disk = () => new Map<string, Uint8Array>()

  test('a member acknowledges what is durable, and has it in its next life', () => {
    const kept = disk()
    const member = solo('logged', 0, { disk: kept })
    member.slow = true
    member.hears(WRITER, { type: 'WRITE', call: asked(1), register: member.id, value: value(1, 'a') })
    expect(member.took('ACK')).toEqual([])
    member.sync()
    expect(member.took('ACK')).toHaveLength(1)
    const next = solo('logged', 0, { disk: kept })
    next.hears(READER, { type: 'READ', call: asked(1), register: next.id })
    expect(next.took('VALUE')[0]?.message.value).toEqual(value(1, 'a'))
  })

  test('a writer sends what is durable; its next life finishes the write, and then goes on counting', () => {
    const kept = disk()
    const writer = solo('logged', WRITER, { disk: kept })
    writer.slow = true
    writer.write('a')
    expect(writer.took('WRITE')).toEqual([])
    writer.sync()
    expect(writer.took('WRITE')).toHaveLength(5)

    const next = solo('logged', WRITER, { disk: kept })
    next.do((register) => register.restore())
    expect(next.register.resuming).toBe(1)
    next.write('b')
    expect(next.took('WRITE').map(({ message }) => message.value)).toEqual(Array(5).fill(value(1, 'a')))
    next.slow = true
    for (const rank of [0, 1, 2]) next.hears(rank, { type: 'ACK', call: next.answering(1) })
    expect(next.register.resuming).toBe(0)
    expect(next.resumed).toEqual([])
    next.sync()
    expect(next.resumed).toEqual(['a'])
    expect(next.landmarks).toEqual(['write-resumed'])
    expect(next.took('WRITE')[0]?.message.value).toEqual(value(2, 'b'))
  })

  test('a write that is complete is not finished again', () => {
    const kept = disk()
    const writer = solo('logged', WRITER, { disk: kept })
    writer.write('a')
    for (const rank of [0, 1, 2]) writer.hears(rank, { type: 'ACK', call: writer.answering(1) })
    expect(writer.writes).toEqual([{ written: true, timestamp: 1 }])
    const next = solo('logged', WRITER, { disk: kept })
    next.do((register) => register.restore())
    expect([next.register.resuming, next.sent]).toEqual([0, []])
    next.write('b')
    expect(next.took('WRITE')[0]?.message.value).toEqual(value(2, 'b'))
  })

  test('one that is refused when it is finished is not said to be complete', () => {
    const kept = disk()
    solo('logged', WRITER, { disk: kept }).write('a')
    const next = solo('logged', WRITER, { disk: kept })
    next.do((register) => register.restore())
    for (const rank of [0, 1, 2]) next.hears(rank, { type: 'REFUSED', call: next.answering(1), reason: 0 })
    expect([next.register.resuming, next.resumed]).toEqual([0, []])
  })
})
