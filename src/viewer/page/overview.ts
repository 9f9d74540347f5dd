/** A part of the page: the whole run in one strip, how dense it is and where its marks are. */
import type { PageData } from '../page-data.ts'
import type { Dom } from './dom.ts'
import type { Geometry } from './scene.ts'
import type { Layout, Timeline } from './timeline.ts'

export type Overview = ReturnType<typeof makeOverview>

export function makeOverview(dom: Dom, data: PageData, geometry: Geometry, timeline: Timeline) {
  const BUCKETS = 200
  const WIDTH = 48

  /** From the whole of a layout; drawn again when the layout changes. */
  function draw(svg: SVGElement, layout: Layout, current: SVGElement): void {
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${BUCKETS}`)
    const counts = new Array<number>(BUCKETS).fill(0)
    const bucketOf = (y: number) => Math.min(BUCKETS - 1, Math.floor((y / layout.height) * BUCKETS))
    const application = new Set<number>()
    const faults = new Set<number>()
    layout.shown.forEach((event, slot) => {
      const bucket = bucketOf(layout.y[slot] ?? 0)
      counts[bucket] = (counts[bucket] ?? 0) + 1
      const kind = data.events[event]?.kind ?? ''
      if (kind === 'indicate' || kind === 'invoke') application.add(bucket)
      if (kind === 'fault' || kind === 'crash' || kind === 'stop') faults.add(bucket)
    })
    const most = Math.max(1, ...counts)
    const bars = counts.map((count, y) =>
      count === 0 ? '' : `M0,${y}h${Math.max(3, ((WIDTH - 12) * count) / most)}v1H0Z`
    )
    const marks = (name: string, buckets: Iterable<number>, x: number, width: number, height: number) =>
      dom.svg('path', {
        class: name,
        d: [...buckets].map((y) => `M${x},${y - height / 2 + 0.5}h${width}v${height}h${-width}Z`).join('')
      })
    const at = (events: Iterable<number>) =>
      new Set([...events].map((event) => bucketOf(timeline.yOf(layout, event))))
    dom.replace(
      svg,
      dom.svg('path', { class: 'density', d: bars.join('') }),
      current,
      marks('application', application, WIDTH - 10, 4, 1),
      marks('faults', faults, WIDTH - 5, 5, 1.5),
      marks('explained', at(geometry.explained.keys()), 0, WIDTH, 0.8),
      marks('violations', at(geometry.violated.keys()), 0, WIDTH, 2)
    )
  }

  /** The part that is in sight. */
  function mark(current: SVGElement, layout: Layout, top: number, height: number): void {
    const scale = BUCKETS / layout.height
    current.setAttribute('y', String(Math.min(BUCKETS - 2, top * scale)))
    current.setAttribute('height', String(Math.max(2, Math.min(BUCKETS, height * scale))))
    current.setAttribute('width', String(WIDTH))
  }

  return { draw, mark }
}
