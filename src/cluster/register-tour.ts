/** The part of a tour that is about registers: a client writes one while others read it, and the history is judged. */
import { parseHistory } from '../checkers/history-file.ts'
import { checkLinearizable } from '../checkers/linearizability.ts'
import { registerModel } from '../checkers/models.ts'
import type { ClusterFolder } from './folder.ts'
import { RegisterLoad } from './register-load.ts'
import type { FaultSeen } from './tally.ts'
import { CONNECT_MS_MAX, until } from './tour-steps.ts'

const TOUR_READERS = 3
export const TOUR_CLIENTS = 1 + TOUR_READERS

const DURATION_MS = 2500
const WRITE_PAUSE_MS_MAX = 60
const READ_PAUSE_MS_MAX = 20

export interface RegisterTour {
  readonly operations: number
  /** Reads during which a write was under way. */
  readonly overlapping: number
  /** Operations that were not answered in time. */
  readonly unanswered: number
  /** States that the clients reached, and how often. */
  readonly landmarks: { readonly [name: string]: number }
  /** Faults of members, as the clients saw them; `by` has their numbers. */
  readonly faultsSeen: readonly FaultSeen[]
  /** What contradicts atomicity, if anything does. */
  readonly contradiction: string | undefined
}

export async function tourRegisters(folder: ClusterFolder, interrupted: AbortSignal): Promise<RegisterTour> {
  const load = new RegisterLoad({
    folder,
    readers: TOUR_READERS,
    consistency: 'atomic',
    seed: 1,
    writePauseMsMax: WRITE_PAUSE_MS_MAX,
    readPauseMsMax: READ_PAUSE_MS_MAX,
    interrupted
  })
  try {
    await load.start()
    // A liar whom nobody asks has no say.
    await until(() => load.isFullyConnected, interrupted, CONNECT_MS_MAX)
    await load.run(AbortSignal.any([interrupted, AbortSignal.timeout(DURATION_MS)]))
    const { completed, overlapping, lines } = load.history
    const { landmarks, faults } = load.tally
    const verdict = checkLinearizable(parseHistory(lines.join('')), registerModel())
    return {
      operations: completed,
      overlapping,
      unanswered: load.unanswered,
      landmarks: Object.fromEntries(landmarks),
      faultsSeen: faults,
      contradiction: verdict.contradiction?.reason
    }
  } finally {
    await load.stop()
  }
}
