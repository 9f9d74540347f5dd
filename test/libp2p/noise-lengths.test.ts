/** Lengths of Noise messages: waited for without an error, and written with what they are the length of. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import { noise } from '@libp2p/noise'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { sameBytes } from '../../src/core/bytes.ts'
import { fastNoise } from '../../src/libp2p/noise-crypto.ts'
import { withCheapLengths } from '../../src/libp2p/noise-lengths.ts'
import { type Encrypter, nodeWith } from './noise-support.ts'

/** Hands on what comes, either way, byte by byte: every length is cut in two. */
async function dribbling(port: number): Promise<number> {
  const sockets: Socket[] = []
  const dribble = (from: Socket, to: Socket) => {
    let last = Promise.resolve()
    from.on('data', (data) => {
      last = last.then(async () => {
        for (const byte of data) {
          to.write(Uint8Array.of(byte))
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
    })
    from.on('close', () => to.destroy())
    from.on('error', () => {})
  }
  const relay = createServer((inbound) => {
    const outbound = connect(port, '127.0.0.1').setNoDelay(true)
    inbound.setNoDelay(true)
    sockets.push(inbound, outbound)
    dribble(inbound, outbound)
    dribble(outbound, inbound)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    relay.close()
  })
  await once(relay, 'listening')
  return (relay.address() as AddressInfo).port
}

interface Cost {
  readonly rangeErrors: number
  /** Of sockets, at both ends. */
  readonly writes: number
}

/** What so many messages there and back cost, one after the other. */
async function costOf(encrypter: Encrypter, messages: number, dribbled = false): Promise<Cost> {
  const [dialler, listener] = [await nodeWith(encrypter), await nodeWith(encrypter)]
  await listener.handle('/echo', (stream) => {
    stream.addEventListener('message', ({ data }) => void stream.send(data.slice()))
  })
  const [address] = listener.getMultiaddrs()
  const port = Number(address?.getComponents().find(({ name }) => name === 'tcp')?.value)
  const reached = dribbled ? multiaddr(`/ip4/127.0.0.1/tcp/${await dribbling(port)}`) : address!
  const stream = await dialler.dialProtocol(reached, '/echo')
  const message = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff)
  let answered = () => {}
  const parts: Uint8Array[] = []
  stream.addEventListener('message', ({ data }) => {
    parts.push(data.slice())
    if (parts.reduce((sum, { length }) => sum + length, 0) >= message.length) answered()
  })
  const { RangeError: original } = globalThis
  const written = vi.spyOn(Socket.prototype, 'write')
  let rangeErrors = 0
  let writes = 0
  const counted = (text?: string) => {
    rangeErrors++
    return new original(text)
  }
  globalThis.RangeError = Object.assign(counted, { prototype: original.prototype }) as RangeErrorConstructor
  try {
    for (let i = 0; i < messages; i++) {
      const answer = new Promise<void>((resolve) => (answered = resolve))
      stream.send(message)
      await answer
      expect(sameBytes(Buffer.concat(parts.splice(0)), message)).toBe(true)
    }
  } finally {
    globalThis.RangeError = original
    writes = written.mock.calls.length
    written.mockRestore()
  }
  return { rangeErrors, writes }
}

const cheap =
  (encrypter: Encrypter): Encrypter =>
  (components) =>
    withCheapLengths(encrypter(components))

describe('the length of a Noise message', () => {
  test('makes an error where it has not come yet, and is written by itself, if Noise is left to itself', async () => {
    const { rangeErrors, writes } = await costOf(noise(), 20)
    expect(rangeErrors).toBeGreaterThanOrEqual(20)
    // Two for each message, there and back.
    expect(writes).toBeGreaterThanOrEqual(80)
  })

  test('makes no error, and is written with the message', async () => {
    const plain = await costOf(noise(), 20)
    for (const encrypter of [cheap(noise()), (await fastNoise()).encrypter]) {
      const { rangeErrors, writes } = await costOf(encrypter, 20)
      expect(rangeErrors).toBe(0)
      expect(writes).toBeLessThanOrEqual(0.6 * plain.writes)
    }
  })

  test('is waited for where it comes byte by byte', async () => {
    expect((await costOf((await fastNoise()).encrypter, 3, true)).rangeErrors).toBe(0)
  })
})
