/** Disks of correct members: those of a run that went as it should break no rule, and an altered record its own. */
import { expect, test } from 'vitest'
import { DISK_RULES, type DiskRule } from '../../../src/checkers/agreement/disks.ts'
import type { ProcessId } from '../../../src/core/group.ts'
import { replicas } from '../../../src/laboratory/abstractions/replicas.ts'
import type { HistoryEvent } from '../../../src/simulator/history.ts'
import type { StackOptions } from '../../../src/stacks/stack.ts'
import {
  batchOf,
  bodyKey,
  certifiedStable,
  certifiedStart,
  crypto,
  type Disk,
  executes,
  group,
  logOn,
  OPTIONS,
  putBody,
  rightDisks,
  rightEvents,
  startOfOne,
  stateOf,
  storeOf
} from './disks-of-members.ts'

interface Left {
  readonly disks: ReadonlyMap<ProcessId, Disk>
  events: readonly HistoryEvent[]
}

/** What is wrong with what is left, once that was altered. */
function wrong(
  alter: (left: Left, of: (member: ProcessId) => Disk) => void,
  options: StackOptions = OPTIONS
) {
  const left: Left = { disks: rightDisks(), events: rightEvents() }
  alter(left, (member) => left.disks.get(member) as Disk)
  const disks = new Map(
    [...left.disks].map(([member, disk]) => [
      member,
      { restored: storeOf(disk).restored, bulk: (key: string) => disk.get(key) }
    ])
  )
  const found =
    replicas.judgeDisks?.({ group, crypto, options, disks, history: { events: left.events } }) ?? []
  return found.map(({ property, detail }) => [property, detail] as const)
}

test('disks of a run that went as it should break no rule', () => expect(wrong(() => {})).toEqual([]))

const ANOTHER = batchOf('another')
type Altered = readonly [rule: DiskRule, what: string, alter: Parameters<typeof wrong>[0], detail: string]

const altered: readonly Altered[] = [
  [
    'one batch at a number',
    'a member has executed another batch',
    (left, of) => {
      logOn(of(1)).putCommitted(3, ANOTHER)
      putBody(of(1), 'another')
      left.events = left.events.filter(({ process }) => process !== 1)
    },
    'member 1 executed another batch at 3 than member 0'
  ],
  [
    'one state at a number',
    'a member has come to another state',
    (_, of) => {
      const log = logOn(of(1))
      log.deleteCheckpoint(4)
      log.putStable(certifiedStable(4, stateOf(2)))
    },
    'member 1 has another state after 4 than member 0'
  ],
  [
    'one start of a view',
    'a member is in the view with another start of it',
    (_, of) => logOn(of(1)).putBase(certifiedStart({ ...startOfOne(), selected: [batchOf(5), batchOf(6)] })),
    'member 1 holds on to another start of view 1 than member 0'
  ],
  [
    'one batch prepared',
    'a member has a COMMIT for another batch',
    (_, of) => {
      for (const [member, text] of [
        [0, '7'],
        [1, 'another']
      ] as const) {
        logOn(of(member)).putVote(7, { digest: batchOf(text), prepared: true })
        putBody(of(member), text)
      }
    },
    'member 1 is prepared for another batch at 7 of view 1 than member 0'
  ],
  [
    'certified',
    'too few have signed a start',
    (_, of) => {
      const { start, certificate } = certifiedStart(startOfOne())
      logOn(of(0)).putBase({ start, certificate: certificate.slice(1) })
    },
    'member 0 has a start of view 1 that no quorum accepted'
  ],
  [
    'certified',
    'the signatures of a checkpoint are for another state',
    (_, of) => {
      const { certificate } = certifiedStable(4, stateOf(2))
      logOn(of(0)).putStable({ ...certifiedStable(4, stateOf(4)), certificate })
    },
    'member 0 has a checkpoint 4 that no quorum signed'
  ],
  [
    'votes as the view began',
    'a member voted for another batch than its view began with',
    (_, of) => {
      logOn(of(0)).putVote(5, { digest: ANOTHER, prepared: false })
      putBody(of(0), 'another')
    },
    'member 0 voted at 5 for another batch than view 1 began with'
  ],
  [
    'votes as reported',
    'a member voted on in a view that it had left',
    (_, of) => {
      logOn(of(2)).putVote(8, { digest: ANOTHER, prepared: false })
      putBody(of(2), 'another')
    },
    'member 2 left view 1 with another vote at 8 than it reports'
  ],
  [
    'votes as reported',
    'a member sent a COMMIT that it had not reported',
    (_, of) => logOn(of(2)).putVote(7, { digest: batchOf(7), prepared: true }),
    'member 2 left view 1 with another vote at 7 than it reports'
  ],
  [
    'votes as reported',
    'a member has lost a vote that it reported',
    (_, of) => logOn(of(2)).deleteVote(7),
    'member 2 left view 1 with another vote at 7 than it reports'
  ],
  [
    'quorum behind a commit',
    'two members have lost a vote',
    (_, of) => {
      for (const member of [0, 1]) logOn(of(member)).deleteVote(6)
    },
    'member 0 executed 6, which 1 correct members hold on to, fewer than 2'
  ],
  [
    'carried over',
    'a view began without what was executed before it',
    (left) => {
      // It was executed before the view, and no more follows from it.
      left.events = [executes(1, 6), ...left.events]
    },
    'member 0 has a start of view 1, which has lost number 6'
  ],
  [
    'told is durable',
    'a member has lost what it told',
    (_, of) => logOn(of(0)).deleteCommitted(6),
    'member 0 told that it executed 6, and has nothing there'
  ],
  [
    'told is durable',
    'a member has told of another batch',
    (left) => {
      left.events = [executes(0, 6, ANOTHER), ...left.events.slice(0, 1)]
    },
    'member 0 told that it executed 6, and has another batch there'
  ],
  [
    'bodies are kept',
    'a body is gone',
    (_, of) => of(0).delete(bodyKey(3)),
    'member 0 has no body of the batch that it executed at 3'
  ],
  [
    'bodies are kept',
    'a body is that of another batch',
    (_, of) => of(0).set(bodyKey(7), of(0).get(bodyKey(6)) as Uint8Array),
    'member 0 has no body of the batch that it voted at 7 for'
  ],
  [
    'states are kept',
    'a part of a state is gone',
    (_, of) => {
      for (const key of of(0).keys()) if (key.startsWith('*replica/part/')) of(0).delete(key)
    },
    'member 0 lacks the part bucket/001 of its state 2'
  ],
  [
    'states are kept',
    'a state is another one than its digest says',
    (_, of) =>
      logOn(of(0)).putCheckpoint(
        3,
        stateOf(2).map((byte) => byte ^ 1)
      ),
    'member 0 has no state 3 with the digest'
  ]
]

test.each(altered)('%s: %s', (rule, _, alter, detail) => {
  const found = wrong(alter)
  expect(found).toContainEqual([rule, expect.stringContaining(detail)])
  expect(new Set(found.map(([broken]) => broken))).toEqual(new Set([rule]))
})

test('each rule is broken by one of them', () =>
  expect(new Set(altered.map(([rule]) => rule))).toEqual(new Set(Object.keys(DISK_RULES))))

test('what is older than what a member keeps may be gone', () => {
  const forget = (_: Left, of: (member: ProcessId) => Disk) => {
    logOn(of(0)).deleteCommitted(2)
    of(0).delete(bodyKey(2))
  }
  expect(wrong(forget).map(([rule]) => rule)).toEqual(['told is durable'])
  expect(wrong(forget, { ...OPTIONS, batchesRetained: 4 })).toEqual([])
})
