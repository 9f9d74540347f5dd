/**
 * The tour of any service: applications of the laboratory ask for what it draws for stacks of that kind, members on
 * their own and clients beside them, under attack. Where members may stop for good some are killed meanwhile.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessId } from '../core/group.ts'
import { payloadOf } from '../simulator/application.ts'
import type { Cluster } from './cluster.ts'
import { isOwed } from './judgement.ts'
import { recordOf, ServiceClients } from './service-clients.ts'
import { allConnected, COUNTS_MS, killAndRestart, QUIET_MS, until } from './tour-steps.ts'
import type { TourEvents, Toured } from './use.ts'
import { ASKED_MS, drawWorkload } from './workload.ts'

/** Within how long after all else something that is promised has to come about, on a machine that is busy. */
const OWED_MS_MAX = 30_000

export async function tourService(
  cluster: Cluster,
  events: TourEvents,
  signal: AbortSignal
): Promise<Toured> {
  const { plan } = cluster
  const { requests, stops } = drawWorkload(plan)
  await allConnected(cluster, signal)
  const clients = new ServiceClients(cluster)
  try {
    await clients.start()
    const dying = killSome(cluster, events, stops, signal)
    const started = performance.now()
    for (const [index, request] of requests.entries()) {
      await pause(Math.max(0, request.at / 1000 - (performance.now() - started)))
      if (signal.aborted) return { settled: false, clients: clients.count }
      clients.ask(request, payloadOf(plan.seed, request))
      events.asked(index + 1, requests.length)
    }
    await dying
    events.settling()
    return { settled: await settle(cluster, clients, signal), clients: clients.count }
  } finally {
    await clients.stop()
  }
}

/**
 * Until all that has begun has ended, nothing happens any more, and what is promised has come about; then the attack is
 * over. @returns whether it came to that
 */
export async function settle(
  cluster: Cluster,
  clients: ServiceClients,
  signal: AbortSignal
): Promise<boolean> {
  const { plan } = cluster
  const record = recordOf(cluster)
  const isOver = () =>
    record.allEnded &&
    record.quietMs >= QUIET_MS &&
    (record.quietMs >= OWED_MS_MAX || !isOwed(plan, record, clients.count))
  const settled = await until(isOver, signal)
  clients.countUp()
  await pause(COUNTS_MS)
  await cluster.stop(plan.byzantine)
  return settled
}

async function killSome(
  cluster: Cluster,
  events: TourEvents,
  stops: number,
  signal: AbortSignal
): Promise<void> {
  const { correct, kill } = cluster.plan
  const pick = () => correct[randomInt(correct.length)] as ProcessId
  await pause(randomInt(ASKED_MS))
  if (signal.aborted) return
  if (kill) await killAndRestart(cluster, pick(), events)
  const victims = new Set<ProcessId>()
  while (victims.size < stops) victims.add(pick())
  for (const victim of victims) {
    await cluster.kill(victim)
    events.killed(victim)
  }
}
