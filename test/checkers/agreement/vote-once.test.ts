/** Vote once: what a correct member may say passes, and each rule is broken by itself. */
import { describe, expect, test } from 'vitest'
import { VoteOnce } from '../../../src/checkers/agreement/vote-once.ts'
import type { PbftMessage, SignedChange } from '../../../src/consensus/pbft/messages.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'

const A = new Uint8Array(32).fill(10)
const B = new Uint8Array(32).fill(11)
const signature = new Uint8Array(64)

const proposal = (view: number, sequence: number, digest = A): PbftMessage => ({
  type: 'PRE-PREPARE',
  ...{ view, sequence, digest, batch: null, signature }
})
const vote = (type: 'PREPARE' | 'COMMIT', view: number, sequence: number, digest = A): PbftMessage => ({
  type,
  ...{ view, sequence, digest }
})
const reported = (sequence: number, prepared: boolean, digest = A) => ({ sequence, digest, prepared })
const change = (view: number, base: number, reported: SignedChange['reported'], stable = 0): PbftMessage => ({
  type: 'VIEW-CHANGE',
  ...{ view, base: { view: base, digest: A }, stable: { ...FIRST_STABLE, sequence: stable } },
  ...{ reported, signature }
})
const start = (view: number, ...selected: Uint8Array[]) => ({ view, stable: FIRST_STABLE, selected })
const begins = (view: number, ...selected: Uint8Array[]): PbftMessage => ({
  type: 'NEW-VIEW',
  ...{ view, viewStart: start(view, ...selected), viewChanges: [], signature }
})
const accept = (view: number, digest = A): PbftMessage => ({ type: 'ACCEPT', view, digest, signature })
const checkpoint = (sequence: number, digest = A): PbftMessage => ({
  type: 'CHECKPOINT',
  ...{ sequence, digest, signature }
})

/** What member 1 is found to have done, that says all this; member 2 says something else. */
function found(...messages: readonly PbftMessage[]): readonly string[] {
  const details: string[] = []
  const judge = new VoteOnce(
    (process) => `member ${process}`,
    (detail) => details.push(detail)
  )
  judge.sent(2, vote('PREPARE', 0, 1, B))
  for (const message of messages) judge.sent(1, message)
  return details
}

/** Each vote is told again, and the second view is left with what was voted there. */
const RIGHT: readonly PbftMessage[] = [
  proposal(0, 1),
  vote('COMMIT', 0, 1),
  vote('PREPARE', 0, 2, B),
  checkpoint(2),
  change(1, 0, [reported(1, true), reported(2, false, B)]),
  vote('PREPARE', 0, 2, B),
  vote('COMMIT', 0, 1),
  change(2, 0, [reported(2, false, B)], 1),
  begins(2, B),
  accept(2),
  vote('PREPARE', 2, 2, B),
  vote('COMMIT', 2, 2, B),
  checkpoint(2),
  change(3, 2, [reported(2, true, B)], 1)
]

test('what a correct member says passes', () => expect(found(...RIGHT)).toEqual([]))

describe('two of one kind', () => {
  test.each([
    ['votes', proposal(0, 1, B), 'PREPARE at number 1 of view 0'],
    ['votes of a proposer', vote('PREPARE', 0, 1, B), 'PREPARE at number 1 of view 0'],
    ['commits', vote('COMMIT', 0, 1, B), 'COMMIT at number 1 of view 0'],
    ['ways to leave a view', change(2, 0, [], 2), 'VIEW-CHANGE for view 2'],
    ['ways to begin one', begins(2, A), 'NEW-VIEW for view 2'],
    ['acceptances', accept(2, B), 'ACCEPT for view 2'],
    ['states', checkpoint(2, B), 'CHECKPOINT at 2']
  ] as const)('%s', (_, message, what) => {
    expect(found(...RIGHT, message)).toEqual([`member 1 sent a second ${what}, another one`])
  })
})

describe('a view that was left', () => {
  test('gets no vote that was not reported', () => {
    expect(found(change(1, 0, []), vote('PREPARE', 0, 1))).toEqual([
      'member 1 sent a PREPARE at number 1 of view 0, which it had left for 1'
    ])
  })

  test('gets no COMMIT where none was reported', () => {
    const left = [vote('PREPARE', 0, 1), change(1, 0, [reported(1, false)])]
    expect(found(...left, vote('COMMIT', 0, 1))).toEqual([
      'member 1 sent a COMMIT at number 1 of view 0, which it had left for 1'
    ])
  })

  test.each([
    ['a vote', change(1, 0, [])],
    ['what the vote was for', change(1, 0, [reported(1, true, B)])],
    ['that it was prepared', change(1, 0, [reported(1, false)])]
  ])('is left with all that was voted there: not without %s', (_, without) => {
    expect(found(proposal(0, 1), vote('COMMIT', 0, 1), without)).toEqual([
      'member 1 left view 0 for 1 without what it had voted at number 1'
    ])
  })
})
