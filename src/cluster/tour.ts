/** What a cluster goes through, whichever it is: it ends by itself, or once nothing has come about for too long. */
import type { Cluster } from './cluster.ts'
import { watchProgress } from './stuck.ts'
import type { TourEvents, Toured } from './use.ts'
import { useOf } from './uses.ts'

/** A tour in which nothing has come about for so long is over; what has not come by then is judged as never coming. */
export const TOUR_QUIET_MS_MAX = 60_000

export async function runTour(
  cluster: Cluster,
  events: TourEvents,
  interrupted: AbortSignal
): Promise<Toured> {
  const progress = watchProgress(() => cluster.recorder.quietMs, TOUR_QUIET_MS_MAX)
  const { tour } = useOf(cluster.plan)
  try {
    return await tour(cluster, events, AbortSignal.any([interrupted, progress.signal]))
  } finally {
    progress.release()
  }
}
