/** Definitions as they stand in the books, tried out in every order: slow, and too simple to be wrong. */
import type { Json, Operation } from '../../src/checkers/operations.ts'

type Effect = (state: Json | undefined) => Json | undefined | 'impossible'

/** What an operation does to a value, `undefined` being that of an absent key. */
function effectOf({ f, value, result, outcome }: Operation): Effect {
  const shows = (state: Json | undefined, seen: Json | undefined) =>
    state === undefined ? seen === null || seen === '' : state === seen
  if (f === 'read' || f === 'get') return (state) => (shows(state, result) ? state : 'impossible')
  if (f === 'write' || f === 'put') return () => value
  if (f === 'append') return (state) => `${state ?? ''}${value as string}`
  if (f === 'delete') return () => undefined
  const [old, next] = value as [Json, Json]
  if (outcome === 'fail')
    return (state) => ((state === undefined ? null : state) !== old ? state : 'impossible')
  return (state) => (shows(state, old) ? next : 'impossible')
}

const tells = ({ f, outcome }: Operation) =>
  outcome === 'ok' ? true : outcome === 'fail' ? f === 'cas' : f !== 'read' && f !== 'get'

/**
 * Whether the operations can be put one after the other: each that must be there, the others or not, in an order
 * that respects real time.
 */
export function hasOrder(
  history: readonly Operation[],
  initial: Json | undefined,
  must: (operation: Operation) => boolean = ({ outcome }) => outcome !== 'info'
): boolean {
  const operations = history.filter(tells)
  const effects = operations.map(effectOf)
  const returned = operations.map((operation) => operation.returned ?? Number.POSITIVE_INFINITY)
  const place = (state: Json | undefined, placed: number): boolean => {
    if (operations.every((operation, i) => placed & (1 << i) || !must(operation))) return true
    return operations.some((operation, i) => {
      if (placed & (1 << i)) return false
      // What is placed now comes before all that is not placed yet: none of those may have ended before it began.
      // One that may be left out is left out then.
      const late = operations.some(
        (other, j) => !(placed & (1 << j)) && must(other) && returned[j]! < operation.invoked
      )
      if (late) return false
      const next = effects[i]!(state)
      if (next === 'impossible') return false
      const skipped = operations.reduce(
        (bits, _, j) => (returned[j]! < operation.invoked ? bits | (1 << j) : bits),
        0
      )
      return place(next, placed | (1 << i) | skipped)
    })
  }
  return place(initial, 0)
}

/** Lamport 1986, CGR11 Module 4.1: for each read, what it may return. */
export function isRegular(
  history: readonly Operation[],
  initial: Json,
  anythingWhenConcurrent = false
): boolean {
  const writes = history.filter(({ f, outcome }) => f === 'write' && outcome !== 'fail')
  return history.every((read) => {
    if (read.f !== 'read' || read.outcome !== 'ok') return true
    const before = writes.filter(({ returned }) => returned !== undefined && returned < read.invoked)
    const concurrent = writes.filter(
      ({ invoked, returned }) =>
        invoked <= read.returned! && (returned === undefined || returned >= read.invoked)
    )
    if (concurrent.length > 0 && anythingWhenConcurrent) return true
    const last = before.length === 0 ? initial : before.at(-1)!.value
    return [last, ...concurrent.map(({ value }) => value)].includes(read.result)
  })
}
