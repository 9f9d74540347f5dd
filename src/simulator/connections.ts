/**
 * How simulated processes are connected: by ideal sessions, by the whole tower of links over a lossy network, or by
 * that alone.
 */
import type { Fault } from '../core/fault.ts'
import { type ProcessId, peersOf } from '../core/group.ts'
import type { Process } from '../core/process.ts'
import { AuthenticatedLinks } from '../links/authenticated-links.ts'
import { EARLIER_LIVES_MAX } from '../links/constants.ts'
import { fingerprint } from '../stacks/paths.ts'
import type { Stack } from '../stacks/stack.ts'
import { LossyNetwork } from './lossy-network.ts'
import type { NetworkInit } from './network.ts'
import { SessionNetwork } from './session-network.ts'
import type { Connect } from './simulated-process.ts'

export interface Connections {
  connect(self: ProcessId, ...args: Parameters<Connect>): ReturnType<Connect>
  /** Process `self` has seen this fault: real links act on it. */
  blame(self: ProcessId, fault: Fault): void
  /** @returns false if there is nothing to end */
  endSession(a: ProcessId, b: ProcessId): boolean
}

/** Which of them a stack stands on, where its links are to be ideal or real. */
export function connectionsOf(
  { model }: Pick<Stack, 'model'>,
  links: 'ideal' | 'real'
): (init: NetworkInit) => Connections {
  if (model.links === 'fair-loss') return fairLossConnections
  return links === 'ideal' ? idealConnections : realConnections
}

function idealConnections(init: NetworkInit): Connections {
  const network = new SessionNetwork(init)
  return {
    connect: (self, _env, process, indications) => ({
      carrier: network.carrier(self),
      start: () => network.attach(self, { input: (handler) => process.input(handler), indications }),
      detach: () => network.detach(self)
    }),
    blame() {},
    endSession: (a, b) => network.endSession(a, b)
  }
}

/** Frames alone, as they come, and no sessions: for stacks that are links themselves. */
function fairLossConnections(init: NetworkInit): Connections {
  const network = new LossyNetwork(init)
  return {
    connect: (self, _env, process, indications) => ({
      carrier: { send: (to, frame) => network.send(self, to, frame) },
      start: () =>
        network.attach(self, {
          receive: (from, frame) => process.input(() => indications.deliver(from, frame))
        }),
      detach: () => network.detach(self)
    }),
    blame() {},
    endSession: () => false
  }
}

function realConnections(init: NetworkInit): Connections {
  const network = new LossyNetwork(init)
  /** The links of the processes that are up: for the ends of sessions. */
  const running = new Map<ProcessId, { readonly links: AuthenticatedLinks; readonly process: Process }>()
  return {
    connect(self, env, process, indications, agreed) {
      const links = new AuthenticatedLinks(
        env,
        'links',
        {
          transport: { send: (to, frame) => network.send(self, to, frame) },
          fingerprint: (peer) => fingerprint(env, agreed, peer),
          earlierLives: livesBefore(env.incarnation)
        },
        { ...indications, lagging() {}, recovered() {} }
      )
      return {
        carrier: links,
        start() {
          running.set(self, { links, process })
          network.attach(self, {
            receive: (from, frame) =>
              process.input(() => {
                indications.frame?.(from, frame)
                links.receive(from, frame)
              })
          })
          links.start()
          for (const peer of peersOf(env.group, self)) links.connected(peer)
        },
        detach() {
          running.delete(self)
          network.detach(self)
        },
        injectFrame: (to, frame) => network.send(self, to, frame)
      }
    },
    blame: (self, fault) => running.get(self)?.links.blame(fault),
    // A connection that breaks and comes back: by itself it ends no session, and nothing may be lost.
    endSession(a, b) {
      for (const [id, peer] of [
        [a, b],
        [b, a]
      ] as const) {
        const end = running.get(id)
        end?.process.input(() => end.links.disconnected(peer))
        end?.process.input(() => end.links.connected(peer))
      }
      return running.has(a) || running.has(b)
    }
  }
}

/** Lives in the simulator are numbered from 1, and no disk is ever lost. */
function livesBefore(incarnation: number): number[] {
  return Array.from({ length: incarnation - 1 }, (_, index) => index + 1).slice(-EARLIER_LIVES_MAX)
}
