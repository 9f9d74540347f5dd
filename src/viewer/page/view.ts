/**
 * A part of the page: what is in sight, and the little that changes: the current step, the layout, spacing and zoom.
 * Only the window that is in sight is drawn.
 */
import type { PageData } from '../page-data.ts'
import type { causalPast } from './causal-past.ts'
import type { Diagram } from './diagram.ts'
import type { Dom } from './dom.ts'
import type { Overview } from './overview.ts'
import type { Geometry, Scene } from './scene.ts'
import type { Filter, Spacing, Timeline } from './timeline.ts'

export interface ViewInit {
  readonly dom: Dom
  readonly data: PageData
  readonly timeline: Timeline
  readonly geometry: Geometry
  readonly diagram: Diagram
  readonly overview: Overview
  readonly pastOf: typeof causalPast
  filter(): Filter
  /** Takes the filter away, since an event was asked for that it hides. */
  clearFilter(): void
  /** Whether the causal past is set off from the rest. */
  withPast(): boolean
  /** After every change of the step, and of what is shown. */
  onChange(): void
}

export function makeView(init: ViewInit) {
  /** Heights of a row, of which the higher ones are for virtual time alone. */
  const ROWS = [5, 9, 14, 22, 32, 48, 96, 200, 500, 1200]
  const LOGICAL_ROWS = 6
  const ROW = 22
  const HEADER_HEIGHT = 30
  /** Drawn beyond what is in sight, so that scrolling does not show the edge. */
  const MARGIN = 160
  const TEXT_WIDTH = 380
  /** Where nothing has a size yet. */
  const FALLBACK = { width: 1000, height: 700 }

  const { dom, data, timeline, geometry } = init
  const scroller = dom.find('scroller', HTMLElement)
  const canvas = dom.find('canvas', HTMLElement)
  const drawing = dom.find('drawing', SVGElement)
  const names = dom.find('lane-names', SVGElement)
  const strip = dom.find('overview', SVGElement)
  const inSight = dom.svg('rect', { class: 'current', x: 0 })

  let selected = -1
  let spacing: Spacing = 'logical'
  let zoom = ROWS.indexOf(ROW)
  let past: Uint8Array | undefined
  let layout = timeline.layout(init.filter(), spacing, ROW)
  let isDrawPending = false
  /** The height in sight when it was drawn last. */
  let drawnSight = 0

  const row = () => ROWS[zoom] ?? ROW
  const slotOf = (event: number) => layout.slots[event] ?? -1
  const sightHeight = () => Math.max(100, (scroller.clientHeight || FALLBACK.height) - HEADER_HEIGHT)

  function scene(): Scene {
    const { processes } = init.filter()
    const lanes = Array.from({ length: data.members }, (_, id) => id).filter((id) => !processes.has(id))
    const sight = sightHeight()
    const top = Math.max(0, scroller.scrollTop - MARGIN)
    const bottom = Math.min(scroller.scrollTop + sight + MARGIN, Math.max(layout.height, sight))
    const seen = scroller.clientWidth || FALLBACK.width
    const laneWidth = geometry.laneWidth(lanes.length, seen)
    const width = Math.max(seen, geometry.textX({ lanes, laneWidth }) + TEXT_WIDTH)
    const height = Math.max(0, bottom - top)
    return { layout, lanes, laneWidth, top, height, width, row: row(), selected, past }
  }

  function draw(): void {
    isDrawPending = false
    drawnSight = sightHeight()
    const now = scene()
    canvas.style.height = `${Math.max(layout.height, sightHeight())}px`
    canvas.style.width = `${now.width}px`
    drawing.style.transform = `translateY(${now.top}px)`
    init.diagram.draw(drawing, now)
    init.diagram.header(names, now)
    init.overview.mark(inSight, layout, scroller.scrollTop, sightHeight())
    if (document.getElementById(`event-${selected}`) === null)
      scroller.removeAttribute('aria-activedescendant')
    else scroller.setAttribute('aria-activedescendant', `event-${selected}`)
  }

  function drawSoon(): void {
    if (isDrawPending) return
    isDrawPending = true
    requestAnimationFrame(draw)
  }

  /** After a change of the window: a current step that was in sight stays there. */
  function resized(): void {
    const y = timeline.yOf(layout, selected)
    const { scrollTop } = scroller
    if (selected >= 0 && y >= scrollTop && y <= scrollTop + drawnSight) scrollTo(selected)
    drawSoon()
  }

  /** After a change of filter, spacing or zoom. The current step, or else what is in the middle, stays where it is. */
  function relayout(): void {
    const sight = sightHeight()
    const middle = timeline.firstFrom(layout, scroller.scrollTop + sight / 2)
    const kept = slotOf(selected) >= 0 ? selected : (layout.shown[middle] ?? data.events.length)
    const offset = timeline.yOf(layout, kept) - scroller.scrollTop
    layout = timeline.layout(init.filter(), spacing, row())
    canvas.style.height = `${layout.height}px`
    scroller.scrollTop = timeline.yOf(layout, kept) - Math.max(0, Math.min(sight, offset))
    init.overview.draw(strip, layout, inSight)
    draw()
    init.onChange()
  }

  /** Makes it the current step, -1 for none. Whether the filter had to give way. */
  function select(event: number, reveal = true): boolean {
    const isHidden = event >= 0 && slotOf(event) < 0
    selected = event
    past = init.withPast() && event >= 0 ? init.pastOf(data, event) : undefined
    if (isHidden) {
      init.clearFilter()
      relayout()
    }
    if (reveal && event >= 0) scrollTo(event)
    draw()
    init.onChange()
    return isHidden
  }

  function scrollTo(event: number): void {
    const y = timeline.yOf(layout, event)
    const sight = sightHeight()
    const edge = Math.min(70, sight / 4)
    const { scrollTop } = scroller
    const [above, below] = [y < scrollTop + edge, y > scrollTop + sight - edge]
    if (!above && !below) return
    const isNear = Math.abs(y - scrollTop - sight / 2) < sight
    const target = isNear ? (above ? y - edge : y - sight + edge) : y - sight / 2
    scroller.scrollTop = Math.max(0, target)
  }

  /** To the last of so many steps among those that are wanted; whether there was one. */
  function move(by: 1 | -1, wanted: (event: number) => boolean = () => true, steps = 1): boolean {
    let event = selected
    for (let i = 0; i < steps; i++) {
      const from = slotOf(event) >= 0 ? slotOf(event) : slotBeside(event, by)
      const next = timeline.nextWhere(layout, from, by, wanted)
      if (next < 0) break
      event = next
    }
    const moved = event !== selected
    select(event)
    return moved
  }

  /** From which slot to go on where the current step has none: it is hidden, or there is none yet. */
  function slotBeside(event: number, by: 1 | -1): number {
    const found = layout.shown.findIndex((shown) => shown > event)
    const after = found < 0 ? layout.shown.length : found
    if (by > 0) return after - 1
    return event < 0 ? layout.shown.length : after
  }

  function zoomBy(by: number): void {
    const most = spacing === 'logical' ? LOGICAL_ROWS : ROWS.length
    const next = Math.max(0, Math.min(most - 1, zoom + by))
    if (next === zoom) return
    zoom = next
    relayout()
  }

  function space(to: Spacing): void {
    spacing = to
    if (spacing === 'logical') zoom = Math.min(zoom, LOGICAL_ROWS - 1)
    relayout()
  }

  /** From a place in the overview, as a share of its height. */
  function scrollToShare(share: number): void {
    scroller.scrollTop = share * layout.height - sightHeight() / 2
    drawSoon()
  }

  return {
    relayout,
    resized,
    select,
    move,
    zoomBy,
    space,
    scrollToShare,
    drawSoon,
    first: () => layout.shown[0] ?? -1,
    last: () => layout.shown.at(-1) ?? -1,
    /** So many rows are in sight. */
    page: () => Math.max(1, Math.floor(sightHeight() / row()) - 2),
    get selected() {
      return selected
    },
    get spacing() {
      return spacing
    },
    /** The place of the current step among those shown, counted from 1; 0 if it is none of them. */
    get place() {
      return slotOf(selected) + 1
    },
    get shown() {
      return layout.shown.length
    }
  }
}
