/**
 * View stability: once the network has healed, and all that its unstable period has left is over, nobody leaves a view
 * of which the primary is correct. A false suspicion is a fault of liveness that termination alone hides. It is judged
 * where a wait is long beside what network and disks take: else views may change, until the timeout has grown.
 */
import { primaryOf } from '../../consensus/pbft/messages.ts'
import type { Group, ProcessId } from '../../core/group.ts'

export const VIEW_STABILITY = {
  kind: 'liveness',
  witnessed: true,
  sentence: 'in the end nobody leaves a view whose primary is correct'
} as const

/** A request goes to its primary, to all, and from them to the primary; then come three votes, all with a write. */
const WAIT_DELAYS_MIN = 8
/** A body that does not come with its proposal is asked for, and answered. */
const FETCH_DELAYS = 2

export interface StabilityInit {
  readonly group: Group
  readonly isLiar: (process: ProcessId) => boolean
  readonly nameOf: (process: ProcessId) => string
  readonly tell: (detail: string) => void
  /** Milliseconds. */
  readonly viewTimeoutMinMs: number
  readonly viewTimeoutMaxMs: number
  /** Whether all bodies come with their proposals. */
  readonly bodiesCome: boolean
  readonly healMs: number
  /** The longest that a disk took, microseconds. */
  readonly slowestSyncUs: () => number
}

export class ViewStability {
  readonly #init: StabilityInit
  /** The longest that a message between correct members took, microseconds. */
  #delay = 0
  /** When what is under way was sent, by the two members; in order, as it arrives. */
  readonly #underWay = new Map<string, number[]>()
  #highest = 0

  constructor(init: StabilityInit) {
    this.#init = init
  }

  sent(process: ProcessId, to: ProcessId, time: number): void {
    if (this.#init.isLiar(to)) return
    const key = `${process} ${to}`
    const times = this.#underWay.get(key) ?? []
    this.#underWay.set(key, times)
    times.push(time)
  }

  received(process: ProcessId, from: ProcessId, time: number): void {
    const sent = this.#underWay.get(`${from} ${process}`)?.shift()
    if (sent !== undefined) this.#delay = Math.max(this.#delay, time - sent)
  }

  /** What was under way to whoever begins a session is lost. */
  sessionStarted(process: ProcessId, peer: ProcessId): void {
    this.#underWay.delete(`${peer} ${process}`)
  }

  /** A correct member enters a view. @param time - microseconds */
  entered(process: ProcessId, view: number, time: number): void {
    const { group, isLiar, nameOf, tell, healMs, slowestSyncUs } = this.#init
    const { viewTimeoutMinMs, viewTimeoutMaxMs, bodiesCome } = this.#init
    const left = this.#highest
    this.#highest = Math.max(left, view)
    const calmFromMs = healMs + (group.f + 1) * viewTimeoutMaxMs
    if (view <= left || time < calmFromMs * 1000 || isLiar(primaryOf(left, group))) return
    const delays = WAIT_DELAYS_MIN + (bodiesCome ? 0 : FETCH_DELAYS)
    if (viewTimeoutMinMs * 1000 <= delays * (this.#delay + slowestSyncUs())) return
    const ms = Math.floor(time / 1000)
    tell(`${nameOf(process)} entered view ${view} after ${ms} ms, although the primary of ${left} is correct`)
  }
}
