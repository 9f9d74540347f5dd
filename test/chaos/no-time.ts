/** Time that goes by at once, as much as is waited for. */
import type { Pace } from '../../chaos/pace.ts'

export function noTime(): Pace {
  let nowMs = 0
  return {
    now: () => nowMs,
    pause: async (ms) => {
      nowMs += ms
    }
  }
}
