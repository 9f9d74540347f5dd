/** What an application hands over is checked where it enters: one clear line, and nothing has begun. */

import { describe, expect, test } from 'vitest'
import { BROADCAST_PAYLOAD_BYTES_MAX } from '../../src/broadcast/constants.ts'
import { formatGroupFile } from '../../src/crypto/group-file.ts'
import { boundedConnections } from '../../src/libp2p/bounded-connections.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { byzantineClient, createClient } from '../../src/libp2p/byzantine-client.ts'
import { createNode } from '../../src/libp2p/create-node.ts'
import { guardedSink } from '../../src/libp2p/guarded-sink.ts'
import { requireOptions, WINDOW_INSTANCES_MAX } from '../../src/stacks/options.ts'
import { until } from '../waiting.ts'
import { allReady, found, serviceOf, startGroup, startMember } from './service-support.ts'

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
  ['registerBytesPerOwnerMax', Number.NaN]
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
    message: expect.stringMatching(new RegExp(`^${name.replace('.', '\\.')}: .{1,500}$`))
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
    ['stak', 'stack'],
    ['Data', 'data'],
    ['authentication', 'authenticator'],
    ['beyondResilence', 'beyondResilience'],
    ['windowInstance', 'options.windowInstances'],
    ['bodyBytesTotalMax', 'options.bodyBytesTotalMax']
  ])('%s, which there is not, is refused, and %s is named', async (misspelt, meant) => {
    const { group, seeds } = await found(4)
    const init = { group, key: seeds[0]!, [misspelt]: 1 }
    const refused = (what: string) =>
      expect.objectContaining({
        name: 'InvalidParametersError',
        message: expect.stringMatching(
          new RegExp(
            `^${what}: there is no "${misspelt}": did you mean ${meant}\\? It takes group, .{1,300}$`
          )
        )
      })
    expect(thrownBy(() => byzantine(init))).toEqual(refused('byzantine'))
    expect(thrownBy(() => byzantineClient(init))).toEqual(refused('byzantineClient'))
    await expect(createNode(init)).rejects.toEqual(refused('createNode'))
    await expect(createClient(init)).rejects.toEqual(refused('createClient'))
  })

  test('what nothing is like is refused too, however long it is, and what belongs to a node by a service', async () => {
    const { group, seeds } = await found(4)
    const strange = { group, key: seeds[0]!, ['x'.repeat(10 ** 6)]: 1 }
    expect(thrownBy(() => byzantine(strange))).toEqual(oneLine('byzantine'))
    expect((thrownBy(() => byzantine(strange)) as Error).message).toMatch(/x\.\.\.\. It takes group/)
    expect(thrownBy(() => byzantine({ group, listen: [] } as never))).toEqual(oneLine('byzantine'))
    expect(thrownBy(() => byzantineClient({ group, record: () => {} } as never))).toEqual(
      oneLine('byzantineClient')
    )
    expect(thrownBy(() => requireOptions('options', { windowInstance: 8 }))).toEqual(
      expect.objectContaining({ message: expect.stringContaining('did you mean windowInstances?') })
    )
  })

  test('a group that is left out, or that nobody has parsed, is told how to come by one', async () => {
    const { group } = await found(4)
    const text = formatGroupFile(group)
    const advice = "group: expected what parseGroupFile('group.json', text) returns; "
    for (const [given, problem] of [
      [undefined, 'it is missing'],
      [JSON.parse(text), 'not the JSON of the file itself'],
      [text, 'not a text or the name of a file, '],
      [5, 'not 5']
    ]) {
      const refused = expect.objectContaining({
        name: 'InvalidParametersError',
        message: expect.stringContaining(`${advice}${problem}`)
      })
      const init = given === undefined ? {} : { group: given }
      expect(thrownBy(() => byzantine(init as never))).toEqual(refused)
      expect(thrownBy(() => byzantineClient(init as never))).toEqual(refused)
      await expect(createNode(init as never)).rejects.toEqual(refused)
      await expect(createClient(init as never)).rejects.toEqual(refused)
      expect(thrownBy(() => boundedConnections(given as never))).toEqual(refused)
    }
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
      registerBytesPerOwnerMax: 0
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
  for (const timeout of [Number.NaN, 0, -1, 1.5, 2 ** 31, '5' as never]) {
    await expect(register.read({ timeout })).rejects.toEqual(definite('timeout'))
    await expect(register.write(new Uint8Array(1), { timeout })).rejects.toEqual(definite('timeout'))
    await expect(store.list({ timeout })).rejects.toEqual(definite('timeout'))
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
    const broadcast = () => serviceOf(nodes[0]!).broadcast(new Uint8Array(1))
    await broadcast()
    while (lines < 20) await broadcast()
    // It goes on, and nobody is told.
    await broadcast()
    expect(lines).toBe(20)
    expect(serviceOf(nodes[0]!).status().state).toBe('running')
  })
})
