/**
 * An answer counts for the question that it was given to, and for no other; and once it was found to be one. The component
 * that sees to it, and each kind of register: with one answer that does not count, and f members that are silent, the right
 * answer of who gave the wrong one is needed.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Environment } from '../../src/core/environment.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { defineMessages, type Message, type MessageOf, type Messages } from '../../src/core/messages.ts'
import { uint } from '../../src/core/shapes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import type { storageMessages } from '../../src/registers/authenticated-storage.ts'
import { type Answered, answeredShape, answering, callShape } from '../../src/registers/call-id.ts'
import { type Call, Calls } from '../../src/registers/calls.ts'
import { VALUE_BYTES_MAX } from '../../src/registers/constants.ts'
import { doubleWriteMessages } from '../../src/registers/double-write-register.ts'
import { maskingQuorumMessages } from '../../src/registers/masking-quorum-register.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { doubleWriteRegister } from '../../src/stacks/double-write-register.ts'
import { maskingQuorumRegister } from '../../src/stacks/masking-quorum-register.ts'
import { testEnvironment } from '../core/environment.ts'
import { answerTo } from './calls.ts'
import { found, RegisterGroup } from './group.ts'
import { Replicas, type Script } from './replicas.ts'

const messages = defineMessages({
  ASK: [0, { call: callShape, what: uint() }],
  ANSWER: [1, { call: answeredShape, right: uint(1) }]
})
type StorageMessage = MessageOf<typeof storageMessages>
type TestMessage = MessageOf<typeof messages>
type Ask = Extract<TestMessage, { type: 'ASK' }>
type Answer = Extract<TestMessage, { type: 'ANSWER' }>

const THIS_LIFE = 7

describe('calls', () => {
  let calls: Calls<Ask, Answer>
  let sent: [to: ProcessId | 'all', message: Ask][]
  let wrong: ProcessId[]
  let counted: ProcessId[]
  let env: Environment

  const callsOf = (incarnation: number) => {
    const { env: plain } = testEnvironment()
    env = { ...plain, incarnation, crypto: { ...plain.crypto, hash: nobleBackend.sha256 } }
    const send = (to: ProcessId, message: Ask) => sent.push([to, message])
    const port = {
      send,
      answer: send,
      sendAll: (message: Ask) => sent.push(['all', message])
    }
    return new Calls<Ask, Answer>(env, messages, port, (from) => wrong.push(from))
  }

  /** Asks, and counts the members whose answers are right. */
  const ask = (what: number): Call =>
    calls.begin(
      (call) => ({ type: 'ASK', call, what }),
      (from, { right }) => {
        if (right === 1) counted.push(from)
        return right === 1
      }
    )

  const lastAsked = () => sent.at(-1)?.[1] as Ask
  const answer = (from: ProcessId, call: Answered, right = 1) =>
    calls.answer(from, { type: 'ANSWER', call, right })

  beforeEach(() => {
    sent = []
    wrong = []
    counted = []
    calls = callsOf(THIS_LIFE)
  })

  it('no two questions of all lives of a process have the same name', () => {
    ask(1)
    ask(2)
    calls = callsOf(THIS_LIFE + 1)
    ask(1)
    expect(sent.map(([, { call }]) => call)).toEqual([
      { life: THIS_LIFE, number: 1 },
      { life: THIS_LIFE, number: 2 },
      { life: THIS_LIFE + 1, number: 1 }
    ])
  })

  it('an answer to the same question under the same number of another life counts for none here, and is no lie', () => {
    calls = callsOf(THIS_LIFE - 1)
    ask(1)
    const late = answering(env, messages, lastAsked())
    calls = callsOf(THIS_LIFE)
    ask(1)
    answer(0, late)
    // Not even if it had the digest of this life's question.
    const { question } = answering(env, messages, lastAsked())
    answer(1, { ...late, question })
    expect([counted, wrong]).toEqual([[], []])
    answer(0, answering(env, messages, lastAsked()))
    expect(counted).toEqual([0])
  })

  it('an answer to another question under the number of this one is named, and the right one counts after it', () => {
    ask(1)
    const asked = lastAsked()
    answer(0, { ...asked.call, question: answering(env, messages, { ...asked, what: 2 }).question })
    expect([counted, wrong]).toEqual([[], [0]])
    answer(0, answering(env, messages, asked))
    expect([counted, wrong]).toEqual([[0], [0]])
  })

  it('of each member the first answer that is found to be right counts, however many wrong ones came before', () => {
    const call = ask(1)
    const to = answering(env, messages, lastAsked())
    for (let i = 0; i < 3; i++) answer(2, to, 0)
    expect([counted, call.answered]).toEqual([[], 0])
    answer(2, to)
    answer(2, to)
    answer(2, to, 0)
    expect([counted, call.answered]).toEqual([[2], 1])
    call.end()
    answer(3, to)
    expect(counted).toEqual([2])
  })

  it('who gave no right answer is asked again in a new session', () => {
    ask(1)
    const question = lastAsked()
    const to = answering(env, messages, question)
    answer(0, to, 0)
    answer(1, to)
    sent = []
    for (const peer of [0, 1]) calls.resync(peer)
    expect(sent).toEqual([[0, question]])
  })
})

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
