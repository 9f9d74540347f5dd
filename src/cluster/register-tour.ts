/**
 * The part of a tour that is about registers: a client writes one while others read it, and the history is judged. It
 * goes on for longer as long as the attack has left no mark, with them or with members.
 */
import { parseHistory } from '../checkers/history-file.ts'
import { checkLinearizable } from '../checkers/linearizability.ts'
import { registerModel } from '../checkers/models.ts'
import type { ClusterFolder } from './folder.ts'
import { RegisterLoad } from './register-load.ts'
import type { FaultSeen } from './tally.ts'
import { CONNECT_MS_MAX, until } from './tour-steps.ts'

const TOUR_READERS = 3
export const TOUR_CLIENTS = 1 + TOUR_READERS

/** It lasts so long, until so much was answered, and until the attack shows; but no longer than the last of these. */
const DURATION_MS = 2500
const OPERATIONS_MIN = 20
const DURATION_MS_MAX = 20_000
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

/** @param hasShown - whether the attack has left a mark, by what the clients saw beside all else */
export async function tourRegisters(
  folder: ClusterFolder,
  interrupted: AbortSignal,
  hasShown: (seen: Pick<RegisterTour, 'landmarks' | 'faultsSeen'>) => boolean
): Promise<RegisterTour> {
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
    const seen = () => {
      const { landmarks, faults } = load.tally
      return { landmarks: Object.fromEntries(landmarks), faultsSeen: faults }
    }
    const over = new AbortController()
    const end = async () => {
      const started = performance.now()
      const isLong = () => performance.now() - started >= DURATION_MS
      const isMuch = () => load.history.completed >= OPERATIONS_MIN
      await until(() => isLong() && isMuch() && hasShown(seen()), interrupted, DURATION_MS_MAX)
      over.abort()
    }
    await Promise.all([load.run(AbortSignal.any([interrupted, over.signal])), end()])
    const { completed, overlapping, lines } = load.history
    const verdict = checkLinearizable(parseHistory(lines.join('')), registerModel())
    return {
      operations: completed,
      overlapping,
      unanswered: load.unanswered,
      ...seen(),
      contradiction: verdict.contradiction?.reason
    }
  } finally {
    await load.stop()
  }
}
