/**
 * The tour of a group whose members follow a leader: clients ask for one thing after the other, all along, while the
 * phases happen (phases.ts). Liars follow the protocol until it is their turn to lead.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { isOwed } from './judgement.ts'
import { LedLoad } from './led-load.ts'
import { standingOf } from './led-standing.ts'
import { runPhases, type Struck } from './phase-runner.ts'
import type { Phase } from './phases.ts'
import { recordOf, ServiceClients } from './service-clients.ts'
import { allConnected, COUNTS_MS } from './tour-steps.ts'
import type { TourEvents, Toured } from './use.ts'

/** Between looks at whether something is owed still: all of the history is judged for it. */
const OWED_MS = 250

export async function tourLed(cluster: Cluster, events: TourEvents, signal: AbortSignal): Promise<Toured> {
  await allConnected(cluster, signal)
  const clients = new ServiceClients(cluster)
  const load = new LedLoad(cluster, clients)
  try {
    await clients.start()
    const loading = load.run(signal)
    const phases: Phase[] = []
    for await (const phase of runPhases(struck(cluster), events, signal)) phases.push(phase)
    load.stop()
    await loading
    events.settling()
    const settled = await settle(cluster, clients, signal)
    return { settled, clients: clients.count, phases }
  } finally {
    load.stop()
    await clients.stop()
  }
}

/** The cluster, as far as phases strike it. */
const struck = (cluster: Cluster): Struck => ({
  plan: cluster.plan,
  standing: (member) => standingOf(cluster, member),
  get operations() {
    return recordOf(cluster).completed
  },
  kill: (member) => cluster.kill(member),
  restart: (member) => cluster.restart(member),
  cut: (member, isCut) => cluster.cut(member, isCut),
  attack: (member) => cluster.attack(member)
})

/** Until all that was asked for has returned, and all that is promised has come about. */
async function settle(cluster: Cluster, clients: ServiceClients, signal: AbortSignal): Promise<boolean> {
  const { plan } = cluster
  const record = recordOf(cluster)
  let settled = false
  while (!settled && !signal.aborted) {
    settled = record.allEnded && !isOwed(plan, record, clients.count)
    if (!settled) await pause(OWED_MS)
  }
  clients.countUp()
  await pause(COUNTS_MS)
  await cluster.stop(plan.byzantine)
  return settled
}
