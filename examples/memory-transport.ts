/**
 * Four members in one process, on libp2p's memory transport: the shortest way to see a Byzantine reliable channel.
 *
 *     node examples/memory-transport.ts
 */

import { generateKeyPair } from '@libp2p/crypto/keys'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { type ByzantineService, boundedYamux, byzantine, foundGroup } from 'byzkit'
import { createLibp2p } from 'libp2p'

const keys = await Promise.all([0, 1, 2, 3].map(() => generateKeyPair('Ed25519')))
const group = foundGroup({
  members: keys.map(({ publicKey }, rank) => ({ publicKey, addresses: [`/memory/member-${rank}`] }))
})

const nodes = await Promise.all(
  keys.map((privateKey, rank) =>
    createLibp2p({
      privateKey,
      addresses: { listen: [`/memory/member-${rank}`] },
      transports: [memory()],
      connectionEncrypters: [noise()],
      streamMuxers: [boundedYamux()],
      services: { byzantine: byzantine({ group }) }
    })
  )
)
const members = nodes.map((node) => node.services.byzantine)
await Promise.all(members.map((member) => member.whenReady()))

for (const member of members)
  await member.broadcast(new TextEncoder().encode(`hello from member ${member.self}`))
await Promise.all(members.map(printDeliveries))
await Promise.all(nodes.map((node) => node.stop()))

async function printDeliveries(member: ByzantineService): Promise<void> {
  let left = members.length
  for await (const delivery of member.deliveries()) {
    if (delivery.type === 'gap') continue
    const text = new TextDecoder().decode(delivery.payload)
    console.log(`member ${member.self} delivers "${text}"`)
    if (--left === 0) return
  }
}
