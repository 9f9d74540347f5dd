// Somebody's program: libp2p nodes over WebSockets, each a member of two groups, and Prometheus metrics of both.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { webSockets } from '@libp2p/websockets'
import { boundedConnections, boundedYamux, byzantine, foundGroup, toHex } from 'byzkit'
import { createLibp2p } from 'libp2p'
import { register } from 'prom-client'

const MEMBERS = 4
const HANGS_MS = 60_000

const hangs = setTimeout(() => assert.fail(`nothing came of it within ${HANGS_MS} ms`), HANGS_MS)
const keys = await Promise.all(Array.from({ length: MEMBERS }, () => generateKeyPair('Ed25519')))
const listen = (await freePorts()).map((port) => [`/ip4/127.0.0.1/tcp/${port}/ws`])
const members = keys.map(({ publicKey }, rank) => ({ publicKey, addresses: listen[rank] }))
const groups = { one: foundGroup({ members }), two: foundGroup({ members: members.toReversed() }) }

const nodes = []
for (const [rank, privateKey] of keys.entries()) {
  nodes.push(
    await createLibp2p({
      privateKey,
      addresses: { listen: listen[rank] },
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [boundedYamux()],
      ...boundedConnections(groups.one),
      // Each node forgets what was registered before it, unless it is told to keep that.
      metrics: prometheusMetrics({ collectDefaultMetrics: false, preserveExistingMetrics: rank > 0 }),
      services: {
        identify: identify(),
        one: byzantine({ group: groups.one }),
        two: byzantine({ group: groups.two })
      }
    })
  )
}

for (const group of ['one', 'two']) {
  const services = nodes.map(({ services }) => services[group])
  await Promise.all(services.map((service) => service.whenReady()))
  await services[0].broadcast(new TextEncoder().encode(`to group ${group}`))
  for (const service of services) {
    for await (const { payload } of service.deliveries()) {
      assert.equal(new TextDecoder().decode(payload), `to group ${group}`)
      break
    }
  }
}
for (const node of nodes)
  for (const { remoteAddr } of node.getConnections()) assert.match(`${remoteAddr}`, /\/ws/)

// They are brought up to date once a second.
const shown = async ({ services }, name) => {
  const id = toHex(services[name].group.id).slice(0, 8)
  const samples = [...(await register.metrics()).matchAll(/^byzkit_deliveries_total\{\w+="(\w+)\/.*"\} 1$/gm)]
  return samples.filter(([, label]) => label === id).length === MEMBERS
}
for (const name of ['one', 'two'])
  while (!(await shown(nodes[0], name))) await new Promise((resolve) => setTimeout(resolve, 100))
console.log(`two groups on each of ${MEMBERS} nodes, over WebSockets: metrics of both`)
await Promise.all(nodes.map((node) => node.stop()))
clearTimeout(hangs)

/** Held until all are known, so that none of them is given twice. */
async function freePorts() {
  const servers = await Promise.all(
    Array.from({ length: MEMBERS }, async () => {
      const server = createServer()
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    })
  )
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
