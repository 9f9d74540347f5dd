/**
 * The connections of a run, as its processes get them: those that omit messages, and all of which somebody wants to
 * know what passes, are watched between the process and its network.
 */
import type { ProcessId } from '../core/group.ts'
import { openPorts } from '../stacks/paths.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { Choices } from './choices.ts'
import type { Connections } from './connections.ts'
import { connectFollowed } from './followed-connection.ts'
import type { Listener } from './listener.ts'
import { MessageLog } from './message-log.ts'
import { omitting } from './omissions.ts'
import type { Connect } from './simulated-process.ts'
import type { TraceSink } from './trace-sink.ts'
import type { Witness } from './witness.ts'

/** Told of what Byzantine members send to correct ones: on their links, or below them. */
export type OnAct = (
  kind: 'act' | 'frame',
  from: ProcessId,
  at: number,
  to: ProcessId,
  bytes: Uint8Array
) => void

export interface WatchedConnectionsInit {
  readonly connections: Connections
  readonly stack: Stack
  readonly options: StackOptions
  readonly choices: Choices
  readonly isByzantine: (process: ProcessId) => boolean
  /** Microseconds. */
  readonly now: () => number
  readonly sink: TraceSink | undefined
  readonly onAct: OnAct | undefined
  /** Listens to the lies that correct processes hear; undefined where nobody lies. */
  readonly lies: Listener | undefined
  /** Sees what correct processes send and hear; undefined where nobody does. */
  readonly witness: Witness | undefined
  /** A correct process has omitted a message: it is none any more. */
  readonly onOmission: (process: ProcessId) => void
}

export class WatchedConnections {
  readonly #init: WatchedConnectionsInit
  #log: MessageLog | undefined

  constructor(init: WatchedConnectionsInit) {
    this.#init = init
  }

  /** To be asked for once for each process: it is the same in all lives. */
  of(self: ProcessId): Connect {
    const { connections, choices, isByzantine, onOmission } = this.#init
    const connect: Connect = (...to) => connections.connect(self, ...to)
    if (isByzantine(self) || !choices.mayOmit(self)) return this.#followed(self, connect)
    const omits = omitting(connect, self, choices, (change, peer, message) => {
      const [from, to] = change === 'send' ? [self, peer] : [peer, self]
      this.#log?.omitted(from, to, message)
      onOmission(self)
    })
    return this.#followed(self, omits)
  }

  /** A connection whose messages are followed, and whose owner's acts are told, where somebody wants to know. */
  #followed(self: ProcessId, connect: Connect): Connect {
    const { sink, onAct, isByzantine, now } = this.#init
    const acts = isByzantine(self) ? onAct : undefined
    const { lies = undefined, witness = undefined } = isByzantine(self) ? {} : this.#init
    if ([sink, acts, lies, witness].every((one) => one === undefined)) return connect
    const tell = (kind: 'act' | 'frame', to: ProcessId, bytes: Uint8Array) => {
      if (!isByzantine(to)) acts?.(kind, self, now(), to, bytes)
    }
    const session = { process: self, kind: 'session' } as const
    return (...args) => {
      const { stack, options } = this.#init
      const ports = openPorts(args[0], stack, options)
      if (sink !== undefined)
        this.#log ??= new MessageLog(ports, now, sink, stack.model.links !== 'fair-loss')
      const log = this.#log
      return connectFollowed(connect, args, {
        received: (from, message) => {
          log?.received(from, self, message)
          lies?.heard(self, from, message, ports)
          witness?.received(self, from, message, ports)
        },
        sent: (to, message) => {
          tell('act', to, message)
          log?.sent(self, to, message)
          witness?.sent(self, to, message, ports)
        },
        injected: (to, frame) => tell('frame', to, frame),
        sessionStarted: (peer) => {
          sink?.({ ...session, time: now(), peer, change: 'started' })
          witness?.sessionStarted(self, peer)
        },
        sessionEnded: (peer, reason) => {
          sink?.({ ...session, time: now(), peer, change: 'ended', reason })
          log?.sessionEnded(self, peer, reason)
          lies?.sessionEnded(self, peer)
        }
      })
    }
  }
}
