/** Calls: who is asked, which answers count, and what is made of them. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Environment } from '../../src/core/environment.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { defineMessages, type MessageOf } from '../../src/core/messages.ts'
import { uint } from '../../src/core/shapes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { type Answered, answeredShape, answering, callShape } from '../../src/exchange/call-id.ts'
import { type Call, Calls } from '../../src/exchange/calls.ts'
import { gather, matching } from '../../src/exchange/gather.ts'
import { testEnvironment } from '../core/environment.ts'

const messages = defineMessages({
  ASK: [0, { call: callShape, what: uint() }],
  ANSWER: [1, { call: answeredShape, right: uint(2) }]
})
type TestMessage = MessageOf<typeof messages>
type Ask = Extract<TestMessage, { type: 'ASK' }>
type Answer = Extract<TestMessage, { type: 'ANSWER' }>

const THIS_LIFE = 7

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
const ask = (what: number, whom?: readonly ProcessId[]): Call =>
  calls.begin(
    (call) => ({ type: 'ASK', call, what }),
    (from, { right }) => {
      if (right === 1) counted.push(from)
      return right === 1
    },
    whom
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

describe('an answer', () => {
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

describe('a call to some', () => {
  it('asks those that are named, then whoever is added, and nobody else again', () => {
    const call = ask(1, [2, 0])
    const question = lastAsked()
    expect(sent.map(([to]) => to)).toEqual([2, 0])
    call.ask(3)
    expect(sent.map(([to]) => to)).toEqual([2, 0, 3])
    answer(0, answering(env, messages, question))
    sent = []
    for (const peer of [0, 1, 2, 3]) calls.resync(peer)
    for (const peer of [0, 1, 2, 3]) calls.serving(peer)
    expect(sent.map(([to]) => to)).toEqual([2, 3, 2, 3])
  })

  it('counts no answer of who was not asked, which is no lie either', () => {
    const call = ask(1, [0])
    const to = answering(env, messages, lastAsked())
    answer(1, to)
    answer(1, { ...to, question: new Uint8Array(32) })
    expect([counted, wrong]).toEqual([[], []])
    call.ask(1)
    answer(1, to)
    expect(counted).toEqual([1])
  })

  it('says whom it asked, where that is not everybody', () => {
    ask(1)
    ask(2, [3, 1])
    answer(3, answering(env, messages, lastAsked()))
    expect(calls.state()).toEqual([
      { call: 1, answered: [] },
      { call: 2, asked: [1, 3], answered: [3] }
    ])
  })
})

/** How a gathering of these answers ends; each is an acknowledgement (1), a refusal (0) or neither (2). */
function gathered(quorum: number, of: number, answers: readonly number[]) {
  const ended: (string | undefined)[] = []
  const named: ProcessId[] = []
  gather<Ask, Answer, string>(calls, {
    question: (call) => ({ type: 'ASK', call, what: 1 }),
    quorum,
    of,
    judge: ({ right }) => (right === 2 ? undefined : right === 1 ? 'acknowledged' : 'refused'),
    wrong: (from) => named.push(from),
    returned: (refusal) => ended.push(refusal)
  })
  const to = answering(env, messages, lastAsked())
  for (const [from, right] of answers.entries()) answer(from, to, right)
  return { ended, named, open: calls.size }
}

describe('gather', () => {
  // By all quorums and counts of those who are asked: for n = 4 alone, one number stands for many formulas.
  const sizes = Array.from({ length: 7 }, (_, n) => n + 1).flatMap((of) =>
    Array.from({ length: of }, (_, quorum) => [quorum + 1, of] as const)
  )

  it.each(sizes)('with %i acknowledgements of %i it ends, and not with one less', (quorum, of) => {
    const acknowledged = Array.from({ length: of }, () => 1)
    expect(gathered(quorum, of, acknowledged.slice(0, quorum - 1))).toMatchObject({ ended: [], open: 1 })
    calls = callsOf(THIS_LIFE)
    expect(gathered(quorum, of, acknowledged)).toMatchObject({ ended: [undefined], open: 0 })
  })

  it.each(sizes)(
    'where %i of %i are needed, it is refused when no quorum is left, and not before',
    (quorum, of) => {
      const refusals = Array.from({ length: of }, () => 0)
      expect(gathered(quorum, of, refusals.slice(0, of - quorum))).toMatchObject({ ended: [], open: 1 })
      calls = callsOf(THIS_LIFE)
      expect(gathered(quorum, of, refusals)).toMatchObject({ ended: ['refused'], open: 0 })
    }
  )

  it('where nobody has to acknowledge, it ends at once, and all have been asked', () => {
    expect(gathered(0, 2, [])).toMatchObject({ ended: [undefined], open: 0 })
    expect(sent.map(([to]) => to)).toEqual(['all'])
  })

  it('an answer that is none is named, and the next one of that process counts', () => {
    expect(gathered(1, 4, [2])).toMatchObject({ ended: [], named: [0] })
    answer(0, answering(env, messages, lastAsked()))
    expect(calls.size).toBe(0)
  })
})

describe('matching', () => {
  /** Asks until k answers are equal; one that is 2 is none. */
  function matched(k: number, whom?: readonly ProcessId[]) {
    const ended: number[] = []
    matching<Ask, Answer>(calls, {
      question: (call) => ({ type: 'ASK', call, what: 1 }),
      ...(whom === undefined ? {} : { whom }),
      k,
      digestOf: (_, { right }) => (right === 2 ? undefined : new Uint8Array(32).fill(right)),
      returned: ({ right }) => ended.push(right)
    })
    const to = answering(env, messages, lastAsked())
    return { ended, say: (from: ProcessId, right: number) => answer(from, to, right) }
  }

  it.each([1, 2, 3, 4])('ends at %i equal answers, whatever others say', (k) => {
    const { ended, say } = matched(k)
    for (let liar = 0; liar < k - 1; liar++) say(10 + liar, 0)
    for (let member = 0; member < k - 1; member++) say(member, 1)
    expect(ended).toEqual([])
    say(k - 1, 1)
    say(k, 1)
    expect(ended).toEqual([1])
    expect(calls.size).toBe(0)
  })

  it('counts one answer of each process, and none that is no answer', () => {
    const { ended, say } = matched(2)
    say(0, 1)
    say(0, 1)
    say(0, 0)
    say(1, 2)
    expect(ended).toEqual([])
    say(1, 1)
    expect(ended).toEqual([1])
  })

  it('counts nobody who was not asked', () => {
    const { ended, say } = matched(1, [0])
    say(1, 1)
    expect(ended).toEqual([])
    say(0, 0)
    expect(ended).toEqual([0])
  })
})
