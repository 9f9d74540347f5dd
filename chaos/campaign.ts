/**
 * One campaign: four members in processes of their own with real disks, one of them Byzantine; a writer and readers;
 * correct members killed (SIGKILL) one at a time and started again on the folder that they left. Every operation is
 * recorded.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type ClusterFolder, foundTestGroup, makeClusterFolder } from '../src/cli/cluster/folder.ts'
import type { LoadHistory } from '../src/cli/cluster/load-history.ts'
import { MemberProcess } from '../src/cli/cluster/member-process.ts'
import { RegisterLoad } from '../src/cli/cluster/register-load.ts'
import type { ProcessId } from '../src/core/group.ts'
import { DEFAULT_STACK } from '../src/libp2p/service.ts'
import { SeededRandom } from '../src/simulator/seeded-random.ts'
import type { ChaosPlan } from './plan.ts'

const MEMBERS = 4
/** Asked first, so that its answers are often among the first. */
const BYZANTINE: ProcessId = 0
const FAULTS = 1

/** Between writes, at most: so that a member that comes back is behind for a while. */
const WRITE_PAUSE_MS_MAX = 1500
const READ_PAUSE_MS_MAX = 10
/** How long a killed member stays away, and how long all are up before the next is killed. */
const DOWN_MS_MAX = 1500
const UP_MS_MAX = 1500

export interface ChaosResult {
  readonly history: LoadHistory
  readonly kills: number
  /** Answers that clients refused, since no writer had signed them, and reads in which an old one was outvoted. */
  readonly outvoted: number
  /** Operations that were not answered in time. */
  readonly unanswered: number
}

/** @param onProgress - is told now and then how far it is */
export async function runChaos(plan: ChaosPlan, onProgress: (line: string) => void): Promise<ChaosResult> {
  const folder = await makeClusterFolder(undefined)
  const members = new Members(folder, plan)
  const { readers, consistency, seed } = plan
  const load = new RegisterLoad({
    folder,
    readers,
    consistency,
    seed,
    writePauseMsMax: WRITE_PAUSE_MS_MAX,
    readPauseMsMax: READ_PAUSE_MS_MAX
  })
  const reached = (landmark: string) => load.tally.landmarks.get(landmark) ?? 0
  const result = (): ChaosResult => ({
    history: load.history,
    kills: members.kills,
    outvoted: reached('forged-answer-rejected') + reached('stale-answer-outvoted'),
    unanswered: load.unanswered
  })
  try {
    await foundTestGroup(folder, MEMBERS, FAULTS, 1 + readers)
    await members.start()
    await load.start()
    const over = AbortSignal.timeout(plan.seconds * 1000)
    const telling = tell(over, () => onProgress(describe(result())))
    await Promise.all([load.run(over), members.killUntil(over), telling])
    return result()
  } finally {
    await load.stop()
    await members.stop()
    await folder.tidy()
  }
}

export const describe = ({ history, kills, outvoted, unanswered }: ChaosResult): string =>
  `${history.completed} operations completed, ${history.overlapping} reads overlapping a write, ${outvoted} false answers outvoted, ${kills} kills, ${unanswered} unanswered`

async function tell(over: AbortSignal, line: () => void): Promise<void> {
  while (!over.aborted) {
    await pause(1000)
    line()
  }
}

class Members {
  readonly #folder: ClusterFolder
  readonly #plan: ChaosPlan
  readonly #running = new Map<ProcessId, MemberProcess>()
  kills = 0

  constructor(folder: ClusterFolder, plan: ChaosPlan) {
    this.#folder = folder
    this.#plan = plan
  }

  async start(): Promise<void> {
    const members = Array.from({ length: MEMBERS }, (_, rank) => this.#run(rank))
    await Promise.all(members.map(({ started }) => started))
    await Promise.all(members.map(({ ready }, rank) => (rank === BYZANTINE ? undefined : ready)))
  }

  /** One at a time: with the Byzantine one, more would be beyond resilience. */
  async killUntil(over: AbortSignal): Promise<void> {
    const random = new SeededRandom(this.#plan.seed, 'chaos/kills')
    for (let victim = 1; !over.aborted; victim = 1 + (victim % (MEMBERS - 1))) {
      await pause(500 + random.below(UP_MS_MAX))
      if (over.aborted) return
      await this.#running.get(victim)?.kill()
      this.kills++
      await pause(random.below(DOWN_MS_MAX))
      await this.#run(victim).ready
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((member) => member.stop()))
  }

  #run(rank: ProcessId): MemberProcess {
    const { behaviour } = this.#plan
    const member = new MemberProcess(
      {
        group: this.#folder.group,
        key: this.#folder.key(rank),
        data: this.#folder.data(rank),
        stack: DEFAULT_STACK,
        options: {},
        beyondResilience: false,
        ...(rank === BYZANTINE ? { attack: { behaviour, byzantine: [BYZANTINE] } } : {})
      },
      {
        delivery: () => {},
        counts: () => {},
        failed: (cause) => console.error(`member ${rank} failed: ${cause}`)
      }
    )
    this.#running.set(rank, member)
    return member
  }
}
