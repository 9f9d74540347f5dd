/** One end of an authenticated link, as a process of its own: run by links.ts. */
import { privateKeyFromRaw, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { concatBytes } from '../core/bytes.ts'
import { fastNoise } from '../libp2p/noise-crypto.ts'
import type { TransportComponents } from '../libp2p/transport.ts'
import { boundedYamux } from '../libp2p/transport-muxer.ts'
import { obeyParent } from './children.ts'
import { LinkEnd } from './link-end.ts'
import { LinkReceiver, LinkSender } from './link-load.ts'
import type { LinkCommand, LinkReport, LinkSetup } from './links.ts'
import { readUsage, startUsage } from './usage.ts'

let end: LinkEnd | undefined
let sender: LinkSender | undefined
let receiver: LinkReceiver | undefined
let sentBefore = { frames: 0, bytes: 0 }
const session = Promise.withResolvers<void>()

async function start({ self, seeds, publicKeys, groupId, peerAddress, load }: LinkSetup): Promise<string> {
  const node = await createLibp2p({
    privateKey: privateKeyFromRaw(concatBytes(seeds[self]!, publicKeys[self]!)),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [(await fastNoise()).encrypter],
    streamMuxers: [boundedYamux()],
    services: { parts: (components: TransportComponents) => ({ components }) }
  })
  const send = (message: Uint8Array) => end?.send(message)
  sender = new LinkSender(load, send)
  receiver = new LinkReceiver(load, send)
  const made = new LinkEnd(node.services.parts.components, {
    self,
    seed: seeds[self]!,
    publicKeys,
    groupId,
    members: publicKeys.map((publicKey, rank) => ({
      rank,
      peerId: peerIdFromPublicKey(publicKeyFromRaw(publicKey)),
      multiaddrs: rank === self || peerAddress === undefined ? [] : [multiaddr(peerAddress)]
    })),
    deliver: (message) => (self === 0 ? sender : receiver)?.deliver(message),
    sessionStarted: () => session.resolve()
  })
  end = made
  await made.start()
  return String(node.getMultiaddrs()[0])
}

async function obey(command: LinkCommand): Promise<LinkReport> {
  if (command.do === 'start') return { address: await start(command.setup) }
  if (end === undefined || sender === undefined || receiver === undefined) throw new Error('not started')
  const running = end
  switch (command.do) {
    case 'connected':
      await session.promise
      return {}
    case 'expect':
      receiver.expect(command.messages)
      return {}
    case 'measure':
      sentBefore = { ...running.sent }
      startUsage()
      return {}
    case 'send': {
      const began = performance.now()
      await sender.send(command.messages, (handler) => running.turn(handler))
      return { elapsedMs: performance.now() - began }
    }
    case 'read': {
      const usage = readUsage()
      const { frames, bytes } = running.sent
      return { usage, frames: frames - sentBefore.frames, bytes: bytes - sentBefore.bytes }
    }
    case 'digest':
      return { digest: command.of === 'sent' ? sender.digest(command.messages) : receiver.digest() }
    case 'round-trips': {
      const times: number[] = []
      for (let i = 0; i < command.count; i++) {
        times.push(await sender.roundTrip((handler) => running.turn(handler)))
      }
      return { roundTripsMs: times }
    }
  }
}

obeyParent(obey)
