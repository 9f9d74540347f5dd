/** View stability: which changes of views are false suspicions, and where that is judged. */
import { expect, test } from 'vitest'
import { ViewStability } from '../../../src/checkers/agreement/view-stability.ts'
import { testGroup } from '../../architecture/declared.ts'

const MS = 1000
const LIAR = 3
/** After that the unstable period, and what it has left, is over. */
const CALM_MS = 1000 + (testGroup.f + 1) * 4000

interface Changes {
  readonly minMs?: number
  readonly syncMs?: number
  readonly delayMs?: number
  readonly bodiesCome?: boolean
}

/** What is told of a group that enters view `from` and then `to`, so long after all is calm. */
function told(from: number, to: number, afterMs: number, changes: Changes = {}) {
  const { minMs = 100, syncMs = 0, delayMs = 10, bodiesCome = true } = changes
  const details: string[] = []
  const stability = new ViewStability({
    group: testGroup,
    isLiar: (process) => process === LIAR,
    nameOf: (process) => `member ${process}`,
    tell: (detail) => details.push(detail),
    healMs: 1000,
    viewTimeoutMinMs: minMs,
    viewTimeoutMaxMs: 4000,
    bodiesCome,
    slowestSyncUs: () => syncMs * MS
  })
  stability.sent(0, 1, 0)
  stability.sent(0, 2, 0)
  stability.received(1, 0, delayMs * MS)
  // What was lost with its session took no time.
  stability.sessionStarted(2, 0)
  stability.received(2, 0, 60_000 * MS)
  stability.entered(0, from, 500 * MS)
  const at = (CALM_MS + afterMs) * MS
  stability.entered(0, to, at)
  stability.entered(1, to, at)
  return details
}

test('a correct primary is left', () =>
  expect(told(5, 6, 1)).toEqual([
    `member 0 entered view 6 after ${CALM_MS + 1} ms, although the primary of 5 is correct`
  ]))

test('a correct primary is left, and bodies had been asked for', () =>
  expect(told(5, 6, 1, { minMs: 101, bodiesCome: false })).toHaveLength(1))

test.each<[what: string, details: readonly string[]]>([
  ['a liar is left', told(7, 8, 1)],
  ['it is not calm yet', told(5, 6, -1)],
  ['who comes later enters the same view', told(5, 5, 1)],
  ['the network is slow beside the timeout', told(5, 6, 1, { minMs: 80 })],
  ['the network is slow beside the timeout, and bodies are asked for', told(5, 6, 1, { bodiesCome: false })],
  ['a disk is slow beside the timeout', told(5, 6, 1, { syncMs: 3 })]
])('no: %s', (_, details) => expect(details).toEqual([]))
