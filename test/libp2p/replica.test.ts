/** A replicated machine over libp2p: members and clients submit; members stop, come back, and are in the way. */
import { describe, expect, it } from 'vitest'
import { replicated } from '../../src/catalogue/pbft.ts'
import type { AgreementStatus } from '../../src/consensus/pbft/status.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { CommandRefusedError } from '../../src/libp2p/operation-errors.ts'
import type { ReplicatedMachine } from '../../src/libp2p/replica-service.ts'
import { type PairOperation, pairCommand, readPairResult } from '../../src/replication/key-value-machine.ts'
import { replicaService } from '../../src/replication/service.ts'
import { HANGS_MS, until } from '../waiting.ts'
import { allConnected, failure, foundWithClients, startClient } from './client-support.ts'
import { blamed, dataFolder, serviceOf, startGroup, startMember, stop } from './service-support.ts'

const LONG = { timeout: HANGS_MS }
const SHORT_MS = 20
const SHORT = { timeout: SHORT_MS }
const textOf = (bytes: Uint8Array | null | undefined) => (bytes ? new TextDecoder().decode(bytes) : null)
const put = (key: string, value: string): PairOperation => ({
  type: 'put',
  key: utf8(key),
  value: utf8(value)
})

async function ask(machine: ReplicatedMachine, operation: PairOperation) {
  const result = readPairResult(await machine.submit(pairCommand([operation]), LONG))
  return textOf(result?.answers[0]?.value)
}
const get = (machine: ReplicatedMachine, key: string) => ask(machine, { type: 'get', key: utf8(key) })

async function start(members: number, stack: string | ReturnType<typeof replicated> = 'pbft') {
  const founded = await foundWithClients(members, 2)
  const nodes = await startGroup(founded, () => ({ stack }))
  await allConnected(nodes)
  const client = async (number: number) => {
    const { service } = await startClient(founded, number, { stack, durability: 'memory' })
    return service.replica()
  }
  return { founded, nodes, client }
}

describe.each([4, 5, 6, 7])('n = %i', (members) => {
  it('what one has put the others get, be they clients or members; with f members down too', async () => {
    const { founded, nodes, client } = await start(members)
    const [one, other] = await Promise.all([client(0), client(1)])
    await ask(one, put('a', '1'))
    expect(await get(other, 'a')).toBe('1')
    await ask(serviceOf(nodes[2]!).replica(), put('b', '2'))
    expect(await get(one, 'b')).toBe('2')
    // The first of them is the primary.
    await Promise.all(nodes.slice(0, founded.group.genesis.f).map(stop))
    await ask(other, put('a', '3'))
    expect(await get(one, 'a')).toBe('3')
    for (const node of nodes.slice(founded.group.genesis.f)) expect(blamed(serviceOf(node))).toEqual([])
    // The view has another primary, and who is down does not vote in it: so it is in the end at a member that may
    // have been behind when others answered.
    const down = Array.from({ length: founded.group.genesis.f }, (_, rank) => rank)
    const status = () => serviceOf(nodes[members - 1]!).status().services.replica as AgreementStatus
    await until('the member has executed all of it', () => status().executed >= 5)
    await expect.poll(status).toMatchObject({ stable: 0, missing: down })
    await until('it is in a view whose primary is up', () => {
      const { view, primary, target } = status()
      return target === view && primary === view % members && !down.includes(primary)
    })
  })
})

it('many commands of one client at once, each of them once and in one order everywhere', async () => {
  const { nodes, client } = await start(4)
  const machine = await client(0)
  const append = { type: 'append', key: utf8('log'), value: utf8('x') } as const
  await Promise.all(Array.from({ length: 300 }, () => machine.submit(pairCommand([append]), LONG)))
  expect(await get(machine, 'log')).toHaveLength(300)
  expect(blamed(serviceOf(nodes[1]!))).toEqual([])
})

describe('a session that its client closes', () => {
  it('is followed by another one, opened by the next command; and of none there is nothing to close', async () => {
    const { nodes, client } = await start(4)
    const machine = await client(0)
    expect(await machine.close(LONG)).toEqual({ session: 0, refused: 0, unknown: 0 })
    await ask(machine, put('a', '1'))
    const first = await machine.close(LONG)
    expect(first).toMatchObject({ refused: 0, unknown: 0 })
    expect(first.session).toBeGreaterThan(0)
    expect((await machine.close(LONG)).session).toBe(0)
    expect(await get(machine, 'a')).toBe('1')
    expect((await machine.close(LONG)).session).toBeGreaterThan(first.session)
    expect(blamed(serviceOf(nodes[1]!))).toEqual([])
  })

  it('while much is under way: what is refused for certain did not take effect, and what returned did', async () => {
    const { client } = await start(4)
    const machine = await client(0)
    const append = { type: 'append', key: utf8('log'), value: utf8('x') } as const
    const submit = () => machine.submit(pairCommand([append]), LONG)
    const under = Array.from({ length: 200 }, submit)
    await Promise.race(under)
    const closed = await machine.close(LONG)
    const ended = await Promise.allSettled(under)
    const refusals = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    const certain = refusals.filter(({ definite }) => definite)
    expect(refusals.filter(({ refusal }) => refusal !== 'closed' && refusal !== 'no-session')).toEqual([])
    expect([certain.length, refusals.length - certain.length]).toEqual([closed.refused, closed.unknown])
    const executed = (await get(machine, 'log'))?.length ?? 0
    expect(executed).toBeGreaterThanOrEqual(under.length - refusals.length)
    expect(executed).toBeLessThanOrEqual(under.length - certain.length)
  })

  it('refuses for certain what it has not executed, and not what nobody can say', () => {
    const definite = (['closed', 'busy', 'error', 'no-session'] as const).map((refusal) => {
      const error = new CommandRefusedError(refusal)
      return [refusal, error.definite]
    })
    expect(Object.fromEntries(definite)).toEqual({
      closed: true,
      busy: true,
      error: true,
      'no-session': false
    })
  })
})

it('a client that is started again goes on, and an atomic command takes effect as a whole or not at all', async () => {
  const { founded } = await start(4)
  const life = () => startClient(founded, 0, { stack: 'pbft', durability: 'memory' })
  const before = await life()
  await ask(before.service.replica(), put('a', '1'))
  // Two with one key would take each other's place for ever.
  await before.stop()
  const again = await life()
  const swap = (from: string, to: string) =>
    again.service
      .replica()
      .submit(pairCommand([put('a', to), put('b', to)], [{ key: utf8('a'), value: utf8(from) }]), LONG)
  expect(readPairResult(await swap('0', '2'))?.applied).toBe(false)
  expect(readPairResult(await swap('1', '3'))?.applied).toBe(true)
  expect(await get(again.service.replica(), 'b')).toBe('3')
})

it('a member that comes back has what was executed while it was away, and says so', async () => {
  const founded = await foundWithClients(4, 1)
  const folders = await Promise.all([0, 1, 2, 3].map(() => dataFolder()))
  const options = (rank: number) => ({ stack: 'pbft', data: folders[rank] as string })
  const nodes = await Promise.all([0, 1, 2, 3].map((rank) => startMember(founded, rank, options(rank))))
  await allConnected(nodes)
  const { service } = await startClient(founded, 0, { stack: 'pbft', durability: 'memory' })
  await ask(service.replica(), put('a', '1'))
  await stop(nodes[3]!)
  for (const value of ['2', '3']) await ask(service.replica(), put('a', value))
  const again = await startMember(founded, 3, options(3))
  let executed = 0
  const listen = async () => {
    for await (const { name, values } of serviceOf(again).indications(replicaService))
      if (name === 'execute') executed = values.sequence
  }
  listen().catch(() => {})
  await ask(service.replica(), put('a', '4'))
  await until('the member has executed what the others have', () => executed >= 4)
  expect(await get(serviceOf(again).replica(), 'a')).toBe('4')
})

it('a member that comes back when nobody retains what it lacks goes on from the state of the others', async () => {
  const founded = await foundWithClients(4, 1)
  const folders = await Promise.all([0, 1, 2, 3].map(() => dataFolder()))
  const bounds = { checkpointEvery: 2, batchesRetained: 0 }
  const options = (rank: number) => ({ stack: 'pbft', data: folders[rank] as string, options: bounds })
  const nodes = await Promise.all([0, 1, 2, 3].map((rank) => startMember(founded, rank, options(rank))))
  await allConnected(nodes)
  const { service } = await startClient(founded, 0, { stack: 'pbft', durability: 'memory' })
  await ask(service.replica(), put('a', '1'))
  await stop(nodes[3]!)
  // Each in a batch of its own: of these the last four are retained.
  for (let number = 2; number <= 12; number++) await ask(service.replica(), put(`${number % 3}`, `${number}`))
  const again = await startMember(founded, 3, options(3))
  const statusOf = () => serviceOf(again).status().services.replica as AgreementStatus
  await until('the member has the state of the others', () => statusOf().executed >= 12)
  const machine = serviceOf(again).replica()
  expect(await get(machine, 'a')).toBe('1')
  expect(await get(machine, '0')).toBe('12')
  // Who is slow may be suspected, and nobody is said to lie.
  const named = [...nodes.slice(0, 3), again].flatMap((node) => serviceOf(node).faults)
  expect(named.filter(({ fault }) => fault.certainty !== 'suspected')).toEqual([])
})

describe('a machine of one own', () => {
  const stack = replicated('counter', () => ({
    apply(command, { state, client }) {
      if (command.length === 0) throw new Error('nothing to count')
      const before = state.get(client)?.[0] ?? 0
      const after = Uint8Array.of(before + 1)
      state.set(client, after)
      return after
    }
  }))

  it('is replicated, knows who asks, and refuses by throwing', async () => {
    const { client } = await start(4, stack)
    const [one, other] = await Promise.all([client(0), client(1)])
    expect([...(await one.submit(utf8('+'), LONG))]).toEqual([1])
    expect([...(await one.submit(utf8('+'), LONG))]).toEqual([2])
    expect([...(await other.submit(utf8('+'), LONG))]).toEqual([1])
    expect(await failure(one.submit(new Uint8Array(), LONG))).toEqual({
      name: 'CommandRefusedError',
      definite: true
    })
  })
})

it('a command that is given up may take effect, and one that was never begun does not', async () => {
  const { nodes, client } = await start(4)
  const machine = await client(0)
  await ask(machine, put('a', '1'))
  await Promise.all(nodes.slice(0, 2).map(stop))
  expect(await failure(machine.submit(pairCommand([put('a', '2')]), SHORT))).toEqual({
    name: 'TimeoutError',
    definite: false
  })
  expect(await failure(machine.submit(utf8('x'.repeat(70_000)), LONG))).toEqual({
    name: 'InvalidParametersError',
    definite: true
  })
})
