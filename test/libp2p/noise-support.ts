/** Nodes of libp2p that encrypt as they are told. */
import type { ConnectionEncrypter } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import type { NoiseComponents } from '../../src/libp2p/noise-crypto.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'

export type Encrypter = (components: NoiseComponents) => ConnectionEncrypter

/** Stopped when the test is over. */
export async function nodeWith(encrypter: Encrypter) {
  const made = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [encrypter],
    streamMuxers: [boundedYamux()]
  })
  onTestFinished(() => Promise.resolve(made.stop()))
  return made
}
