/** The running member's end of its control socket: `byzkit status` and `byzkit broadcast` come here. */
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { ByzantineService } from '../../libp2p/service.ts'
import { fileError } from '../../program/files/read-file.ts'
import { CONTROL_REQUEST_BYTES_MAX, type ControlAnswer, parseRequest } from './protocol.ts'
import { readLine } from './read-line.ts'
import { SOCKET_NAME, withSocketPath } from './socket-path.ts'

const SOCKET_MODE = 0o600

/** Callers at a time. */
const CONNECTIONS_MAX = 16

/** Who connects and says nothing is cut off. */
const REQUEST_TIMEOUT_MS = 10_000

export interface ControlSocket {
  close(): Promise<void>
}

/**
 * Opens the control socket of a member that has its data folder locked. Nobody else can be using the socket then:
 * one that lies there was left by a process that was killed, and is replaced.
 */
export async function openControlSocket(
  dataFolder: string,
  service: ByzantineService
): Promise<ControlSocket> {
  const file = join(dataFolder, SOCKET_NAME)
  await rm(file, { force: true })
  const callers = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    callers.add(socket)
    socket.once('close', () => callers.delete(socket))
    void serve(socket, service)
  })
  server.maxConnections = CONNECTIONS_MAX
  try {
    await withSocketPath(dataFolder, (path) => listen(server, path))
    // The folder is closed to others already: there is no moment at which they could connect.
    if (process.platform !== 'win32') await chmod(file, SOCKET_MODE)
  } catch (error) {
    server.close()
    throw fileError(file, 'cannot be made a socket', error)
  }
  return {
    async close() {
      for (const socket of callers) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      // Node removes the path that it was told, which may have been a link.
      await rm(file, { force: true })
    }
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function serve(socket: Socket, service: ByzantineService): Promise<void> {
  // A caller that goes away does not wait any more.
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  socket.once('error', () => socket.destroy())
  socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy())
  const line = await readLine(socket, CONTROL_REQUEST_BYTES_MAX)
  socket.setTimeout(0)
  if (gone.signal.aborted) return
  const answer = await answerTo(line, service, gone.signal)
  socket.end(`${JSON.stringify(answer)}\n`, () => socket.destroy())
}

async function answerTo(
  line: string | undefined,
  service: ByzantineService,
  signal: AbortSignal
): Promise<ControlAnswer> {
  const request = line === undefined ? undefined : parseRequest(line)
  if (request === undefined) {
    const message = `not a request of at most ${CONTROL_REQUEST_BYTES_MAX} bytes on one line`
    return { ok: false, error: { name: 'InvalidParametersError', message } }
  }
  try {
    if (request.do === 'status') return { ok: true, value: service.status() }
    const payload = new Uint8Array(Buffer.from(request.payload, 'base64'))
    return { ok: true, value: await service.broadcast(payload, { signal }) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    return { ok: false, error: { name, message } }
  }
}
