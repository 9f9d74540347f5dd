/**
 * The history of a cluster is in the order of time, whatever the order in which its members' reports come; and it goes
 * on where a member was killed, though its application does not.
 */
import { expect, test } from 'vitest'
import { broadcastService } from '../../src/broadcast/service.ts'
import { findStack } from '../../src/catalogue/index.ts'
import { clockOriginMs } from '../../src/cluster/clock-origin.ts'
import { judge } from '../../src/cluster/judgement.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { ServiceRecord } from '../../src/cluster/service-record.ts'
import { Tally } from '../../src/cluster/tally.ts'
import { applicationService } from '../../src/laboratory/applied-stack.ts'
import { linkService } from '../../src/links/service.ts'

const plan: ClusterPlan = {
  members: 3,
  f: 2,
  stack: findStack('stubborn-links')!,
  byzantine: [],
  behaviour: undefined,
  correct: [0, 1, 2],
  input: new Uint8Array(0),
  chunks: [],
  kill: false,
  beyondResilience: false,
  seed: 1
}

const message = { hex: '0102' }
const sends = { kind: 'invoke', service: linkService.name, name: 'transmit', number: 1 }
const delivers = { kind: 'indicate', service: linkService.name, name: 'deliver' }

/** How long before and after this process the two members' clocks began. */
const AHEAD_MS = 5000
const LATER_MS = 700
/** By the clock of this process. */
const NOW_MS = 100_000

/** What member 1 sends to member 2, whose report comes first, and is so much later. */
function reported(laterMs: number) {
  const record = new ServiceRecord(plan)
  record.began(1, clockOriginMs() - AHEAD_MS)
  record.began(2, clockOriginMs() + LATER_MS)
  const tell = (process: number, event: object, atMs: number) => {
    const written = JSON.stringify({ ...event, process, time: Math.round(atMs * 1000) })
    record.told(process, { service: applicationService.name, name: 'record', values: { event: written } })
  }
  tell(2, { ...delivers, values: { from: 1, message } }, NOW_MS - LATER_MS + laterMs)
  tell(1, { ...sends, arguments: { to: 2, message } }, NOW_MS + AHEAD_MS)
  return record
}

const violated = (record: ServiceRecord) =>
  judge(plan, record, new Tally(), { settled: true }, undefined).violations.map(({ property }) => property)

test('a message that is reported as delivered before its sender reports it was sent before', () => {
  const record = reported(1)
  expect(record.events.map(({ kind, process }) => ({ kind, process }))).toEqual([
    { kind: 'invoke', process: 1 },
    { kind: 'indicate', process: 2 }
  ])
  expect(violated(record)).toEqual([])
})

test('no creation: a message that was delivered before it was sent was made up', () => {
  expect(violated(reported(-1))).toEqual(['no creation'])
})

/** What the application of a member of that stack has recorded, in this life. */
function recordOf(stack: string) {
  const record = new ServiceRecord({ ...plan, stack: findStack(stack)! })
  const tell = (process: number, event: object) => {
    const written = JSON.stringify({ ...event, process, time: Math.round(performance.now() * 1000) })
    record.told(process, { service: applicationService.name, name: 'record', values: { event: written } })
  }
  return { record, tell }
}

const numbers = ({ events }: ServiceRecord) =>
  events.flatMap((event) => (event.kind === 'invoke' || event.kind === 'return' ? [event.number] : []))

test('operations of a member that was killed are counted on, though its application counts from one again', () => {
  const { record, tell } = recordOf('best-effort-broadcast')
  const asks = {
    kind: 'invoke',
    service: broadcastService.name,
    name: 'broadcast',
    arguments: { payload: message }
  }
  tell(1, { ...asks, number: 1, answer: 0 })
  tell(1, { ...asks, number: 2, answer: 1 })
  record.died(1, 'crash')
  record.died(1, 'restart')
  tell(1, { ...asks, number: 1, answer: 2 })
  tell(1, { kind: 'return', service: broadcastService.name, name: 'broadcast', number: 1, result: 2 })
  expect(numbers(record)).toEqual([1, 2, 3, 3])
})

test('what a member that was killed is told once more is in the history once; another thing in its place is news', () => {
  const { record, tell } = recordOf('double-echo')
  const delivered = (values: object) => ({
    kind: 'indicate',
    service: broadcastService.name,
    name: 'deliver',
    values: { sender: 0, sequence: 0, payload: message, position: 0, ...values }
  })
  tell(1, delivered({}))
  tell(2, delivered({}))
  record.died(1, 'crash')
  record.died(1, 'restart')
  tell(1, delivered({}))
  expect(record.events.filter(({ kind }) => kind === 'indicate')).toHaveLength(2)
  tell(1, delivered({ payload: { hex: 'ff' } }))
  tell(1, delivered({ position: 1 }))
  expect(record.events.filter(({ kind }) => kind === 'indicate')).toHaveLength(4)
})

test('nobody waits for an answer to a member that was killed before it had one', () => {
  const { record, tell } = recordOf('stubborn-links')
  tell(1, { ...sends, arguments: { to: 2, message } })
  expect(record.allEnded).toBe(false)
  record.died(1, 'crash')
  expect(record.allEnded).toBe(true)
  record.died(1, 'restart')
  expect(record.allEnded).toBe(true)
  expect(record.completed).toBe(0)
})
