/** What the registers without signatures have in common: their properties, against scripted liars and crashes. */
import { describe, expect, it } from 'vitest'
import { doubleWriteRegister } from '../../src/catalogue/double-write-register.ts'
import { maskingQuorumRegister } from '../../src/catalogue/masking-quorum-register.ts'
import { InvalidParametersError } from '../../src/core/errors.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import type { Answered } from '../../src/exchange/call-id.ts'
import type { ClaimedValue } from '../../src/registers/claim.ts'
import { VALUE_BYTES_MAX } from '../../src/registers/constants.ts'
import { doubleWriteMessages } from '../../src/registers/double-write-register.ts'
import { maskingQuorumMessages } from '../../src/registers/masking-quorum-register.ts'
import { sharedBy } from '../../src/registers/register.ts'
import { requireResilience } from '../../src/stacks/stack.ts'
import { answerTo, asked, unasked } from '../exchange/asked.ts'
import { bytes, Replicas, type ReplicasInit, type Script, silent } from './replicas.ts'

const at = (timestamp: number, text: string): ClaimedValue => ({ timestamp, value: bytes(text) })

const masking = {
  stack: maskingQuorumRegister,
  messages: maskingQuorumMessages(VALUE_BYTES_MAX) as Messages<never> as Messages<Message>,
  /** With one liar, and with two. */
  sizes: [5, 6, 7, 9],
  two: 9,
  tooSmall: [4, 8],
  answer: (call: Answered, value: ClaimedValue | null) => ({ type: 'VALUE', call, value })
}

const doubleWrite = {
  stack: doubleWriteRegister,
  messages: doubleWriteMessages(VALUE_BYTES_MAX) as Messages<never> as Messages<Message>,
  sizes: [4, 5, 6, 7],
  two: 7,
  tooSmall: [3, 6],
  answer: (call: Answered, value: ClaimedValue | null) => ({
    type: 'VALUE',
    call,
    prewritten: value,
    written: value
  })
}

describe.each([masking, doubleWrite])('$stack.name', ({ stack, messages, sizes, two, tooSmall, answer }) => {
  const [least] = sizes as [number]

  const replicas = (n: number, init: Partial<ReplicasInit> = {}) =>
    new Replicas({ stack, messages, n, ...init })

  /** Acknowledges everything, and answers reads with what it likes. */
  const lying =
    (value: (reads: number) => ClaimedValue | null): Script =>
    (_, message) => {
      const call = answerTo(messages, message)
      if (message.type === 'READ') return [answer(call, value(call.number))]
      if (message.type === 'PREWRITE') return [{ type: 'PREACK', call }]
      return message.type === 'WRITE' ? [{ type: 'ACK', call }] : []
    }

  const liars = (n: number, script: Script) =>
    Object.fromEntries(Array.from({ length: stack.resilience.largest(n) }, (_, rank) => [rank, script]))

  /** Writes, and waits for it. */
  const written = (group: Replicas, text: string, name = 'register') => {
    const write = group.write(group.client(0), group.registerOf(group.client(0), name), text)
    group.passTime(1000)
    expect(write.result?.written).toBe(true)
  }

  const read = (group: Replicas, name = 'register') => {
    const reading = group.read(group.client(1), group.registerOf(group.client(0), name))
    group.passTime(1000)
    return reading.text
  }

  it.each(sizes)('n = %i: validity: a read returns the initial value, then what was written last', (n) => {
    const group = replicas(n)
    expect(read(group)).toBe(null)
    written(group, 'first')
    expect(read(group)).toBe('first')
    written(group, 'second')
    expect(read(group)).toBe('second')
    expect(group.faults).toEqual([])
  })

  it.each(sizes)('n = %i: termination: nobody waits for f members that are silent', (n) => {
    const group = replicas(n, { liars: liars(n, silent) })
    written(group, 'first')
    expect(read(group)).toBe('first')
  })

  it.each(sizes)('n = %i: a timestamp that f members invent alike is outvoted', (n) => {
    const group = replicas(n, {
      liars: liars(
        n,
        lying(() => at(2 ** 40, 'invented'))
      )
    })
    expect(read(group)).toBe(null)
    written(group, 'first')
    expect(read(group)).toBe('first')
    expect(group.landmarks).toContain('false-answer-outvoted')
  })

  it.each(sizes)('n = %i: another value that f members give at the right timestamp is outvoted', (n) => {
    const group = replicas(n, {
      liars: liars(
        n,
        lying(() => at(1, 'other'))
      )
    })
    written(group, 'first')
    expect(read(group)).toBe('first')
    expect(group.landmarks).toContain('false-answer-outvoted')
  })

  it.each(sizes)('n = %i: an old value that f members go on giving is outvoted', (n) => {
    const group = replicas(n, {
      liars: liars(
        n,
        lying(() => at(1, 'first'))
      )
    })
    written(group, 'first')
    written(group, 'second')
    expect(read(group)).toBe('second')
    expect(group.landmarks).toContain('stale-answer-outvoted')
    expect(group.faults).toEqual([])
  })

  it('f identical lies and as many laggards do not make a quorum of their own', () => {
    const group = replicas(two, {
      liars: { 0: lying(() => at(1, 'first')), 1: lying(() => at(1, 'first')) }
    })
    const slow = [2, 3]
    written(group, 'first')
    group.hold(({ from, to }) => slow.includes(from) || slow.includes(to))
    written(group, 'second')
    group.hold(
      ({ message, from, to }) => slow.includes(to) && message.type !== 'READ' && !slow.includes(from)
    )
    expect(read(group)).toBe('second')
  })

  it('an answer to an earlier read counts for no later one', () => {
    const group = replicas(least)
    const reader = group.client(1)
    const register = group.registerOf(group.client(0))
    written(group, 'first')
    group.hold(({ message }) => message.type === 'VALUE')
    const earlier = group.read(reader, register)
    group.run()
    earlier.operation.abandon()
    written(group, 'second')
    const late = group.sent.filter(({ message }) => message.type === 'VALUE')
    const later = group.read(reader, register)
    group.hold((travelling) => travelling.message.type === 'VALUE' && !late.includes(travelling))
    group.run()
    expect(later.text).toBeUndefined()
    group.hold(() => false)
    group.run()
    expect(later.text).toBe('second')
    expect(group.faults).toEqual([])
  })

  it('of each member one answer counts, however often it answers', () => {
    const often: Script = (from, message) => {
      const [first] = lying(() => at(7, 'invented'))(from, message)
      return first === undefined ? [] : [first, first, first, first, first, first]
    }
    const group = replicas(least, { liars: { 0: often } })
    const register = group.registerOf(group.client(0))
    // The liar's acknowledgements arrive, and those of one other member.
    group.hold(({ from }) => from > 1 && from < least)
    const write = group.write(group.client(0), register, 'first')
    group.run()
    expect(write.result).toBeUndefined()
    group.hold(() => false)
    group.run()
    expect(write.result?.written).toBe(true)
    group.hold(({ from }) => from > 1 && from < least)
    const reading = group.read(group.client(1), register)
    group.run()
    expect(reading.text).toBeUndefined()
    group.hold(() => false)
    group.run()
    expect(reading.text).toBe('first')
  })

  it('who is not the writer writes nothing, and is named', () => {
    const group = replicas(least)
    const register = group.registerOf(group.client(0))
    written(group, 'first')
    const types = stack === doubleWriteRegister ? ['PREWRITE', 'WRITE'] : ['WRITE']
    for (const to of group.group.ranks) {
      for (const type of types)
        group.say(group.client(1), to, { type, call: asked(1), register, value: at(9, 'foreign') })
      if (to !== 0) group.say(0, to, { type: 'WRITE', call: asked(1), register, value: at(9, 'foreign') })
    }
    group.run()
    expect(read(group)).toBe('first')
    expect(new Set(group.faults.map(({ process }) => process))).toEqual(new Set([0, group.client(1)]))
    expect(
      group.faults.every(({ certainty, kind }) => certainty === 'certain' && kind === 'protocol-violation')
    ).toBe(true)
    expect(() => group.write(group.client(1), register, 'mine')).toThrow(InvalidParametersError)
  })

  it('a writer that writes two values at one timestamp is named by those that see both; the first one stays', () => {
    const group = replicas(least)
    const register = group.registerOf(group.client(0))
    written(group, 'first')
    for (const to of group.group.ranks)
      group.say(group.client(0), to, { type: 'WRITE', call: asked(9), register, value: at(1, 'other') })
    group.run()
    expect(read(group)).toBe('first')
    expect(group.faults).toHaveLength(least)
    expect(group.faults[0]).toMatchObject({
      process: group.client(0),
      kind: 'equivocation',
      certainty: 'certain'
    })
  })

  it('what its writer says late takes the place of nothing newer', () => {
    const group = replicas(least)
    const register = group.registerOf(group.client(0))
    written(group, 'first')
    written(group, 'second')
    const before = group.state(0)
    for (const to of group.group.ranks)
      group.say(group.client(0), to, { type: 'WRITE', call: asked(9), register, value: at(1, 'first') })
    group.run()
    expect(group.state(0)).toEqual(before)
    expect(read(group)).toBe('second')
    expect(group.faults).toEqual([])
  })

  it('timestamp 0 comes with the initial value alone: in answers and in writes', () => {
    const group = replicas(least, { liars: { 0: lying(() => at(0, 'initial')) } })
    const register = group.registerOf(group.client(0))
    expect(read(group)).toBe(null)
    expect(group.faults.map(({ process }) => process)).toEqual([0])
    group.say(group.client(0), 1, { type: 'WRITE', call: asked(9), register, value: at(0, 'zero') })
    group.run()
    expect(group.faults.at(-1)).toMatchObject({ process: group.client(0), kind: 'protocol-violation' })
  })

  it('a client that is asked, or that answers, is not: it names who does that', () => {
    const group = replicas(least)
    const register = group.registerOf(group.client(0))
    const reading = group.read(group.client(1), register)
    group.say(0, group.client(1), { type: 'READ', call: asked(1), register })
    group.say(group.client(0), 1, answer(unasked(1), null))
    group.run()
    expect(reading.text).toBe(null)
    expect(group.faults.map(({ process, by }) => [process, by])).toEqual([
      [0, group.client(1)],
      [group.client(0), 1]
    ])
  })

  it('a member that answers a write with what is no answer to it is named, and what it says counts for nothing', () => {
    const wrong: Script = (_, message) => {
      if (message.type !== 'WRITE' && message.type !== 'PREWRITE') return []
      return [answer(answerTo(messages, message), null)]
    }
    const group = replicas(two, { liars: liars(two, wrong) })
    written(group, 'first')
    expect(new Set(group.faults.map(({ process }) => process))).toEqual(
      new Set(Object.keys(liars(two, wrong)).map(Number))
    )
    for (const { kind, certainty } of group.faults)
      expect([kind, certainty]).toEqual(['protocol-violation', 'certain'])
  })

  it('an answer to another question under the number of this one is named, and counts for nothing', () => {
    const forAnother: Script = (_, message) => {
      const call = { ...answerTo(messages, message), question: new Uint8Array(32) }
      return message.type === 'READ' ? [answer(call, at(2 ** 40, 'invented'))] : [{ type: 'ACK', call }]
    }
    const group = replicas(two, { liars: liars(two, forAnother) })
    written(group, 'first')
    expect(read(group)).toBe('first')
    for (const client of [group.client(0), group.client(1)])
      expect(new Set(group.faults.filter(({ by }) => by === client).map(({ process }) => process))).toEqual(
        new Set(Object.keys(liars(two, forAnother)).map(Number))
      )
    for (const { kind, certainty } of group.faults)
      expect([kind, certainty]).toEqual(['protocol-violation', 'certain'])
  })

  it('a register has one writer', () => {
    const group = replicas(least)
    const shared = sharedBy(group.group.clients, 'shared')
    expect(() => group.read(group.client(0), shared)).toThrow('shared has 2 writers, and may have one')
    expect(() => group.write(group.client(0), shared, 'mine')).toThrow(InvalidParametersError)
    group.say(group.client(0), 0, { type: 'READ', call: asked(1), register: shared })
    group.run()
    expect(group.faults).toMatchObject([{ process: group.client(0), certainty: 'certain' }])
  })

  it('members have what they acknowledged after a crash of all of them', () => {
    const group = replicas(least)
    written(group, 'first')
    for (const member of group.group.ranks) group.crash(member)
    for (const member of group.group.ranks) group.restart(member)
    expect(read(group)).toBe('first')
  })

  it('a write that a crash interrupted is finished by the next life, with the same value and timestamp', () => {
    const group = replicas(least)
    const writer = group.client(0)
    written(group, 'first')
    // One member alone hears of it.
    group.hold(({ from, to }) => from === writer && to !== 0)
    group.write(writer, group.registerOf(writer), 'second')
    group.run()
    group.crash(writer)
    group.hold(() => false)
    group.restart(writer)
    expect(group.resuming(writer)).toBe(1)
    group.run()
    expect(group.resumed).toEqual(['second'])
    expect(group.resuming(writer)).toBe(0)
    expect(read(group)).toBe('second')
    expect(group.landmarks).toContain('write-resumed')
    written(group, 'third')
    expect(read(group)).toBe('third')
    expect(group.faults).toEqual([])
  })

  it('what a session took with it is asked again in the next one', () => {
    const group = replicas(least)
    const writer = group.client(0)
    const register = group.registerOf(writer)
    group.hold(() => true)
    const write = group.write(writer, register, 'first')
    const reading = group.read(group.client(1), register)
    group.run()
    for (const member of group.group.ranks) {
      group.newSession(writer, member)
      group.newSession(group.client(1), member)
    }
    group.hold(() => false)
    group.run()
    expect(write.result?.written).toBe(true)
    expect(reading.text).not.toBeUndefined()
  })

  it('a writer that has lost its store does not write under its key again', () => {
    const group = replicas(least)
    const writer = group.client(0)
    written(group, 'first')
    group.crash(writer)
    group.restart(writer, { emptied: true })
    const write = group.write(writer, group.registerOf(writer), 'second')
    group.passTime(1000)
    expect(write.result).toEqual({ written: false, refusal: 'store lost' })
    expect(read(group)).toBe('first')
  })

  it('f liars do not make a new writer believe that it has lost its store', () => {
    const group = replicas(least, { liars: { 0: lying(() => at(3, 'invented')) } })
    written(group, 'first')
    expect(read(group)).toBe('first')
  })

  it('a member serves nobody before it may serve, and tells those it turned away', () => {
    const group = replicas(least)
    written(group, 'first')
    for (const member of group.group.ranks) group.crash(member)
    group.restart(0)
    group.restart(1)
    group.sent.length = 0
    const reading = group.read(group.client(1), group.registerOf(group.client(0)))
    group.run()
    expect(group.sent.filter(({ message }) => message.type === 'VALUE')).toEqual([])
    for (const member of group.group.ranks) if (member > 1) group.restart(member)
    group.run()
    expect(reading.text).toBe('first')
    expect(group.sent.some(({ message }) => message.type === 'SERVING')).toBe(true)
  })

  it('members keep no more registers of one writer, and no more bytes, than they are told', () => {
    const group = replicas(least, { options: { registersPerOwnerMax: 2 } })
    const writer = group.client(0)
    written(group, 'a', 'a')
    written(group, 'b', 'b')
    const refused = group.write(writer, group.registerOf(writer, 'c'), 'c')
    group.run()
    expect(refused.result).toEqual({ written: false, refusal: 'too many registers' })
    written(group, 'again', 'a')
    // Another writer has a budget of its own.
    const other = group.write(group.client(1), group.registerOf(group.client(1), 'c'), 'c')
    group.passTime(1000)
    expect(other.result?.written).toBe(true)
    expect(read(group, 'c')).toBe(null)

    const small = replicas(least, { options: { registerBytesPerOwnerMax: 8 } })
    written(small, '1234')
    const long = small.write(small.client(0), small.registerOf(small.client(0)), '123456789')
    small.run()
    expect(long.result).toEqual({ written: false, refusal: 'too many bytes' })
    written(small, '12')
    expect(read(small)).toBe('12')
  })

  it('a value that is too long is refused before anything is sent', () => {
    const group = replicas(least, { options: { valueBytesMax: 4 } })
    const register = group.registerOf(group.client(0))
    expect(() => group.write(group.client(0), register, '12345')).toThrow('value: at most 4 bytes, not 5')
    expect(group.sent).toEqual([])
  })

  it('a member can be a client too', () => {
    const group = replicas(least)
    const register = group.registerOf(2)
    const write = group.write(2, register, 'first')
    group.passTime(1000)
    expect(write.result?.written).toBe(true)
    const reading = group.read(3, register)
    group.passTime(1000)
    expect(reading.text).toBe('first')
  })

  it.each(tooSmall)('n = %i is refused where one more member would do', (n) => {
    const f = stack.resilience.largest(n + 1)
    expect(() => requireResilience(stack, n, f)).toThrow(
      `${stack.name} needs ${stack.resilience.formula}: a group of ${n} tolerates at most ${f - 1} faulty`
    )
    expect(() => requireResilience(stack, n + 1, f)).not.toThrow()
  })
})
