/** Vector clocks, the log for ShiViz that has them, and the causal past that the page finds without them. */
import { expect, test } from 'vitest'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { vectorClocks } from '../../src/viewer/causality.ts'
import type { DrawnRun } from '../../src/viewer/drawn-run.ts'
import { causalPast } from '../../src/viewer/page/causal-past.ts'
import { pageData } from '../../src/viewer/page-model.ts'
import { shivizLog } from '../../src/viewer/shiviz.ts'
import { equivocation, hostile, syntheticRun } from './runs.ts'

const runs: readonly (readonly [string, DrawnRun])[] = [
  ['equivocation', equivocation],
  ['synthetic', syntheticRun(600, 5)]
]

/** As ShiViz does it: by the expression in the first line, over everything after the second. */
function parse(log: string) {
  const [expression = '', delimiter, ...lines] = log.split('\n')
  expect(delimiter).toBe('')
  const text = lines.join('\n')
  const matches = [...text.matchAll(new RegExp(expression, 'gm'))]
  // Nothing is left over between the events.
  expect(matches.map(([whole]) => `${whole}\n`).join('')).toBe(text)
  return matches.map(({ groups }) => ({
    event: groups?.event ?? '',
    host: groups?.host ?? '',
    clock: JSON.parse(groups?.clock ?? '') as { readonly [host: string]: number }
  }))
}

const ofProcesses = (run: DrawnRun) =>
  run.events.filter(({ kind }) => kind !== 'lost' && kind !== 'state') as readonly TraceEvent[]

test.each(runs)('%s: the log has each event of a process, and none of the network', (_, run) => {
  const parsed = parse(shivizLog(run))
  expect(parsed.length).toBe(ofProcesses(run).length)
})

test.each(runs)('%s: each host counts its own events 1, 2, 3, ..., restarts included', (_, run) => {
  const counts = new Map<string, number>()
  for (const { host, clock } of parse(shivizLog(run))) {
    const next = (counts.get(host) ?? 0) + 1
    expect(clock[host]).toBe(next)
    counts.set(host, next)
  }
  expect(counts.size).toBe(run.members)
})

test.each(runs)('%s: the clock of a receive dominates that of its send, and no clock goes back', (_, run) => {
  const parsed = parse(shivizLog(run))
  const sent = new Map<number, { readonly [host: string]: number }>()
  const last = new Map<string, { readonly [host: string]: number }>()
  let receives = 0
  const expectDominates = (later: { readonly [host: string]: number }, earlier: object) => {
    for (const [host, count] of Object.entries(earlier)) expect(later[host]).toBeGreaterThanOrEqual(count)
  }
  ofProcesses(run).forEach((event, index) => {
    const { host, clock } = parsed[index]!
    expectDominates(clock, last.get(host) ?? {})
    last.set(host, clock)
    if (event.kind === 'send') sent.set(event.id, clock)
    if (event.kind !== 'receive') return
    receives++
    expectDominates(clock, sent.get(event.id)!)
  })
  expect(receives).toBeGreaterThan(3)
})

test('a clock knows of nothing that its process was not told', () => {
  const message = { type: 'A' }
  const at = (process: number, rest: object) => ({ time: 0, process, ...rest }) as TraceEvent
  const clocks = vectorClocks(3, [
    at(0, { kind: 'send', id: 1, to: 1, path: '', message }),
    at(2, { kind: 'crash' }),
    at(1, { kind: 'receive', id: 1, from: 0, path: '', message }),
    at(1, { kind: 'lost', id: 2, from: 2, reason: '' }),
    at(1, { kind: 'receive', id: 9, from: 2, path: '', message })
  ])
  expect(clocks).toEqual([[1, 0, 0], [0, 0, 1], [1, 1, 0], undefined, [1, 2, 0]])
})

test('whatever a run brings along, an event of the log is one line without control characters', () => {
  const log = shivizLog(hostile)
  expect(parse(log).length).toBe(ofProcesses(hostile).length)
  expect(log).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u)
})

test.each(runs)('%s: the causal past is what the vector clocks say happened before', (_, run) => {
  const data = pageData(run)
  const clocks = vectorClocks(
    run.members,
    run.events.filter(({ kind }) => kind !== 'state')
  )
  let pairs = 0
  for (let event = 0; event < clocks.length; event += 7) {
    const clock = clocks[event]
    if (clock === undefined) continue
    const past = causalPast(data, event)
    clocks.forEach((other, index) => {
      const process = data.events[index]?.process ?? 0
      const isBefore = other !== undefined && (clock[process] ?? 0) >= (other[process] ?? 0)
      expect(past[index] === 1, `${index} before ${event}`).toBe(isBefore)
      if (isBefore && process !== data.events[event]?.process) pairs++
    })
  }
  expect(pairs).toBeGreaterThan(3)
})

test('the past of a lost message is that of its send; the end comes after everything', () => {
  const data = pageData(equivocation)
  const lost = data.events.findIndex(({ kind }) => kind === 'lost')
  const send = data.messages[data.events[lost]?.message ?? -1]?.send ?? -1
  const past = causalPast(data, lost)
  expect([...past].map((mark, index) => (index === lost ? 0 : mark))).toEqual([...causalPast(data, send)])
  expect([...causalPast(data, data.events.length - 1)].every((mark) => mark === 1)).toBe(true)
  expect([...causalPast(data, -1)].some((mark) => mark === 1)).toBe(false)
})
