/**
 * The campaign on registers: four members in processes of their own with real disks, one of them Byzantine; a writer
 * that writes again and again and readers; correct members killed and started again. Every operation is recorded.
 */
import { findBehaviour } from '../src/adversary/index.ts'
import { findStack } from '../src/catalogue/index.ts'
import { parseHistory } from '../src/checkers/history-file.ts'
import { checkLinearizable } from '../src/checkers/linearizability.ts'
import { registerModel } from '../src/checkers/models.ts'
import { checkRegular } from '../src/checkers/regularity.ts'
import { BroadcastRecord } from '../src/cluster/broadcast-record.ts'
import type { ClusterPlan } from '../src/cluster/plan.ts'
import { RegisterLoad } from '../src/cluster/register-load.ts'
import type { ProcessId } from '../src/core/group.ts'
import { DEFAULT_STACK } from '../src/libp2p/service.ts'
import { type ChaosResult, type Tell, tellUntil, withCluster } from './campaign.ts'
import { Kills } from './kills.ts'
import { MEMBERS, type RegisterPlan } from './plan.ts'

/** Asked first, so that its answers are often among the first. */
const BYZANTINE: ProcessId = 0
const FAULTS = 1

/** Between writes, at most: so that a member that comes back is behind for a while. */
const WRITE_PAUSE_MS_MAX = 1500
const READ_PAUSE_MS_MAX = 10

interface Seen {
  readonly operations: number
  readonly overlapping: number
  /** Answers that clients refused, since no writer had signed them, and reads in which an old one was outvoted. */
  readonly outvoted: number
  readonly kills: number
}

export async function runRegisterCampaign(plan: RegisterPlan, tell: Tell): Promise<ChaosResult> {
  const { readers, consistency, seed, seconds } = plan
  const make = {
    clients: () => 1 + readers,
    applied: false,
    recorder: (of: ClusterPlan) => new BroadcastRecord(of)
  }
  return withCluster(clusterPlan(plan), make, async (cluster) => {
    const load = new RegisterLoad({
      folder: cluster.folder,
      readers,
      consistency,
      seed,
      writePauseMsMax: WRITE_PAUSE_MS_MAX,
      readPauseMsMax: READ_PAUSE_MS_MAX
    })
    const kills = new Kills(cluster, seed)
    const reached = (landmark: string) => load.tally.landmarks.get(landmark) ?? 0
    const seen = (): Seen => ({
      operations: load.history.completed,
      overlapping: load.history.overlapping,
      outvoted: reached('forged-answer-rejected') + reached('stale-answer-outvoted'),
      kills: kills.count
    })
    try {
      await load.start()
      const over = AbortSignal.timeout(seconds * 1000)
      const telling = tellUntil(over, () => tell(describe(seen(), load.unanswered)))
      await Promise.all([load.run(over), kills.inTurn(over), telling])
      const history = load.history.lines.join('')
      return {
        sum: describe(seen(), load.unanswered),
        rejected: judge(plan, history),
        missing: missing(plan, seen(), load.unanswered),
        shown: `the history is ${consistency}`,
        history
      }
    } finally {
      await load.stop()
    }
  })
}

function clusterPlan({ behaviour, seed }: RegisterPlan): ClusterPlan {
  const stack = findStack(DEFAULT_STACK)
  if (stack === undefined) throw new Error(`no stack ${DEFAULT_STACK}`)
  return {
    members: MEMBERS,
    f: FAULTS,
    stack,
    byzantine: [BYZANTINE],
    behaviour: findBehaviour(behaviour),
    correct: Array.from({ length: MEMBERS }, (_, rank) => rank).filter((rank) => rank !== BYZANTINE),
    input: new Uint8Array(0),
    chunks: [],
    kill: false,
    beyondResilience: false,
    seed
  }
}

const describe = ({ operations, overlapping, outvoted, kills }: Seen, unanswered: number): string =>
  `${operations} operations completed, ${overlapping} reads overlapping a write, ${outvoted} false answers outvoted, ${kills} kills, ${unanswered} unanswered`

function judge({ consistency }: RegisterPlan, history: string): string | undefined {
  const check = consistency === 'atomic' ? checkLinearizable : checkRegular
  return check(parseHistory(history), registerModel()).contradiction?.reason
}

function missing({ required }: RegisterPlan, seen: Seen, unanswered: number): string[] {
  const tooFew = (Object.keys(required) as (keyof typeof required)[])
    .filter((name) => seen[name] < required[name])
    .map((name) => `${seen[name]} ${name} of ${required[name]}`)
  return unanswered === 0 ? tooFew : [...tooFew, `${unanswered} operations without an answer`]
}
