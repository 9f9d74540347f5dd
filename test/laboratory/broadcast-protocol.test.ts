/** The contract of `broadcastProtocol`, and what becomes of those who do not keep it. */
import { describe, expect, it } from 'vitest'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import { defineMessages } from '../../src/core/messages.ts'
import { bytes, uint } from '../../src/core/shapes.ts'
import { type BroadcastProtocolInit, broadcastProtocol } from '../../src/laboratory/broadcast-protocol.ts'
import { recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack, type RunConfig } from '../../src/laboratory/run-config.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { expectNone } from '../violations.ts'

const messages = defineMessages({ DATA: [0, { sequence: uint(), payload: bytes(4096) }] })

/** Best-effort broadcast, but for what is given. */
function configOf(changes: Partial<BroadcastProtocolInit>): RunConfig {
  const stack = broadcastProtocol({
    name: 'tested',
    properties: ['validity', 'no duplication', 'integrity'],
    create(_env, ports, deliver) {
      const port = ports.open('tested', messages, {
        deliver: (from, { sequence, payload }) => deliver(from, sequence, payload),
        resync() {}
      })
      return { broadcast: (sequence, payload) => port.sendAll({ type: 'DATA', sequence, payload }) }
    },
    ...changes
  })
  addStack(stack)
  return {
    protocol: stack.name,
    members: 4,
    faults: 1,
    byzantine: 1,
    adversary: 'silent',
    links: 'ideal',
    crypto: 'symbolic'
  }
}

it('broadcasts are numbered from 0 for each sender, deliveries from position 0 for each process', () => {
  const { result, violations } = recordRun(configOf({}), 1)
  expectNone(violations)
  for (const process of result.history.correct) {
    const own = broadcastEvents(result.history).filter((event) => event.process === process)
    const sequences = own.flatMap((event) => (event.kind === 'broadcast' ? [event.sequence] : []))
    const positions = own.flatMap((event) => (event.kind === 'deliver' ? [event.position] : []))
    expect(sequences).toEqual([...sequences.keys()])
    expect(positions).toEqual([...positions.keys()])
    expect(positions.length).toBeGreaterThan(0)
  }
})

it('the state of the component is told under the name of the protocol; one that cannot be told is none', () => {
  const told = (state: () => null) => {
    const { acted } = recordRun(configOf({ create: () => ({ broadcast() {}, state }) }), 1)
    const events: TraceEvent[] = []
    const { violations } = repeatRun(acted, { states: true, sink: (event) => events.push(event) })
    expect(violations.map(({ property }) => property)).toEqual(['validity'])
    return events.flatMap((event) => (event.kind === 'state' ? [[event.path, event.state]] : []))
  }
  expect(told(() => null)[0]).toEqual(['tested', null])
  const failing = () => {
    throw new Error('no words')
  }
  expect(told(failing)[0]).toEqual(['tested', 'state() failed: no words'])
})

it('a run is the same whether somebody watches or not, also where create draws, asks for the time and sets a timer', () => {
  const config = configOf({
    create(env, ports) {
      const drawn = env.random.below(1000)
      const port = ports.open('tested', messages, { deliver() {}, resync() {} })
      env.clock.setTimer(drawn, () => {
        env.observer.landmark('timer')
        port.sendAll({ type: 'DATA', sequence: env.random.below(1000), payload: env.random.bytes(8) })
      })
      return { broadcast() {} }
    }
  })
  // Without liars: who connects first, and is asked for its ports, is a correct process.
  const { acted, result } = recordRun({ ...config, byzantine: 0, adversary: null }, 1)
  const watched = repeatRun(acted, { sink: () => {}, states: true }).result
  expect(watched.digest).toBe(result.digest)
  expect([...watched.landmarks]).toEqual([...result.landmarks])
  expect(result.landmarks.get('timer')).toBe(4)
})

describe('who does not keep the contract is stopped, and told why', () => {
  const garbage = (...delivered: readonly unknown[]): Partial<BroadcastProtocolInit> => ({
    create: (_env, _ports, deliver) => ({
      broadcast: () => (deliver as (...args: readonly unknown[]) => void)(...delivered)
    })
  })

  it.each<[string, Partial<BroadcastProtocolInit>, RegExp]>([
    ['a sender that is no rank', garbage(7, 0, new Uint8Array(1)), /the sender is a rank below n, not 7/],
    [
      'a number that is none',
      garbage(0, -1, new Uint8Array(1)),
      /the sequence is a number from 0 on, not -1/
    ],
    ['a payload of text', garbage(0, 0, 'hello'), /the payload is a Uint8Array/],
    [
      'create returns nothing',
      { create: (() => {}) as unknown as BroadcastProtocolInit['create'] },
      /create returns an object with broadcast/
    ]
  ])('%s', (_, changes, cause) => {
    const [violation] = run(configOf(changes), 1).violations
    expect(violation).toMatchObject({ property: 'no crash', detail: expect.stringMatching(cause) })
  })
})

it('a check that throws is named, and a violation has the name of its check', () => {
  const checks = {
    broken: () => {
      throw new Error('not a checker')
    },
    mislabelled: () => [{ property: 'totality', detail: 'd', at: 0 }]
  }
  const { violations } = run(configOf({ checks }), 1)
  expect(violations).toMatchObject([
    { property: 'mislabelled', detail: 'd' },
    { property: 'broken', detail: 'its check failed: not a checker' }
  ])
})

it('with links that break, a component that stores nothing loses what a crash takes, and is found out', () => {
  const config = configOf({ model: 'fail-arbitrary' })
  const violated = new Set(
    Array.from({ length: 20 }, (_, seed) => run(config, seed).violations)
      .flat()
      .map(({ property }) => property)
  )
  expect([...violated]).toEqual(['validity'])
})
