/**
 * The properties of a leaderless store that keeps concurrent values as siblings, judged over the history of a run.
 * Values are told apart by their bytes: no two puts are of the same.
 *
 * A put *has seen* what the get returned whose context it has, and replaces that. Gets are *final* that begin long
 * after all else has ended. (A replica that asks for one answer gets its own: what it keeps.)
 */
import { nameOf } from '../core/group.ts'
import { ANTI_ENTROPY_PERIOD_MS, PUT_PATIENCE_MS } from '../leaderless/constants.ts'
import type { History } from '../simulator/history.ts'
import { ACCURACY, checkAccuracy } from './accuracy.ts'
import { downAtEnd } from './down.ts'
import {
  type GetTold,
  type LeaderlessHistory,
  leaderlessHistory,
  type PutTold
} from './leaderless-history.ts'
import type { Judged, Properties } from './property.ts'
import type { Violation } from './violation.ts'

export const LEADERLESS_STORE_PROPERTIES = {
  termination: { kind: 'liveness', sentence: 'every operation of a correct process returns' },
  'no creation': { kind: 'safety', sentence: 'a get returns what somebody has put under its key before' },
  regularity: {
    kind: 'safety',
    sentence:
      'a get from a strict quorum returns each put to one that had returned before, or what has replaced it knowingly'
  },
  'no lost update': {
    kind: 'liveness',
    sentence: 'what was written and nobody has replaced who had seen it, is there in the end'
  },
  convergence: {
    kind: 'liveness',
    sentence: 'once puts have ceased, all replicas of a key come to have the same'
  },
  accuracy: ACCURACY
} as const satisfies Properties

/** Rounds of anti-entropy in which all there is has spread, whatever became of messages before, as milliseconds. */
export const SETTLED_MS = 3 * ANTI_ENTROPY_PERIOD_MS

/** A put that took less was asked of one replica, also where clocks are a quarter fast: it has one copy. */
const ONE_COPY_MS = (PUT_PATIENCE_MS * 3) / 4

export function checkLeaderlessStore(history: History, properties: readonly string[]): readonly Violation[] {
  const told = leaderlessHistory(history)
  const { puts, gets, open } = told
  const violations: Violation[] = properties.includes('accuracy') ? checkAccuracy(history) : []
  const add = (property: string, get: GetTold, why: string) => {
    const who = `operation ${get.number} of ${nameOf(history, get.process)}, a get of ${get.key}, ${why}`
    violations.push({ property, detail: who, at: get.returned })
  }
  for (const get of gets) {
    for (const value of get.values)
      if (!puts.some((put) => isOf(put, get) && put.value === value && put.invoked < get.returned))
        add('no creation', get, `returned ${value}, which nobody had put`)
    if (get.consistency !== 'regular') continue
    for (const put of missedBy(told, get, isRegular))
      add('regularity', get, `did not return ${shown(history, put)}, which had returned before`)
    for (const put of staleIn(told, get))
      add('regularity', get, `returned ${put.value}, which ${shown(history, put.by)} had replaced before`)
  }
  if (history.complete) {
    for (const { process, number, name } of open) {
      const detail = `operation ${number} of ${nameOf(history, process)}, a ${name}, never returned`
      violations.push({ property: 'termination', detail, at: history.events.length })
    }
    const final = finalGets(history.events, told)
    const isSafe = downAtEnd(history.events).size === 0 ? isWritten : isRegular
    for (const get of final)
      for (const put of missedBy(told, get, isSafe))
        add('no lost update', get, `did not return ${shown(history, put)}, in the end`)
    for (const [get, other] of disagreeing(final)) {
      const at = `that of ${nameOf(history, other.process)}`
      add('convergence', get, `returned ${state(get)} in the end, and ${at} ${state(other)}`)
    }
  }
  return violations.filter(({ property }) => properties.includes(property)).sort((a, b) => a.at - b.at)
}

export const judgedLeaderlessStores: Judged = {
  properties: LEADERLESS_STORE_PROPERTIES,
  check: checkLeaderlessStore
}

/** What only a whole history shows: replicas were compared in the end; and a partial quorum missed a put. */
export function leaderlessLandmarks(events: History['events']): readonly string[] {
  const correct = [...new Set(events.map(({ process }) => process))]
  const told = leaderlessHistory({ events, correct })
  const final = finalGets(events, told)
  const missed = told.gets.some(
    (get) => get.consistency === 'eventual' && missedBy(told, get, isRegular).length > 0
  )
  return [
    ...(final.some(({ key, process }) => final.some((one) => one.key === key && one.process !== process))
      ? ['replicas-compared']
      : []),
    ...(missed ? ['partial-quorum-missed-a-put'] : [])
  ]
}

const isOf = (put: PutTold, get: Pick<GetTold, 'key'>): boolean => put.key === get.key
const isWritten = (put: PutTold): boolean => put.returned !== undefined
const isRegular = (put: PutTold): boolean => isWritten(put) && put.consistency === 'regular'

const shown = (history: History, put: PutTold): string =>
  `${put.value ?? 'the delete'} of ${nameOf(history, put.process)}`

const state = ({ values, deleted }: GetTold): string =>
  `${values.length === 0 ? 'nothing' : values.join(', ')}${deleted ? ' and a delete' : ''}`

/** Puts that had returned before the get began, and that no put has replaced that began before the get returned. */
function missedBy({ puts }: LeaderlessHistory, get: GetTold, counts: (put: PutTold) => boolean): PutTold[] {
  const ofKey = puts.filter((put) => isOf(put, get))
  const replaced = new Set(
    ofKey
      .filter(({ invoked }) => invoked < get.returned)
      .flatMap(({ seen }) => seen.flatMap(({ values }) => values))
  )
  return ofKey.filter(
    (put) =>
      put.value !== null &&
      counts(put) &&
      Number(put.returned) < get.invoked &&
      !replaced.has(put.value) &&
      !get.values.includes(put.value)
  )
}

/**
 * Values that a put to a strict quorum had replaced, and had returned, before the get began. One of which there may be
 * another copy, whose dot the put had not seen, shows once more beside what replaced it: that is none.
 */
function staleIn({ puts }: LeaderlessHistory, get: GetTold): (PutTold & { readonly by: PutTold })[] {
  const ofKey = puts.filter((put) => isOf(put, get))
  return get.values.flatMap((value) => {
    const put = ofKey.find((other) => other.value === value)
    if (put?.returned === undefined || put.returnedTime === undefined) return []
    const { returned, returnedTime, time } = put
    if (returnedTime - time >= ONE_COPY_MS * 1000) return []
    const by = ofKey.find(
      (other) =>
        isRegular(other) &&
        Number(other.returned) < get.invoked &&
        other.seen.some(({ values, invoked }) => values.includes(value) && returned < invoked)
    )
    return by === undefined ? [] : [{ ...put, by }]
  })
}

/** Gets long after the last put, and after the last process has crashed or come back. */
function finalGets(events: History['events'], { puts, gets }: LeaderlessHistory): readonly GetTold[] {
  const times = events.flatMap(({ kind, time }) => (kind === 'crash' || kind === 'restart' ? [time] : []))
  for (const { time, returnedTime } of puts) times.push(time, returnedTime ?? time)
  const from = Math.max(0, ...times) + SETTLED_MS * 1000
  return gets.filter(({ time }) => time >= from)
}

/** Of each key the first get, and those that returned something else. */
function disagreeing(final: readonly GetTold[]): (readonly [GetTold, GetTold])[] {
  const first = new Map<string, GetTold>()
  const contents = ({ values, deleted, context }: GetTold) => JSON.stringify([values, deleted, context])
  return final.flatMap((get) => {
    const other = first.get(get.key) ?? get
    first.set(get.key, other)
    return contents(get) === contents(other) ? [] : [[get, other] as const]
  })
}
