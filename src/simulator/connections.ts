/** The two ways to connect simulated processes: ideal sessions, or the whole tower of links over a lossy network. */
import type { ProcessId } from '../core/group.ts'
import type { Process } from '../core/process.ts'
import { AuthenticatedLinks } from '../links/authenticated-links.ts'
import { fingerprint } from '../stacks/paths.ts'
import type { NetworkFaults } from './faults.ts'
import { LossyNetwork } from './lossy-network.ts'
import type { Scheduler } from './scheduler.ts'
import { SessionNetwork } from './session-network.ts'
import type { Connect } from './simulated-process.ts'

export interface ConnectionsInit {
  readonly scheduler: Scheduler
  readonly n: number
  readonly seed: number
  readonly faults: NetworkFaults
  readonly onArrival: (from: ProcessId, to: ProcessId, message: Uint8Array) => void
}

export interface Connections {
  connect(self: ProcessId, ...args: Parameters<Connect>): ReturnType<Connect>
  endSession(a: ProcessId, b: ProcessId): void
}

export function idealConnections({ scheduler, n, seed, faults, onArrival }: ConnectionsInit): Connections {
  const network = new SessionNetwork(scheduler, n, seed, faults)
  network.onArrival = onArrival
  return {
    connect: (self, _env, process, indications) => ({
      carrier: network.carrier(self),
      start: () => network.attach(self, { input: (handler) => process.input(handler), indications }),
      detach: () => network.detach(self)
    }),
    endSession: (a, b) => network.endSession(a, b)
  }
}

export function realConnections({ scheduler, n, seed, faults, onArrival }: ConnectionsInit): Connections {
  const network = new LossyNetwork(scheduler, seed, faults, onArrival)
  /** The links of the processes that are up: for the ends of sessions. */
  const running = new Map<ProcessId, { readonly links: AuthenticatedLinks; readonly process: Process }>()
  return {
    connect(self, env, process, indications, agreed) {
      const links = new AuthenticatedLinks(
        env,
        'links',
        {
          transport: { send: (to, frame) => network.send(self, to, frame) },
          fingerprint: () => fingerprint(env, agreed())
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
          for (let peer = 0; peer < n; peer++) if (peer !== self) links.connected(peer)
        },
        detach() {
          running.delete(self)
          network.detach(self)
        },
        injectFrame: (to, frame) => network.send(self, to, frame)
      }
    },
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
    }
  }
}
