/**
 * The campaign on any stack: members in processes of their own with real disks, with the application of the laboratory
 * on top and clients of it beside, which ask for what the laboratory draws for stacks of that kind; members killed as
 * their model allows. What all of them record is judged as the history of a simulated run is; and what they have left
 * on their disks, where their abstraction has a judge of disks.
 */
import type { Cluster } from '../src/cluster/cluster.ts'
import { judge } from '../src/cluster/judgement.ts'
import { type ClusterPlan, planCluster } from '../src/cluster/plan.ts'
import { recordOf, ServiceClients } from '../src/cluster/service-clients.ts'
import { ServiceRecord } from '../src/cluster/service-record.ts'
import { settle } from '../src/cluster/service-tour.ts'
import { watchProgress } from '../src/cluster/stuck.ts'
import { TOUR_QUIET_MS_MAX } from '../src/cluster/tour.ts'
import { allConnected } from '../src/cluster/tour-steps.ts'
import { clusterTrace } from '../src/cluster/trace-lines.ts'
import type { Toured } from '../src/cluster/use.ts'
import { drawWorkload } from '../src/cluster/workload.ts'
import { abstractionOf, propertyOf } from '../src/laboratory/abstractions/index.ts'
import type { StackOptions } from '../src/stacks/stack.ts'
import { type ChaosResult, type Tell, tellUntil, withCluster } from './campaign.ts'
import { judgeDisksOf } from './disks.ts'
import { Kills } from './kills.ts'
import { MEMBERS, type StackPlan } from './plan.ts'
import { Rounds } from './rounds.ts'

export async function runStackCampaign(plan: StackPlan, tell: Tell): Promise<ChaosResult> {
  const clusterPlan = await planOf(plan)
  const { stack } = clusterPlan
  const make = {
    clients: () => abstractionOf(stack).clients,
    applied: true,
    options: () => optionsOf(plan),
    recorder: (of: ClusterPlan) => new ServiceRecord(of)
  }
  return withCluster(clusterPlan, make, async (cluster) => {
    const record = recordOf(cluster)
    const kills = new Kills(cluster, plan.seed)
    const sum = () => `${record.completed} operations completed, ${kills.count} kills`
    const toured = await tour(cluster, plan, kills, () => tell(sum()))
    await cluster.close()
    const judgement = judge(clusterPlan, record, cluster.tally, toured, cluster.founded)
    const { verdict, reason = verdict } = judgement
    const disks = await judgeDisksOf(cluster)
    const [wrong] = disks?.violations ?? []
    const why = [
      ...(verdict === 'violated' ? [reason] : []),
      ...(wrong === undefined ? [] : [`${wrong.property}: ${wrong.detail}`])
    ]
    const seen = { operations: record.completed, kills: kills.count }
    const { crashes } = stack.model
    const judged = stack.properties.filter((name) => propertyOf(stack, name)?.witnessed !== true)
    const required = {
      ...plan.required,
      kills: crashes === 'recover' ? plan.required.kills : stopsOf(cluster)
    }
    const tooFew = (['operations', 'kills'] as const)
      .filter((name) => seen[name] < required[name])
      .map((name) => `${seen[name]} ${name} of ${required[name]}`)
    return {
      sum: sum(),
      rejected: why.length === 0 ? undefined : why.join('; '),
      missing: verdict === 'inconclusive' ? [...tooFew, reason] : tooFew,
      shown: `${judged.join(', ')} held${disks === undefined ? '' : `; ${disks.count} disks are right`}`,
      history: clusterTrace(clusterPlan, record.events, judgement)
    }
  })
}

/** Nothing is broadcast of a file: an application asks, of whatever kind the stack is. */
async function planOf({ stack, behaviour, seed }: StackPlan): Promise<ClusterPlan> {
  const options = { members: MEMBERS, stack: stack.name, ...(behaviour !== undefined && { behaviour }) }
  return { ...(await planCluster(options)), input: new Uint8Array(0), chunks: [], seed }
}

/** Of members that follow a leader those of a short tour; every other time little is kept, and states travel. */
const optionsOf = ({ stack, seed }: StackPlan): StackOptions => ({
  ...abstractionOf(stack).led?.options,
  ...(stack.abstraction === 'replica' && seed % 2 === 0 && { batchesRetained: 0 })
})

const stopsOf = ({ plan }: Cluster): number => drawWorkload(plan).stops

async function tour(
  cluster: Cluster,
  { seconds }: StackPlan,
  kills: Kills,
  tell: () => void
): Promise<Toured> {
  const clients = new ServiceClients(cluster)
  try {
    await allConnected(cluster, new AbortController().signal)
    await clients.start()
    const rounds = new Rounds(cluster.plan, (request, payload) => clients.ask(request, payload))
    const over = AbortSignal.timeout(seconds * 1000)
    // Who stops for good does so while there is still something to ask of the others.
    const killing =
      cluster.plan.stack.model.crashes === 'recover'
        ? kills.inTurn(over)
        : kills.forGood(stopsOf(cluster), (seconds * 1000) / 2)
    await Promise.all([rounds.askUntil(over), killing, tellUntil(over, tell)])
    await rounds.askLast()
    // Until here much time may go by in which nothing is told: a detector tells of crashes alone.
    const progress = watchProgress(() => cluster.recorder.quietMs, TOUR_QUIET_MS_MAX)
    try {
      return { settled: await settle(cluster, clients, progress.signal), clients: clients.count }
    } finally {
      progress.release()
    }
  } finally {
    await clients.stop()
  }
}
