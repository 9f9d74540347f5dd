/** Space: the state of a member passes, and each bound is exceeded by itself. */
import { describe, expect, test } from 'vitest'
import { beyondBounds } from '../../../src/checkers/agreement/space.ts'
import { PENDING_REQUESTS_MAX } from '../../../src/consensus/pbft/constants.ts'
import type { PlainValue } from '../../../src/core/trace.ts'
import { batchOf, oneMember, PATH, proposal, request } from '../../consensus/pbft/one-member.ts'

const RETAINED = 16
const TERMS = { members: 4, window: 4, checkpointEvery: 2, batchesRetained: RETAINED }

const many = (count: number): PlainValue[] => Array.from({ length: count }, (_, index) => index)
const tally = (voters: number) => [{ digest: new Uint8Array(32), voters: many(voters) }]

/** As full as it may be. */
const FULL = {
  ordering: Array.from({ length: 12 }, () => ({ prepares: tally(4), commits: tally(4) })),
  stable: 6,
  executed: 2,
  execution: { committed: many(8), claims: many(4), retained: many(RETAINED) },
  checkpoints: { signed: many(2), own: many(7) },
  viewChanges: {
    changes: many(4),
    newViews: many(4),
    acceptances: { latest: many(4), own: many(1) },
    starts: many(8)
  },
  waiting: { ages: many(8) },
  pool: many(8 * PENDING_REQUESTS_MAX),
  batches: { stored: many(RETAINED + 20), inMemory: many(20) },
  catchUp: many(4)
}

test('the state of a member that has voted is within bounds', () => {
  const one = oneMember(3)
  one.start()
  one.p.receive(0, PATH, proposal(0, 1, batchOf(request(1, 1, 'a'))))
  let state: PlainValue = null
  one.p.do((replica) => {
    state = replica.agreement?.state() ?? null
  })
  expect(beyondBounds(state, TERMS)).toEqual([])
  const slots = (state as { ordering?: PlainValue[] } | null)?.ordering
  expect(slots).toHaveLength(1)
  // It is this state that is read: with room for no number it has one too many.
  expect(beyondBounds(state, { ...TERMS, window: 0 })).toContain('1 open numbers, more than 0')
})

describe('beyond bounds', () => {
  test('what is as full as it may be is not', () => expect(beyondBounds(FULL, TERMS)).toEqual([]))

  const { ordering, execution, checkpoints, viewChanges, batches } = FULL
  const { acceptances } = viewChanges
  test.each<[what: string, changed: object]>([
    ['13 open numbers, more than 12', { ordering: [...ordering, { prepares: [], commits: [] }] }],
    ['9 votes at one number, more than 8', { ordering: [{ prepares: tally(5), commits: tally(4) }] }],
    ['5 VIEW-CHANGEs, more than 4', { viewChanges: { ...viewChanges, changes: many(5) } }],
    ['5 NEW-VIEWs, more than 4', { viewChanges: { ...viewChanges, newViews: many(5) } }],
    [
      '5 ACCEPTs, more than 4',
      { viewChanges: { ...viewChanges, acceptances: { ...acceptances, latest: many(5) } } }
    ],
    ['9 certified starts, more than 8', { viewChanges: { ...viewChanges, starts: many(9) } }],
    ['5 numbers with claims, more than 4', { execution: { ...execution, claims: many(5) } }],
    ['9 numbers to be executed, more than 8', { execution: { ...execution, committed: many(9) } }],
    [
      `${RETAINED + 1} retained batches, more than ${RETAINED}`,
      { execution: { ...execution, retained: many(RETAINED + 1) } }
    ],
    ['3 checkpoints with signatures, more than 2', { checkpoints: { ...checkpoints, signed: many(3) } }],
    ['8 own states, more than 7', { checkpoints: { ...checkpoints, own: many(8) } }],
    ['2049 requests that wait, more than 2048', { pool: many(8 * PENDING_REQUESTS_MAX + 1) }],
    ['2400 ages, more than 2312', { waiting: { ages: many(2400) } }],
    ['37 bodies on disk, more than 36', { batches: { ...batches, stored: many(RETAINED + 21) } }],
    ['21 bodies in memory, more than 20', { batches: { ...batches, inMemory: many(21) } }],
    ['5 members that were told something, more than 4', { catchUp: many(5) }]
  ])('%s', (what, changed) => expect(beyondBounds({ ...FULL, ...changed }, TERMS)).toEqual([what]))
})
