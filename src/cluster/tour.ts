/** What a cluster goes through, whichever it is: it ends by itself, or once nothing has come about for too long. */
import type { Cluster } from './cluster.ts'
import { watchProgress } from './stuck.ts'
import type { ClusterUse, TourEvents, Toured } from './use.ts'

/** A tour in which nothing has come about for so long is over; what has not come by then is judged as never coming. */
export const TOUR_QUIET_MS_MAX = 60_000

export async function runTour(
  cluster: Cluster,
  { tour }: Pick<ClusterUse, 'tour'>,
  events: TourEvents,
  interrupted: AbortSignal
): Promise<Toured> {
  const progress = watchProgress(() => cluster.recorder.quietMs, TOUR_QUIET_MS_MAX)
  try {
    return await tour(cluster, events, AbortSignal.any([interrupted, progress.signal]))
  } finally {
    progress.release()
  }
}
