/** Whether something goes on: no clock can tell what is slow, on a busy machine, from what hangs; progress can. */

const LOOK_MS = 100

export interface Watch {
  /** Aborted once nothing has come about for so long. */
  readonly signal: AbortSignal
  release(): void
}

/** @param quietMs - milliseconds since something came about */
export function watchProgress(quietMs: () => number, quietMsMax: number): Watch {
  const stuck = new AbortController()
  const timer = setInterval(() => {
    if (quietMs() >= quietMsMax) stuck.abort()
  }, LOOK_MS)
  return { signal: stuck.signal, release: () => clearInterval(timer) }
}
