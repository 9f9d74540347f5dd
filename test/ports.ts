/**
 * TCP ports of loopback for tests. A port that was given is given to nobody else while the process of the test lives,
 * whichever process the other test runs in: beside each port, one of a second range is held as long. It lies below the
 * ports that `byzkit` finds for itself, and below those that a kernel gives to whoever dials.
 */
import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

const FIRST = 2_000
const COUNT = 4_000
const TRIES_MAX = 1_000

/** The first of `count` ports in a row that are free, and stay so until they are used. */
export async function freePort(count = 1): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const first = FIRST + randomInt(COUNT - count + 1)
    const ports = Array.from({ length: count }, (_, i) => first + i)
    const held = await Promise.all(ports.map((port) => listen(port + COUNT)))
    const free = await Promise.all(ports.map(isFree))
    if (held.every((server) => server !== undefined) && free.every(Boolean)) return first
    for (const server of held) server?.close()
  }
  throw new Error(`no ${count} ports in a row are free on 127.0.0.1`)
}

/** Undefined if somebody else listens there. */
function listen(port: number): Promise<Server | undefined> {
  const server = createServer().unref()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server))
  })
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port)
  if (server !== undefined) await new Promise((resolve) => server.close(resolve))
  return server !== undefined
}
