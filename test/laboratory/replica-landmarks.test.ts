/** What a run of agreement has reached as a whole, by which views members entered and what they executed there. */
import { expect, test } from 'vitest'
import { replicaLandmarks } from '../../src/laboratory/abstractions/replica-landmarks.ts'
import { replicaService } from '../../src/replication/service.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'

const { name: service } = replicaService
const told = (
  process: number,
  name: string,
  values: Extract<HistoryEvent, { kind: 'indicate' }>['values']
): HistoryEvent => ({ time: 0, process, kind: 'indicate', service, name, values })

const views = (view: number, ...members: readonly number[]) =>
  members.map((member) => told(member, 'view', { view }))
const executed = (process: number, commands = 1) =>
  told(process, 'execute', {
    sequence: 1,
    batch: new Uint8Array(32),
    commands: Array.from({ length: commands }, (_, index) => ({ index }))
  })

test.each<[what: string, events: readonly HistoryEvent[], reached: readonly string[]]>([
  ['nothing but the first view', [executed(0)], []],
  ['a view before anything was executed', [...views(1, 0, 1, 2), executed(0)], []],
  [
    'a view between two batches',
    [executed(0), ...views(1, 0, 1, 2), executed(1)],
    ['executed-in-several-views']
  ],
  [
    'two views before a command',
    [...views(1, 0, 1, 2), executed(0, 0), ...views(2, 0, 1, 2), executed(0)],
    ['executed-in-several-views', 'views-without-a-command']
  ],
  [
    'two views, each with a command',
    [...views(1, 0, 1, 2), executed(0), ...views(2, 0, 1, 2), executed(0)],
    ['executed-in-several-views']
  ],
  ['two views of two members', [...views(1, 0, 1, 2), ...views(2, 1, 2), executed(0)], []],
  ['two views, and no command after them', [...views(1, 0, 1, 2), ...views(2, 0, 1, 2)], []],
  [
    'a view that one member entered, before another',
    [...views(1, 0), ...views(2, 0, 1, 2)],
    ['view-of-a-few']
  ],
  ['one that a quorum may have entered', [...views(1, 0, 1), ...views(2, 0, 1, 2)], []],
  ['one that few have entered by the end', [...views(1, 0, 1, 2), ...views(2, 0)], []],
  ['a view that the liar leads', views(3, 0, 1, 2), ['liar-led-a-view']],
  ['another one that it leads', views(7, 0, 1, 2), ['liar-led-a-view']]
])('%s', (_, events, reached) =>
  expect(replicaLandmarks(events, { n: 4, f: 1, liars: [3] })).toEqual(reached)
)

test('where nobody lies, nobody who does leads', () => {
  expect(replicaLandmarks(views(3, 0, 1, 2, 3), { n: 4, f: 1, liars: [] })).toEqual([])
})
