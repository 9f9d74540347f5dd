/** What members and clients do alike in the benchmark of registers. */
import type { HostCounts } from '../libp2p/host.ts'
import type { ProcessService } from '../libp2p/service.ts'
import type { ProcessReport } from './register-group.ts'
import { readUsage } from './usage.ts'

const POLL_MS = 10

export async function untilConnected(service: ProcessService, members: number): Promise<void> {
  while (service.connectedMembers.length < members)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}

/** What it has used and counted, and whom it blames. */
export function reportOf(service: ProcessService & { status(): { counts: HostCounts } }): ProcessReport {
  return {
    usage: readUsage(),
    counts: service.status().counts,
    faults: service.faults.map(({ fault }) => fault.kind),
    landmarks: service.landmarks
  }
}
