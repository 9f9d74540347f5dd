/** Components meet through the queue alone, and what passes between them can be observed. */
import { expect, test } from 'vitest'
import { Component } from '../../src/core/component.ts'
import type { Environment } from '../../src/core/environment.ts'
import { type TestEnvironment, testEnvironment } from './environment.ts'

interface EchoIndications {
  echoed(word: string, times: number): void
}

/** Says a word twice; `order` shows when its handlers run. */
class Echo extends Component<EchoIndications> {
  readonly #order: string[]

  constructor(env: Environment, order: string[], indications: EchoIndications) {
    super(env, 'tower/echo', indications)
    this.#order = order
  }

  say(word: string): void {
    this.request('say', [word], () => {
      this.#order.push(`handles ${word}`)
      this.indicate.echoed(word, 2)
      this.#order.push(`has indicated ${word}`)
    })
  }

  remember(key: string): void {
    this.store.put(key, Uint8Array.of(1))
    this.store.delete('other')
  }

  remembered() {
    return this.store.restored('')
  }

  state() {
    return null
  }
}

function echoIn({ env }: TestEnvironment, order: string[] = []) {
  return new Echo(env, order, { echoed: (word) => order.push(`above hears ${word}`) })
}

test('requests and indications are events of their own, never calls', () => {
  const environment = testEnvironment()
  const order: string[] = []
  const echo = echoIn(environment, order)
  environment.process.input(() => {
    echo.say('a')
    echo.say('b')
    order.push('the caller goes on')
  })
  expect(order).toEqual([
    'the caller goes on',
    'handles a',
    'has indicated a',
    'handles b',
    'has indicated b',
    'above hears a',
    'above hears b'
  ])
})

test('each is traced with its path, its name and its arguments, when it is triggered', () => {
  const environment = testEnvironment()
  const echo = echoIn(environment)
  environment.process.input(() => echo.say('a'))
  expect(environment.events).toEqual([
    { kind: 'request', path: 'tower/echo', name: 'say', args: ['a'] },
    { kind: 'indication', path: 'tower/echo', name: 'echoed', args: ['a', 2] }
  ])
})

test('nothing is traced when nobody wants events', () => {
  const environment = testEnvironment({ tracing: false })
  const order: string[] = []
  const echo = echoIn(environment, order)
  environment.process.input(() => echo.say('a'))
  expect(environment.events).toEqual([])
  expect(order).toContain('above hears a')
})

test('a throw of the layer above stops the process as any other', () => {
  const { process, env } = testEnvironment()
  const bug = new Error('a bug above')
  const echo = new Echo(env, [], {
    echoed() {
      throw bug
    }
  })
  process.input(() => echo.say('a'))
  expect(process.causes).toEqual([bug])
})

test("a component's store lies under its path, for what it writes and what it finds", () => {
  const value = Uint8Array.of(1)
  const restored = new Map([
    ['tower/echo/mine', value],
    ['tower/echoes/not mine', value],
    ['tower/other', value]
  ])
  const environment = testEnvironment({ restored })
  const echo = echoIn(environment)
  environment.process.input(() => echo.remember('key'))
  expect(environment.process.inFlight[0]?.writes).toEqual([
    { key: 'tower/echo/key', value },
    { key: 'tower/echo/other', value: undefined }
  ])
  expect(echo.remembered()).toEqual([['mine', value]])
})
