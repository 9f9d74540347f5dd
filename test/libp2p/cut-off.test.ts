/** A member that is cut off over libp2p: its channel, its streams, its connections, and what the service tells of it. */
import { describe, expect, test } from 'vitest'
import { Troublemaker } from '../../src/adversary/troublemaker.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { ProcessId } from '../../src/core/group.ts'
import type { CutOffPeer } from '../../src/libp2p/service.ts'
import { until } from '../waiting.ts'
import {
  allReady,
  broadcastAll,
  collect,
  described,
  found,
  serviceOf,
  startGroup
} from './service-support.ts'
import { makeGroup, makeNodes, untilConnected } from './transport-support.ts'

const CUT_OFF_MS = 1000

/** Sends a message for no port, a misdeed for certain, for each message that it hears or says. */
class Relentless extends Troublemaker {
  protected override act(): void {
    for (const to of this.correct) this.tell(to, Uint8Array.of(255))
  }
}

const relentless = {
  name: 'relentless',
  powers: 'breaks the protocol again and again, for certain',
  live: true,
  effect: { landmarks: ['peer-cut-off'] },
  create: (context: ConstructorParameters<typeof Relentless>[0]) => new Relentless(context, 1000)
}

describe.each([
  ['dials', 0, 1],
  ['is dialled', 1, 0]
])('the transport, cutting off a peer, where it %s', (_, self, peer) => {
  test('ends the channel and lets no other begin before the time; then they are connected again', async () => {
    const group = await makeGroup(await makeNodes(2))
    await untilConnected(group)
    const { transport, events } = group[self]!
    const since = performance.now()
    transport.cutOff(peer, CUT_OFF_MS)
    await until('it is disconnected', () => events.includes(`disconnected ${peer}`))
    expect(transport.connectedPeers).toEqual([])
    await untilConnected(group)
    expect(performance.now() - since).toBeGreaterThanOrEqual(CUT_OFF_MS)
    expect(events).toEqual([`connected ${peer}`, `disconnected ${peer}`, `connected ${peer}`])
    // Nor did the other end see any that was not to last.
    expect(group[peer]!.events).toEqual([`connected ${self}`, `disconnected ${self}`, `connected ${self}`])
  })

  test('leaves all others connected', async () => {
    const group = await makeGroup(await makeNodes(4))
    await untilConnected(group)
    const { transport, events } = group[self]!
    transport.cutOff(peer, CUT_OFF_MS)
    await untilConnected(group)
    expect(events.filter((event) => event.startsWith('disconnected'))).toEqual([`disconnected ${peer}`])
  })
})

describe.each([4, 7])('of %i live members', (n) => {
  test('those that misbehave relentlessly are cut off by all correct ones, who deliver all the same', async () => {
    const founded = await found(n)
    const { f } = founded.group.genesis
    const liars = Array.from({ length: f }, (_, liar) => (liar === 0 ? 0 : n - liar))
    const nodes = await startGroup(founded, (rank) => (liars.includes(rank) ? { behaviour: relentless } : {}))
    const correct = nodes.filter((_, rank) => !liars.includes(rank))
    // Who is cut off is let in again after a while, maybe before another one is cut off: each is looked at in its time.
    const cutOffs = correct.map((node) => {
      const seen = new Map<ProcessId, Promise<void>>()
      const see = ({ process }: CutOffPeer) => {
        const gone = () => node.getConnections(nodes[process]!.peerId).length === 0
        if (!seen.has(process)) seen.set(process, until(`${process} has no connection`, gone))
      }
      for (const peer of serviceOf(node).status().cutOff) see(peer)
      serviceOf(node).addEventListener('cut-off', ({ detail }) => see(detail))
      return seen
    })
    const logs = correct.map((node) => collect(serviceOf(node)))
    await allReady(correct)
    for (const liar of liars)
      serviceOf(nodes[liar]!)
        .broadcast(utf8('from a liar'))
        .catch(() => {})
    const expected = await broadcastAll(correct, 10)
    const ofCorrect = (log: (typeof logs)[number]) => log.filter(({ sender }) => !liars.includes(sender))
    await until('all of the correct is delivered', () =>
      logs.every((log) => ofCorrect(log).length >= expected.length)
    )
    for (const log of logs) expect(described(ofCorrect(log))).toEqual(expected)
    await until('all liars are cut off everywhere', () => cutOffs.every(({ size }) => size >= f))
    for (const seen of cutOffs) expect([...seen.keys()].sort()).toEqual([...liars].sort())
    await Promise.all(cutOffs.flatMap((seen) => [...seen.values()]))
    for (const node of correct) {
      const service = serviceOf(node)
      expect(service.landmarks.get('peer-cut-off')).toBeGreaterThanOrEqual(f)
      // What each broadcasts comes to all, be they connected or not.
      const others = correct.map((other) => serviceOf(other).self).filter((rank) => rank !== service.self)
      await until('the correct are connected', () =>
        others.every((rank) => service.connectedMembers.includes(rank))
      )
      expect(service.ready).toBe(true)
    }
  })

  test('nobody is cut off where all are correct (control)', async () => {
    const nodes = await startGroup(await found(n))
    await allReady(nodes)
    const logs = nodes.map((node) => collect(serviceOf(node)))
    const expected = await broadcastAll(nodes, 10)
    await until('all is delivered', () => logs.every((log) => log.length >= expected.length))
    for (const node of nodes) expect(serviceOf(node).status().cutOff).toEqual([])
  })
})
