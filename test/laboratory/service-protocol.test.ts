/** The contract of `serviceProtocol`: a service of somebody's own is run and judged from its declaration. */
import { describe, expect, it } from 'vitest'
import { WindowFullError } from '../../src/core/errors.ts'
import { defineService } from '../../src/core/service.ts'
import { uint } from '../../src/core/shapes.ts'
import { abstractionOf, describeTold } from '../../src/laboratory/abstractions/index.ts'
import { recordRun } from '../../src/laboratory/recording.ts'
import { addStack, type RunConfig } from '../../src/laboratory/run-config.ts'
import { type ServiceProtocolInit, serviceProtocol } from '../../src/laboratory/service-protocol.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'
import { mailbox, UNREAD_MAX } from '../fixtures/mailbox.ts'
import { expectNone } from '../violations.ts'

const service = defineService({
  name: 'till',
  requests: {
    draw: { arguments: { coins: uint() }, result: uint() },
    thank: { arguments: { coins: uint() } }
  },
  indications: { paid: { coins: uint() }, open: {} },
  consumed: 'thank',
  admits: 'open'
})

interface TillIndications {
  paid(coins: number): void
  open(): void
}

const init = {
  name: 'till',
  service,
  model: 'fail-silent',
  resilience: { formula: 'any f < n', admits: (n, f) => f < n, largest: (n) => n - 1 },
  properties: ['termination'],
  asks: () => [1, 2, 3].map((coins) => ({ name: 'draw', arguments: { coins } })),
  create: (env) => ({
    draw: (coins: number, returned: (coins: number) => void) => env.trigger(() => returned(coins))
  })
} as const satisfies ServiceProtocolInit<TillIndications>

function configOf(stack: ReturnType<typeof serviceProtocol>): RunConfig {
  addStack(stack)
  const run = {
    members: 4,
    faults: 0,
    byzantine: 0,
    adversary: null,
    links: 'ideal',
    crypto: 'symbolic'
  } as const
  return { ...run, protocol: stack.name }
}

function runOf(changes: Partial<ServiceProtocolInit<TillIndications>>) {
  const { result, violations } = recordRun(configOf(serviceProtocol({ ...init, ...changes })), 1)
  const of = (process: number) => result.history.events.filter((event) => event.process === process)
  return { of, violations }
}

const told = (events: readonly HistoryEvent[]) =>
  events.map((event) => {
    if (event.kind === 'invoke') return `${event.name} ${event.arguments.coins}`
    if (event.kind === 'return') return `returns ${event.result}`
    return event.kind === 'indicate' ? `${event.name} ${event.values.coins}` : event.kind
  })

describe('the application that follows from a declaration', () => {
  it('asks in order, and tells what was asked for and what it returned', () => {
    const { of, violations } = runOf({})
    expectNone(violations)
    expect(told(of(2)).filter((each) => each.startsWith('draw'))).toEqual(['draw 1', 'draw 2', 'draw 3'])
    expect(told(of(2)).filter((each) => each.startsWith('returns'))).toHaveLength(3)
  })

  it('termination: a request that never returns is a violation, and only if that is promised', () => {
    const create = () => ({ draw: () => ({ abandon() {} }) })
    expect(runOf({ create }).violations).toMatchObject([
      { property: 'termination', detail: 'request 1 of member 0, draw, never returned' }
    ])
    expectNone(runOf({ create, properties: [] }).violations)
  })

  it('waits with what is refused until the service admits it again', () => {
    const { of, violations } = runOf({
      create(env, _ports, indications) {
        let isFree = true
        return {
          draw(coins: number, returned: (coins: number) => void) {
            if (!isFree) throw new WindowFullError('one at a time')
            isFree = false
            env.clock.setTimer(5000, () => {
              isFree = true
              returned(coins)
              indications.open()
            })
          }
        }
      }
    })
    expectNone(violations)
    // What admits is no news.
    expect(told(of(0))).toEqual(['draw 1', 'returns 1', 'draw 2', 'returns 2', 'draw 3', 'returns 3'])
  })

  it('is done with what it is told, by the request that the service declares for that', () => {
    const thanked: number[] = []
    const { of, violations } = runOf({
      create: (env, _ports, indications) => ({
        draw(coins: number, returned: (coins: number) => void) {
          env.trigger(() => {
            if (env.self === 1) indications.paid(coins)
            returned(coins)
          })
        },
        thank: (coins: number) => void thanked.push(coins)
      })
    })
    expectNone(violations)
    expect(told(of(1)).filter((each) => each.startsWith('paid'))).toEqual(['paid 1', 'paid 2', 'paid 3'])
    expect(thanked.sort()).toEqual([1, 2, 3])
  })

  it('an error of its own is told as a crash, by the process that it is in', () => {
    const create: (typeof init)['create'] = (env) => ({
      draw: () =>
        env.trigger(() => {
          throw new Error('no coins')
        })
    })
    expect(runOf({ create }).violations[0]).toMatchObject({ property: 'no crash' })
  })

  it('letters of a whole protocol: as many as may are unread, and all are read in the end', () => {
    const config = configOf(mailbox)
    const most = Array.from({ length: 40 }, (_, index) => {
      const { result, violations } = recordRun(config, index + 1)
      expectNone(violations)
      let unread = 0
      let highest = 0
      for (const event of result.history.events) {
        if (event.process !== 0 || (event.kind !== 'invoke' && event.kind !== 'return')) continue
        if (event.name === 'post') unread += event.kind === 'invoke' ? 1 : -1
        highest = Math.max(highest, unread)
      }
      expect(unread).toBe(0)
      return highest
    })
    expect(Math.max(...most)).toBe(UNREAD_MAX)
  })
})

it('its events are told in words once it is known', () => {
  addStack(serviceProtocol(init))
  const at = { time: 0, process: 0, service: 'till' } as const
  const words = (event: HistoryEvent) => describeTold(event, String)
  expect(words({ ...at, kind: 'invoke', name: 'draw', number: 2, arguments: { coins: 3 } })).toBe(
    'invokes 2: draw coins 3'
  )
  expect(words({ ...at, kind: 'return', name: 'draw', number: 2, result: 3 })).toBe('returns from 2: 3')
  expect(words({ ...at, kind: 'indicate', name: 'paid', values: { coins: 1 } })).toBe('is told paid coins 1')
})

it('a stack of its own without that is one that the laboratory does not know', () => {
  const { laboratory: _, ...stack } = serviceProtocol(init)
  expect(() => abstractionOf(stack)).toThrow(
    'till: the laboratory knows nothing of its service: serviceProtocol() of byzkit/testing says it'
  )
})

it.each<[string, object, string]>([
  ['a name of byzkit', { name: 'double-echo' }, 'double-echo is the name of a protocol of byzkit'],
  ['a name in capitals', { name: 'Till' }, 'name: small letters, digits and hyphens, at most 64, not "Till"'],
  ['no service', { service: undefined }, 'service: what defineService returns'],
  ['nothing to create', { create: undefined }, 'create: a function (env, ports, indications)'],
  ['nothing to ask', { asks: undefined }, 'asks: a function (process, draw, members)']
])('%s is refused', (_, changes, line) => {
  expect(() => serviceProtocol({ ...init, ...changes })).toThrow(`serviceProtocol: ${line}`)
})

it('a promise that nobody judges is refused', () => {
  const stack = serviceProtocol({ ...init, properties: ['honesty'] })
  expect(() => addStack(stack)).toThrow('till: nothing judges the property "honesty"')
})
