/**
 * The cost of an authenticated link over libp2p: two processes on loopback, messages in batches under an application
 * window, and lone messages there and back; beside plain TCP and a bare libp2p stream under the same load.
 */
import { randomBytes } from 'node:crypto'
import { createIdentity } from '../program/keys/identity.ts'
import { Child } from './children.ts'
import { agreed, type BenchResult, type Figure, figure, machine, ratios } from './figures.ts'
import { FLOOR_WINDOW_LIBP2P, type Floor, ROUND_TRIPS, runFloor, WARM_UP_ROUND_TRIPS } from './floors.ts'
import type { LinkLoad } from './link-load.ts'
import type { Usage } from './usage.ts'

export interface LinksPlan {
  readonly rounds: number
  readonly messages: number
  readonly messageBytes: number
  readonly onProgress: (what: string) => void
}

export interface LinkSetup {
  /** 0 sends and dials, 1 receives. */
  readonly self: 0 | 1
  readonly seeds: readonly Uint8Array[]
  readonly publicKeys: readonly Uint8Array[]
  readonly groupId: Uint8Array
  readonly peerAddress?: string
  readonly load: LinkLoad
}

export type LinkCommand =
  | { readonly do: 'start'; readonly setup: LinkSetup }
  | { readonly do: 'connected' | 'measure' | 'read' }
  | { readonly do: 'expect' | 'send'; readonly messages: number }
  | { readonly do: 'digest'; readonly of: 'sent' | 'delivered'; readonly messages: number }
  | { readonly do: 'round-trips'; readonly count: number }

export interface LinkReport {
  readonly address?: string
  readonly elapsedMs?: number
  readonly usage?: Usage
  readonly frames?: number
  readonly bytes?: number
  readonly digest?: string
  readonly roundTripsMs?: number[]
}

type End = Child<LinkCommand, LinkReport>

/** Messages in each turn of the sender, as in each `send` of the bare stream. */
const PER_SEND = 64

/** At least so much of a bare stream's messages per CPU second. */
const LINK_SHARE_MIN = 1.1
/** At most so much of a bare stream's round trip. */
const LINK_ROUND_TRIP_RATIO_MAX = 1.3

interface Round {
  readonly cpu: number
  readonly perSecond: number
  readonly roundTripMs: number
  readonly frames: number
  readonly bytes: number
  readonly rss: number
  readonly heap: number
  readonly digest: string
  readonly net: Floor
  readonly bare: Floor
}

export async function benchLinks(plan: LinksPlan): Promise<BenchResult> {
  const { messages, messageBytes } = plan
  const rounds: Round[] = []
  const [sender, receiver] = [new Child('link-member'), new Child('link-member')] as [End, End]
  try {
    await connect(sender, receiver, messageBytes)
    plan.onProgress('links: warming up')
    await runLink(sender, receiver, messages)
    await sender.ask({ do: 'round-trips', count: WARM_UP_ROUND_TRIPS })
    for (let i = 0; i < plan.rounds; i++) {
      plan.onProgress(`links: round ${i + 1} of ${plan.rounds}`)
      const load = { messageBytes, perSend: PER_SEND }
      const net = await runFloor('net', { ...load, messages: 4 * messages })
      const bare = await runFloor('libp2p', { ...load, messages })
      rounds.push({ ...(await runLink(sender, receiver, messages)), net, bare })
    }
  } finally {
    sender.end()
    receiver.end()
  }
  return {
    benchmark: 'links',
    parameters: { messages, messageBytes, perSend: PER_SEND, window: FLOOR_WINDOW_LIBP2P },
    rounds: plan.rounds,
    machine: machine(),
    digests: rounds.map(({ digest }) => digest),
    figures: figuresOf(rounds)
  }
}

async function connect(sender: End, receiver: End, messageBytes: number): Promise<void> {
  const identities = [createIdentity(), createIdentity()]
  const terms = {
    seeds: identities.map(({ seed }) => seed),
    publicKeys: identities.map(({ publicKey }) => publicKey),
    groupId: new Uint8Array(randomBytes(32)),
    load: { messageBytes, perSend: PER_SEND, window: FLOOR_WINDOW_LIBP2P }
  }
  const { address = '' } = await receiver.ask({ do: 'start', setup: { ...terms, self: 1 } })
  await sender.ask({ do: 'start', setup: { ...terms, self: 0, peerAddress: address } })
  await Promise.all([sender, receiver].map((end) => end.ask({ do: 'connected' })))
}

async function runLink(sender: End, receiver: End, messages: number): Promise<Omit<Round, 'net' | 'bare'>> {
  const both = (command: LinkCommand) => Promise.all([sender, receiver].map((end) => end.ask(command)))
  await receiver.ask({ do: 'expect', messages })
  await both({ do: 'measure' })
  const { elapsedMs = Number.NaN } = await sender.ask({ do: 'send', messages })
  const reports = await both({ do: 'read' })
  const total = (of: (report: LinkReport) => number | undefined) =>
    reports.reduce((sum, report) => sum + (of(report) ?? Number.NaN), 0)
  const digests = [
    await sender.ask({ do: 'digest', of: 'sent', messages }),
    await receiver.ask({ do: 'digest', of: 'delivered', messages })
  ]
  const { roundTripsMs = [] } = await sender.ask({ do: 'round-trips', count: ROUND_TRIPS })
  return {
    cpu: total(({ usage }) => usage?.cpuMicroseconds) / messages,
    perSecond: messages / (elapsedMs / 1000),
    roundTripMs: roundTripsMs.sort((a, b) => a - b)[ROUND_TRIPS / 2] ?? Number.NaN,
    frames: total(({ frames }) => frames) / messages,
    bytes: total(({ bytes }) => bytes) / messages,
    rss: total(({ usage }) => usage?.rssBytes) / 2 ** 20,
    heap: total(({ usage }) => usage?.heapBytes) / 2 ** 20,
    digest: agreed(
      'what was sent and what was delivered',
      digests.map(({ digest = '' }) => digest)
    )
  }
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const of = (pick: (round: Round) => number) => rounds.map(pick)
  const cpu = of((round) => round.cpu)
  const bareCpu = of(({ bare }) => bare.cpuMicrosecondsPerMessage)
  const roundTrip = of(({ roundTripMs }) => roundTripMs)
  const bareRoundTrip = of(({ bare }) => bare.roundTripP50Ms)
  const lower = { better: 'lower' } as const
  const higher = { better: 'higher' } as const
  return [
    figure('link: CPU a message, both ends', 'us', cpu, lower),
    figure('floor, bare libp2p stream: CPU a message', 'us', bareCpu),
    figure(
      'floor, plain TCP: CPU a message',
      'us',
      of(({ net }) => net.cpuMicrosecondsPerMessage)
    ),
    figure("share of the bare stream's messages per CPU second", 'x', ratios(bareCpu, cpu), {
      ...higher,
      reach: { atLeast: LINK_SHARE_MIN, gated: true }
    }),
    figure(
      'link: messages a second',
      '1/s',
      of(({ perSecond }) => perSecond),
      higher
    ),
    figure(
      'floor, bare libp2p stream: messages a second',
      '1/s',
      of(({ bare }) => bare.messagesPerSecond)
    ),
    figure('link: lone round trip, p50', 'ms', roundTrip, lower),
    figure('floor, bare libp2p stream: lone round trip, p50', 'ms', bareRoundTrip),
    figure(
      'floor, plain TCP: lone round trip, p50',
      'ms',
      of(({ net }) => net.roundTripP50Ms)
    ),
    figure("round trip, against the bare stream's", 'x', ratios(roundTrip, bareRoundTrip), {
      ...lower,
      reach: { atMost: LINK_ROUND_TRIP_RATIO_MAX }
    }),
    figure(
      'link: frames for 1,000 messages, both ways',
      '',
      of(({ frames }) => 1000 * frames),
      lower
    ),
    figure(
      'link: bytes on the wire for a message, both ways',
      'B',
      of(({ bytes }) => bytes),
      lower
    ),
    figure(
      'memory (RSS) of both ends',
      'MiB',
      of(({ rss }) => rss),
      lower
    ),
    figure(
      'heap of both ends',
      'MiB',
      of(({ heap }) => heap),
      lower
    )
  ]
}
