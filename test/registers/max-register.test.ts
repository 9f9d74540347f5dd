/** The max-register by majorities, line by line: what members keep, what clients count; and in runs, several at once. */
import { describe, expect, it, test } from 'vitest'
import { WindowFullError } from '../../src/core/errors.ts'
import type { Message } from '../../src/core/messages.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { Campaign } from '../../src/laboratory/campaign.ts'
import { run } from '../../src/laboratory/run.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import { MaxRegister, maxRegisterMessages } from '../../src/registers/max-register.ts'
import { answerTo, asked, unasked } from '../exchange/asked.ts'
import { extent } from '../extent.ts'

/** Member 0 of five, which is a client too: of a majority it is one itself. */
function solo() {
  const returned: number[] = []
  const p = new Solo({ members: 5, make: (env, ports) => new MaxRegister(env, 'r', ports) })
  /** What it has asked last, of everybody. */
  const last = (type: string): Message => {
    const message = p.sentOf(type).at(-1)?.message
    if (message === undefined) throw new Error(`it sent no ${type}`)
    return message
  }
  return {
    p,
    returned,
    last,
    raise: (value: number) => {
      p.do((register) => register.raise(value, (result) => returned.push(result)))
      return last('RAISE')
    },
    read: () => {
      p.do((register) => register.read((result) => returned.push(result)))
      return last('READ')
    },
    answer: (from: number, question: Message, value?: number) => {
      const call = answerTo(maxRegisterMessages as never, question)
      p.receive(from, 'r', value === undefined ? { type: 'ACK', call } : { type: 'VALUE', call, value })
    }
  }
}

test('a member keeps the highest, acknowledges lower ones too, and answers with the number of the call', () => {
  const { p } = solo()
  for (const [number, value] of [5, 3, 9, 9, 1].entries())
    p.receive(1, 'r', { type: 'RAISE', call: asked(number), value })
  expect(p.sentOf('ACK').map(({ message }) => (message.call as { number: number }).number)).toEqual([
    0, 1, 2, 3, 4
  ])
  p.receive(2, 'r', { type: 'READ', call: asked(7) })
  expect(p.sentOf('VALUE').map(({ to, message }) => [to, message.value])).toEqual([[2, 9]])
  expect(p.faults).toEqual([])
})

describe('a client', () => {
  it('raise: asks all, and returns at a majority of acknowledgements, its own included', () => {
    const { p, returned, raise, answer } = solo()
    const question = raise(4)
    expect(p.sentOf('RAISE').map(({ to, message }) => [to, message.value])).toEqual(
      [1, 2, 3, 4].map((to) => [to, 4])
    )
    answer(1, question)
    answer(1, question)
    expect(returned).toEqual([])
    answer(3, question)
    expect(returned).toEqual([4])
    answer(4, question)
    expect(returned).toEqual([4])
  })

  it('read: where a majority says the same it returns that, in one round trip', () => {
    const { p, returned, read, answer } = solo()
    const question = read()
    answer(1, question, 0)
    expect(returned).toEqual([])
    answer(2, question, 0)
    expect(returned).toEqual([0])
    expect(p.sentOf('RAISE')).toEqual([])
  })

  it('read: where they differ it raises all to the highest before it returns that', () => {
    const { p, returned, read, answer, last } = solo()
    const question = read()
    answer(1, question, 7)
    answer(2, question, 3)
    expect(returned).toEqual([])
    expect(p.landmarks).toEqual(['maximum-imposed'])
    const imposed = last('RAISE')
    expect(imposed.value).toBe(7)
    answer(1, imposed)
    expect(returned).toEqual([])
    answer(2, imposed)
    expect(returned).toEqual([7])
  })

  it('several are under way at once, and return in any order', () => {
    const { returned, raise, read, answer } = solo()
    const first = raise(2)
    const second = raise(8)
    const third = read()
    for (const from of [1, 2]) answer(from, third, 8)
    for (const from of [1, 2]) answer(from, second)
    expect(returned).toEqual([8, 8])
    for (const from of [3, 4]) answer(from, first)
    expect(returned).toEqual([8, 8, 2])
  })

  it('one that is given up returns nothing: a read asks no more, a raise that was begun is raised all the same', () => {
    const { p, returned, raise, answer, last } = solo()
    p.do((register) => register.read((value) => returned.push(value)).abandon())
    expect(p.sentOf('READ')).toEqual([])
    p.do((register) => {
      const open = register.raise(5, (value) => returned.push(value))
      p.env.whenDurable(() => open.abandon())
    })
    const question = last('RAISE')
    for (const from of [1, 2]) answer(from, question)
    expect(returned).toEqual([])
    expect(raise(6).value).toBe(6)
  })

  it('a new session asks again those who have not answered, and one more than may is refused', () => {
    const { p, read, answer } = solo()
    const question = read()
    answer(1, question, 0)
    p.sent.length = 0
    p.startSession(1)
    p.startSession(2)
    expect(p.sentOf('READ').map(({ to }) => to)).toEqual([2])
    for (let open = 1; open < OPERATIONS_OPEN_MAX; open++) p.do((register) => register.read(() => {}))
    expect(() => p.component.read(() => {})).toThrow(WindowFullError)
  })

  it.each([
    ['another question', { type: 'VALUE', call: unasked(1), value: 1 }],
    ['an ACK for a READ', undefined]
  ])('who answers with %s is named, and does not count', (_, wrong) => {
    const { p, returned, read, answer } = solo()
    const question = read()
    if (wrong === undefined) answer(1, question)
    else p.receive(1, 'r', wrong)
    expect(p.faults.map(({ process, certainty }) => [process, certainty])).toEqual([[1, 'certain']])
    answer(2, question, 0)
    expect(returned).toEqual([])
    answer(3, question, 0)
    expect(returned).toEqual([0])
  })
})

describe('in runs', () => {
  const config = (members: number): RunConfig => ({
    protocol: 'majority-max-register',
    members,
    faults: Math.floor((members - 1) / 2),
    byzantine: 0,
    adversary: null,
    links: 'ideal',
    crypto: 'symbolic'
  })

  it.each([3, 4, 5, 6, 7])(
    'n = %i: termination and atomicity, several of a client in flight, members that stop',
    (members) => {
      const campaign = new Campaign(config(members), 1)
      const runs = extent(60, 600)
      for (let seed = 1; seed <= runs; seed++) campaign.add(run(config(members), seed))
      const { verdict, landmarks, violations } = campaign.result()
      expect({ verdict, violations }).toEqual({ verdict: 'ok', violations: [] })
      expect(landmarks['several-in-flight']).toBeGreaterThan(runs / 2)
      expect(landmarks['maximum-imposed']).toBeGreaterThan(runs / 4)
    }
  )
})
