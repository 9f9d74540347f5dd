/**
 * What a process takes in of its peers, and when. A message is handled in the turn in which it came, unless its peer has
 * had its share, or has spent its budget of work (budget.ts), or more for it waits for the disk than may: then it rests,
 * and what comes after it of the same peer waits behind it. Nobody waits for another peer's messages but for one share
 * of them.
 *
 *     upon a message of p:            if p rests, or may not go on:  it waits, and p rests
 *                                     else:                          it is handled, and counts in p's share and budget
 *     upon a new turn, once p's budget is not spent:                 p has a new share, and what waits of it is handled
 *
 * Properties, for each peer:
 * - *order*: messages of a session are handled in the order in which they came, each once, or lost with the session;
 * - *no starvation*: what a peer has sent within its budget waits for at most one share of each other one;
 * - *bounded turns*: a share is TURN_MESSAGES_MAX messages, TURN_BYTES_MAX bytes and TURN_WORK_US_MAX of work, and the
 *   message with which it is used up; no turn handles more of a peer.
 *
 * Space: for each peer what its link hands up until it is told to pause, and what was on its way then (constants.ts).
 */
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { Budget } from './budget.ts'
import {
  HELD_BYTES_MAX,
  INTAKE_PRESSED_BYTES,
  PEER_WORK_BURST_US,
  PEER_WORK_US_PER_SECOND,
  TURN_BYTES_MAX,
  TURN_MESSAGES_MAX,
  TURN_WORK_US_MAX,
  WAITING_MESSAGE_OVERHEAD_BYTES,
  WORK_US
} from './constants.ts'

export interface IntakeEvents {
  /** It is this message's turn. */
  take(from: ProcessId, message: Uint8Array): void
  /** Whether so much of `peer` waits that nothing more of it should be read for now. */
  pressed(peer: ProcessId, isPressed: boolean): void
}

/** What was taken in of a peer, in all sessions. */
export interface TakenIn {
  readonly peer: ProcessId
  /** Messages that were handled. */
  readonly taken: number
  /** How many of them had to wait. */
  readonly waited: number
  /** Messages that wait now. */
  readonly waiting: number
  /** Work that the peer has caused, nominal microseconds. */
  readonly workUs: number
}

interface Share {
  messages: number
  bytes: number
  workUs: number
}

const whole = (): Share => ({
  messages: TURN_MESSAGES_MAX,
  bytes: TURN_BYTES_MAX,
  workUs: TURN_WORK_US_MAX
})

interface Lane {
  readonly peer: ProcessId
  readonly budget: Budget
  /** What is left of it. */
  share: Share
  /** From `next` on. */
  waiting: Uint8Array[]
  next: number
  waitingBytes: number
  /** It goes on by itself: at this timer, or once the disk lets go what is held for it. */
  resting: 'no' | 'for the disk' | Timer
  pressed: boolean
  /** Bytes for this peer that wait for the disk. */
  heldBytes: number
  taken: number
  waited: number
  workUs: number
}

export class Intake {
  readonly #env: Environment
  readonly #events: IntakeEvents
  readonly #lanes = new Map<ProcessId, Lane>()

  constructor(env: Environment, events: IntakeEvents) {
    this.#env = env
    this.#events = events
  }

  get takenIn(): readonly TakenIn[] {
    return [...this.#lanes.values()].map(({ peer, taken, waited, waiting, next, workUs }) => ({
      peer,
      taken,
      waited,
      waiting: waiting.length - next,
      workUs
    }))
  }

  arrived(from: ProcessId, message: Uint8Array): void {
    const lane = this.#lane(from)
    if (lane.waiting.length === 0 && mayGoOn(lane)) {
      this.#take(lane, message)
      return
    }
    // Of its own: what it is a view of may be much more.
    lane.waiting.push(message.slice())
    lane.waitingBytes += message.length + WAITING_MESSAGE_OVERHEAD_BYTES
    if (lane.waitingBytes > INTAKE_PRESSED_BYTES) this.#press(lane, true)
    if (lane.waiting.length === 1 && lane.resting === 'no') this.#rest(lane)
  }

  /** The session with `peer` is over, and what waits of it is lost with it. */
  ended(peer: ProcessId): void {
    const lane = this.#lane(peer)
    lane.waiting = []
    lane.next = 0
    lane.waitingBytes = 0
    this.#press(lane, false)
  }

  /** `peer` has caused work, nominal microseconds. */
  charge(peer: ProcessId, microseconds: number): void {
    const lane = this.#lane(peer)
    lane.budget.spend(microseconds)
    lane.share.workUs -= microseconds
    lane.workUs += microseconds
  }

  /** What `peer` did was of use, and gives back so much of what it was charged for. */
  earn(peer: ProcessId, microseconds: number): void {
    this.#lane(peer).budget.earn(microseconds)
  }

  /** Bytes for `peer` wait for the disk, or with a negative number do not any more. */
  held(peer: ProcessId, bytes: number): void {
    const lane = this.#lane(peer)
    lane.heldBytes += bytes
    if (lane.resting === 'for the disk' && lane.heldBytes <= HELD_BYTES_MAX) this.#rest(lane)
  }

  #lane(peer: ProcessId): Lane {
    let lane = this.#lanes.get(peer)
    if (lane === undefined) {
      const bounds = { perSecond: PEER_WORK_US_PER_SECOND, burst: PEER_WORK_BURST_US }
      lane = {
        peer,
        budget: new Budget(this.#env.clock, bounds),
        share: whole(),
        waiting: [],
        next: 0,
        waitingBytes: 0,
        resting: 'no',
        pressed: false,
        heldBytes: 0,
        taken: 0,
        waited: 0,
        workUs: 0
      }
      this.#lanes.set(peer, lane)
    }
    return lane
  }

  #take(lane: Lane, message: Uint8Array): void {
    lane.share.messages--
    lane.share.bytes -= message.length
    lane.taken++
    this.charge(lane.peer, WORK_US.message)
    this.#events.take(lane.peer, message)
  }

  /** Until the disk has let go what it holds, and then until a new turn in which the budget is not spent. */
  #rest(lane: Lane): void {
    if (lane.heldBytes > HELD_BYTES_MAX) lane.resting = 'for the disk'
    else lane.resting = this.#env.clock.setTimer(lane.budget.waitMs, () => this.#resume(lane))
  }

  #resume(lane: Lane): void {
    lane.resting = 'no'
    lane.share = whole()
    this.#goOn(lane)
  }

  /** One message; and the next one after all that this one causes. */
  #goOn(lane: Lane): void {
    if (lane.waiting.length === 0 || lane.resting !== 'no') return
    if (!mayGoOn(lane)) {
      this.#rest(lane)
      return
    }
    const message = lane.waiting[lane.next++]!
    lane.waitingBytes -= message.length + WAITING_MESSAGE_OVERHEAD_BYTES
    lane.waited++
    // Now and then what was taken is cut off: linear in all.
    if (2 * lane.next >= lane.waiting.length) {
      lane.waiting = lane.waiting.slice(lane.next)
      lane.next = 0
    }
    if (2 * lane.waitingBytes <= INTAKE_PRESSED_BYTES) this.#press(lane, false)
    this.#take(lane, message)
    this.#env.trigger(() => this.#goOn(lane))
  }

  #press(lane: Lane, isPressed: boolean): void {
    if (lane.pressed === isPressed) return
    lane.pressed = isPressed
    this.#events.pressed(lane.peer, isPressed)
  }
}

function mayGoOn({ resting, share, heldBytes, budget }: Lane): boolean {
  const hasShare = share.messages > 0 && share.bytes > 0 && share.workUs > 0
  return resting === 'no' && hasShare && heldBytes <= HELD_BYTES_MAX && !budget.isSpent
}
