/** A part of the page: what is on the drawing at a moment, and where the lanes are. */
import type { PageData } from '../page-data.ts'
import type { Layout } from './timeline.ts'

/** Everything that a drawing depends on. */
export interface Scene {
  readonly layout: Layout
  /** Processes that have a lane, in order. */
  readonly lanes: readonly number[]
  readonly laneWidth: number
  /** The part of the layout that is seen, in pixels. */
  readonly top: number
  readonly height: number
  readonly width: number
  /** Height of a row; in virtual time, of an average one. */
  readonly row: number
  /** The current step; -1 before the first. */
  readonly selected: number
  /** Marks of `causalPast`; undefined if everything is drawn alike. */
  readonly past: Uint8Array | undefined
}

/** From one event of a process until another (or the end) it is down. */
export interface Down {
  readonly process: number
  readonly from: number
  readonly until: number
}

type Lanes = Pick<Scene, 'lanes' | 'laneWidth'>

export type Geometry = ReturnType<typeof makeGeometry>

export function makeGeometry(data: PageData) {
  const TIME_WIDTH = 92
  /** Of what is beside the time; the rest is for text. */
  const LANES_SHARE = 0.5
  const LANE_WIDTH_MAX = 112
  const LANE_WIDTH_MIN = 26

  const byzantine = new Set(data.byzantine)
  const downs: Down[] = []
  const crashed = new Map<number, number>()
  data.events.forEach(({ process, kind }, index) => {
    const from = crashed.get(process)
    if (kind === 'crash' || kind === 'stop') crashed.set(process, from ?? index)
    if (kind !== 'restart' || from === undefined) return
    downs.push({ process, from, until: index })
    crashed.delete(process)
  })
  for (const [process, from] of crashed) downs.push({ process, from, until: data.events.length })

  /** The place of each event in the explanation, counted from 1. */
  const explained = new Map(data.explanation.map(({ event }, index) => [event, index + 1]))
  const violated = new Map<number, readonly string[]>()
  for (const { event, property } of data.violations)
    violated.set(event, [...(violated.get(event) ?? []), property])

  /** In a window of this width. */
  function laneWidth(lanes: number, width: number): number {
    const share = ((width - TIME_WIDTH) * LANES_SHARE) / Math.max(1, lanes)
    return Math.max(LANE_WIDTH_MIN, Math.min(LANE_WIDTH_MAX, share))
  }

  /** The middle of a lane; undefined for a process without one. */
  function laneX({ lanes, laneWidth }: Lanes, process: number): number | undefined {
    const place = lanes.indexOf(process)
    return place < 0 ? undefined : TIME_WIDTH + (place + 0.5) * laneWidth
  }

  /** Where the lines of text begin. */
  function textX({ lanes, laneWidth }: Lanes): number {
    return TIME_WIDTH + lanes.length * laneWidth + 16
  }

  function milliseconds(time: number): string {
    return (time / 1000).toFixed(3)
  }

  return { byzantine, downs, explained, violated, laneWidth, laneX, textX, milliseconds }
}
