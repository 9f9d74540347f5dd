/**
 * What a cluster goes through: every member broadcasts the input, chunk by chunk and in turn, while the Byzantine
 * members attack; the run is given time to settle; then a client writes a register while others read it, under attack
 * still. In the end the attack is over (the Byzantine members stop), and the correct ones must agree on what they
 * deliver.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessId } from '../../core/group.ts'
import type { Cluster } from './cluster.ts'
import { type RegisterTour, tourRegisters } from './register-tour.ts'

/** No tour takes longer; what has not come about by then is judged as never coming. */
export const TOUR_TIMEOUT_MS = 60_000

/** How long a member that was killed stays away. */
const DOWN_MS = 700
/** Who is connected to a quorum soon is to everybody; the attack is to begin at everybody. */
const CONNECT_MS_MAX = 3000
/** A liar may let others wait for longer than any of their timeouts, and still come. */
const QUIET_MS = 2500
/** Between the last report of a count and the next. */
const COUNTS_MS = 300
const POLL_MS = 50

export interface TourEvents {
  /** Every member has been asked to broadcast so many chunks. */
  chunk(done: number): void
  killed(member: ProcessId): void
  restarted(member: ProcessId): void
  settling(): void
  registers(): void
}

export interface Toured {
  /** It ended in time, everything settled. */
  readonly settled: boolean
  /** Undefined if it did not come to that. */
  readonly registers?: RegisterTour
}

export async function runTour(
  cluster: Cluster,
  events: TourEvents,
  interrupted: AbortSignal,
  timeoutMs = TOUR_TIMEOUT_MS
): Promise<Toured> {
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMs)])
  const { correct, byzantine, stack } = cluster.plan
  const { recorder } = cluster
  await until(() => correct.every((rank) => isFullyConnected(cluster, rank)), signal, CONNECT_MS_MAX)
  const broadcasting = broadcastAll(cluster, events, signal)
  if (!(await orAborted(broadcasting, signal))) return { settled: false }
  events.settling()
  const settled = await until(
    () => recorder.allAcceptedDelivered && (recorder.everythingDelivered || recorder.quietMs >= QUIET_MS),
    signal
  )
  if (signal.aborted) return { settled }
  events.registers()
  const registers = await tourRegisters(cluster.folder, signal)
  await pause(COUNTS_MS)
  await cluster.stop(byzantine)
  // Consistent broadcast promises less: what one member delivers of a liar the others may never.
  if (!stack.properties.includes('totality')) return { settled, registers }
  return { settled: (await until(() => recorder.allOrNone, signal)) && settled, registers }
}

async function broadcastAll(cluster: Cluster, events: TourEvents, signal: AbortSignal): Promise<void> {
  const { correct, byzantine, chunks, kill } = cluster.plan
  const victim = kill ? correct[randomInt(correct.length)] : undefined
  const fatalChunk = randomInt(Math.max(1, chunks.length - 1))
  let back: Promise<void> | undefined
  for (const [index, chunk] of chunks.entries()) {
    // A liar answers when it likes, or never.
    for (const member of byzantine) {
      cluster.recorder.broadcast(member, index, chunk)
      void cluster.broadcast(member, chunk)
    }
    for (const member of correct) {
      if (signal.aborted) return
      if (member === victim) await back
      await broadcastOne(cluster, member, index, chunk)
      if (member !== victim || index !== fatalChunk) continue
      // Its broadcast is accepted and on its way, and those of others are under way at it.
      back = killAndRestart(cluster, member, events)
      // Whoever waits for it hears of its failure; if the tour ends before, nobody does.
      back.catch(() => {})
    }
    events.chunk(index + 1)
  }
  await back
}

async function broadcastOne(
  cluster: Cluster,
  member: ProcessId,
  index: number,
  chunk: Uint8Array
): Promise<void> {
  // It may be delivered elsewhere before its own member tells the number, which is no secret: its broadcasts are
  // numbered in the order of the requests.
  cluster.recorder.broadcast(member, index, chunk)
  const sequence = await cluster.broadcast(member, chunk)
  if (sequence !== undefined) cluster.recorder.accepted(member, sequence)
}

async function killAndRestart(cluster: Cluster, member: ProcessId, events: TourEvents): Promise<void> {
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
async function until(
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
async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
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
