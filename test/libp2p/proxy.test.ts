/** What somebody sees who records every byte between two members: none of a payload. */
import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../ports.ts'
import { until } from '../waiting.ts'
import { collect, found, serviceOf, startMember } from './service-support.ts'

/** A TCP proxy that keeps all that passes, both ways. */
async function recordingProxy(port: number, target: number): Promise<Buffer[]> {
  const recorded: Buffer[] = []
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    sockets.push(near, far)
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      from.on('data', (bytes) => {
        recorded.push(bytes)
        to.write(bytes)
      })
      from.on('close', () => to.destroy())
      from.on('error', () => {})
    }
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return recorded
}

test('a recording proxy between two members sees no byte of a payload', async () => {
  const founded = await found(4)
  // The others dial member 3 where the group file says, at the proxy.
  const listens = await freePort()
  const dialled = Number(founded.group.addresses[3]?.[0]?.split('/').at(-1))
  const recorded = await recordingProxy(dialled, listens)
  const nodes = await Promise.all(
    founded.seeds.map((_, rank) =>
      startMember(founded, rank, rank === 3 ? { listen: [`/ip4/127.0.0.1/tcp/${listens}`] } : {})
    )
  )
  await until('all are connected', () => nodes.every((node) => serviceOf(node).connectedMembers.length === 3))
  const marker = "this payload is nobody else's business "
  const payload = Buffer.from(marker.repeat(100))
  const logs = nodes.map((node) => collect(serviceOf(node)))
  for (const node of nodes) await serviceOf(node).broadcast(payload)
  await until('all is delivered', () => logs.every((log) => log.length === 4))
  // Three senders' payloads go in, and one comes out to three members, be it after some have it from others.
  const passed = () => recorded.reduce((sum, { length }) => sum + length, 0)
  await until('all of it has passed here', () => passed() > 6 * payload.length)
  const seen = Buffer.concat(recorded)
  // Eight bytes would show it: random bytes hold a given eight with a probability of 2^-64 at each place.
  for (let at = 0; at < marker.length; at++) {
    expect(seen.includes(payload.subarray(at, at + 8))).toBe(false)
  }
  expect(seen.includes(Buffer.from('byzantine-reliable-channel'))).toBe(false)
})
