/**
 * Leaderless stores: clients put, get and delete, several times at once, with quorums of any size; and in the end each
 * member is asked for what it has.
 */
import { judgedLeaderlessStores, leaderlessLandmarks, SETTLED_MS } from '../../checkers/leaderless-stores.ts'
import type { ProcessId } from '../../core/group.ts'
import { majority } from '../../core/quorum.ts'
import type { PlainValue } from '../../core/trace.ts'
import { REPLICAS } from '../../leaderless/constants.ts'
import type { LeaderlessStore } from '../../leaderless/leaderless-store.ts'
import type { Context, GetResult } from '../../leaderless/requests.ts'
import { leaderlessService } from '../../leaderless/service.ts'
import type { Request } from '../../simulator/application.ts'
import type { Workload } from '../../simulator/rates.ts'
import type { Planned } from '../../simulator/schedule.ts'
import { MS } from '../../simulator/scheduler.ts'
import type { SeededRandom } from '../../simulator/seeded-random.ts'
import type { LeaderlessStoreStack } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'
import { type AskedOperation, AskingAtOnce } from './asking-at-once.ts'

const { name: service } = leaderlessService
/** What a run still needs, after everything has healed, until nothing is under way any more. */
const ENDED_MS = 10_000

export const leaderlessStores: Abstraction<LeaderlessStoreStack> = {
  service: leaderlessService,
  judged: judgedLeaderlessStores,
  clients: 3,
  /** Of the replicas of each key as many members stop for good as may; then no quorum is of all of them. */
  rates({ draw, members, faulty, askedWithinMs, healMs, payloadBytesMax, lateAnswers }) {
    const stops = draw.below(faulty + 1)
    const replicas = Math.min(REPLICAS, members)
    return {
      stops,
      slowLinks: draw.below(2) === 0,
      lateAnswers,
      members,
      workload: workload({
        members,
        keys: draw.pick([1, 3]),
        operations: draw.between(4, 14),
        quorumMax: stops === 0 ? replicas : majority(replicas),
        withinMs: draw.pick([askedWithinMs, askedWithinMs / 10]),
        finalMs: healMs + ENDED_MS + SETTLED_MS,
        payloadBytesMax
      })
    }
  },
  application(stack, init) {
    const seen = new Map<string, GetResult>()
    return new AskingAtOnce<LeaderlessStore>(stack, init, leaderlessService, (store, request, payload) =>
      operationOf(store, request, payload, seen)
    )
  },
  listen: (init) => new Lies(init),
  begun: (event) => (event.kind === 'invoke' ? `${event.process}/${event.number}` : undefined),
  ended: (event) => (event.kind === 'return' ? `${event.process}/${event.number}` : undefined),
  landmarks: leaderlessLandmarks,
  simplest: (members, clients) =>
    Array.from({ length: clients }, (_, client) =>
      client === 0
        ? request(members, 1, 0, 'put', { key: 0, bytes: 2 })
        : request(members + client, 1, 0, 'get', { key: 0 })
    ),
  describe(event, shown) {
    if (event.kind !== 'invoke' && event.kind !== 'return') return undefined
    const { name, number } = event
    if (event.kind === 'return') return `returns from ${number}: ${shown(event.result)}`
    const { key = null, value } = event.arguments
    return `invokes ${number}: ${name} ${shown(key)}${value === undefined ? '' : ` ${shown(value)}`}`
  },
  instanceOf: () => undefined
}

const request = (
  process: ProcessId,
  number: number,
  at: number,
  name: 'get' | 'put' | 'delete',
  given: { readonly [name: string]: number }
): Planned => ({ kind: 'request', process, number, at, service, name, arguments: given })

interface WorkloadInit {
  readonly members: number
  readonly keys: number
  /** Of each client. */
  readonly operations: number
  /** The largest quorum that an operation asks for. */
  readonly quorumMax: number
  readonly withinMs: number
  /** When each member is asked for what it has of each key. */
  readonly finalMs: number
  readonly payloadBytesMax: number
}

function workload({ members, keys, operations, finalMs, ...init }: WorkloadInit): Workload {
  return {
    operationsMax: operations,
    requests: (process, isByzantine, random) =>
      process < members
        ? Array.from({ length: isByzantine ? 0 : keys }, (_, key) =>
            request(process, key + 1, finalMs * MS, 'get', { key, quorum: 1 })
          )
        : Array.from({ length: operations }, () => drawn(random, { keys, ...init }))
            .sort((a, b) => a.at - b.at)
            .map(({ at, name, given }, index) => request(process, index + 1, at, name, given))
  }
}

function drawn(
  random: SeededRandom,
  {
    keys,
    quorumMax,
    withinMs,
    payloadBytesMax
  }: Pick<WorkloadInit, 'keys' | 'quorumMax' | 'withinMs' | 'payloadBytesMax'>
) {
  const at = random.below(withinMs * MS)
  const key = random.below(keys)
  const name = random.pick(['get', 'get', 'put', 'put', 'delete'] as const)
  const bytes = 2 + random.below(Math.max(1, payloadBytesMax - 1))
  // Half of them leave it to the store.
  const quorum = random.below(2) === 0 ? { quorum: 1 + random.below(quorumMax) } : {}
  const blind = name === 'put' && random.below(2) === 0 ? { blind: 1 } : {}
  return { at, name, given: { key, ...(name === 'put' && { bytes }), ...quorum, ...blind } }
}

/**
 * A put has the context of the last get of its key, unless it is blind; who has seen nothing deletes nothing, and gets.
 */
function operationOf(
  store: LeaderlessStore,
  { name, arguments: given }: Request,
  value: Uint8Array,
  seen: Map<string, GetResult>
): AskedOperation {
  const key = `key ${given.key ?? 0}`
  const { quorum, blind = 0 } = given
  const context: Context | undefined = blind === 0 ? seen.get(key)?.context : undefined
  const told = { key, ...(quorum !== undefined && { quorum }) }
  const saw = context && { context: { clock: context.clock, time: context.time } }
  const w = { sloppy: true, ...(quorum !== undefined && { w: quorum }) }
  const plain = (returned: (result: PlainValue) => void) => (result: object) => returned(result as PlainValue)
  if (name === 'put')
    return {
      name,
      arguments: { ...told, value, ...saw },
      begin: (returned) => store.put(key, value, { ...w, ...(context && { context }) }, plain(returned))
    }
  if (name === 'delete' && context !== undefined)
    return {
      name,
      arguments: { ...told, ...saw },
      begin: (returned) => store.delete(key, { ...w, context }, plain(returned))
    }
  return {
    name: 'get',
    arguments: told,
    begin: (returned) =>
      store.get(key, { sloppy: true, ...(quorum !== undefined && { r: quorum }) }, (result) => {
        seen.set(key, result)
        plain(returned)(result)
      })
  }
}
