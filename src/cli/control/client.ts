/** The caller's end of a member's control socket. */
import { lstat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { OperationError, UsageError } from '../../program/errors.ts'
import { fileError } from '../../program/files/read-file.ts'
import { printable } from '../../program/output.ts'
import { CONTROL_ANSWER_BYTES_MAX, type ControlRequest, parseAnswer } from './protocol.ts'
import { readLine } from './read-line.ts'
import { withSocketPath } from './socket-path.ts'

/** A broadcast waits while the member's window is full; not for ever. */
const ANSWER_TIMEOUT_MS = 30_000

/**
 * Asks the member that runs on a data folder.
 *
 * @throws {UsageError} if there is no such folder or the member refuses the request as wrong
 * @throws {OperationError} if no member runs there, or what was asked for failed
 */
export async function askMember(dataFolder: string, request: ControlRequest): Promise<object> {
  await requireFolder(dataFolder)
  const socket = await call(dataFolder)
  if (socket === undefined) throw new OperationError(`no member runs on data folder ${printable(dataFolder)}`)
  const timer = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT_MS)
  try {
    socket.write(`${JSON.stringify(request)}\n`)
    const line = await readLine(socket, CONTROL_ANSWER_BYTES_MAX)
    const answer = line === undefined ? undefined : parseAnswer(line)
    if (answer === undefined) throw new OperationError(unanswered(dataFolder, request))
    if (answer.ok) return answer.value
    const { name, message } = answer.error
    throw name === 'InvalidParametersError' ? new UsageError(message) : new OperationError(message)
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

/** Whether a member runs on the data folder, as far as its control socket tells; the folder need not exist. */
export async function isMemberRunning(dataFolder: string): Promise<boolean> {
  const socket = await call(dataFolder)
  socket?.destroy()
  return socket !== undefined
}

/** Undefined if nobody answers: there is no socket, or it was left by a process that was killed. */
function call(dataFolder: string): Promise<Socket | undefined> {
  return withSocketPath(
    dataFolder,
    (path) =>
      new Promise((resolve) => {
        const socket = connect(path)
        socket.once('connect', () => {
          // From now on an error shows as an answer that does not come.
          socket.on('error', () => {})
          resolve(socket)
        })
        socket.once('error', () => resolve(undefined))
      })
  )
}

async function requireFolder(dataFolder: string): Promise<void> {
  try {
    if ((await lstat(`${dataFolder}/.`)).isDirectory()) return
  } catch (error) {
    throw fileError(`data folder ${dataFolder}`, 'cannot be used', error)
  }
  throw new UsageError(`data folder ${dataFolder} cannot be used: not a folder`)
}

/** What a caller must know who gets no answer: whether it happened all the same. */
function unanswered(dataFolder: string, request: ControlRequest): string {
  const fate = request.do === 'broadcast' ? '; the broadcast may have been made or not' : ''
  return `the member that runs on data folder ${printable(dataFolder)} does not answer${fate}`
}
