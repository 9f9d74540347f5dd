/** The parts of the page that need no page: what is shown and where, states at a step, values as lines. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clientScript } from '../../src/viewer/client-script.ts'
import { makeStates } from '../../src/viewer/page/states.ts'
import { type Filter, makeTimeline } from '../../src/viewer/page/timeline.ts'
import { makeValues } from '../../src/viewer/page/values.ts'
import type { PageData } from '../../src/viewer/page-data.ts'
import { pageData } from '../../src/viewer/page-model.ts'
import { equivocation, syntheticRun } from './runs.ts'

const data = pageData(equivocation)
const everything: Filter = { processes: new Set(), paths: new Set(), groups: new Set(), instance: '' }

describe('the script', () => {
  const folder = new URL('../../src/viewer/page/', import.meta.url)
  const parts = readdirSync(folder).filter((name) => !['style.ts', 'body.ts'].includes(name))

  test.each(parts)('%s is one function that stands for itself', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')
    const begins = text.split('\n').filter((line) => /^[a-z]/.test(line))
    const others = begins.filter(
      (line) => !/^(?:import type|export type|export interface|type|interface) /.test(line)
    )
    expect(others).toEqual([expect.stringMatching(/^export function \w+\(/)])
  })

  test('has every part, and cannot end the element that it stands in', () => {
    const script = clientScript()
    for (const name of parts) {
      const text = readFileSync(new URL(name, folder), 'utf8')
      expect(script).toContain(`function ${/^export function (\w+)/m.exec(text)?.[1]}(`)
    }
    expect(script).not.toMatch(/<\/script|<!--/i)
    expect(script).not.toMatch(/\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b/)
    expect(() => new Function(script)).not.toThrow()
  })
})

describe('filters', () => {
  const timeline = makeTimeline(data)
  const kindsWith = (filter: Partial<Filter>) =>
    timeline.layout({ ...everything, ...filter }, 'logical', 22).shown.map((event) => data.events[event])

  test('nothing is hidden without one', () => {
    expect(kindsWith({})).toHaveLength(data.events.length)
  })

  test('by process', () => {
    const shown = kindsWith({ processes: new Set([0, 2]) })
    expect(new Set(shown.map((event) => event?.process))).toEqual(new Set([1, 3, -1]))
  })

  test('by component: what names another, or none, stays', () => {
    const shown = kindsWith({ paths: new Set(['double-echo']) })
    expect(shown.map((event) => event?.path).filter((path) => path !== undefined)).toEqual([
      'double-echo/log'
    ])
    expect(shown.some((event) => event?.kind === 'crash')).toBe(true)
  })

  test('by broadcast: its messages, its deliveries, and what concerns them all', () => {
    const shown = kindsWith({ instance: '3/1' })
    expect(shown.map((event) => event?.kind)).toEqual([
      'crash',
      'fault',
      'restart',
      'invoke',
      'return',
      'send',
      'stop',
      'end'
    ])
  })

  test('by group of events', () => {
    const shown = kindsWith({ groups: new Set(['messages', 'timers']) })
    expect(shown.filter((event) => /send|receive|lost|timer/.test(event?.kind ?? ''))).toEqual([])
    expect(shown.length).toBeGreaterThan(5)
  })

  test('every kind of event of the model is in a group that can be hidden', () => {
    const grouped = new Set(timeline.groups.flatMap(([, kinds]) => kinds))
    expect(data.events.map(({ kind }) => kind).filter((kind) => !grouped.has(kind))).toEqual(['end'])
  })
})

describe('spacing', () => {
  const run = pageData(syntheticRun(400))
  const timeline = makeTimeline(run)

  test('logical: each event has a row of its own', () => {
    const { y, shown, height } = timeline.layout(everything, 'logical', 20)
    expect(height).toBe(shown.length * 20)
    for (const slot of shown.keys()) expect(y[slot]).toBeCloseTo(slot * 20 + 10, 6)
  })

  test('virtual time: distances are in proportion to what passed', () => {
    const { y, shown } = timeline.layout(everything, 'time', 20)
    const time = (slot: number) => run.events[shown[slot] ?? 0]?.time ?? 0
    const last = shown.length - 1
    const scale = ((y[last] ?? 0) - (y[0] ?? 0)) / (time(last) - time(0))
    for (const slot of shown.keys())
      expect((y[slot] ?? 0) - (y[0] ?? 0)).toBeCloseTo((time(slot) - time(0)) * scale, 4)
  })

  test('the height stays within what browsers draw', () => {
    const million = { ...run, events: new Array<PageData['events'][number]>(1_000_000).fill(run.events[0]!) }
    const { height, y } = makeTimeline(million).layout(everything, 'logical', 48)
    expect(height).toBe(8_000_000)
    expect(y[999_999]).toBeLessThanOrEqual(height)
  })

  test('a run without events, and one of a single moment, have a layout', () => {
    const none = { ...run, events: [] }
    expect(makeTimeline(none).layout(everything, 'time', 20)).toMatchObject({ shown: [], height: 20 })
    const moment = { ...run, events: run.events.slice(0, 3).map((event) => ({ ...event, time: 7 })) }
    expect([...Array.from(makeTimeline(moment).layout(everything, 'time', 20).y)]).toEqual([10, 30, 50])
  })

  test('a hidden event is where the next shown one is', () => {
    const layout = timeline.layout({ ...everything, processes: new Set([0]) }, 'logical', 20)
    const hidden = run.events.findIndex(({ process }) => process === 0)
    const next = layout.shown.find((event) => event > hidden) ?? -1
    expect(timeline.yOf(layout, hidden)).toBe(timeline.yOf(layout, next))
    expect(timeline.yOf(layout, run.events.length)).toBe(layout.height)
  })
})

describe('states', () => {
  const states = makeStates(data, makeValues())
  const timer = data.events.findIndex(({ kind }) => kind === 'timer')
  const receive = data.events.findIndex(({ kind }) => kind === 'receive')

  test('before its first state a process has none', () => {
    expect(states.after(0, timer - 1)).toEqual([])
    expect(states.after(1, data.events.length)).toEqual([])
  })

  test('after a step: the last at or before it, without changes if it is the first', () => {
    expect(states.after(0, receive - 1)).toMatchObject([{ path: 'double-echo', since: timer }])
    expect(states.after(0, receive - 1)[0]?.leaves.map(({ change }) => change)).toEqual([
      'same',
      'same',
      'same'
    ])
  })

  test('what changed against the one before is marked', () => {
    const [component] = states.after(0, receive)
    expect(component?.since).toBe(receive)
    expect(component?.leaves).toMatchObject([
      { keys: ['open'], text: '1', change: 'new' },
      { keys: ['votes', 'echoes'], text: '1', change: 'new' },
      { keys: ['votes', 'echoed'], change: 'new' }
    ])
  })

  test('what is no more is marked as gone, what stays as the same', () => {
    const at = (after: number, state: PageData['states'][number]['state']) => ({
      after,
      process: 0,
      path: 'a',
      state
    })
    const made = makeStates({ ...data, states: [at(0, { a: 1, b: 2 }), at(3, { a: 1 })] }, makeValues())
    expect(made.after(0, 3)[0]?.leaves).toEqual([
      { keys: ['a'], text: '1', change: 'same' },
      { keys: ['b'], text: '2', change: 'gone' }
    ])
  })
})

describe('values', () => {
  const { lines } = makeValues()

  test('nested names, lists of numbers on one line, empty ones', () => {
    expect(lines({ a: { b: true }, c: [1, 2], d: [], e: {}, f: [{ g: null }] })).toEqual([
      { name: 'a.b', text: 'true' },
      { name: 'c', text: '1, 2' },
      { name: 'd', text: '[]' },
      { name: 'e', text: '{}' },
      { name: 'f.0.g', text: 'null' }
    ])
  })

  test('bytes as hex, and as the text that they are', () => {
    expect(lines({ hex: '6869' })).toEqual([{ name: '', text: '6869  "hi"' }])
    expect(lines({ a: { hex: 'ff00' }, b: { hex: '' } })).toEqual([
      { name: 'a', text: 'ff00' },
      { name: 'b', text: '(no bytes)' }
    ])
    expect(lines({ hex: '61e280ae62' })).toEqual([{ name: '', text: '61e280ae62  "a\\u{202e}b"' }])
    expect(lines({ hex: 'ab'.repeat(100_000) })[0]?.text.length).toBeLessThan(400)
  })

  test('a large value is cut, and says so', () => {
    const many = lines(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])))
    expect(many.at(-1)).toEqual({ name: '…', text: '1500 more' })
    expect(many.length).toBe(501)
  })
})
