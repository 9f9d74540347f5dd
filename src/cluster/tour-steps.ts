/** Steps of tours. */
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessId } from '../core/group.ts'
import type { Cluster } from './cluster.ts'

/** Told what befalls members. */
export interface Killings {
  killed(member: ProcessId): void
  restarted(member: ProcessId): void
}

/** How long a member that was killed stays away. */
const DOWN_MS = 700
/** Who is connected to a quorum soon is to everybody; the attack is to begin at everybody. */
export const CONNECT_MS_MAX = 3000
const POLL_MS = 50

/** Between the last report of a count and the next. */
export const COUNTS_MS = 300
/** A liar may let others wait for longer than any of their timeouts, and still come. */
export const QUIET_MS = 2500

export async function allConnected(cluster: Cluster, signal: AbortSignal): Promise<void> {
  await until(
    () => cluster.plan.correct.every((rank) => isFullyConnected(cluster, rank)),
    signal,
    CONNECT_MS_MAX
  )
}

export async function killAndRestart(cluster: Cluster, member: ProcessId, events: Killings): Promise<void> {
  await cluster.kill(member)
  events.killed(member)
  await pause(DOWN_MS)
  await cluster.restart(member)
  events.restarted(member)
}

function isFullyConnected(cluster: Cluster, member: ProcessId): boolean {
  return cluster.tally.connected(member).length >= cluster.plan.members - 1
}

/** Waits until it holds; @returns whether it does */
export async function until(
  holds: () => boolean,
  signal: AbortSignal,
  timeoutMs = Number.POSITIVE_INFINITY
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!holds()) {
    if (signal.aborted || performance.now() > deadline) return false
    await pause(POLL_MS)
  }
  return true
}

/** Waits for either; @returns whether it was the promise */
export async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  const aborted = Symbol('aborted')
  const ended = await Promise.race([
    promise,
    new Promise<symbol>((resolve) => {
      if (signal.aborted) resolve(aborted)
      signal.addEventListener('abort', () => resolve(aborted), { once: true })
    })
  ])
  return ended !== aborted
}
