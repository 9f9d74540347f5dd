/** The judge agrees with all orders tried out, and what it says to be a smallest contradiction is one. */
import { describe, expect, test } from 'vitest'
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { casRegisterModel, kvModel, registerModel } from '../../src/checkers/models.ts'
import type { Json, Operation } from '../../src/checkers/operations.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { extent } from '../extent.ts'
import { hasOrder } from './brute-force.ts'
import { type ModelName, mutate, randomHistory } from './random-history.ts'

const models = { register: registerModel(), 'cas-register': casRegisterModel(), kv: kvModel }
const names = Object.keys(models) as ModelName[]
const HISTORIES = extent(20_000, 100_000) / names.length

const initialOf = (model: ModelName) => (model === 'kv' ? undefined : null)

/** Every second one mutated, some of them more than once. */
function historyOf(random: SeededRandom, model: ModelName, i: number): Operation[] {
  let history = randomHistory(random, {
    model,
    operations: i % 10 === 0 ? random.between(1, 4) : random.between(5, 8),
    processes: random.between(1, 5),
    values: random.pick([0, 2, 3]),
    infoPpm: random.pick([0, 0, 200_000, 500_000]),
    readPpm: random.pick([300_000, 500_000])
  })
  if (i % 2 === 1)
    for (let times = random.between(1, 4); times > 0; times--) history = mutate(random, history)
  return history
}

describe.each(names)('%s', (name) => {
  test('the judge says of random histories what trying all orders says', () => {
    const random = new SeededRandom(1, name)
    const counts = { valid: 0, wrong: 0 }
    for (let i = 0; i < HISTORIES; i++) {
      const history = historyOf(random, name, i)
      const valid = hasOrder(history, initialOf(name))
      const { contradiction } = checkLinearizable(history, models[name])
      if (valid !== (contradiction === undefined))
        expect({ history, valid, contradiction }).toBe('agreed upon')
      if (i % 2 === 0 && !valid) expect(history).toBe('right, as recorded from an object that is right')
      counts[valid ? 'valid' : 'wrong']++
    }
    expect(counts.wrong).toBeGreaterThan(HISTORIES / 10)
  })

  test('what is called contradictory is, although all other operations may have happened or not', () => {
    const random = new SeededRandom(2, name)
    let judged = 0
    for (let i = 1; judged < extent(500, 2000); i += 2) {
      const history = historyOf(random, name, i)
      const { contradiction } = checkLinearizable(history, models[name])
      if (contradiction === undefined) continue
      judged++
      const members = new Set(contradiction.operations)
      const must = (operation: Operation) => operation.outcome !== 'info' && members.has(operation)
      // An observation that is no member may be left out as any other operation may.
      if (hasOrder(history, initialOf(name), must)) expect({ history, contradiction }).toBe('contradictory')
    }
  })
})

/** The weakening of the head of contradiction.ts, for registers, in other words. */
function contradict(history: readonly Operation[], members: ReadonlySet<Operation>): boolean {
  const first = Math.min(...[...members].map(({ invoked }) => invoked))
  const changes = ({ f, outcome }: Operation) =>
    f !== 'read' && !(f === 'cas' && outcome === 'fail') && outcome !== 'fail'
  const outside = history.filter((operation) => !members.has(operation) && changes(operation))
  const over = outside.filter(({ returned }) => (returned ?? Number.POSITIVE_INFINITY) < first)
  const left = ({ f, value }: Operation): Json => (f === 'cas' ? (value as [Json, Json])[1] : (value as Json))
  const begun = outside.filter(({ invoked }) => invoked < first).map(left)
  const initials = over.length === 0 ? [null] : [null, ...begun]
  const weak = outside
    .filter((operation) => !over.includes(operation))
    .map((operation) => ({ ...operation, outcome: 'info' as const, returned: undefined }))
  return !initials.some((initial) => hasOrder([...members, ...weak], initial))
}

test.each(['register', 'cas-register'] as const)(
  '%s: a smallest contradiction is none any more without any one of its operations',
  (name) => {
    const random = new SeededRandom(3, name)
    const sizes = new Map<number, number>()
    for (let i = 1; i < extent(4000, 12_000); i += 2) {
      const history = historyOf(random, name, i)
      const { contradiction } = checkLinearizable(history, models[name])
      if (contradiction === undefined) continue
      const { operations } = contradiction
      sizes.set(operations.length, 1 + (sizes.get(operations.length) ?? 0))
      expect(contradict(history, new Set(operations))).toBe(true)
      for (const spared of operations) {
        const fewer = new Set(operations.filter((operation) => operation !== spared))
        if (fewer.size > 0 && contradict(history, fewer))
          expect({ history, operations, spared }).toBe('smallest')
      }
    }
    // One is a value from nowhere; more are needed where each by itself could be.
    expect([...sizes.keys()].sort()).toEqual(expect.arrayContaining([1, 2, 3]))
  }
)
