/**
 * A part of the page: the window of the drawing that is in sight, rows with their marks on the lanes. The number of
 * elements depends on the size of the window, never on that of the run.
 */
import type { PageData } from '../page-data.ts'
import type { Arrows } from './arrows.ts'
import type { Dom } from './dom.ts'
import type { Glyphs } from './glyphs.ts'
import type { Geometry, Scene } from './scene.ts'
import type { Timeline } from './timeline.ts'

export type Diagram = ReturnType<typeof makeDiagram>

export function makeDiagram(
  dom: Dom,
  data: PageData,
  geometry: Geometry,
  timeline: Timeline,
  arrows: Arrows,
  glyphs: Glyphs
) {
  /** In virtual time many events may fall together. */
  const ROWS_MAX = 400
  /** Lower rows have marks without text. */
  const TEXT_ROW_MIN = 12
  const CHARACTER_WIDTH = 7.3
  const TIME_RIGHT = 84
  /** For what is on no lane: the end of the run. */
  const END_X = 100

  const colours = new Map(data.colours.map(({ type, colour }) => [type, colour]))

  function draw(svg: SVGElement, scene: Scene): void {
    const { top, height, width, layout } = scene
    svg.setAttribute('width', String(width))
    svg.setAttribute('height', String(height))
    svg.setAttribute('viewBox', `0 ${top} ${width} ${height}`)
    const [first, last] = range(scene)
    const rows: SVGElement[] = []
    const marks: SVGElement[] = []
    let textFrom = top - scene.row
    // Where rows are too close for the text of all, the current one has its own.
    const chosen = layout.y[layout.slots[scene.selected] ?? -1] ?? Number.NEGATIVE_INFINITY
    for (let slot = first; slot < last; slot++) {
      const y = layout.y[slot] ?? 0
      const isFree = y - textFrom >= TEXT_ROW_MIN && Math.abs(y - chosen) >= TEXT_ROW_MIN
      const withText = scene.row >= TEXT_ROW_MIN && (isFree || layout.shown[slot] === scene.selected)
      if (withText) textFrom = y
      const event = layout.shown[slot] ?? 0
      rows.push(row(scene, event, slot, y, withText))
      marks.push(...marksOf(scene, event, y))
    }
    const group = (name: string, children: readonly SVGElement[]) =>
      dom.svg('g', { class: name }, ...children)
    dom.replace(
      svg,
      group('lanes', lanes(scene)),
      group('explanation', explanation(scene)),
      group('rows', rows),
      // Above the rows, since these take the pointer in their whole width.
      group('arrows', arrows.draw(scene)),
      group('marks', marks)
    )
  }

  function range({ layout, top, height, row, selected }: Scene): readonly [number, number] {
    const first = timeline.firstFrom(layout, top - row)
    const last = timeline.firstFrom(layout, top + height + row)
    if (last - first <= ROWS_MAX) return [first, last]
    const slot = layout.slots[selected] ?? -1
    const from = slot < 0 ? first : Math.max(first, Math.min(last - ROWS_MAX, slot - ROWS_MAX / 2))
    return [from, from + ROWS_MAX]
  }

  function lanes(scene: Scene): SVGElement[] {
    const { lanes: shown, top, height, layout } = scene
    // Where the run has ended nothing goes on.
    const bottom = Math.min(top + height, layout.height)
    const made: SVGElement[] = []
    for (const process of shown) {
      const x = geometry.laneX(scene, process) ?? 0
      const name = geometry.byzantine.has(process) ? 'lane byzantine' : 'lane'
      made.push(dom.svg('line', { class: name, x1: x, y1: top, x2: x, y2: bottom, 'data-process': process }))
    }
    for (const { process, from, until } of geometry.downs) {
      const x = geometry.laneX(scene, process)
      const y1 = Math.max(top, timeline.yOf(layout, from))
      const y2 = until >= data.events.length ? bottom : Math.min(bottom, timeline.yOf(layout, until))
      if (x === undefined || y1 >= y2) continue
      const box = { x: x - 9, y: y1, width: 18, height: y2 - y1 }
      made.push(dom.svg('rect', { class: 'down', ...box, 'data-process': process }))
    }
    return made
  }

  /** A broad line through the events of the explanation, behind everything else. */
  function explanation(scene: Scene): SVGElement[] {
    const { layout, top, height } = scene
    const points = data.explanation.flatMap(({ event }) => {
      const x = geometry.laneX(scene, data.events[event]?.process ?? -1)
      return x === undefined || (layout.slots[event] ?? -1) < 0 ? [] : [{ x, y: timeline.yOf(layout, event) }]
    })
    return points.slice(1).flatMap(({ x, y }, index) => {
      const from = points[index] ?? { x, y }
      if (Math.max(y, from.y) < top || Math.min(y, from.y) > top + height) return []
      return [dom.svg('path', { class: 'explained', d: `M${from.x},${from.y}L${x},${y}` })]
    })
  }

  function row(scene: Scene, index: number, slot: number, y: number, withText: boolean): SVGElement {
    const event = data.events[index]
    const { layout, selected, past, width } = scene
    if (event === undefined) return dom.svg('g', {})
    const number = geometry.explained.get(index)
    const violated = geometry.violated.get(index) ?? []
    const type = data.messages[event.message ?? -1]?.type
    const classes = ['row', `kind-${event.kind}`]
    if (type !== undefined) classes.push(`type-${colours.get(type) ?? 0}`)
    if (violated.length > 0) classes.push('violated')
    if (index === selected) classes.push('selected')
    if (past !== undefined && past[index] !== 1) classes.push('faded')
    const group = dom.svg('g', {
      class: classes.join(' '),
      id: `event-${index}`,
      role: 'option',
      'aria-selected': String(index === selected),
      'aria-posinset': slot + 1,
      'aria-setsize': layout.shown.length,
      'aria-label': label(index, number, violated),
      'data-event': index,
      transform: `translate(0,${y})`
    })
    const half = withText ? Math.min(scene.row, 30) / 2 : Math.max(2, Math.min(scene.row, 12) / 2)
    group.append(dom.svg('rect', { class: 'band', x: 0, y: -half, width, height: 2 * half }))
    if (event.term?.isFirst) {
      const textX = geometry.textX(scene) - 8
      group.append(dom.svg('line', { class: 'term-line', x1: TIME_RIGHT + 4, y1: 0, x2: textX, y2: 0 }))
    }
    const x = geometry.laneX(scene, event.process)
    if (x !== undefined) {
      // The mark of a lost message is the cross at the end of its arrow, if it has one.
      if (event.kind !== 'lost' || (data.messages[event.message ?? -1]?.send ?? -1) < 0) {
        const mark = glyphs.glyph(glyphs.markOf(event))
        mark.setAttribute('transform', `translate(${x},0)`)
        group.append(mark)
      }
    }
    if (withText) {
      const textX = geometry.textX(scene)
      const room = Math.max(12, Math.floor((width - textX - 8) / CHARACTER_WIDTH))
      const more = layout.folded.get(index) ?? 0
      const own = more > 0 ? `${event.text}, and ${more} more changes of sessions` : event.text
      const text = violated.length > 0 ? `${violated.join(', ')} violated: ${own}` : own
      const cut = text.length <= room ? text : `${text.slice(0, room - 1)}…`
      group.append(
        dom.svg(
          'text',
          { class: 'time', x: TIME_RIGHT, y: 4, 'text-anchor': 'end' },
          geometry.milliseconds(event.time)
        ),
        dom.svg('text', { class: 'text', x: textX, y: 4 }, cut)
      )
    }
    return group
  }

  /** Violations and the numbers of the explanation. */
  function marksOf(scene: Scene, event: number, y: number): SVGElement[] {
    const number = geometry.explained.get(event)
    const x = geometry.laneX(scene, data.events[event]?.process ?? -1) ?? END_X
    const made: SVGElement[] = []
    if (geometry.violated.has(event)) {
      const path = dom.svg('path', { d: 'M0,-14L14,0L0,14L-14,0Z' })
      const text = dom.svg('text', { y: 5.5, 'text-anchor': 'middle' }, '!')
      made.push(dom.svg('g', { class: 'flag', transform: `translate(${x},${y})` }, path, text))
    }
    if (number !== undefined) {
      const circle = dom.svg('circle', { r: 8.5 })
      const text = dom.svg('text', { y: 4, 'text-anchor': 'middle' }, String(number))
      made.push(dom.svg('g', { class: 'badge', transform: `translate(${x - 20},${y})` }, circle, text))
    }
    return made
  }

  function label(index: number, number: number | undefined, violated: readonly string[]): string {
    const { time, text } = data.events[index] ?? { time: 0, text: '' }
    const parts = [`${geometry.milliseconds(time)} ms`, text]
    if (violated.length > 0) parts.push(`violates ${violated.join(', ')}`)
    if (number !== undefined) parts.push(`number ${number} of the explanation`)
    return parts.join('; ')
  }

  /** The names above the lanes. */
  function header(svg: SVGElement, scene: Scene): void {
    const { lanes: shown, laneWidth, width } = scene
    svg.setAttribute('width', String(width))
    svg.setAttribute('class', laneWidth < 40 ? 'close' : '')
    const wide = laneWidth >= 96
    const names = shown.map((process) => {
      const byzantine = geometry.byzantine.has(process)
      const name = byzantine ? (wide ? `p${process} Byzantine` : `p${process}!`) : `p${process}`
      const x = geometry.laneX(scene, process)
      return dom.svg(
        'text',
        { class: byzantine ? 'byzantine' : 'correct', x, y: 20, 'text-anchor': 'middle' },
        name
      )
    })
    const unit = dom.svg('text', { class: 'time', x: TIME_RIGHT, y: 20, 'text-anchor': 'end' }, 'ms')
    dom.replace(svg, unit, ...names)
  }

  return { draw, header }
}
