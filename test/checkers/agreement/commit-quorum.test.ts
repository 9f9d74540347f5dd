/** A quorum behind a commit: what binds a member to a batch, and what does not. */
import { expect, test } from 'vitest'
import { type Durable, isBoundTo, logOf } from '../../../src/checkers/agreement/commit-quorum.ts'
import { Log } from '../../../src/consensus/pbft/log.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'
import { scopedStore } from '../../../src/core/store.ts'

const A = new Uint8Array(32).fill(10)
const B = new Uint8Array(32).fill(11)

const stableAt = (sequence: number) => ({ ...FIRST_STABLE, sequence })
const base = (stable: number, ...selected: Uint8Array[]) => ({
  start: { view: 3, stable: stableAt(stable), selected },
  certificate: []
})
const EMPTY: Durable = { base: undefined, stable: undefined, votes: new Map() }
const voted = (prepared: boolean, digest = A): Durable => ({
  ...EMPTY,
  votes: new Map([[5, { digest, prepared }]])
})

test.each<[what: string, durable: Durable]>([
  ['a vote with a COMMIT', voted(true)],
  ['the start of a later view', { ...EMPTY, base: base(3, B, A) }],
  ['the start of a later view behind a checkpoint', { ...EMPTY, base: base(5) }],
  ['a stable checkpoint', { ...EMPTY, stable: { stable: stableAt(6), certificate: [] } }]
])('%s binds a member', (_, durable) => expect(isBoundTo(durable, 5, A)).toBe(true))

test.each<[what: string, durable: Durable]>([
  ['nothing', EMPTY],
  ['a vote without COMMIT', voted(false)],
  ['a vote for another batch', voted(true, B)],
  ['a start that has another batch there', { ...EMPTY, base: base(3, A, B) }],
  ['a start that ends before', { ...EMPTY, base: base(3, A) }],
  ['an older checkpoint', { ...EMPTY, stable: { stable: stableAt(4), certificate: [] } }]
])('%s does not', (_, durable) => expect(isBoundTo(durable, 5, A)).toBe(false))

test('it is read from the disk of a component, by its path', () => {
  const disk = new Map<string, Uint8Array>()
  const restored = (prefix: string) =>
    [...disk]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value] as const)
  const store = {
    put: (key: string, value: Uint8Array) => void disk.set(key, value),
    delete: (key: string) => void disk.delete(key),
    read() {},
    restored
  }
  const log = new Log(scopedStore(store, 'agreement/'))
  log.putVote(5, { digest: A, prepared: true })
  log.putBase(base(3, A))
  log.putStable({ stable: stableAt(3), certificate: [] })
  const durable = logOf(restored, 'agreement')
  expect(durable.votes.get(5)).toEqual({ digest: A, prepared: true })
  expect(durable.base).toEqual(base(3, A))
  expect(durable.stable?.stable.sequence).toBe(3)
  expect(isBoundTo(logOf(restored, 'another'), 5, A)).toBe(false)
})
