/**
 * A connection whose messages and sessions somebody follows: whoever does is told before the process, or the network.
 */
import type { ProcessId } from '../core/group.ts'
import type { Connect, Connection } from './simulated-process.ts'

export interface Follower {
  received?(from: ProcessId, message: Uint8Array): void
  sent?(to: ProcessId, message: Uint8Array): void
  /** Put on the wire, below the links. */
  injected?(to: ProcessId, frame: Uint8Array): void
  sessionStarted?(peer: ProcessId): void
  sessionEnded?(peer: ProcessId, reason: string): void
}

export function connectFollowed(
  connect: Connect,
  [env, process, indications, agreed]: Parameters<Connect>,
  follower: Follower
): Connection {
  const connection = connect(
    env,
    process,
    {
      ...indications,
      deliver: (from, message) => {
        follower.received?.(from, message)
        indications.deliver(from, message)
      },
      sessionStarted: (peer) => {
        follower.sessionStarted?.(peer)
        indications.sessionStarted(peer)
      },
      sessionEnded: (peer, reason) => {
        follower.sessionEnded?.(peer, reason)
        indications.sessionEnded(peer, reason)
      }
    },
    agreed
  )
  const { carrier, injectFrame } = connection
  return {
    ...connection,
    carrier: {
      send: (to, message) => {
        follower.sent?.(to, message)
        carrier.send(to, message)
      }
    },
    ...(injectFrame && {
      injectFrame: (to: ProcessId, frame: Uint8Array) => {
        follower.injected?.(to, frame)
        injectFrame(to, frame)
      }
    })
  }
}
