/**
 * What a process takes in of its peers, and when. A message is handled in the turn in which it came, unless its peer
 * has had its share, or has spent its budget of work (budget.ts), or more for it waits for the disk than may: then it
 * rests, and what comes after it of the same peer waits behind it. Nobody waits for another peer's messages but for one
 * share of them.
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

interface PeerQueue {
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
  readonly #queues = new Map<ProcessId, PeerQueue>()

  constructor(env: Environment, events: IntakeEvents) {
    this.#env = env
    this.#events = events
  }

  get takenIn(): readonly TakenIn[] {
    return [...this.#queues.values()].map(({ peer, taken, waited, waiting, next, workUs }) => ({
      peer,
      taken,
      waited,
      waiting: waiting.length - next,
      workUs
    }))
  }

  arrived(from: ProcessId, message: Uint8Array): void {
    const queue = this.#queue(from)
    if (queue.waiting.length === 0 && mayGoOn(queue)) {
      this.#take(queue, message)
      return
    }
    // Of its own: what it is a view of may be much more.
    queue.waiting.push(message.slice())
    queue.waitingBytes += message.length + WAITING_MESSAGE_OVERHEAD_BYTES
    if (queue.waitingBytes > INTAKE_PRESSED_BYTES) this.#press(queue, true)
    if (queue.waiting.length === 1 && queue.resting === 'no') this.#rest(queue)
  }

  /** The session with `peer` is over, and what waits of it is lost with it. */
  ended(peer: ProcessId): void {
    const queue = this.#queue(peer)
    queue.waiting = []
    queue.next = 0
    queue.waitingBytes = 0
    this.#press(queue, false)
  }

  /** `peer` has caused work, nominal microseconds. */
  charge(peer: ProcessId, microseconds: number): void {
    const queue = this.#queue(peer)
    queue.budget.spend(microseconds)
    queue.share.workUs -= microseconds
    queue.workUs += microseconds
  }

  /** What `peer` did was of use, and gives back so much of what it was charged for. */
  earn(peer: ProcessId, microseconds: number): void {
    this.#queue(peer).budget.earn(microseconds)
  }

  /** Bytes for `peer` wait for the disk, or with a negative number do not any more. */
  held(peer: ProcessId, bytes: number): void {
    const queue = this.#queue(peer)
    queue.heldBytes += bytes
    if (queue.resting === 'for the disk' && queue.heldBytes <= HELD_BYTES_MAX) this.#rest(queue)
  }

  #queue(peer: ProcessId): PeerQueue {
    let queue = this.#queues.get(peer)
    if (queue === undefined) {
      const bounds = { perSecond: PEER_WORK_US_PER_SECOND, burst: PEER_WORK_BURST_US }
      queue = {
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
      this.#queues.set(peer, queue)
    }
    return queue
  }

  #take(queue: PeerQueue, message: Uint8Array): void {
    queue.share.messages--
    queue.share.bytes -= message.length
    queue.taken++
    this.charge(queue.peer, WORK_US.message)
    this.#events.take(queue.peer, message)
  }

  /** Until the disk has let go what it holds, and then until a new turn in which the budget is not spent. */
  #rest(queue: PeerQueue): void {
    if (queue.heldBytes > HELD_BYTES_MAX) queue.resting = 'for the disk'
    else queue.resting = this.#env.clock.setTimer(queue.budget.waitMs, () => this.#resume(queue))
  }

  #resume(queue: PeerQueue): void {
    queue.resting = 'no'
    queue.share = whole()
    this.#goOn(queue)
  }

  /** One message; and the next one after all that this one causes. */
  #goOn(queue: PeerQueue): void {
    if (queue.waiting.length === 0 || queue.resting !== 'no') return
    if (!mayGoOn(queue)) {
      this.#rest(queue)
      return
    }
    const message = queue.waiting[queue.next++]!
    queue.waitingBytes -= message.length + WAITING_MESSAGE_OVERHEAD_BYTES
    queue.waited++
    // Now and then what was taken is cut off: linear in all.
    if (2 * queue.next >= queue.waiting.length) {
      queue.waiting = queue.waiting.slice(queue.next)
      queue.next = 0
    }
    if (2 * queue.waitingBytes <= INTAKE_PRESSED_BYTES) this.#press(queue, false)
    this.#take(queue, message)
    this.#env.trigger(() => this.#goOn(queue))
  }

  #press(queue: PeerQueue, isPressed: boolean): void {
    if (queue.pressed === isPressed) return
    queue.pressed = isPressed
    this.#events.pressed(queue.peer, isPressed)
  }
}

function mayGoOn({ resting, share, heldBytes, budget }: PeerQueue): boolean {
  const hasShare = share.messages > 0 && share.bytes > 0 && share.workUs > 0
  return resting === 'no' && hasShare && heldBytes <= HELD_BYTES_MAX && !budget.isSpent
}
