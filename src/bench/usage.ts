/** What a process has used. */

export interface Usage {
  /** User and system, of all its threads. */
  readonly cpuMicroseconds: number
  readonly rssBytes: number
  readonly heapBytes: number
  /** Of byte strings, outside the heap but held by it. */
  readonly externalBytes: number
}

let cpuStart = process.cpuUsage()

export function startUsage(): void {
  cpuStart = process.cpuUsage()
}

/** CPU time since {@link startUsage}, and memory as it is now. */
export function readUsage(): Usage {
  const { user, system } = process.cpuUsage(cpuStart)
  const { rss, heapUsed, external } = process.memoryUsage()
  return { cpuMicroseconds: user + system, rssBytes: rss, heapBytes: heapUsed, externalBytes: external }
}

/** @throws {Error} unless Node was started with --expose-gc */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('Node was not started with --expose-gc')
  // Twice: what the first one finalizes is freed by the second.
  globalThis.gc()
  globalThis.gc()
}
