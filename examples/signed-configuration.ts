/**
 * A configuration that peers can trust although one of those who store it lies.
 *
 *     node examples/signed-configuration.ts
 *
 * Four members keep a register; member 0 answers with old versions, with forged ones and with versions from the future.
 * An operator, a client with a key of its own, writes versions of the configuration. Another client reads them: what it
 * gets was signed by the operator, and is never older than what a reader got before.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { boundedYamux, byzantine, byzantineClient, foundGroup } from 'byzkit'
import { findBehaviour } from 'byzkit/testing'
import { createLibp2p } from 'libp2p'

const makeKeys = (count: number) =>
  Promise.all(Array.from({ length: count }, () => generateKeyPair('Ed25519')))
const memberKeys = await makeKeys(4)
const [operatorKey, peerKey] = (await makeKeys(2)) as [PrivateKey, PrivateKey]
type PrivateKey = (typeof memberKeys)[number]

const group = foundGroup({
  members: memberKeys.map(({ publicKey }, rank) => ({
    publicKey,
    addresses: [`/memory/configuration-${rank}`]
  })),
  clients: [operatorKey, peerKey].map(({ publicKey }) => publicKey)
})

// What is the same for everybody. Real ones listen on TCP, and have data folders.
const network = () => ({
  transports: [memory()],
  connectionEncrypters: [noise()],
  streamMuxers: [boundedYamux()]
})
const liar = findBehaviour('perjure')
if (liar === undefined) throw new Error('there is no such behaviour')
const members = await Promise.all(
  memberKeys.map((privateKey, rank) =>
    createLibp2p({
      ...network(),
      privateKey,
      addresses: { listen: [...(group.addresses[rank] ?? [])] },
      services: { byzantine: byzantine({ group, ...(rank === 0 ? { behaviour: liar } : {}) }) }
    })
  )
)
const startClient = (privateKey: PrivateKey) =>
  createLibp2p({
    ...network(),
    privateKey,
    // A writer that lives longer than this program has a data folder instead.
    services: { byzantine: byzantineClient({ group, durability: 'memory' }) }
  })
const operator = await startClient(operatorKey)
const peer = await startClient(peerKey)

// Both name the same register: its name, and who alone may write it.
const written = operator.services.byzantine.register('configuration')
const read = peer.services.byzantine.register('configuration', { writer: operatorKey.publicKey.raw })

for (const version of ['motd = hello', 'motd = hello again', 'motd = goodbye']) {
  await written.write(new TextEncoder().encode(version))
  const { value, timestamp } = await read.read()
  console.log(`version ${timestamp}: ${new TextDecoder().decode(value ?? new Uint8Array())}`)
}

// Read on, until the liar was caught. A forged answer is counted for nothing, and named. (That somebody is only slow is a
// suspicion, which may be wrong.)
const caught = () => peer.services.byzantine.faults.filter(({ fault }) => fault.certainty !== 'suspected')
while (caught().length === 0) await read.read()
for (const { fault } of caught()) console.log(`member ${fault.process} was caught: ${fault.detail}`)

await Promise.all([operator, peer, ...members].map((node) => node.stop()))
