/** The recorder alone, around a stack that asks its environment for everything that an environment has. */

import { describe, expect, test } from 'vitest'
import { broadcastService } from '../../src/broadcast/service.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { Environment } from '../../src/core/environment.ts'
import { failArbitrary } from '../../src/core/model.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { MemberReplay, type Replayed } from '../../src/laboratory/replayed-member.ts'
import { addStack } from '../../src/laboratory/run-config.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { type RecordedStack, recordStack } from '../../src/recording/recorder.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import type { BroadcastInstance, BroadcastStack } from '../../src/stacks/stack.ts'

/** What the stack under test does when it is asked to broadcast. */
let asked: (env: Environment) => void = () => {}

const probe: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'probe',
  title: 'whatever a test wants',
  source: 'none',
  model: failArbitrary,
  resilience: { formula: 'any f < n', admits: () => true, largest: (n) => n - 1 },
  properties: [],
  landmarks: [],
  build: (env): BroadcastInstance => ({
    services: {
      broadcast: {
        broadcast: () => {
          env.trigger(() => asked(env))
          return 0
        },
        acknowledge() {},
        acknowledged: 0,
        next: 0,
        base: () => 0
      }
    },
    restore() {},
    state: () => ({})
  })
}
addStack(probe)

interface Recorded {
  readonly lines: readonly string[]
  readonly stack: RecordedStack
  readonly solo: Solo<RecordedStack>
  readonly links: CarrierIndications
}

/** The probe is recorded, started, and asked once. */
function recorded(ask: (env: Environment) => void): Recorded {
  asked = ask
  const lines: string[] = []
  const application = { deliver() {}, gap() {}, ready() {} }
  const solo = new Solo({
    members: 4,
    make: (env) => recordStack({ env, stack: probe, options: {}, application }, (line) => lines.push(line))
  })
  solo.do(({ instance }) => instance.restore())
  try {
    solo.do(({ instance }) => instance.services.broadcast.broadcast(utf8('go')))
  } catch (error) {
    solo.component.end(error as Error)
  }
  return { lines, stack: solo.component, solo, links: solo.component.indications }
}

function replay({ lines }: Pick<Recorded, 'lines'>): Replayed {
  const member = new MemberReplay({
    name: 'file',
    crypto: (group) => symbolicCrypto(group, 1, defaultBackend.sha256)(0)
  })
  for (const line of lines) member.line(line)
  return member.end()
}

describe('a replay answers as the environment did', () => {
  test.each<[what: string, ask: (env: Environment) => unknown]>([
    ['clock', ({ clock }) => clock.now()],
    ['random bytes', ({ random }) => random.bytes(16)],
    ['random number', ({ random }) => random.below(1000)],
    ['signature', ({ crypto }) => crypto.sign(utf8('a statement'))],
    ['MAC', ({ crypto }) => crypto.macKey(1, utf8('context')).tag(utf8('message'))],
    [
      'verdict on a MAC',
      ({ crypto }) => crypto.macKey(1, utf8('context')).verify(utf8('message'), new Uint8Array(32))
    ]
  ])('%s', (_, ask) => {
    const answers: unknown[] = []
    const run = recorded((env) => {
      answers.push(ask(env))
      env.store.put('answer', utf8(JSON.stringify(answers.at(-1))))
    })
    expect(replay(run).difference).toBeUndefined()
    expect(answers).toHaveLength(2)
    expect(answers[1]).toEqual(answers[0])
    // Nothing of it is known from elsewhere.
    const without = run.lines.map((line) => line.replace(/,"readings":\[.*?\]/, ''))
    expect(without).not.toEqual(run.lines)
    expect(replay({ lines: without }).difference).toMatch(/it asks for .*, which it did not then$/)
    const more = run.lines.map((line) => line.replace(/("readings":\[.*?)\]/, '$1,{"now":1}]'))
    expect(replay({ lines: more }).difference).toMatch(/it asks less of its environment$/)
  })
})

test('timers fire and are cancelled as they were, and what is done at the end of turns is done then', () => {
  let turns = 0
  const run = recorded((env) => {
    const [first, second] = [20, 10].map((ms) =>
      env.clock.setTimer(ms, () => env.store.put('fired', utf8(`${ms}`)))
    )
    env.clock.setTimer(5, () => first?.cancel())
    env.onTurnEnd(() => env.store.put('turns', utf8(`${turns++}`)))
    expect(second).toBeDefined()
  })
  run.solo.passTime(100)
  run.stack.end()
  turns = 0
  const inputs = run.lines.map((line) => JSON.parse(line)).filter(({ input }) => input !== undefined)
  expect(inputs.filter(({ input }) => input === 'timer').map(({ timer }) => timer)).toEqual([3, 2])
  expect(inputs.map(({ input }) => input)).toContain('turn-end')
  expect(replay(run)).toMatchObject({ difference: undefined, ending: 'stopped' })
})

test('a stack that is not deterministic is told', () => {
  let calls = 0
  const run = recorded((env) => env.store.put('calls', utf8(`${calls++}`)))
  expect(replay(run).difference).toMatch(
    /^line \d+ \(broadcast\.broadcast, asked for by the application\): the same in kind \(1 x request answered at once, 1 x write\), not in content$/
  )
})

test('a handler that throws ends the recording, and throws again in the replay', () => {
  const run = recorded((env) => {
    env.store.put('a', utf8('b'))
    throw new Error('a bug')
  })
  expect(JSON.parse(run.lines.at(-1) ?? '')).toMatchObject({ end: 'crashed', cause: 'a bug' })
  expect(replay(run)).toMatchObject({ difference: undefined, ending: 'crashed' })
  expect(run.lines.filter((line) => line.includes('"did":"nwx"'))).toHaveLength(1)
})

test('nothing comes after the end', () => {
  const run = recorded(() => {})
  run.stack.end()
  run.stack.end(new Error('too late'))
  expect(run.lines.filter((line) => line.includes('"end"'))).toHaveLength(1)
  expect(() => replay({ lines: [...run.lines, run.lines.at(-1) ?? ''] })).toThrow(
    /^file: line \d+ comes after the end of the recording$/
  )
})

test('what a turn sends is recorded before the links can pack it', () => {
  const lines: string[] = []
  const seen: number[] = []
  asked = (env) => env.whenDurable(() => env.observer.landmark('sent'))
  const application = { deliver() {}, gap() {}, ready() {} }
  const make = (env: Environment) => {
    const stack = recordStack({ env, stack: probe, options: {}, application }, (line) => lines.push(line))
    // As links do it, which are made when the stack stands.
    env.onTurnEnd(() => seen.push(lines.length))
    stack.attach({ send() {} })
    return stack
  }
  const solo = new Solo({ members: 4, make })
  solo.do(({ instance }) => instance.services.broadcast.broadcast(utf8('go')))
  expect(lines.at(-1)).toContain('"did":"nl"')
  expect(seen.at(-1)).toBe(lines.length)
})
