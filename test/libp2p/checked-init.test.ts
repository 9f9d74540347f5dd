/** What an application hands over is checked where it enters: one clear line, and nothing has begun. */
import { describe, expect, test } from 'vitest'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { byzantineClient, createClient } from '../../src/libp2p/byzantine-client.ts'
import { createNode } from '../../src/libp2p/create-node.ts'
import { guardedSink } from '../../src/libp2p/guarded-sink.ts'
import {
  BROADCAST_PAYLOAD_BYTES_MAX,
  requireOptions,
  WINDOW_INSTANCES_MAX
} from '../../src/stacks/options.ts'
import { allReady, found, serviceOf, startGroup, startMember } from './service-support.ts'
import { until } from './transport-support.ts'

const wrong: readonly (readonly [name: string, value: unknown])[] = [
  ['group', undefined],
  ['group', null],
  ['group', 'group.json'],
  ['group', { genesis: {} }],
  ['key', 'secret'],
  ['key', new Uint8Array(31)],
  ['key', null],
  ['data', ''],
  ['data', 5],
  ['data', 'a\0b'],
  ['options', null],
  ['options', 5],
  ['authenticator', 'none'],
  ['beyondResilience', 'yes']
]
const wrongOptions: readonly (readonly [name: string, value: unknown])[] = [
  ['windowInstances', 0],
  ['windowInstances', Number.NaN],
  ['windowInstances', '8'],
  ['windowInstances', WINDOW_INSTANCES_MAX + 1],
  ['windowBytesMax', -1],
  ['windowBytesMax', Number.POSITIVE_INFINITY],
  ['payloadBytesMax', BROADCAST_PAYLOAD_BYTES_MAX + 1],
  ['payloadBytesMax', null],
  ['retentionCountMax', 1.5],
  ['retentionBytesMax', -1],
  ['valueBytesMax', 2 ** 21],
  ['registersPerOwnerMax', 0],
  ['registerBytesPerOwnerMax', Number.NaN],
  ['signedSend', 1]
]
const ofMembers: readonly (readonly [name: string, value: unknown])[] = [
  ['registers', 'yes'],
  ['registers', null],
  ['behaviour', 'equivocate'],
  ['behaviour', { name: 'x' }],
  ['record', 'file'],
  ['stack', 5],
  ['stack', 'x'.repeat(10 ** 6)]
]

/** One line that begins so, and that quotes little of what was given. */
const oneLine = (name: string) =>
  expect.objectContaining({
    name: 'InvalidParametersError',
    message: expect.stringMatching(new RegExp(`^${name.replace('.', '\\.')}: .{1,400}$`))
  })

const thrownBy = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}

describe('options', () => {
  test.each([...wrong, ...ofMembers.slice(0, -1)])('a member: %s: %o is refused', async (name, value) => {
    const { group, seeds } = await found(4)
    const init = { group, key: seeds[0]!, [name]: value }
    expect(thrownBy(() => byzantine(init))).toEqual(oneLine(name))
    await expect(createNode(init)).rejects.toEqual(oneLine(name))
  })

  test.each([...wrong, ['durability', 'tape']] as const)(
    'a client: %s: %o is refused',
    async (name, value) => {
      const { group, seeds } = await found(4)
      const init = { group, key: seeds[0]!, [name]: value }
      expect(thrownBy(() => byzantineClient(init))).toEqual(oneLine(name))
      await expect(createClient(init)).rejects.toEqual(oneLine(name))
    }
  )

  test.each(wrongOptions)('the bound %s: %o is refused', async (name, value) => {
    const { group, seeds } = await found(4)
    const init = { group, key: seeds[0]!, options: { [name]: value } }
    expect(thrownBy(() => byzantine(init))).toEqual(oneLine(`options.${name}`))
    expect(thrownBy(() => byzantineClient(init))).toEqual(oneLine(`options.${name}`))
  })

  test('a bound that there is not, one of registers, and a stack of a long name are refused', async () => {
    const { group, seeds } = await found(4)
    const init = { group, key: seeds[0]! }
    const misspelt = { windowInstance: 8 } as object
    expect(thrownBy(() => byzantine({ ...init, options: misspelt }))).toEqual(oneLine('options'))
    expect(thrownBy(() => byzantine({ ...init, registers: { valueBytesMax: -1 } }))).toEqual(
      oneLine('registers.valueBytesMax')
    )
    await expect(createNode({ ...init, stack: 'x'.repeat(10 ** 6) })).rejects.toEqual(oneLine('stack'))
  })

  test.each([
    ['listen', '/ip4/127.0.0.1/tcp/0'],
    ['listen', [5]],
    ['start', 'no'],
    ['metrics', {}]
  ])('a node: %s: %o is refused', async (name, value) => {
    const { group, seeds } = await found(4)
    await expect(createNode({ group, key: seeds[0]!, [name]: value })).rejects.toEqual(oneLine(name))
  })

  test('control: what they may be is taken', () => {
    requireOptions('options', {
      windowInstances: WINDOW_INSTANCES_MAX,
      windowBytesMax: 1,
      payloadBytesMax: BROADCAST_PAYLOAD_BYTES_MAX,
      retentionCountMax: 0,
      retentionBytesMax: 0,
      valueBytesMax: 0,
      registersPerOwnerMax: 1,
      registerBytesPerOwnerMax: 0,
      signedSend: true
    })
    requireOptions('options', { windowInstances: undefined })
  })
})

test('of operations: a timeout that is none, a signal that is none, a consistency that there is not', async () => {
  const nodes = await startGroup(await found(4))
  await allReady(nodes)
  const service = serviceOf(nodes[0]!)
  const register = service.register('r')
  const store = service.store()
  const definite = (name: string) => expect.objectContaining({ ...oneLine(name).sample, definite: true })
  for (const timeoutMs of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 2 ** 31, '5' as never]) {
    await expect(register.read({ timeoutMs })).rejects.toEqual(definite('timeoutMs'))
    await expect(register.write(new Uint8Array(1), { timeoutMs })).rejects.toEqual(definite('timeoutMs'))
    await expect(store.list({ timeoutMs })).rejects.toEqual(definite('timeoutMs'))
  }
  for (const signal of [null, 5, {}] as never[]) {
    await expect(register.read({ signal })).rejects.toEqual(definite('signal'))
    await expect(service.broadcast(new Uint8Array(1), { signal })).rejects.toEqual(oneLine('signal'))
    await expect(service.whenReady({ signal })).rejects.toEqual(oneLine('signal'))
    expect(thrownBy(() => service.deliveries({ signal }))).toEqual(oneLine('signal'))
  }
  const consistency = 'strong' as 'atomic'
  await expect(register.read({ consistency })).rejects.toEqual(definite('consistency'))
  await expect(store.get('k', { consistency })).rejects.toEqual(definite('consistency'))
  await expect(store.list({ after: 5 as never })).rejects.toEqual(definite('after'))
  for (const expected of [null, 5, {}, { timestamp: -1 }, { value: 'x' }] as never[])
    await expect(store.compareAndSet('k', expected, new Uint8Array(1))).rejects.toEqual(definite('expected'))
  expect(thrownBy(() => service.register('r', { writers: 'all' as never }))).toEqual(oneLine('register'))
  // And the member goes on.
  await store.put('k', new Uint8Array(1))
  expect(service.status().state).toBe('running')
})

describe('a sink of lines', () => {
  const ways = [
    [
      'throws',
      () => {
        throw new Error('full')
      }
    ],
    ['is rejected', () => Promise.reject(new Error('full'))]
  ] as const

  test.each(ways)('that %s is told no more, and whoever made it is told once', async (_, fail) => {
    const told: string[] = []
    const failures: unknown[] = []
    const sink = guardedSink(
      (line) => {
        told.push(line)
        return line === '2' ? fail() : undefined
      },
      (error) => failures.push(error)
    )
    for (const line of ['1', '2']) sink(line)
    await until('it has failed', () => failures.length > 0)
    for (const line of ['3', '4']) sink(line)
    expect([told, failures]).toEqual([['1', '2'], [new Error('full')]])
  })

  test('of a member that throws: the member goes on', async () => {
    const founded = await found(4)
    let lines = 0
    const record = () => {
      if (++lines === 20) throw new Error('full')
    }
    const nodes = await Promise.all(
      founded.seeds.map((_, rank) => startMember(founded, rank, rank === 0 ? { record } : {}))
    )
    await allReady(nodes)
    for (let i = 0; i < 10; i++) await serviceOf(nodes[0]!).broadcast(new Uint8Array(1))
    expect(lines).toBe(20)
    expect(serviceOf(nodes[0]!).status().state).toBe('running')
  })
})
