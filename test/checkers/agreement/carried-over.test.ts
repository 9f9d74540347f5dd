/** Carried over: which starts have lost something that was executed, and which have not. */
import { expect, test } from 'vitest'
import { lostBy } from '../../../src/checkers/agreement/carried-over.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'

const A = new Uint8Array(32).fill(10)
const B = new Uint8Array(32).fill(11)
const EXECUTED = new Map([
  [3, { view: 0, batch: A }],
  [4, { view: 2, batch: B }]
])

const lost = (view: number, stable: number, ...selected: Uint8Array[]) =>
  lostBy(
    { start: { view, stable: { ...FIRST_STABLE, sequence: stable }, selected }, certificate: [] },
    EXECUTED
  )

test.each<[what: string, lost: readonly number[]]>([
  ['all of it is there', lost(3, 2, A, B)],
  ['all of it is behind the checkpoint', lost(3, 4)],
  ['a part is there, and the rest behind the checkpoint', lost(3, 3, B)],
  ['it was executed in the same view, or a later one', lost(2, 2, A)],
  ['the first view begins with nothing', lost(0, 0)]
])('nothing is lost: %s', (_, found) => expect(found).toEqual([]))

test.each<[what: string, lost: readonly number[], numbers: readonly number[]]>([
  ['the start ends before it', lost(3, 2, A), [4]],
  ['the start has another batch there', lost(3, 2, B, B), [3]],
  ['it is at another number', lost(3, 2, B, A), [3, 4]],
  ['of an earlier view alone', lost(1, 2), [3]]
])('lost: %s', (_, found, numbers) => expect(found).toEqual(numbers))
