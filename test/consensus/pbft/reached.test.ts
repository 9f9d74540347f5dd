/** What situations are told as reached, by what was selected from which VIEW-CHANGEs, and by what a crash has left. */
import { describe, expect, test } from 'vitest'
import type { Restored } from '../../../src/consensus/pbft/log.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'
import { restartLandmarks, selectionLandmarks } from '../../../src/consensus/pbft/reached.ts'
import { testGroup } from '../../architecture/declared.ts'
import { batchOf, change, NOTHING, request } from './one-member.ts'

const A = batchOf(request(1, 1, 'a')).digest
const B = batchOf(request(2, 1, 'b')).digest
const start = (view: number, ...selected: Uint8Array[]) => ({ view, stable: FIRST_STABLE, selected })

describe('a selection', () => {
  const voted = (...digests: readonly Uint8Array[]) =>
    digests.map((digest, index) => ({ sequence: index + 1, digest, prepared: false }))
  const prepared = (digest: Uint8Array) => [{ sequence: 1, digest, prepared: true }]
  const of = (selected: readonly Uint8Array[], ...changes: readonly ReturnType<typeof change>[]) => {
    const signed = changes.map(({ type: _, ...said }, signer) => ({ signer, ...said }))
    return selectionLandmarks(signed, start(2, ...selected), NOTHING, testGroup.quorum)
  }

  test.each<[what: string, reached: readonly string[], names: readonly string[]]>([
    ['of nothing', of([], change(0, 2), change(1, 2), change(2, 2)), []],
    [
      'by votes',
      of([A], change(0, 2, voted(A)), change(1, 2, voted(A)), change(2, 2)),
      ['number-selected-by-votes']
    ],
    [
      'of what an earlier start had, against the votes of a member that has not entered it',
      of([A], change(0, 2, [], start(1, A)), change(1, 2, voted(B)), change(2, 2)),
      ['older-base-outvoted', 'number-copied-from-a-start']
    ],
    [
      'that fills a hole',
      of([NOTHING, A], change(0, 2, voted(B, A)), change(1, 2, voted(B, A).slice(1)), change(2, 2)),
      ['null-selected', 'number-selected-by-votes', 'vote-not-selected']
    ],
    [
      'of nothing, against one that says that it was prepared for something',
      of([], change(0, 2, prepared(A)), change(1, 2), change(2, 2), change(3, 2)),
      ['vote-not-selected', 'false-vote-rejected']
    ],
    [
      'of one thing, against one that says that it was prepared for another',
      of([A], change(0, 2, prepared(B)), change(1, 2, voted(A)), change(2, 2, voted(A)), change(3, 2)),
      ['number-selected-by-votes', 'vote-not-selected']
    ]
  ])('%s', (_, reached, names) => expect(reached).toEqual(names))
})

describe('a restart', () => {
  const LEFT: Restored = {
    ...{ base: undefined, stable: undefined, change: undefined, newView: undefined, accepted: [] },
    ...{ votes: new Map(), checkpoints: new Map(), unsigned: [], committed: new Map(), states: new Map() }
  }
  const vote = (prepared: boolean) => new Map([[2, { digest: A, prepared }]])
  const base = { start: start(1, A), certificate: [] }

  test.each<[what: string, left: Partial<Restored>, leads: boolean, names: readonly string[]]>([
    ['with nothing', {}, true, []],
    ['between PREPARE and COMMIT', { votes: vote(false) }, false, ['restarted-before-a-commit']],
    ['after a COMMIT', { votes: vote(true) }, false, []],
    ['of what was executed', { votes: vote(false), committed: new Map([[2, A]]) }, true, []],
    ['as primary, with numbers in flight', { votes: vote(true) }, true, ['restarted-as-primary']],
    ['between ACCEPT and START', { accepted: [start(1, A)] }, false, ['restarted-after-accepting']],
    ['between START and the first vote', { base }, false, ['restarted-before-the-first-vote']],
    ['in a view that began with nothing', { base: { ...base, start: start(1) } }, false, []]
  ])('%s', (_, left, leads, names) => expect(restartLandmarks({ ...LEFT, ...left }, leads)).toEqual(names))
})
