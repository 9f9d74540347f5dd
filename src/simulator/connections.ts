/** The two ways to connect simulated processes: ideal sessions, or the whole tower of links over a lossy network. */
import type { ProcessId } from '../core/group.ts'
import type { NetworkFaults } from './faults.ts'
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

export function realConnections(_init: ConnectionsInit): Connections {
  throw new Error('links: real needs authenticated links')
}
