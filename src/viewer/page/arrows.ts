/**
 * A part of the page: messages as arrows. How a message went is told by shape: a filled head for received, a dotted
 * line with a hollow head for received again, a cross for lost, a ring for not received when the run ended; dashes
 * with a red outline are a Byzantine process's.
 */
import type { PageData, PageMessage, PageMessageEnd } from '../page-data.ts'
import type { Dom } from './dom.ts'
import type { Geometry, Scene } from './scene.ts'
import type { Timeline } from './timeline.ts'

interface Point {
  readonly x: number
  readonly y: number
}

export type Arrows = ReturnType<typeof makeArrows>

export function makeArrows(dom: Dom, data: PageData, geometry: Geometry, timeline: Timeline) {
  /** More than these say nothing that can be read; those with an end in sight come first. */
  const ARROWS_MAX = 600
  /** From the middle of the lane, so that the head does not cover the event's mark. */
  const TIP = 5
  const LOST_BEFORE = 14
  const STUB = 26

  const colours = new Map(data.colours.map(({ type, colour }) => [type, colour]))

  function draw(scene: Scene): SVGElement[] {
    const { top, height } = scene
    const near: SVGElement[] = []
    const passing: (() => SVGElement | undefined)[] = []
    const inSight = (y: number) => y >= top && y <= top + height
    for (let index = 0; index < data.messages.length && near.length < ARROWS_MAX; index++) {
      const message = data.messages[index]
      if (message === undefined) continue
      for (const end of message.ends.length > 0 ? message.ends : [undefined]) {
        const from = pointAt(scene, message.send, message.from)
        const to = end && pointAt(scene, end.event, message.to)
        // Without either the trace has only the other half of it, or the other half is hidden.
        if (from === undefined && to === undefined) continue
        if (message.send >= 0 && from === undefined) continue
        if (end !== undefined && to === undefined) continue
        const ys = [from?.y ?? to?.y ?? 0, to?.y ?? from?.y ?? 0] as const
        if (Math.max(...ys) < top || Math.min(...ys) > top + height) continue
        const make = () => arrow(scene, index, message, end, from, to)
        if (!ys.some(inSight)) passing.push(make)
        else near.push(...[make()].filter((made) => made !== undefined))
      }
    }
    const rest = passing.slice(0, ARROWS_MAX - near.length).map((make) => make())
    return [...rest.filter((made) => made !== undefined), ...near]
  }

  function pointAt(scene: Scene, event: number, process: number): Point | undefined {
    const slot = event < 0 ? -1 : (scene.layout.slots[event] ?? -1)
    const x = geometry.laneX(scene, process)
    return slot < 0 || x === undefined ? undefined : { x, y: timeline.yOf(scene.layout, event) }
  }

  function arrow(
    scene: Scene,
    index: number,
    message: PageMessage,
    end: PageMessageEnd | undefined,
    from: Point | undefined,
    to: Point | undefined
  ): SVGElement | undefined {
    const line =
      from === undefined || to === undefined ? stub(scene, message, from, to) : whole(from, to, end)
    if (line === undefined) return undefined
    const byzantine = geometry.byzantine.has(message.from)
    const classes = ['arrow', end?.how ?? 'pending', `type-${colours.get(message.type) ?? 0}`]
    if (byzantine) classes.push('byzantine')
    if (isFaded(scene, message, end)) classes.push('faded')
    if (isSelected(scene, message, end)) classes.push('selected')
    const group = dom.svg('g', { class: classes.join(' '), 'data-message': index })
    if (end !== undefined) group.setAttribute('data-end', String(end.event))
    group.append(dom.svg('path', { class: 'reach', d: line.d }))
    if (byzantine)
      for (const name of ['outline', 'core']) group.append(dom.svg('path', { class: name, d: line.d }))
    group.append(dom.svg('path', { class: 'line', d: line.d }))
    group.append(dom.svg('path', { class: 'head', d: line.head }))
    return group
  }

  function whole({ x: x1, y: y1 }: Point, { x: x2, y: y2 }: Point, end: PageMessageEnd | undefined) {
    if (x1 === x2) {
      const [x, bow] = [x1 + TIP, x1 + 30]
      return { d: `M${x1},${y1}C${bow},${y1} ${bow},${y2} ${x},${y2}`, head: tip({ x, y: y2 }, -1, 0) }
    }
    const length = Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2)
    const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length]
    const lost = end?.how === 'lost'
    const before = Math.min(lost ? LOST_BEFORE / Math.max(0.3, Math.abs(dx)) : TIP, length / 2)
    const at = { x: x2 - dx * before, y: y2 - dy * before }
    const { x, y } = at
    const cross = `M${x - 5},${y - 5}L${x + 5},${y + 5}M${x + 5},${y - 5}L${x - 5},${y + 5}`
    return { d: `M${x1},${y1}L${x},${y}`, head: lost ? cross : tip(at, dx, dy) }
  }

  /** Half an arrow: nothing is known of its other end. */
  function stub(scene: Scene, message: PageMessage, from: Point | undefined, to: Point | undefined) {
    const there = geometry.laneX(scene, from === undefined ? message.from : message.to)
    const here = from ?? to
    if (here === undefined || there === undefined) return undefined
    const side = there >= here.x ? 1 : -1
    const { x, y } = here
    if (to !== undefined) {
      return {
        d: `M${x + side * STUB},${y}H${x + side * TIP}`,
        head: tip({ x: x + side * TIP, y }, -side, 0)
      }
    }
    const [endX, endY] = [x + side * STUB, y + STUB / 3]
    return { d: `M${x},${y}L${endX},${endY}`, head: `M${endX - 3},${endY}a3,3 0 1,0 6,0a3,3 0 1,0 -6,0` }
  }

  function tip({ x, y }: Point, dx: number, dy: number): string {
    const [backX, backY] = [x - dx * 9, y - dy * 9]
    return `M${x},${y}L${backX - dy * 4},${backY + dx * 4}L${backX + dy * 4},${backY - dx * 4}Z`
  }

  function isFaded({ past }: Scene, { send }: PageMessage, end: PageMessageEnd | undefined): boolean {
    if (past === undefined) return false
    const received = end === undefined || end.how === 'lost' || past[end.event] === 1
    return !(received && (send < 0 || past[send] === 1))
  }

  function isSelected({ selected }: Scene, { send }: PageMessage, end: PageMessageEnd | undefined): boolean {
    return selected >= 0 && (send === selected || end?.event === selected)
  }

  return { draw }
}
