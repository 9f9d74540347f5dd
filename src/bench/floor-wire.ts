/** What a floor is measured on: a plain TCP socket, or a bare libp2p stream (TCP, Noise, Yamux), on loopback. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { fastNoise } from '../libp2p/noise-crypto.ts'

export type FloorKind = 'net' | 'libp2p'

/** A two-way byte stream. */
export interface Wire {
  /** Whether it takes more at once; otherwise `drained` is called when it does. */
  write(bytes: Uint8Array): boolean
}

export interface WireIndications {
  read(bytes: Uint8Array): void
  drained(): void
}

/** What an end does with its wire. */
export type WireUser = (wire: Wire) => WireIndications

const PROTOCOL = '/byzkit/bench/floor/1.0.0'

/** Waits for one connection; resolves with where to connect. */
export async function listenWire(kind: FloorKind, user: WireUser): Promise<string> {
  if (kind === 'net') {
    const server = createServer((socket) => useSocket(socket, user))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return String((server.address() as AddressInfo).port)
  }
  const node = await makeNode(['/ip4/127.0.0.1/tcp/0'])
  await node.handle(PROTOCOL, (stream) => useStream(stream, user))
  return String(node.getMultiaddrs()[0])
}

export async function connectWire(kind: FloorKind, address: string, user: WireUser): Promise<void> {
  if (kind === 'net') {
    const socket = connect(Number(address), '127.0.0.1')
    await once(socket, 'connect')
    useSocket(socket, user)
    return
  }
  const node = await makeNode([])
  useStream(await node.dialProtocol(multiaddr(address), PROTOCOL), user)
}

/** With the encrypter of the links, so that what differs is ours. */
const makeNode = async (listen: string[]) =>
  createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [(await fastNoise()).encrypter],
    streamMuxers: [yamux()]
  })

function useSocket(socket: Socket, user: WireUser): void {
  socket.setNoDelay(true)
  const { read, drained } = user({ write: (bytes) => socket.write(bytes) })
  socket.on('data', read)
  socket.on('drain', drained)
}

function useStream(stream: Stream, user: WireUser): void {
  const { read, drained } = user({ write: (bytes) => stream.send(bytes) })
  stream.addEventListener('message', ({ data }) => {
    for (const piece of data instanceof Uint8Array ? [data] : data) read(piece)
  })
  // The stream first tries, in a microtask of its own, what it had kept back.
  stream.addEventListener('drain', () =>
    queueMicrotask(() => {
      if (!stream.writableNeedsDrain) drained()
    })
  )
}
