/** Pulls, of what is named by its digest alone; those of broadcast payloads are tested with the broadcasts. */
import { beforeEach, describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { PULLS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { Pulls } from '../../src/exchange/pulls.ts'
import { WORK_US } from '../../src/links/constants.ts'
import { type TestEnvironment, testEnvironment } from '../core/environment.ts'

type Name = { readonly digest: Uint8Array }

const hash = nobleBackend.sha256
const named = (text: string): Name => ({ digest: hash(utf8(text)) })

let test: TestEnvironment
let pulls: Pulls<Name>
let holders: readonly ProcessId[]
let asked: ProcessId[]
let answered: ProcessId[]
let charged: number[]
let found: string[]
let timers: (() => void)[]
const held = new Map<string, Uint8Array>()

/** Time passes until every question that is open now has gone unanswered. */
const passTime = () => {
  for (const fire of timers.splice(0)) fire()
}

beforeEach(() => {
  test = testEnvironment()
  holders = [0, 1, 2]
  asked = []
  answered = []
  charged = []
  found = []
  timers = []
  held.clear()
  const clock: Clock = {
    now: () => 0,
    setTimer(_, fire) {
      timers.push(fire)
      return { cancel: () => void timers.splice(timers.indexOf(fire), 1) }
    }
  }
  pulls = new Pulls(
    { ...test.env, clock, crypto: { ...test.env.crypto, hash } },
    {
      keyOf: ({ digest }) => toHex(digest),
      find: ({ digest }) => held.get(toHex(digest)),
      found: (_, payload) => found.push(new TextDecoder().decode(payload)),
      holders: () => holders,
      ask: (peer) => asked.push(peer),
      answer: (peer) => answered.push(peer),
      charge: (_, us) => charged.push(us)
    }
  )
})

const pull = (text: string) => pulls.pull(named(text), named(text).digest)
const handOver = (from: ProcessId, text: string, what = text) =>
  pulls.onPayload(from, named(text), utf8(what))

describe('who asks', () => {
  it('asks one holder after the other, never itself, and starts over', () => {
    pull('a')
    pull('a')
    for (let i = 0; i < 3; i++) passTime()
    expect(asked).toEqual([1, 2, 1, 2])
    handOver(2, 'a')
    expect(found).toEqual(['a'])
    expect(timers).toEqual([])
  })

  it('asks as soon as there is somebody to ask', () => {
    holders = []
    pull('a')
    expect(asked).toEqual([])
    holders = [3]
    pull('a')
    expect(asked).toEqual([3])
  })

  it('has so many questions open, and a dropped one makes room for the next', () => {
    for (let i = 0; i <= PULLS_OPEN_MAX; i++) pull(`${i}`)
    expect(asked).toHaveLength(PULLS_OPEN_MAX)
    pulls.drop(named('0'))
    expect(asked).toHaveLength(PULLS_OPEN_MAX + 1)
  })

  it('names who was asked and hands over something else, suspects who was not, and goes on', () => {
    pull('a')
    handOver(1, 'a', 'b')
    handOver(3, 'a', 'b')
    expect(test.faults.map(({ process, certainty }) => [process, certainty])).toEqual([
      [1, 'certain'],
      [3, 'suspected']
    ])
    expect(found).toEqual([])
    passTime()
    handOver(2, 'a')
    expect(found).toEqual(['a'])
  })

  it('asks again in a new session', () => {
    holders = [1]
    pull('a')
    pulls.resync(1)
    expect(asked).toEqual([1, 1])
  })
})

describe('who is asked', () => {
  it('answers once in a session; what it has not, or has said, costs whoever asks', () => {
    held.set(toHex(named('a').digest), utf8('a'))
    for (let i = 0; i < 3; i++) pulls.onPull(2, named('a'), named('a').digest)
    pulls.onPull(2, named('b'), named('b').digest)
    expect(answered).toEqual([2])
    expect(charged).toEqual([WORK_US.refusal, WORK_US.refusal, WORK_US.refusal])
    pulls.resync(2)
    pulls.onPull(2, named('a'), named('a').digest)
    pulls.onPull(1, named('a'), named('a').digest)
    expect(answered).toEqual([2, 2, 1])
  })
})
