/**
 * A part of the page: which events are shown, and where along time. In logical spacing each has a row of its own;
 * in that of virtual time the distance is proportional to what passed.
 */
import type { PageData } from '../page-data.ts'

/** What is not shown; an empty filter shows everything. */
export interface Filter {
  readonly processes: ReadonlySet<number>
  readonly paths: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  /** `sender/sequence` of the only broadcast that is shown; '' for all. */
  readonly instance: string
  /** Changes of sessions that follow each other have one row. */
  readonly foldSessions?: boolean
}

export type Spacing = 'logical' | 'time'

export interface Layout {
  /** Events, in order. */
  readonly shown: readonly number[]
  /** Of each of them, the middle of its row. */
  readonly y: ArrayLike<number>
  /** For each event of the run its place in `shown`, -1 if it is hidden. */
  readonly slots: ArrayLike<number>
  readonly height: number
  /** How many more events stand in the row of one, where some do. */
  readonly folded: ReadonlyMap<number, number>
}

export type Timeline = ReturnType<typeof makeTimeline>

export function makeTimeline(data: PageData) {
  /** Browsers do not draw what is taller, and scroll it inexactly. */
  const HEIGHT_MAX = 8_000_000

  /** Names of groups of kinds, in the order in which they are offered. */
  const groups: readonly (readonly [name: string, kinds: readonly string[]])[] = [
    ['messages', ['send', 'receive', 'lost']],
    ['application', ['invoke', 'resume', 'return', 'indicate']],
    ['faults and crashes', ['fault', 'crash', 'restart', 'stop']],
    ['sessions', ['session']],
    ['timers', ['timer']],
    ['requests and indications', ['request', 'indication']],
    ['landmarks', ['landmark']]
  ]
  const groupOf = new Map(groups.flatMap(([name, kinds]) => kinds.map((kind) => [kind, name] as const)))
  /** What concerns every broadcast of its process, and stays when only one broadcast is looked at. */
  const always = new Set(['crash', 'restart', 'stop', 'fault', 'end'])

  function isShown(index: number, filter: Filter): boolean {
    const event = data.events[index]
    if (event === undefined) return false
    if (filter.processes.has(event.process) || filter.groups.has(groupOf.get(event.kind) ?? '')) return false
    if (event.path !== undefined && filter.paths.has(event.path)) return false
    if (filter.instance === '' || always.has(event.kind)) return true
    return event.instances?.includes(filter.instance) === true
  }

  const isSession = (index: number) => data.events[index]?.kind === 'session'

  /** `row` is the height of a row; in virtual time, of the average distance between two events. */
  function layout(filter: Filter, spacing: Spacing, row: number): Layout {
    const shown: number[] = []
    const folded = new Map<number, number>()
    const slots = new Int32Array(data.events.length).fill(-1)
    for (let index = 0; index < data.events.length; index++) {
      if (!isShown(index, filter)) continue
      const before = shown.at(-1) ?? -1
      if (filter.foldSessions === true && isSession(index) && isSession(before)) {
        folded.set(before, (folded.get(before) ?? 0) + 1)
        continue
      }
      slots[index] = shown.length
      shown.push(index)
    }
    const height = Math.min(HEIGHT_MAX, Math.max(1, shown.length) * row)
    const timeOf = (slot: number) => data.events[shown[slot] ?? 0]?.time ?? 0
    const first = timeOf(0)
    const span = timeOf(shown.length - 1) - first
    const y = new Float64Array(shown.length)
    for (let slot = 0; slot < shown.length; slot++) {
      const share =
        spacing === 'time' && span > 0 ? (timeOf(slot) - first) / span : slot / Math.max(1, shown.length - 1)
      y[slot] = row / 2 + share * (height - row)
    }
    return { shown, y, slots, height, folded }
  }

  /** The first slot at or below `y`: the number of slots if all are above. */
  function firstFrom(layout: Layout, y: number): number {
    let low = 0
    let high = layout.shown.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((layout.y[middle] ?? 0) < y) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where an event is; for one that is hidden, where the next shown one is. */
  function yOf(layout: Layout, event: number): number {
    const slot = layout.slots[event] ?? -1
    if (slot >= 0) return layout.y[slot] ?? 0
    const next = layout.shown.findIndex((shown) => shown >= event)
    return next < 0 ? layout.height : (layout.y[next] ?? 0)
  }

  /** The shown event that is next after (or before) a slot and of interest; -1 if there is none. */
  function nextWhere(layout: Layout, from: number, by: 1 | -1, wanted: (event: number) => boolean): number {
    for (let slot = from + by; slot >= 0 && slot < layout.shown.length; slot += by) {
      const event = layout.shown[slot] ?? -1
      if (wanted(event)) return event
    }
    return -1
  }

  return { groups, layout, firstFrom, yOf, nextWhere }
}
