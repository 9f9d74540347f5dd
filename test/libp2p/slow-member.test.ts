/** A correct member that is slow, and a hostile one that attacks the wire: the others go on, within bounded memory. */
import { describe, expect, test } from 'vitest'
import { encodeFrames } from '../../src/libp2p/transport-framing.ts'
import { requireProtocol } from '../../src/libp2p/transport-protocol.ts'
import { patience, turn, until } from '../waiting.ts'
import { allConnected } from './client-support.ts'
import { allReady, collect, found, type MemberNode, serviceOf, startMember } from './service-support.ts'
import { makeNode, makeRelay, memoryGrowthMiB } from './transport-support.ts'

const PAYLOAD_BYTES = 32 * 1024
const BROADCASTS = 400

/** Broadcasts, with many under way at once. */
async function broadcastMuch(node: MemberNode): Promise<void> {
  for (let i = 0; i < BROADCASTS; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, () => serviceOf(node).broadcast(new Uint8Array(PAYLOAD_BYTES)))
    )
  }
}

describe('a member that reads nothing for a while', () => {
  test('delays nobody, costs bounded memory, is reported as lagging, and catches up when it recovers (known failure 21)', async () => {
    const founded = await found(4)
    const slow = await startMember(founded, 3)
    const relay = await makeRelay(slow)
    // The others dial the slow member, whose rank is the highest, through the relay.
    const addresses = founded.group.addresses.map((own, rank) => (rank === 3 ? [String(relay.address)] : own))
    const through = { ...founded, group: { ...founded.group, addresses } }
    const others = await Promise.all([0, 1, 2].map((rank) => startMember(through, rank)))
    await allConnected([...others, slow])
    const deliveries = others.map((node) => collect(serviceOf(node)))
    const late = collect(serviceOf(slow))
    const lagging: number[] = []
    serviceOf(others[0]!).addEventListener('member:lagging', ({ detail }) => lagging.push(detail))

    relay.rate(0)
    const grown = await memoryGrowthMiB(async () => {
      await broadcastMuch(others[0]!)
      await until('the others deliver', () => deliveries.every(({ length }) => length === BROADCASTS))
    })
    expect(late.length).toBeLessThan(BROADCASTS)
    await until('it is reported', () => lagging.includes(3))
    expect(serviceOf(others[0]!).faults.every(({ fault }) => fault.certainty === 'suspected')).toBe(true)
    // Four members in one process: for each of three, what is retained (16 MiB) and what waits for the slow one.
    expect(grown).toBeLessThan(150)

    relay.rate(Number.POSITIVE_INFINITY)
    await until('it catches up', () => late.length === BROADCASTS)
    expect(late.every(({ type }) => type === 'delivery')).toBe(true)
  })
})

describe('a group under attack on the wire', () => {
  test('delivers, while a member sends garbage and an intruder knocks; the member is named', async () => {
    const founded = await found(4)
    const correct = await Promise.all([1, 2, 3].map((rank) => startMember(founded, rank)))
    await allReady(correct)
    const deliveries = correct.map((node) => collect(serviceOf(node)))
    // Rank 0 is a bare node with the member's key: it dials everybody, as its rank demands, and lies.
    const { createNode } = await import('../../src/libp2p/create-node.ts')
    const hostile = await createNode({ group: founded.group, key: founded.seeds[0]!, start: false })
    await hostile.start()
    await hostile.services.byzantine.whenReady({ signal: patience() })
    const intruder = await makeNode()
    let attacking = true
    const attack = async () => {
      for (let i = 0; attacking; i++) {
        const victim = correct[i % 3]!
        for (const attacker of [hostile, intruder]) {
          const stream = await attacker
            .dialProtocol(victim.getMultiaddrs(), requireProtocol({}).protocol, { signal: patience() })
            .catch(() => undefined)
          try {
            stream?.send(encodeFrames([new Uint8Array(1000).fill(i)]))
            stream?.send(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x10))
          } catch {
            // It was reset already.
          }
        }
        await turn()
      }
    }
    const attacks = attack()
    for (let i = 0; i < 100; i++) await serviceOf(correct[i % 3]!).broadcast(Uint8Array.of(i))
    const namesIt = (node: MemberNode) => serviceOf(node).faults.some(({ fault }) => fault.process === 0)
    await until('it is named by all', () => correct.every(namesIt))
    await until('all is delivered', () => deliveries.every(({ length }) => length === 100))
    attacking = false
    await attacks
    for (const node of correct) {
      expect(serviceOf(node).faults.some(({ fault }) => fault.process !== 0)).toBe(false)
    }
  })
})
