/**
 * A libp2p node of your own, with a member of a group added to it. Start one for each member of the demo group:
 *
 *     for rank in 0 1 2 3; do node examples/add-to-your-node.ts $rank & done; wait
 *
 * or of another group, whose folder is the second argument (see `byzkit keygen --members`).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { boundedConnections, boundedYamux, byzantine, parseGroupFile } from 'byzkit'
import { decodePrivateKey, defaultBackend } from 'byzkit/crypto'
import { createLibp2p } from 'libp2p'

const rank = Number(process.argv[2])
const folder = process.argv[3] ?? fileURLToPath(new URL('../keys', import.meta.url))
const group = parseGroupFile('group.json', readFileSync(join(folder, 'group.json'), 'utf8'))
// The first line of a demo key says that it is insecure.
const pem = readFileSync(join(folder, `member-${rank}.pem`), 'utf8').replace(/^byzkit.*\n/, '')
const seed = decodePrivateKey(pem)

const node = await createLibp2p({
  privateKey: privateKeyFromRaw(Uint8Array.of(...seed, ...defaultBackend.publicKey(seed))),
  addresses: { listen: [...(group.addresses[rank] ?? [])] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  // Bounds that libp2p lacks, or has in a way that strangers can turn against members.
  streamMuxers: [boundedYamux()],
  ...boundedConnections(group),
  services: {
    identify: identify(),
    // This line is what you add.
    byzantine: byzantine({ group })
  }
})

const member = node.services.byzantine
await member.whenReady()
await member.broadcast(new TextEncoder().encode(`hello from member ${rank}`))

let left = group.genesis.publicKeys.length
for await (const delivery of member.deliveries()) {
  if (delivery.type === 'gap') continue
  console.log(`member ${delivery.sender}: ${new TextDecoder().decode(delivery.payload)}`)
  if (--left === 0) break
}
// Members that are slower still need this one for a moment.
setTimeout(() => node.stop(), 2000)
