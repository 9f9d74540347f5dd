/**
 * The tour of any service: applications of the laboratory ask for what it draws for stacks of that kind, members on
 * their own and clients beside them, under attack. Where members may stop for good some are killed meanwhile. Few of
 * these draws ask for much: as long as the attack has left no mark, more is asked for.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessId } from '../core/group.ts'
import { payloadOf, type Request } from '../simulator/application.ts'
import type { Cluster } from './cluster.ts'
import { measureEffect } from './effect.ts'
import { isOwed } from './judgement.ts'
import { recordOf, ServiceClients } from './service-clients.ts'
import { allConnected, COUNTS_MS, killAndRestart, QUIET_MS, until } from './tour-steps.ts'
import type { TourEvents, Toured } from './use.ts'
import { ASKED_MS, drawAgain, drawWorkload } from './workload.ts'

/** How often is asked for what is drawn, as long as the attack shows nowhere. */
const ROUNDS_MAX = 6

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
    const asked = [...requests]
    const ask = (these: readonly Request[]) =>
      askInTime(these, signal, (request, done) => {
        clients.ask(request, payloadOf(plan.seed, request))
        events.asked(done, these.length)
      })
    await ask(requests)
    await dying
    for (let round = 1; round < ROUNDS_MAX && !(await hasShown(cluster, clients, signal)); round++) {
      const more = drawAgain(plan, round, asked)
      asked.push(...more)
      await ask(more)
    }
    if (signal.aborted) return { settled: false, clients: clients.count }
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

/** Each at its time. */
async function askInTime(
  requests: readonly Request[],
  signal: AbortSignal,
  ask: (request: Request, done: number) => void
): Promise<void> {
  const started = performance.now()
  for (const [index, request] of requests.entries()) {
    await pause(Math.max(0, request.at / 1000 - (performance.now() - started)))
    if (signal.aborted) return
    ask(request, index + 1)
  }
}

/** Whether the attack has left a mark, or there is none, or nobody waits for it any more. */
async function hasShown(cluster: Cluster, clients: ServiceClients, signal: AbortSignal): Promise<boolean> {
  const { plan, recorder, tally } = cluster
  const isSeen = () => {
    clients.countUp()
    return measureEffect(plan, recorder, tally, undefined).seen
  }
  return signal.aborted || plan.behaviour === undefined || until(isSeen, signal, 2 * COUNTS_MS)
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
