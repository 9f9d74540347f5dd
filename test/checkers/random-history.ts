/** Random histories of an object that is right, and what makes them wrong. */
import type { Json, Operation } from '../../src/checkers/operations.ts'
import type { SeededRandom } from '../../src/simulator/seeded-random.ts'

export type ModelName = 'register' | 'cas-register' | 'kv'

export interface HistoryInit {
  readonly model: ModelName
  readonly operations: number
  readonly processes: number
  /** Values are 1 to this, or all different where it is 0. */
  readonly values: number
  readonly infoPpm: number
  readonly readPpm: number
  readonly keys?: number
  /** Of a store: it is only read and appended to. */
  readonly appendOnly?: boolean
}

type Draft = { -readonly [K in keyof Operation]: Operation[K] }

/**
 * Clients of one correct object: each operation is invoked, takes effect and is answered at moments that are drawn
 * one after the other, so that as many overlap as there are processes.
 */
export function randomHistory(random: SeededRandom, init: HistoryInit): Operation[] {
  const { operations: count, processes, infoPpm } = init
  const state = new Map<Json | undefined, Json>()
  const history: Draft[] = []
  const open: { operation: Draft; done: boolean }[] = []
  let now = 0
  let fresh = 0
  const value = () => (init.values === 0 ? ++fresh : 1 + random.below(init.values))
  let nextProcess = processes
  const idle = Array.from({ length: processes }, (_, process) => process)
  while (history.length < count || open.length > 0) {
    const mayInvoke = history.length < count && idle.length > 0
    const which = random.below(open.length + (mayInvoke ? Math.max(1, open.length) : 0))
    now++
    if (which >= open.length) {
      const [process] = idle.splice(random.below(idle.length), 1)
      const operation = draft(random, init, value, state)
      Object.assign(operation, { process, invoked: now })
      history.push(operation)
      open.push({ operation, done: false })
      continue
    }
    const entry = open[which]!
    const { operation } = entry
    if (!entry.done) {
      // Some are lost before they took effect, and some after.
      const lost = random.chance(infoPpm)
      const before = lost && random.chance(500_000)
      if (!before) take(operation, state)
      entry.done = true
      if (lost) {
        operation.outcome = 'info'
        operation.result = undefined
        open.splice(which, 1)
        idle.push(nextProcess++)
      }
      continue
    }
    operation.returned = now
    open.splice(which, 1)
    idle.push(operation.process as number)
  }
  return history
}

function draft(
  random: SeededRandom,
  { model, readPpm, keys = 1, appendOnly = false }: HistoryInit,
  value: () => number,
  state: ReadonlyMap<Json | undefined, Json>
): Draft {
  const kv = model === 'kv'
  const key = kv ? `k${random.below(keys)}` : undefined
  const base = { process: 0, key, invoked: 0, returned: undefined, outcome: 'ok' as const }
  if (random.chance(readPpm)) return { ...base, f: kv ? 'get' : 'read' }
  const written = kv ? `${value()}` : value()
  const kinds = {
    register: ['write'],
    'cas-register': ['write', 'cas'],
    kv: ['put', 'append', 'append', 'delete', 'cas']
  }
  const f = appendOnly ? 'append' : random.pick(kinds[model])
  if (f === 'delete') return { ...base, f }
  if (f !== 'cas') return { ...base, f, value: written }
  // Mostly from what is there, or few would succeed.
  const old = random.chance(700_000) ? (state.get(key) ?? null) : kv ? `${value()}` : value()
  return { ...base, f, value: [old, written] }
}

/** As the models say, in other words. */
function take(operation: Draft, state: Map<Json | undefined, Json>): void {
  const { f, key, value } = operation
  const now = state.get(key) ?? null
  if (f === 'read' || f === 'get') operation.result = now
  else if (f === 'write' || f === 'put') state.set(key, value!)
  else if (f === 'append') state.set(key, `${now ?? ''}${value}`)
  else if (f === 'delete') state.delete(key)
  else if (Array.isArray(value)) {
    if (now === value[0]) state.set(key, value[1])
    else operation.outcome = 'fail'
  }
}

/** A small lie: an answer, an outcome or a moment that was another. It may still be a right history. */
export function mutate(random: SeededRandom, history: readonly Operation[]): Operation[] {
  const mutated = history.map((operation) => ({ ...operation }))
  const told = mutated.filter(({ outcome }) => outcome !== 'info')
  const reads = told.filter(({ f }) => f === 'read' || f === 'get')
  const changes = told.filter((operation) => !reads.includes(operation))
  const lie = random.below(4)
  if (lie <= 1 && reads.length > 0) {
    const values = history.flatMap(({ value, result }) => [value ?? null, result ?? null])
    const read = random.pick(reads)
    const another = random.pick(lie === 0 ? reads : mutated)
    const old = read.result
    read.result = lie === 0 ? another.result : random.pick(values.filter((value) => !Array.isArray(value)))
    if (lie === 0) another.result = old
  } else if (lie === 2 && changes.length > 0) {
    const change = random.pick(changes)
    change.outcome = change.outcome === 'ok' ? 'fail' : 'ok'
    if (change.f !== 'cas') change.outcome = 'fail'
  } else if (told.length > 0) {
    // It says that it had ended before it did, or that it began only then.
    const one = random.pick(told)
    if (random.chance(500_000)) one.returned = one.invoked + 0.5
    else one.invoked = one.returned! - 0.5
  }
  return mutated
}
