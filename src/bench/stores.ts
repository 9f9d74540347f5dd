/**
 * What one operation costs in each store that members of a live group keep: a register, a key of the signed store, a
 * key of the leaderless one. The groups are alike but for the store: four members and a client, processes on loopback,
 * everything durable.
 */
import type { BenchedStore } from './benched-store.ts'
import { type BenchResult, type Figure, figure, machine, percentile } from './figures.ts'
import { registerRound } from './register.ts'
import { type Operations, RegisterGroup } from './register-group.ts'

export interface StoresPlan {
  readonly rounds: number
  /** Operations in each round with some in flight. */
  readonly operations: number
  /** Lone operations of each kind in each round, and keys. */
  readonly lone: number
  readonly valueBytes: number
  readonly inFlight: number
  readonly onProgress: (what: string) => void
}

const MEMBERS = 4
const STORES: readonly BenchedStore[] = ['register', 'signed', 'leaderless']
const MEDIAN = 0.5
const lower = { better: 'lower' } as const

type Round = Awaited<ReturnType<typeof registerRound>>

export async function benchStores(plan: StoresPlan): Promise<BenchResult> {
  const { rounds, operations, lone, valueBytes, inFlight, onProgress } = plan
  const workload = { registers: Math.max(lone, inFlight), valueBytes }
  const measured = new Map<BenchedStore, Round[]>(STORES.map((store) => [store, []]))
  const groups = new Map<BenchedStore, RegisterGroup>()
  try {
    for (const store of STORES) {
      onProgress(`stores: warming up, ${store}`)
      const group = await RegisterGroup.start({ members: MEMBERS, workload, durability: 'disk', store })
      groups.set(store, group)
      await registerRound(group, plan, 1)
    }
    for (let round = 1; round <= rounds; round++) {
      onProgress(`stores: round ${round} of ${rounds}`)
      for (const [store, group] of groups) measured.get(store)?.push(await registerRound(group, plan, 1))
    }
  } finally {
    await Promise.all([...groups.values()].map((group) => group.end()))
  }
  return {
    benchmark: 'stores',
    parameters: { members: MEMBERS, operations, lone, valueBytes, inFlight },
    rounds,
    machine: machine(),
    digests: [...measured.values()].flat().map(({ digest }) => digest),
    figures: [...measured].flatMap(([store, each]) => storeFigures(store, each))
  }
}

function storeFigures(store: BenchedStore, rounds: readonly Round[]): Figure[] {
  const name = store === 'register' ? 'register' : `${store} store`
  const all = (pick: (round: Round) => Operations, of: (cost: Operations['member']) => number) =>
    rounds.map((round) => MEMBERS * of(pick(round).member) + of(pick(round).client))
  const kinds: readonly (readonly [
    name: string,
    (round: Round) => Operations,
    (round: Round) => Operations
  ])[] = [
    ['write', ({ loneWrites }) => loneWrites, ({ writes }) => writes],
    ['read', ({ atomic }) => atomic, ({ reads }) => reads]
  ]
  return kinds.flatMap(([kind, alone, together]) => [
    figure(
      `${name}: lone ${kind}, p50`,
      'ms',
      rounds.map((round) => percentile(alone(round).latenciesMs, MEDIAN)),
      lower
    ),
    figure(
      `${name}: ${kind}: CPU, all processes`,
      'us',
      all(together, ({ cpuMicroseconds }) => cpuMicroseconds),
      lower
    ),
    figure(
      `${name}: ${kind}: messages`,
      '',
      all(together, ({ messages }) => messages),
      lower
    )
  ])
}
