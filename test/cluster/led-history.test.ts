/** What clients of a replicated store saw, judged as the history of any store. */
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/cluster/judgement.ts'
import { judgeOperations, LINEARIZABILITY } from '../../src/cluster/led-history.ts'
import { type ClusterPlan, planCluster, planLed } from '../../src/cluster/plan.ts'
import { ServiceRecord } from '../../src/cluster/service-record.ts'
import { Tally } from '../../src/cluster/tally.ts'
import type { Toured } from '../../src/cluster/use.ts'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { applicationService } from '../../src/laboratory/applied-stack.ts'
import {
  type Condition,
  KeyValueMachine,
  type PairOperation,
  pairCommand
} from '../../src/replication/key-value-machine.ts'
import { StateMap } from '../../src/replication/managed-state.ts'
import type { Reply } from '../../src/replication/replies.ts'
import { replicaService } from '../../src/replication/service.ts'
import { applyCommand } from '../../src/replication/state-machine.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'

const plan = planLed(
  await planCluster({ members: 4, stack: 'signed-byzantine-reliable-channel' })
) as ClusterPlan

/** One copy of the data. */
function store() {
  const machine = new KeyValueMachine()
  const state = new StateMap(nobleBackend.sha256)
  const context = {
    state,
    client: new Uint8Array(32),
    sequence: 1,
    index: 0,
    timeMs: 0,
    random: new Uint8Array(32)
  }
  return (command: Uint8Array): Reply => applyCommand(machine, command, context)
}

const key = utf8('k')
const own: PairOperation = { type: 'get', key: utf8('own') }
const command = (operation: PairOperation, condition?: Condition) =>
  pairCommand([operation, own], condition === undefined ? [] : [condition])
const put = (value: string) => command({ type: 'put', key, value: utf8(value) })
const append = (value: string) => command({ type: 'append', key, value: utf8(value) })
const get = command({ type: 'get', key })
const remove = command({ type: 'delete', key })
const create = (value: string) => command({ type: 'put', key, value: utf8(value) }, { key, value: null })
const list = command({ type: 'list', prefix: key, after: new Uint8Array(0) })

type Asked = readonly [command: Uint8Array, reply: Reply | undefined]

/** One after the other, each by a client of its own; without a reply it never returns. */
function eventsOf(...asked: readonly Asked[]): readonly HistoryEvent[] {
  const { name: service } = replicaService
  return asked.flatMap(([given, reply], index): HistoryEvent[] => {
    const of = { process: 4 + index, service, name: 'submit', number: 1 }
    return [
      { time: 2 * index, ...of, kind: 'invoke', arguments: { command: given } },
      ...(reply === undefined ? [] : [{ time: 2 * index + 1, ...of, kind: 'return', result: reply } as const])
    ]
  })
}

const judged = (...asked: readonly Asked[]) => judgeOperations(plan, eventsOf(...asked))

const held = { violations: [] }
const violated = { violations: [{ property: LINEARIZABILITY }] }

describe('a history of one copy is linearizable', () => {
  it.each([
    ['puts, appends and gets', [get, put('a'), append('b'), get, remove, get]],
    [
      'compare-and-set, which succeeds and fails',
      [create('a'), get, create('b'), get, remove, create('c'), get]
    ],
    ['lists, of which nothing is said', [put('a'), list, get]]
  ])('%s', (_, commands) => {
    const apply = store()
    expect(judged(...commands.map((each) => [each, apply(each)] as const))).toEqual(held)
  })

  it('and what never returned may have taken effect, or not', () => {
    const apply = store()
    const before: Asked = [get, apply(get)]
    apply(put('a'))
    const after: Asked = [get, apply(get)]
    expect(judged(before, [put('a'), undefined], after)).toEqual(held)
    expect(judged(before, [put('a'), undefined], before)).toEqual(held)
    expect(judged(before, [put('a'), { kind: 'no-session', result: new Uint8Array(0) }], after)).toEqual(held)
  })
})

/** What the judge of a tour says of it, with what members have told beside it: nothing. */
function toured(phases: Toured['phases'], ...asked: readonly Asked[]) {
  const record = new ServiceRecord(plan)
  for (const event of eventsOf(...asked)) {
    const written = JSON.stringify(event, (_, inner: unknown) =>
      inner instanceof Uint8Array ? { hex: toHex(inner) } : inner
    )
    record.told(event.process, {
      service: applicationService.name,
      name: 'record',
      values: { event: written }
    })
  }
  const clients = asked.length
  const tour = { settled: true, clients, ...(phases === undefined ? {} : { phases }) }
  return judge(plan, record, new Tally(), tour, undefined)
}

describe('the judge of a tour', () => {
  const apply = store()
  const right: readonly Asked[] = [put('a'), get].map((each) => [each, apply(each)] as const)
  const stale: Asked = [get, store()(get)]

  it('looks at what clients saw, where a group went through phases', () => {
    expect(toured([], ...right).properties).toMatchObject({ linearizability: 'held' })
    expect(toured([], ...right, stale).properties).toMatchObject({ linearizability: 'violated' })
    expect(toured(undefined, ...right).properties).not.toHaveProperty('linearizability')
  })

  it('asks for no mark of a liar where phases show what it did', () => {
    expect(toured([])).toMatchObject({ verdict: 'ok', effect: { seen: false } })
    expect(toured(undefined)).toMatchObject({ verdict: 'inconclusive' })
  })
})

describe('it is not where', () => {
  const stale = store()

  it.each<[what: string, commands: readonly Uint8Array[], last: (apply: (of: Uint8Array) => Reply) => Asked]>(
    [
      ['a get misses what was put', [put('a')], () => [get, stale(get)]],
      ['a get finds what was deleted', [put('a'), remove], () => [get, seeing('a')]],
      ['an append was lost', [put('a'), append('b')], () => [get, seeing('a')]],
      [
        'a compare-and-set finds nothing where something is',
        [put('a')],
        () => [create('b'), stale(create('b'))]
      ],
      ['a compare-and-set fails where nothing is', [put('a'), remove], () => [create('b'), refusing('b')]]
    ]
  )('%s', (_, commands, last) => {
    const apply = store()
    const before = commands.map((each) => [each, apply(each)] as const)
    expect(judged(...before)).toEqual(held)
    expect(judged(...before, last(apply))).toMatchObject(violated)
  })

  /** What a get is told by a copy that has that value. */
  function seeing(value: string): Reply {
    const apply = store()
    apply(put(value))
    return apply(get)
  }

  function refusing(value: string): Reply {
    const apply = store()
    apply(put('x'))
    return apply(create(value))
  }
})
