/** What correct processes do while somebody floods them: some operations under way at all times, for so long. */

export interface LoadReport {
  readonly completed: number
  /** Of those that were not completed: how long they had taken when nobody waited any more. */
  readonly latenciesMs: number[]
  readonly unanswered: number
}

/** How long the last operations are waited for. */
const PATIENCE_MS = 5000

/** @param operation - resolves when one is complete */
export async function loadFor(
  durationMs: number,
  inFlight: number,
  operation: (worker: number) => Promise<void>
): Promise<LoadReport> {
  const end = performance.now() + durationMs
  const latenciesMs: number[] = []
  const underWay = new Map<number, number>()
  let completed = 0
  const work = async (worker: number): Promise<void> => {
    while (performance.now() < end) {
      const began = performance.now()
      underWay.set(worker, began)
      await operation(worker)
      // Who is not waited for any more has been counted.
      if (!underWay.delete(worker)) return
      latenciesMs.push(performance.now() - began)
      // What is completed later is no part of what these seconds brought.
      if (performance.now() < end) completed++
    }
  }
  const all = Promise.all(Array.from({ length: inFlight }, (_, worker) => work(worker)))
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, durationMs + PATIENCE_MS)
  await Promise.race([all, late])
  clearTimeout(timer)
  const unanswered = underWay.size
  for (const began of underWay.values()) latenciesMs.push(performance.now() - began)
  underWay.clear()
  all.catch(() => {})
  return { completed, latenciesMs, unanswered }
}
