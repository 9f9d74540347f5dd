/**
 * An answer counts for the question that it was given to, and for no other; and once it was found to be one, at each kind
 * of register: with one answer that does not count, and f members that are silent, the right answer of who gave the wrong
 * one is needed.
 */
import { describe, expect, it } from 'vitest'
import { doubleWriteRegister } from '../../src/catalogue/double-write-register.ts'
import { maskingQuorumRegister } from '../../src/catalogue/masking-quorum-register.ts'
import type { Message, MessageOf, Messages } from '../../src/core/messages.ts'
import type { Answered } from '../../src/exchange/call-id.ts'
import type { storageMessages } from '../../src/registers/authenticated-storage.ts'
import { VALUE_BYTES_MAX } from '../../src/registers/constants.ts'
import { doubleWriteMessages } from '../../src/registers/double-write-register.ts'
import { maskingQuorumMessages } from '../../src/registers/masking-quorum-register.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { answerTo } from '../exchange/asked.ts'
import { found, RegisterGroup } from './group.ts'
import { Replicas, type Script } from './replicas.ts'

type StorageMessage = MessageOf<typeof storageMessages>

/** The message, and if it answers, before it: an answer to another question, and one of a kind that is none to this one. */
function afterWrongOnes<M extends Message>(message: M, otherKind: (call: Answered) => M): M[] {
  const call = message.call as Answered | undefined
  if (call === undefined || !('question' in call)) return [message]
  return [{ ...message, call: { ...call, question: new Uint8Array(32) } }, otherKind(call), message]
}

describe.each([4, 5, 6, 7])(
  'signed registers of %i members: a member gives a wrong answer, then the right one',
  (n) => {
    it('termination: with f others silent, reads and writes return', () => {
      const group = new RegisterGroup({ n, register: 'atomic' })
      const writer = group.client(0)
      const reader = group.client(1)
      const register = soleWriter(group.publicKey(writer), 'a')
      for (let silent = 0; silent < group.group.f; silent++) group.lie(silent, () => [])
      group.lie(n - 1, (message) =>
        afterWrongOnes<StorageMessage>(message, (call) => ({ type: 'KEYS', call, entries: [], more: false }))
      )
      const write = group.write(writer, register, 'a')
      group.run()
      expect(write.result).toEqual({ written: true, timestamp: 1 })
      const read = group.read(reader, register)
      group.run()
      expect(found(read)).toBe('a')
      expect(group.accused.every((process) => process === n - 1)).toBe(true)
      // Where every other answer is needed, the wrong one has come.
      const { available, byzantine } = group.group.quorum
      if (available === byzantine) expect(group.accused).toEqual([n - 1])
    })
  }
)

describe.each([
  {
    name: 'masking quorum',
    stack: maskingQuorumRegister,
    own: maskingQuorumMessages(VALUE_BYTES_MAX),
    sizes: [5, 6, 7, 9]
  },
  {
    name: 'double write',
    stack: doubleWriteRegister,
    own: doubleWriteMessages(VALUE_BYTES_MAX),
    sizes: [4, 5, 6, 7]
  }
])('$name: a member gives a wrong answer, then the right one', ({ stack, own, sizes }) => {
  const format = own as Messages<never> as Messages<Message>

  const value = (call: Answered) =>
    stack === maskingQuorumRegister
      ? { type: 'VALUE', call, value: null }
      : { type: 'VALUE', call, prewritten: null, written: null }

  /** The initial value for every read, and yes to everything else. */
  const answers: Script = (_, message) => {
    const call = answerTo(format, message)
    if (message.type === 'READ') return [value(call)]
    if (message.type === 'PREWRITE') return [{ type: 'PREACK', call }]
    return message.type === 'WRITE' ? [{ type: 'ACK', call }] : []
  }

  it.each(sizes)('termination: of %i members f others are silent, and reads and writes return', (n) => {
    const f = stack.resilience.largest(n)
    const silent = Array.from({ length: f }, (_, rank) => [rank, () => []] as const)
    const thrice: Script = (from, message) =>
      answers(from, message).flatMap((right) =>
        afterWrongOnes<Message>(right, (call) =>
          message.type === 'READ' ? { type: 'ACK', call } : value(call)
        )
      )
    const group = new Replicas({
      stack,
      messages: format,
      n,
      liars: { ...Object.fromEntries(silent), [n - 1]: thrice }
    })
    const register = group.registerOf(group.client(0))
    const read = group.read(group.client(1), register)
    group.passTime(1000)
    expect(read.text).toBe(null)
    const write = group.write(group.client(0), register, 'a')
    group.passTime(1000)
    expect(write.result).toEqual({ written: true, timestamp: 1 })
    const named = new Set(group.faults.map(({ process }) => process))
    const { available, masking, byzantine } = group.group.quorum
    // Where every other answer is needed, the wrong one has come.
    if (available === (stack === maskingQuorumRegister ? masking : byzantine))
      expect(named).toEqual(new Set([n - 1]))
    else expect([...named].every((process) => process === n - 1)).toBe(true)
  })
})
