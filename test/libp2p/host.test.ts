/** The host: many members on one machine, in memory too, and whatever links are told to use. */
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { byzantine } from '../../src/libp2p/byzantine.ts'
import { toPrivateKey } from '../../src/libp2p/identity.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import { until } from '../waiting.ts'
import { allReady, collect, described, found, serviceOf, startGroup, stop } from './service-support.ts'

test('ten members that start at once on one host all connect, and deliver', async () => {
  const nodes = await startGroup(await found(10))
  await until('all are connected', () => nodes.every((node) => serviceOf(node).connectedMembers.length === 9))
  const logs = nodes.map((node) => collect(serviceOf(node)))
  await Promise.all(nodes.map((node) => serviceOf(node).broadcast(utf8('hello'))))
  await until('all is delivered', () => logs.every((log) => log.length === 10))
})

test('four members on the memory transport, in one process', async () => {
  const { group, seeds } = await found(4)
  const addresses = seeds.map((_, rank) => [`/memory/host-test-${rank}`])
  const nodes = await Promise.all(
    seeds.map((seed, rank) =>
      createLibp2p({
        privateKey: toPrivateKey(seed),
        addresses: { listen: addresses[rank]! },
        transports: [memory()],
        connectionEncrypters: [noise()],
        streamMuxers: [boundedYamux()],
        services: { byzantine: byzantine({ group: { ...group, addresses } }) }
      })
    )
  )
  onTestFinished(async () => {
    await Promise.all(nodes.map(stop))
  })
  await allReady(nodes)
  const logs = nodes.map((node) => collect(serviceOf(node)))
  await Promise.all(nodes.map((node) => serviceOf(node).broadcast(utf8('hello'))))
  await until('all is delivered', () => logs.every((log) => log.length === 4))
  for (const log of logs)
    expect(described(log)).toEqual(['0/0: hello', '1/0: hello', '2/0: hello', '3/0: hello'])
})

test('links that sign every frame work as those that authenticate with a key', async () => {
  const nodes = await startGroup(await found(4), () => ({ authenticator: 'ed25519' }))
  await allReady(nodes)
  const logs = nodes.map((node) => collect(serviceOf(node)))
  for (let i = 0; i < 10; i++) await serviceOf(nodes[0]!).broadcast(utf8(`${i}`))
  await until('all is delivered', () => logs.every((log) => log.length === 10))
})
