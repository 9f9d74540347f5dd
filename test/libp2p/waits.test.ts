/** Whatever is waited for takes a signal and a time, and says in one way that it was given up, and with what effect. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { ByzantineService } from '../../src/libp2p/service.ts'
import { onGivenUp, requireWait, WAIT_TIMEOUT_MS_MAX, type WaitOptions } from '../../src/libp2p/waits.ts'
import { maxRegisterService } from '../../src/registers/max-register-service.ts'
import { found, serviceOf, startMember } from './service-support.ts'

/** A member alone, with a window that is full, and one of a stack of another service. */
interface Alone {
  readonly member: ByzantineService
  readonly other: ByzantineService
}

/** Each hangs; and whether it certainly took no effect once it is given up. */
const operations: readonly (readonly [
  name: string,
  definite: boolean,
  (alone: Alone, options: WaitOptions) => Promise<unknown>
])[] = [
  ['whenReady', true, ({ member }, options) => member.whenReady(options)],
  ['broadcast', true, ({ member }, options) => member.broadcast(new Uint8Array(1), options)],
  ['deliveries', true, ({ member }, options) => first(member.deliveries(options))],
  ['indications', true, ({ other }, options) => first(other.indications(maxRegisterService, options))],
  ['service().read', true, ({ other }, options) => other.service(maxRegisterService).read({}, options)],
  [
    'service().raise',
    false,
    ({ other }, options) => other.service(maxRegisterService).raise({ value: 1 }, options)
  ],
  ['register.read', true, ({ member }, options) => member.register('r').read(options)],
  ['register.write', false, ({ member }, options) => member.register('w').write(new Uint8Array(1), options)],
  ['store.get', true, ({ member }, options) => member.store().get('g', options)],
  ['store.put', false, ({ member }, options) => member.store().put('p', new Uint8Array(1), options)],
  ['store.delete', false, ({ member }, options) => member.store().delete('d', options)],
  ['store.list', true, ({ member }, options) => member.store().list(options)],
  [
    'store.compareAndSet',
    false,
    ({ member }, options) => member.store().compareAndSet('c', { value: null }, new Uint8Array(1), options)
  ]
]

const first = (iterable: AsyncIterable<unknown>) => iterable[Symbol.asyncIterator]().next()

const failure = async (operation: Promise<unknown>) => {
  const error = await operation.then(
    () => 'it was done',
    (error: Error & { definite?: boolean }) => error
  )
  return typeof error === 'string' ? error : { name: error.name, definite: error.definite }
}

const SHORT_MS = 20

let alone: Alone

beforeEach(async () => {
  const [founded, other] = [await found(4), await found(4)]
  alone = {
    member: serviceOf(await startMember(founded, 0, { options: { windowInstances: 1 } })),
    other: serviceOf(await startMember(other, 0, { stack: 'majority-max-register', beyondResilience: true }))
  }
  await alone.member.broadcast(new Uint8Array(1))
})

describe.each(operations)('%s', (_, definite, operation) => {
  test('fails with an AbortError as its signal is aborted, before and while it is waited for', async () => {
    const abort = new AbortController()
    const begun = operation(alone, { signal: abort.signal })
    abort.abort(new Error('changed my mind'))
    expect(await failure(begun)).toEqual({ name: 'AbortError', definite })
    await expect(begun).rejects.toMatchObject({ cause: new Error('changed my mind') })
    const late = operation(alone, { signal: abort.signal })
    expect(await failure(late)).toEqual({ name: 'AbortError', definite: true })
  })

  test('fails with a TimeoutError as its time is over, or that of its signal', async () => {
    const timedOut = operation(alone, { timeout: SHORT_MS })
    expect(await failure(timedOut)).toEqual({ name: 'TimeoutError', definite })
    await expect(timedOut).rejects.toThrow(/^the .* within 20 ms$/)
    const ofSignal = operation(alone, {
      signal: AbortSignal.timeout(SHORT_MS),
      timeout: Number.POSITIVE_INFINITY
    })
    expect(await failure(ofSignal)).toEqual({ name: 'TimeoutError', definite })
    const whichever = operation(alone, { signal: new AbortController().signal, timeout: SHORT_MS })
    expect(await failure(whichever)).toEqual({ name: 'TimeoutError', definite })
  })

  test('refuses a time that is none', async () => {
    for (const timeout of [0, -1, 1.5, Number.NaN, WAIT_TIMEOUT_MS_MAX + 1, '5' as never]) {
      const asked = async () => operation(alone, { timeout })
      expect(await failure(asked())).toEqual({ name: 'InvalidParametersError', definite: true })
    }
  })
})

test('the longest time is taken, and none ends by itself; what is over leaves nothing behind', () => {
  const awaited = { what: 'test', late: 'was late' }
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  const counted = Object.create(signal, {
    aborted: { value: false },
    addEventListener: { value: (_: string, listener: unknown) => listeners.add(listener) },
    removeEventListener: { value: (_: string, listener: unknown) => listeners.delete(listener) }
  })
  for (const timeout of [WAIT_TIMEOUT_MS_MAX, Number.POSITIVE_INFINITY]) {
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const isOver = onGivenUp(requireWait(awaited, { signal: counted, timeout }), () => {})
    expect(listeners.size).toBe(1)
    isOver()
    expect(listeners.size).toBe(0)
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(timers)
  }
})
