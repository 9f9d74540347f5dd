/** Double write: two parts of a write, the reader's filter, and when it asks again. */
import { describe, expect, it } from 'vitest'
import { doubleWriteRegister as stack } from '../../src/catalogue/double-write-register.ts'
import { InvalidParametersError } from '../../src/core/errors.ts'
import type { Message, Messages } from '../../src/core/messages.ts'
import { byzantineQuorum, byzantineResilience, oneCorrect } from '../../src/core/quorum.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { claimOf } from '../../src/registers/claim.ts'
import {
  DOUBLE_WRITE_VALUE_BYTES_MAX,
  READ_AGAIN_MS,
  VALUE_BYTES_MAX
} from '../../src/registers/constants.ts'
import { doubleWriteMessages, selected } from '../../src/registers/double-write-register.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { answerTo } from '../exchange/asked.ts'
import { bytes, Replicas, type ReplicasInit, type Script } from './replicas.ts'

const messages = doubleWriteMessages(VALUE_BYTES_MAX) as Messages<never> as Messages<Message>
const at = (timestamp: number, text: string) => ({ timestamp, value: bytes(text) })
const replicas = (n: number, init: Partial<ReplicasInit> = {}) =>
  new Replicas({ stack, messages, n, ...init })
const claim = (timestamp: number, text = `${timestamp}`) =>
  claimOf(timestamp === 0 ? null : at(timestamp, text), nobleBackend.sha256)
/** (pts, pval) and (ts, val) of one member. */
const has = (prewritten: number, written: number, text?: string) => ({
  prewritten: claim(prewritten, text),
  written: claim(written, text)
})

describe('what a reader selects at n = 4', () => {
  const select = (...answers: ReturnType<typeof has>[]) => selected(answers, 2, 3)?.name
  const name = (timestamp: number) => claim(timestamp).name

  it.each([
    ['the initial value', [has(0, 0), has(0, 0), has(0, 0)], 0],
    ['what all have', [has(1, 1), has(1, 1), has(1, 1)], 1],
    ['what is prewritten by f + 1, and written nowhere', [has(2, 1), has(2, 1), has(1, 1)], 2],
    ['not what is prewritten by f', [has(2, 1), has(1, 1), has(1, 1)], 1],
    ['what one has written, and another prewritten', [has(2, 2), has(2, 1), has(1, 1)], 2],
    ['not what is below the second place of too many', [has(2, 2), has(1, 1), has(1, 1)], undefined],
    ['what a fourth answer makes safe', [has(9, 9), has(1, 1), has(1, 1), has(1, 1)], 1],
    ['nothing from too few', [has(1, 1), has(1, 1)], undefined],
    ['a claim of one member once, though it makes it twice', [has(5, 5), has(1, 1), has(1, 1), has(0, 0)], 1]
  ] as const)('%s', (_, answers, expected) => {
    expect(select(...answers)).toBe(expected === undefined ? undefined : name(expected))
  })

  it('tells values of one timestamp apart', () => {
    expect(select(has(1, 1, 'x'), has(1, 1, 'y'), has(0, 0))).toBeUndefined()
    expect(select(has(1, 1, 'x'), has(1, 1, 'y'), has(1, 1, 'y'), has(0, 0))).toBe(claim(1, 'y').name)
  })
})

describe.each([4, 5, 6, 7, 8, 9, 10])('what a reader selects at n = %i, whatever f liars answer', (n) => {
  const f = byzantineResilience(n)
  const quorum = byzantineQuorum(n, f)
  const RUNS = 300

  /** Correct members after writes up to `last`, the last of which may be cut off anywhere; each of them missed some. */
  function drawn(random: SeededRandom) {
    const correct = Array.from({ length: n - f }, () => ({ prewritten: 0, written: 0 }))
    const some = (least: number) => {
      const left = [...correct]
      return Array.from({ length: random.between(least, n - f) }, () =>
        left.splice(random.below(left.length), 1)
      ).flat()
    }
    const last = random.between(0, 3)
    for (let timestamp = 1; timestamp <= last; timestamp++) {
      const isCut = timestamp === last
      const isPrewritten = !isCut || random.below(2) === 0
      for (const member of some(isPrewritten ? quorum - f : 0)) member.prewritten = timestamp
      if (!isPrewritten) continue
      for (const member of some(isCut ? 0 : quorum - f)) {
        member.written = timestamp
        member.prewritten = timestamp
      }
    }
    const lies = Array.from({ length: f }, () => {
      const written = random.between(0, last + 2)
      return has(written + random.below(2), written, random.below(2) === 0 ? 'lie' : undefined)
    })
    return {
      complete: Math.max(0, last - 1),
      last,
      correct: correct.map((m) => has(m.prewritten, m.written)),
      lies
    }
  }

  it('termination: there is something once all correct members have answered, and nothing is being written', () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { correct, lies } = drawn(new SeededRandom(seed, 'states'))
      expect(selected([...lies, ...correct], oneCorrect(n, f), quorum), `seed ${seed}`).toBeDefined()
    }
  })

  it('validity: it was written, and is no older than the last complete write, whoever has answered', () => {
    let found = 0
    for (let seed = 1; seed <= RUNS; seed++) {
      const { complete, last, correct, lies } = drawn(new SeededRandom(seed, 'states'))
      for (let count = quorum - f; count <= correct.length; count++) {
        const top = selected([...lies, ...correct.slice(0, count)], oneCorrect(n, f), quorum)
        if (top === undefined) continue
        found++
        expect(top.timestamp, `seed ${seed}`).toBeGreaterThanOrEqual(complete)
        expect(top.timestamp, `seed ${seed}`).toBeLessThanOrEqual(last)
        expect(top.name, `seed ${seed}`).toBe(claim(top.timestamp).name)
      }
    }
    expect(found).toBeGreaterThan(RUNS)
  })
})

describe('a write', () => {
  it('is written once a quorum has prewritten it, and returns once a quorum has it', () => {
    const group = replicas(4)
    const writer = group.client(0)
    const types = () =>
      new Set(group.sent.filter(({ from }) => from === writer).map(({ message }) => message.type))
    group.hold(({ from, message }) => message.type === 'PREACK' && from > 1)
    group.restart(writer)
    const write = group.write(writer, group.registerOf(writer), 'first')
    group.passTime(1000)
    expect(types()).toEqual(new Set(['READ', 'PREWRITE']))
    group.hold(({ from, message }) => message.type === 'ACK' && from > 1)
    group.passTime(1000)
    expect(types()).toEqual(new Set(['READ', 'PREWRITE', 'WRITE']))
    expect(write.result).toBeUndefined()
    group.hold(() => false)
    group.passTime(1000)
    expect(write.result).toEqual({ written: true, timestamp: 1 })
  })

  it('that stops for ever when one correct member has it does not keep reads from ending', () => {
    const old: Script = (_, message) => {
      const call = answerTo(messages, message)
      if (message.type === 'READ') return [{ type: 'VALUE', call, prewritten: null, written: null }]
      return [{ type: message.type === 'WRITE' ? 'ACK' : 'PREACK', call }]
    }
    const group = replicas(4, { liars: { 0: old } })
    const writer = group.client(0)
    const register = group.registerOf(writer)
    group.write(writer, register, 'first')
    group.passTime(1000)
    group.hold(({ to, message }) => to > 1 && message.type === 'WRITE')
    group.write(writer, register, 'second')
    group.run()
    group.crash(writer)
    const reading = group.read(group.client(1), register)
    group.passTime(1000)
    expect(reading.text).toBe('second')
  })

  it('reaches a member that has missed its first part, or whole writes', () => {
    const group = replicas(4)
    const writer = group.client(0)
    const register = group.registerOf(writer)
    const write = (text: string) => {
      const writing = group.write(writer, register, text)
      group.passTime(1000)
      expect(writing.result?.written).toBe(true)
    }
    group.hold(({ to }) => to === 3)
    write('first')
    group.hold(({ to, message }) => to === 3 && message.type !== 'WRITE')
    group.newSession(writer, 3)
    write('second')
    group.hold(({ from }) => from === 2)
    const reading = group.read(group.client(1), register)
    group.passTime(1000)
    expect(reading.text).toBe('second')
    expect(group.faults).toEqual([])
  })

  it('that members have no room for is refused in its first part: room for the second is set aside', () => {
    const group = replicas(4, { options: { registerBytesPerOwnerMax: 10 } })
    const writer = group.client(0)
    const write = group.write(writer, group.registerOf(writer), '123456')
    group.passTime(1000)
    expect(write.result).toEqual({ written: false, refusal: 'too many bytes' })
    expect(group.sent.filter(({ message }) => message.type === 'WRITE')).toEqual([])
  })

  it('that was refused in its second part is finished before the next one', () => {
    // The liar takes the first part of a long one and refuses the second; so does a laggard, who has no room for it.
    const refusing: Script = (_, message) => {
      const call = answerTo(messages, message)
      if (message.type === 'READ') return [{ type: 'VALUE', call, prewritten: null, written: null }]
      if (message.type !== 'PREWRITE' && message.type !== 'WRITE') return []
      const { value } = message.value as ReturnType<typeof at>
      if (message.type === 'PREWRITE') return [{ type: 'PREACK', call }]
      return [value.length > 7 ? { type: 'REFUSED', call, reason: 1 } : { type: 'ACK', call }]
    }
    const group = replicas(4, { liars: { 0: refusing }, options: { registerBytesPerOwnerMax: 20 } })
    const writer = group.client(0)
    const write = (text: string, name = 'register') => {
      const writing = group.write(writer, group.registerOf(writer, name), text)
      group.passTime(1000)
      return writing.result
    }
    expect(write('1234567', 'other')?.written).toBe(true)
    // Member 3 does not hear that the other register needs less room now.
    group.hold(({ to, from }) => to === 3 && from === writer)
    expect(write('1', 'other')?.written).toBe(true)
    group.newSession(writer, 3)
    group.hold(({ to, message }) => to === 3 && message.type === 'PREWRITE')
    expect(write('12345678')).toEqual({ written: false, refusal: 'too many bytes' })
    expect(group.state(writer)).toMatchObject({
      [stack.name]: { client: { operations: { incomplete: ['register'] } } }
    })
    group.hold(() => false)
    expect(write('12')).toEqual({ written: false, refusal: 'too many bytes' })
    // Until then it is what is read, and reads end.
    const reading = group.read(group.client(1), group.registerOf(writer))
    group.passTime(1000)
    expect(reading.text).toBe('12345678')
    // Now member 3 has room.
    expect(write('1', 'other')?.written).toBe(true)
    expect(write('12')).toEqual({ written: true, timestamp: 2 })
    expect(group.faults).toEqual([])
  })
})

describe('a reader', () => {
  const inventing: Script = (_, message) => {
    const call = answerTo(messages, message)
    const invented = at(2 ** 40, 'invented')
    return message.type === 'READ' ? [{ type: 'VALUE', call, prewritten: invented, written: invented }] : []
  }
  const reads = (group: Replicas, to: number) =>
    group.sent.filter(
      (sent) => sent.from === group.client(1) && sent.to === to && sent.message.type === 'READ'
    ).length

  it('asks again those that have answered, until what they have is safe', () => {
    const group = replicas(4)
    const writer = group.client(0)
    const register = group.registerOf(writer)
    // Every member answers at another moment of two writes: four stories.
    const first = group.write(writer, register, 'first')
    group.passTime(1000)
    expect(first.result?.written).toBe(true)
    group.hold(({ to, message }) => message.type === 'READ' && to > 0)
    const reading = group.read(group.client(1), register)
    group.run()
    group.write(writer, register, 'second')
    group.run()
    group.hold(({ to, message }) => message.type === 'READ' && to > 1)
    group.run()
    group.write(writer, register, 'third')
    group.run()
    group.hold(({ from, message }) => message.type === 'VALUE' && from === 3)
    group.run()
    expect(reading.text).toBeUndefined()
    expect(reads(group, 0)).toBe(1)
    group.passTime(READ_AGAIN_MS)
    expect(reading.text).toBe('third')
    expect(reads(group, 0)).toBe(2)
    expect(group.landmarks).toContain('read-asked-again')
  })

  it('is not hurried by a liar, and does not wait for one', () => {
    const group = replicas(4, { liars: { 0: inventing } })
    const reader = group.client(1)
    group.hold(({ to, from }) => to === 3 || from === 3)
    const reading = group.read(reader, group.registerOf(group.client(0)))
    const ROUNDS = 10
    group.passTime(ROUNDS * READ_AGAIN_MS)
    expect(reading.text).toBeUndefined()
    expect(reads(group, 0)).toBeGreaterThanOrEqual(ROUNDS)
    expect(reads(group, 0)).toBeLessThanOrEqual(ROUNDS + 1)
    // The slow one is asked once, and heard whenever it answers.
    expect(reads(group, 3)).toBe(1)
    group.hold(() => false)
    group.run()
    expect(reading.text).toBe(null)
    const asked = reads(group, 1)
    group.passTime(10 * READ_AGAIN_MS)
    expect(reads(group, 1)).toBe(asked)
  })

  it('that is given up asks nobody any more', () => {
    const group = replicas(4, { liars: { 0: inventing } })
    group.hold(({ to }) => to === 3)
    const reading = group.read(group.client(1), group.registerOf(group.client(0)))
    group.run()
    reading.operation.abandon()
    const asked = group.sent.length
    group.passTime(10 * READ_AGAIN_MS)
    expect(group.sent.length).toBe(asked)
  })

  it.each([
    ['has written what it has not prewritten', null, at(1, 'x')],
    ['has written above what it has prewritten', at(1, 'x'), at(2, 'y')],
    ['has two values at one timestamp', at(1, 'x'), at(1, 'y')]
  ])('names a member that %s, and does not count it', (_, prewritten, written) => {
    const liar: Script = (_from, message) =>
      message.type === 'READ'
        ? [{ type: 'VALUE', call: answerTo(messages, message), prewritten, written }]
        : []
    const group = replicas(4, { liars: { 0: liar } })
    const reading = group.read(group.client(1), group.registerOf(group.client(0)))
    group.passTime(1000)
    expect(reading.text).toBe(null)
    expect(group.faults).toMatchObject([{ process: 0, certainty: 'certain', kind: 'protocol-violation' }])
  })

  it('gets two values in one message: the longest value is half as long', () => {
    const options = { valueBytesMax: DOUBLE_WRITE_VALUE_BYTES_MAX + 1 }
    expect(() => replicas(4, { options })).toThrow(InvalidParametersError)
    expect(() => replicas(4, { options: { valueBytesMax: DOUBLE_WRITE_VALUE_BYTES_MAX } })).not.toThrow()
  })
})
