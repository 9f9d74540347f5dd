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
const say = (text: string) => member.broadcast(new TextEncoder().encode(text))
await member.whenReady()
await say(`hello from member ${rank}`)

// Members that are slower need the others: this one leaves when all have said that they have heard all.
const everybody = group.genesis.publicKeys.length
let hellos = 0
let goodbyes = 0
for await (const delivery of member.deliveries()) {
  if (delivery.type === 'gap') continue
  const text = new TextDecoder().decode(delivery.payload)
  if (text === 'goodbye') goodbyes++
  else {
    console.log(`member ${delivery.sender}: ${text}`)
    hellos++
    if (hellos === everybody) await say('goodbye')
  }
  if (goodbyes === everybody) break
}
// What it has said last may still be on its way.
setTimeout(() => node.stop(), 2000)
