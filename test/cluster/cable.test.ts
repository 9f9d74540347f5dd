/** The cable of a member, between two nodes on real ports: what is open breaks, nothing comes through, and it is mended. */
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, it } from 'vitest'
import { Cable } from '../../src/cluster/cable.ts'

const nodes: Libp2p[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function nodeOn(cable: Cable): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [cable.transport],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()]
  })
  nodes.push(node)
  return node
}

const dial = (from: Libp2p, to: Libp2p) => from.dial(to.getMultiaddrs())
const areApart = (a: Libp2p, b: Libp2p) =>
  expect.poll(() => [...a.getConnections(), ...b.getConnections()].length).toBe(0)

it.each(['dials', 'is dialled'])('a member that %s is cut off, and connected again', async (how) => {
  const cable = new Cable()
  const [member, other] = [await nodeOn(cable), await nodeOn(new Cable())]
  const [from, to] = how === 'dials' ? [member, other] : [other, member]
  await dial(from, to)
  cable.cut(true)
  await areApart(member, other)
  await expect(dial(member, other)).rejects.toThrow(/cut/)
  // Whoever dials it may believe for a moment that it has come through.
  await dial(other, member).catch(() => {})
  await areApart(member, other)
  cable.cut(false)
  await dial(from, to)
  await expect.poll(() => member.getConnections().length).toBe(1)
})
