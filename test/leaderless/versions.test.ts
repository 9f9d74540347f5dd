/** The laws of the dotted version vector set, on states that replicas really come to have. */
import { describe, expect, test } from 'vitest'
import {
  type Conflicts,
  EMPTY,
  join,
  type KeyState,
  sameState,
  stateProblem,
  type VersionClock,
  type Write,
  written
} from '../../src/leaderless/versions.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { bytesOf, textOf, versionsOf } from './cluster.ts'

const RANKS = [0, 1, 2]
const writeOf = (name: string, time = 0): Write => {
  const number = new Uint8Array(16)
  number.set(bytesOf(name))
  return { number, time, value: bytesOf(name) }
}

/** Replicas that put, and hear of each other; with each put, all those that its writer had seen. */
function history(seed: number, conflicts: Conflicts) {
  const random = new SeededRandom(seed, 'versions')
  const replicas: KeyState[] = RANKS.map(() => EMPTY)
  const reached: KeyState[] = [EMPTY]
  const puts: { readonly name: string; readonly time: number }[] = []
  const replaced = new Set<string>()
  const at = (rank: number) => replicas[rank] as KeyState
  for (let step = 0; step < 30; step++) {
    const rank = random.pick(RANKS)
    if (random.below(2) === 0) replicas[rank] = join(at(rank), at(random.pick(RANKS)), conflicts)
    else {
      // A blind put, or one after a get of one or two replicas, which need not be the one that it goes to.
      const seen =
        random.below(3) === 0 ? EMPTY : join(at(random.pick(RANKS)), at(random.pick(RANKS)), conflicts)
      for (const { value } of seen.versions) if (value !== null) replaced.add(textOf(value))
      const highest = Math.max(0, ...seen.versions.map(({ time }) => time))
      const time = Math.max(random.below(20), highest + 1)
      puts.push({ name: `p${step}`, time })
      replicas[rank] = written(at(rank), rank, seen.clock, writeOf(`p${step}`, time), conflicts)
    }
    reached.push(at(rank))
  }
  return { replicas, reached, puts, replaced }
}

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed)
const all = (replicas: readonly KeyState[], conflicts: Conflicts) =>
  replicas.reduce((a, b) => join(a, b, conflicts))

describe.each(['siblings', 'last-writer-wins'] as const)('%s', (conflicts) => {
  test('join is idempotent, commutative and associative', () => {
    for (const seed of SEEDS.slice(0, 40)) {
      const { reached } = history(seed, conflicts)
      const random = new SeededRandom(seed, 'laws')
      for (let sample = 0; sample < 50; sample++) {
        const [a, b, c] = [random.pick(reached), random.pick(reached), random.pick(reached)]
        const same = (x: KeyState, y: KeyState) => expect(sameState(x, y)).toBe(true)
        same(join(a, a, conflicts), a)
        same(join(a, b, conflicts), join(b, a, conflicts))
        same(join(join(a, b, conflicts), c, conflicts), join(a, join(b, c, conflicts), conflicts))
        expect(stateProblem(join(a, b, conflicts), RANKS, conflicts)).toBeUndefined()
      }
    }
  })
})

test('siblings: exactly the puts that no other has seen are left, in whatever order replicas hear of each other', () => {
  for (const seed of SEEDS) {
    const { replicas, puts, replaced } = history(seed, 'siblings')
    const left = puts.map(({ name }) => name).filter((name) => !replaced.has(name))
    expect(versionsOf(all(replicas, 'siblings'))).toEqual(left.sort())
  }
})

test('last-writer-wins keeps the highest timestamp of all puts', () => {
  for (const seed of SEEDS) {
    const { replicas, puts } = history(seed, 'last-writer-wins')
    const highest = Math.max(...puts.map(({ time }) => time))
    expect(all(replicas, 'last-writer-wins').versions).toMatchObject([{ time: highest }])
  }
})

test('two puts through one replica are concurrent where neither has seen the other (what a plain vector cannot tell)', () => {
  const one = written(EMPTY, 0, [], writeOf('one'), 'siblings')
  const both = written(one, 0, [], writeOf('two'), 'siblings')
  expect(versionsOf(both)).toEqual(['one', 'two'])
  // Who saw the first alone replaces the first alone, although a vector would put it after neither.
  expect(versionsOf(written(both, 0, one.clock, writeOf('three'), 'siblings'))).toEqual(['three', 'two'])
})

test('one put with two dots is one version, and gone once either was replaced', () => {
  const here = written(EMPTY, 0, [], writeOf('one'), 'siblings')
  const there = written(EMPTY, 1, [], writeOf('one'), 'siblings')
  expect(join(here, there, 'siblings').versions).toHaveLength(1)
  const replaced = written(there, 1, there.clock, writeOf('two'), 'siblings')
  expect(
    versionsOf(join(join(here, there, 'siblings'), join(replaced, here, 'siblings'), 'siblings'))
  ).toContain('two')
})

test('a context that covers more than a replica has keeps out what comes later of it', () => {
  const old = written(EMPTY, 0, [], writeOf('old'), 'siblings')
  const context: VersionClock = old.clock
  const elsewhere = written(EMPTY, 1, context, writeOf('new'), 'siblings')
  expect(versionsOf(join(elsewhere, old, 'siblings'))).toEqual(['new'])
})
