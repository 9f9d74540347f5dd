/**
 * Floors: what the operating system and libp2p cost by themselves, so that the links' and the broadcasts' own cost
 * can be told apart. Two processes on loopback; CPU time is that of both ends.
 */
import { Child } from './children.ts'
import type { Load } from './floor-ends.ts'
import type { FloorKind } from './floor-wire.ts'

export interface FloorOptions {
  readonly messageBytes: number
  /** Messages in each write or `send`. */
  readonly perSend: number
  readonly messages: number
  /** Batches in flight, each acknowledged; 0 for as many as the wire takes, the default for `net`. */
  readonly window?: number
}

export interface Floor {
  /** Of both ends together, user and system. */
  readonly cpuMicrosecondsPerMessage: number
  readonly messagesPerSecond: number
  /** The median of a lone message there and back, with nothing else on the wire. */
  readonly roundTripP50Ms: number
  /** Of all messages, without their framing. */
  readonly bytes: number
}

export type FloorCommand =
  | { do: 'listen'; kind: FloorKind }
  | { do: 'connect'; kind: FloorKind; address: string; load: Load }
  | { do: 'start' }
  | { do: 'send'; messages: number }
  | { do: 'stop' }
  | { do: 'round-trips'; count: number }
  | { do: 'requests'; count: number; answerBytes: number; quorum: number }

export interface FloorReport {
  address?: string
  elapsedMs?: number
  cpuMicroseconds?: number
  roundTripsMs?: number[]
}

/** With onDrain alone a backlog makes libp2p's own queue the bottleneck; a few batches keep both ends busy. */
export const FLOOR_WINDOW_LIBP2P = 8

/** Round trips that are measured, and those before them for which the code is compiled; the links do as many. */
export const ROUND_TRIPS = 2000
export const WARM_UP_ROUND_TRIPS = 4000

/** Enough for the code to be compiled and the windows of TCP and Yamux to have grown. */
const warmUpMessages = (messages: number): number => Math.max(1000, Math.floor(messages / 5))

export async function runFloor(kind: FloorKind, options: FloorOptions): Promise<Floor> {
  const { messageBytes, perSend, messages } = options
  const window = options.window ?? (kind === 'libp2p' ? FLOOR_WINDOW_LIBP2P : 0)
  const receiver = new Child<FloorCommand, FloorReport>('floor-member')
  const sender = new Child<FloorCommand, FloorReport>('floor-member')
  const ends = [receiver, sender]
  const both = (command: FloorCommand) => Promise.all(ends.map((end) => end.ask(command)))
  try {
    const { address = '' } = await receiver.ask({ do: 'listen', kind })
    await sender.ask({ do: 'connect', kind, address, load: { messageBytes, perSend, window } })
    await sender.ask({ do: 'send', messages: warmUpMessages(messages) })
    await both({ do: 'start' })
    const { elapsedMs = Number.NaN } = await sender.ask({ do: 'send', messages })
    const cpu = (await both({ do: 'stop' })).reduce(
      (sum, { cpuMicroseconds = 0 }) => sum + cpuMicroseconds,
      0
    )
    await sender.ask({ do: 'round-trips', count: WARM_UP_ROUND_TRIPS })
    const { roundTripsMs = [] } = await sender.ask({ do: 'round-trips', count: ROUND_TRIPS })
    return {
      cpuMicrosecondsPerMessage: cpu / messages,
      messagesPerSecond: messages / (elapsedMs / 1000),
      roundTripP50Ms: roundTripsMs.sort((a, b) => a - b)[ROUND_TRIPS / 2] ?? Number.NaN,
      bytes: messages * messageBytes
    }
  } finally {
    for (const end of ends) end.end()
  }
}

export interface RequestOptions {
  readonly requestBytes: number
  readonly answerBytes: number
  /** Processes that are asked at once, over a bare libp2p stream each. */
  readonly receivers: number
  /** The request is over when so many have answered. */
  readonly quorum: number
  /** Default: as many as round trips. */
  readonly count?: number
}

/** The cost of one request, the next one sent when it is over. */
export interface RequestFloor {
  readonly timesMs: readonly number[]
  /** Of all ends together. */
  readonly cpuMicroseconds: number
}

export async function runRequests(options: RequestOptions): Promise<RequestFloor> {
  const { requestBytes, answerBytes, quorum, count = ROUND_TRIPS } = options
  const sender = new Child<FloorCommand, FloorReport>('floor-member')
  const receivers = Array.from(
    { length: options.receivers },
    () => new Child<FloorCommand, FloorReport>('floor-member')
  )
  const ends = [sender, ...receivers]
  const all = (command: FloorCommand) => Promise.all(ends.map((end) => end.ask(command)))
  const load = { messageBytes: requestBytes, perSend: 1, window: FLOOR_WINDOW_LIBP2P }
  const requests = { do: 'requests', answerBytes, quorum } as const
  try {
    for (const receiver of receivers) {
      const { address = '' } = await receiver.ask({ do: 'listen', kind: 'libp2p' })
      await sender.ask({ do: 'connect', kind: 'libp2p', address, load })
    }
    await sender.ask({ ...requests, count: 2 * count })
    await all({ do: 'start' })
    const { roundTripsMs: timesMs = [] } = await sender.ask({ ...requests, count })
    const reports = await all({ do: 'stop' })
    const cpu = reports.reduce((sum, { cpuMicroseconds = 0 }) => sum + cpuMicroseconds, 0)
    return { timesMs, cpuMicroseconds: cpu / count }
  } finally {
    for (const end of ends) end.end()
  }
}
