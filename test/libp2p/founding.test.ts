/** What a node is refused for, and what it is told, when keys, groups and stacks do not fit. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { ComponentLogger } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { boundedConnections } from '../../src/libp2p/bounded-connections.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { peersOf, toPrivateKey } from '../../src/libp2p/identity.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import { patience, until } from '../waiting.ts'
import { allConnected } from './client-support.ts'
import {
  allReady,
  collect,
  dataFolder,
  described,
  type Founded,
  found,
  type MemberNode,
  serviceOf,
  startGroup,
  startMember,
  stop
} from './service-support.ts'

const nameOf = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
const failure = (starting: Promise<unknown>) => starting.then(() => 'started', nameOf)

/** Every line that was logged as an error. */
function recordingLogger(): { logger: ComponentLogger; errors: string[] } {
  const errors: string[] = []
  const inner = defaultLogger()
  const logger: ComponentLogger = {
    forComponent(name) {
      const log = inner.forComponent(name)
      return Object.assign((...args: [string]) => log(...args), {
        enabled: true,
        trace: log.trace,
        error: (format: string, ...args: unknown[]) => errors.push([name, format, ...args].join(' ')),
        newScope: log.newScope
      })
    }
  }
  return { logger, errors }
}

describe('a node is refused', () => {
  test('a key that is no member of the group', async () => {
    const founded = await found(4)
    const other = await found(4)
    expect(await failure(startMember({ ...founded, seeds: other.seeds }, 0))).toMatch(
      /^NotAMemberError: 12D3\w+ is none of the 4 members/
    )
  })

  test('a key of another type, or of another length', async () => {
    const founded = await found(4)
    const key = await generateKeyPair('secp256k1')
    expect(await failure(startMember(founded, 0, { key }))).toMatch(/^NotAMemberError: .*Ed25519/)
    expect(await failure(startMember(founded, 0, { key: new Uint8Array(31) }))).toMatch(
      /^InvalidParametersError: key/
    )
  })

  test('a key that is not its own', async () => {
    const { group, seeds } = await found(4)
    const node = createLibp2p({
      privateKey: toPrivateKey(seeds[0]!),
      services: { byzantine: byzantine({ group, key: seeds[1]! }) }
    })
    expect(await failure(node)).toMatch(/^KeyMismatchError: /)
  })

  test("an address that is none, or has another's peer id", async () => {
    const { group, seeds } = await found(4)
    const [own, other] = await Promise.all([0, 1].map(async (rank) => String(peersOf(group)[rank])))
    const withAddress = (address: string) => ({
      seeds,
      group: { ...group, addresses: group.addresses.map((each, rank) => (rank === 3 ? [address] : each)) }
    })
    const [address] = group.addresses[3]!
    expect(await failure(startMember(withAddress(`${address}/p2p/${other}`), 0))).toBe(
      `InvalidParametersError: group: member 3: ${address}/p2p/${other} has the peer id of another peer than ${peersOf(group)[3]}`
    )
    expect(await failure(startMember(withAddress('/carrier-pigeon/1'), 0))).toMatch(
      /^InvalidParametersError: group: member 3: \/carrier-pigeon\/1: /
    )
    const listen = group.addresses[0]!
    expect(await failure(startMember({ group, seeds }, 0, { listen: [`${listen}/p2p/${other}`] }))).toMatch(
      /^InvalidParametersError: listen: .* has the peer id of another peer than /
    )
    await startMember({ group, seeds }, 0, { listen: [`${listen}/p2p/${own}`] })
  })

  test('a group that is too small for the stack, unless beyond resilience is asked for by name', async () => {
    const founded = await found(4, 2)
    expect(await failure(startMember(founded, 0))).toBe(
      'ResilienceError: byzantine-reliable-channel needs n > 3f: a group of 4 tolerates at most 1 faulty member, not 2'
    )
    await startMember(founded, 0, { beyondResilience: true })
  })

  test('a stack that does not exist', async () => {
    expect(await failure(startMember(await found(4), 0, { stack: 'nonsense' }))).toMatch(
      /^InvalidParametersError: stack: there is no "nonsense"; byzkit simulate --list names those there are/
    )
  })

  test('a data folder that another member has open, and it can start with another one', async () => {
    const founded = await found(4)
    const data = await dataFolder()
    await startMember(founded, 0, { data })
    expect(await failure(startMember(founded, 1, { data }))).toMatch(/^StoreLockedError: /)
    await startMember(founded, 1, { data: await dataFolder() })
  })

  test('a port that is taken; its data folder is let go', async () => {
    const founded = await found(4)
    await startMember(founded, 0)
    const data = await dataFolder()
    const options = { listen: [...founded.group.addresses[0]!], data }
    expect(await failure(startMember(founded, 1, options))).not.toBe('started')
    await startMember(founded, 1, { data })
  })
})

describe('members that were founded differently', () => {
  test('name the fields that differ, once in the log, and the others go on', async () => {
    const founded = await found(4)
    const { genesis } = founded.group
    const differing: Founded = {
      ...founded,
      group: { ...founded.group, genesis: { ...genesis, f: 0, name: genesis.name.replace(/^./, 'x') } }
    }
    // A name is checked when the file is read; here it only has to be another one.
    const name = genesis.name.startsWith('0') ? `1${genesis.name.slice(1)}` : `0${genesis.name.slice(1)}`
    const other = { ...differing, group: { ...founded.group, genesis: { ...genesis, f: 0, name } } }
    const { logger, errors } = recordingLogger()
    const nodes = await Promise.all([
      startMember(founded, 0, { logger }),
      startMember(founded, 1),
      startMember(founded, 2),
      startMember(other, 3)
    ])
    const [first] = nodes
    await allReady(nodes.slice(0, 3))
    await until('it is named', () => serviceOf(first).faults.length > 0)
    const [counted] = serviceOf(first).faults
    expect(counted?.fault).toMatchObject({ process: 3, kind: 'wrong-group', certainty: 'suspected' })
    expect(counted?.fault.detail).toContain(
      `name: "${genesis.name}" here, "${name}" there; f: 1 here, 0 there`
    )
    await until('it is named again', () => serviceOf(first).faults[0]!.count > 1)
    const [absent] = serviceOf(first).unreachableMembers
    expect(absent).toMatchObject({
      member: 3,
      reason: expect.stringContaining('f: 1 here, 0 there'),
      addresses: [
        { address: founded.group.addresses[3]![0], error: expect.stringMatching(/^is in group \w+, this/) }
      ]
    })
    expect(errors.filter((line) => line.includes('wrong-group'))).toHaveLength(1)
    const logs = nodes.slice(0, 3).map((node) => collect(serviceOf(node)))
    await serviceOf(first).broadcast(utf8('x'))
    await until('it is delivered', () => logs.every((log) => log.length === 1))
  })

  test('or run another stack, say so', async () => {
    const nodes = await startGroup(await found(4), (rank) => (rank === 3 ? { stack: 'double-echo' } : {}))
    await allReady(nodes.slice(0, 3))
    await until('it is named', () => serviceOf(nodes[0]!).faults.length > 0)
    expect(serviceOf(nodes[0]!).faults[0]?.fault).toMatchObject({ process: 3, kind: 'protocol-violation' })
    expect(serviceOf(nodes[0]!).faults[0]?.fault.detail).toContain('another stack')
    expect(serviceOf(nodes[3]!).ready).toBe(false)
    const unreachable = () => serviceOf(nodes[3]!).status().unreachable
    expect(unreachable().map(({ member }) => member)).toEqual([0, 1, 2])
    const why = /^the connection is open, and no session has begun; protocol-violation: .*another stack/
    await until('it knows why', () => why.test(unreachable()[0]?.reason ?? ''))
  })
})

describe('who does not accept a member any more', () => {
  const connected = (node: MemberNode) => serviceOf(node).connectedMembers

  test('is not connected with it, and a member that no quorum accepts is not ready', async () => {
    const founded = await found(4)
    const nodes = await startGroup(founded)
    await allReady(nodes)
    const last = serviceOf(nodes[3]!)
    const replaced = [0, 1, 2].map(async (rank) => {
      await stop(nodes[rank]!)
      return startMember(founded, rank, { stack: 'double-echo' })
    })
    const others = await Promise.all(replaced)
    await allReady(others)
    await until(
      'all of them are refused',
      () => new Set(last.faults.map(({ fault }) => fault.process)).size === 3
    )
    await until('it is connected with nobody', () => connected(nodes[3]!).length === 0)
    expect(last.ready).toBe(false)
  })

  test('nor with one whose folder was emptied, whatever session it had', async () => {
    const founded = await found(4)
    const nodes = await startGroup(founded)
    // Who has never met it cannot tell that it has lost something.
    await allConnected(nodes)
    await stop(nodes[3]!)
    await startMember(founded, 3)
    const others = nodes.slice(0, 3)
    await until('all have seen it', () =>
      others.every((node) => serviceOf(node).faults.some(({ fault }) => fault.kind === 'amnesia'))
    )
    await until('nobody counts it', () => others.every((node) => !connected(node).includes(3)))
    for (const node of others) expect(serviceOf(node).ready).toBe(true)
  })
})

test('two groups on one node: each has its own members, windows and deliveries', async () => {
  const first = await found(4)
  const second = await found(4)
  // The same keys in another order: ranks differ between the two.
  const seeds = [...first.seeds].reverse()
  const reversed: Founded = {
    seeds,
    group: {
      ...second.group,
      genesis: { ...second.group.genesis, publicKeys: [...first.group.genesis.publicKeys].reverse() },
      addresses: [...first.group.addresses].reverse()
    }
  }
  const nodes = await Promise.all(
    first.seeds.map((seed, rank) =>
      createLibp2p({
        privateKey: toPrivateKey(seed),
        addresses: { listen: [...first.group.addresses[rank]!] },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [boundedYamux()],
        ...boundedConnections([first.group, reversed.group]),
        services: {
          one: byzantine({ group: first.group }),
          two: byzantine({ group: reversed.group, stack: 'double-echo' })
        }
      })
    )
  )
  onTestFinished(async () => {
    await Promise.all(nodes.map(stop))
  })
  const signal = patience()
  await Promise.all(
    nodes.flatMap(({ services: { one, two } }) => [one.whenReady({ signal }), two.whenReady({ signal })])
  )
  const ones = nodes.map(({ services }) => collect(services.one))
  const twos = nodes.map(({ services }) => collect(services.two))
  await nodes[0]!.services.one.broadcast(utf8('one'))
  await nodes[0]!.services.two.broadcast(utf8('two'))
  await until('both are delivered', () => [...ones, ...twos].every((log) => log.length === 1))
  for (const log of ones) expect(described(log)).toEqual(['0/0: one'])
  for (const log of twos) expect(described(log)).toEqual(['3/0: two'])
  for (const { services } of nodes) expect([...services.one.faults, ...services.two.faults]).toEqual([])
})
