/**
 * The tour of a broadcast: every member broadcasts the input, chunk by chunk and in turn, while the Byzantine members
 * attack; the run is given time to settle; then a client writes a register while others read it, under attack still. In
 * the end the attack is over (the Byzantine members stop), and the correct ones must agree on what they deliver.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { broadcastService } from '../broadcast/service.ts'
import type { ProcessId } from '../core/group.ts'
import { BroadcastRecord } from './broadcast-record.ts'
import type { Cluster } from './cluster.ts'
import { measureEffect } from './effect.ts'
import { tourRegisters } from './register-tour.ts'
import { allConnected, COUNTS_MS, killAndRestart, orAborted, QUIET_MS, until } from './tour-steps.ts'
import type { TourEvents, Toured } from './use.ts'

export async function tourBroadcasts(
  cluster: Cluster,
  events: TourEvents,
  signal: AbortSignal
): Promise<Toured> {
  const { byzantine, stack } = cluster.plan
  const recorder = recordOf(cluster)
  await allConnected(cluster, signal)
  const broadcasting = broadcastAll(cluster, events, signal)
  if (!(await orAborted(broadcasting, signal))) return { settled: false }
  events.settling()
  const settled = await until(
    () => recorder.allAcceptedDelivered && (recorder.everythingDelivered || recorder.quietMs >= QUIET_MS),
    signal
  )
  if (signal.aborted) return { settled }
  events.registers()
  const { plan, tally } = cluster
  const registers = await tourRegisters(
    cluster.folder,
    signal,
    (seen) => plan.behaviour === undefined || measureEffect(plan, recorder, tally, seen).seen
  )
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
      recordOf(cluster).broadcast(member, index, chunk)
      void broadcast(cluster, member, chunk)
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
    events.asked(index + 1, chunks.length)
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
  const recorder = recordOf(cluster)
  recorder.broadcast(member, index, chunk)
  const sequence = await broadcast(cluster, member, chunk)
  if (sequence !== undefined) recorder.accepted(member, sequence)
}

/** @returns the sequence number, once the member's crash cannot lose it; undefined if the member is down */
async function broadcast(
  cluster: Cluster,
  member: ProcessId,
  payload: Uint8Array
): Promise<number | undefined> {
  const asked = { service: broadcastService.name, name: 'broadcast', arguments: { payload } }
  return (await cluster.ask(member, asked)) as number | undefined
}

function recordOf({ recorder }: Cluster): BroadcastRecord {
  if (recorder instanceof BroadcastRecord) return recorder
  throw new Error('a tour of broadcasts has a record of them')
}
