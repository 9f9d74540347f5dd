/** Reading one line of bounded length from a socket. */
import type { Socket } from 'node:net'

/** The line without its end, or undefined if the other side ended, or went on beyond the bound, before one. */
export function readLine(socket: Socket, bytesMax: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    const finish = (line: string | undefined): void => {
      socket.off('data', onData)
      resolve(line)
    }
    const onData = (chunk: Buffer): void => {
      const end = chunk.indexOf('\n')
      const part = end < 0 ? chunk : chunk.subarray(0, end)
      chunks.push(part)
      length += part.length
      if (length > bytesMax) finish(undefined)
      else if (end >= 0) finish(Buffer.concat(chunks).toString('utf8'))
    }
    socket.on('data', onData)
    socket.once('end', () => finish(undefined))
    socket.once('close', () => finish(undefined))
  })
}
