/** Outsiders who fill what members need: idle connections from where members are, and from elsewhere. */
import type { ComponentLogger } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { boundedConnections } from '../../src/libp2p/bounded-connections.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { toPrivateKey } from '../../src/libp2p/identity.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import { extent } from '../extent.ts'
import { until } from '../waiting.ts'
import {
  dataFolder,
  type Founded,
  found,
  type MemberNode,
  serviceOf,
  startMember,
  stop
} from './service-support.ts'
import { type Strangers, startStrangers } from './strangers-support.ts'

/** The member that is attacked: the others dial it. */
const VICTIM = 3

const portOf = ({ group }: Founded) => Number(group.addresses[VICTIM]?.[0]?.split('/').at(-1))

const connected = (node: MemberNode, peer: number) => serviceOf(node).connectedMembers.includes(peer)

/** Counts how often a node dialled the victim in vain, by its log. */
function countingFailures(): { logger: ComponentLogger; failures: () => number } {
  let failures = 0
  const inner = defaultLogger()
  const logger: ComponentLogger = {
    forComponent(name) {
      const log = (format: string, ...args: readonly unknown[]) => {
        if (format.startsWith('dialling member') && args[0] === VICTIM) failures++
      }
      return Object.assign(log, inner.forComponent(name), { enabled: true })
    }
  }
  return { logger, failures: () => failures }
}

/** Member 3 as a node of somebody's own, with or without `boundedConnections`. */
async function ownNode({ group, seeds }: Founded, bounded: boolean): Promise<MemberNode> {
  const node = await createLibp2p({
    privateKey: toPrivateKey(seeds[VICTIM]!),
    addresses: { listen: [...group.addresses[VICTIM]!] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [boundedYamux()],
    ...(bounded ? boundedConnections(group) : {}),
    services: { byzantine: byzantine({ group }) }
  })
  onTestFinished(() => stop(node))
  return node
}

/** A member meets the victim, leaves, and comes back while the strangers are there. */
async function restarts(founded: Founded, attack: () => Promise<Strangers>): Promise<Strangers> {
  const data = await dataFolder()
  const before = await startMember(founded, 0, { data })
  await until('they meet', () => connected(before, VICTIM))
  await stop(before)
  const strangers = await attack()
  const again = await startMember(founded, 0, { data })
  await until('it is back', () => connected(again, VICTIM))
  return strangers
}

const present = (strangers: Strangers, count: number) =>
  until('the strangers are there', () => strangers.seen.opened >= count)

describe('strangers with idle connections from the address of members', () => {
  test.each(extent([280], [28, 280, 1_200]))(
    'do not keep a restarted member out with %d of them',
    async (count) => {
      const founded = await found(4)
      await startMember(founded, VICTIM)
      const strangers = await restarts(founded, async () => {
        const attack = startStrangers(portOf(founded), count)
        await present(attack, count)
        return attack
      })
      // They were there all the time.
      expect(strangers.seen.open).toBeGreaterThan(0)
    }
  )

  test('nor with a byte of the handshake now and then', async () => {
    const founded = await found(4)
    await startMember(founded, VICTIM)
    const strangers = await restarts(founded, async () => {
      const attack = startStrangers(portOf(founded), 280, { words: '\x13/multistream/1.0.0\n' })
      await present(attack, 280)
      return attack
    })
    await until('they are cut', () => strangers.seen.cut > 0)
  })

  test('nor out of a node of one’s own that has boundedConnections', async () => {
    const founded = await found(4)
    await ownNode(founded, true)
    await restarts(founded, async () => {
      const attack = startStrangers(portOf(founded), 28)
      await present(attack, 28)
      return attack
    })
  })

  test('but out of one with the bounds of libp2p they do (the control of the above), and its status says so', async () => {
    const founded = await found(4)
    await ownNode(founded, false)
    const strangers = startStrangers(portOf(founded), 28)
    await until('the room is full', () => strangers.seen.cut > 0 && strangers.seen.open >= 10)
    const { logger, failures } = countingFailures()
    const member = await startMember(founded, 0, { logger })
    await until('it was refused six times', () => failures() >= 6)
    expect(connected(member, VICTIM)).toBe(false)
    const [absent] = serviceOf(member).unreachableMembers.filter(({ member: rank }) => rank === VICTIM)
    expect(absent?.addresses).toEqual([
      { address: founded.group.addresses[VICTIM]?.[0], error: expect.any(String), since: expect.any(Number) }
    ])
    expect(absent?.addresses[0]?.error).not.toBe('not tried yet')
    strangers.leave()
    await until('they are gone', () => connected(member, VICTIM))
  })
})

describe('strangers with idle connections from elsewhere', () => {
  test('do not press on connections from where members are', async () => {
    const founded = await found(4)
    await startMember(founded, VICTIM)
    const strangers = await restarts(founded, async () => {
      const attack = startStrangers(portOf(founded), 1000, { from: '127.0.0.9' })
      await until('their part of the room is full', () => attack.seen.cut > 0)
      return attack
    })
    expect(strangers.seen.open).toBeGreaterThan(0)
  })

  test('do not keep a member out that comes from an address that is not in the group file', async () => {
    // Who dials another address of loopback comes from 127.0.0.1 all the same.
    const { group, seeds } = await found(4)
    const addresses = group.addresses.map((own) => own.map((each) => each.replace('127.0.0.1', '127.0.0.2')))
    const founded = { group: { ...group, addresses }, seeds }
    await startMember(founded, VICTIM)
    const strangers = await restarts(founded, async () => {
      const attack = startStrangers(portOf(founded), 100, { to: '127.0.0.2', from: '127.0.0.9' })
      await until('many are there', () => attack.seen.open >= 40)
      return attack
    })
    expect(strangers.seen.open).toBeGreaterThan(0)
  })
})
