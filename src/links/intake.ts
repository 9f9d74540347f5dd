/**
 * What a process takes in of its peers, and when. A message is handled in the turn in which it came, unless its peer has
 * had what one turn takes in of it, or has spent its budget of work (budget.ts), or is owed more than the disk lets go:
 * then it waits, and what comes after it of the same peer waits behind it. Nobody waits for another peer: those that
 * wait are served in turn, a message each.
 *
 * Properties, for each peer:
 * - *order*: messages of a session are handled in the order in which they came, each once, or lost with the session;
 * - *no starvation*: what a peer has sent within its budget is handled after at most a turn's share of each other one;
 * - *bounded turns*: a turn handles at most TURN_MESSAGES_MAX messages, TURN_BYTES_MAX bytes and, but for the last
 *   message, TURN_WORK_US_MAX of work of it.
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
  LINK_MESSAGE_OVERHEAD_BYTES,
  PEER_WORK_BURST_US,
  PEER_WORK_US_PER_SECOND,
  TURN_BYTES_MAX,
  TURN_MESSAGES_MAX,
  TURN_WORK_US_MAX,
  WORK_US
} from './constants.ts'

export interface IntakeEvents {
  /** It is this message's turn. */
  take(from: ProcessId, message: Uint8Array): void
  /** Whether as much of `peer` waits that nothing more of it should be read for now. */
  pressed(peer: ProcessId, isPressed: boolean): void
}

/** What was taken in of a peer, in all sessions. */
export interface TakenIn {
  readonly peer: ProcessId
  /** Messages that were handled. */
  readonly taken: number
  /** How many of them had to wait for a later turn. */
  readonly waited: number
  /** Messages that wait now. */
  readonly waiting: number
  /** Work that the peer has caused, nominal microseconds. */
  readonly workUs: number
}

interface Lane {
  readonly peer: ProcessId
  readonly budget: Budget
  waiting: Uint8Array[]
  /** The first one in `waiting` that was not taken. */
  next: number
  waitingBytes: number
  pressed: boolean
  /** Of bytes for this peer that wait for the disk. */
  heldBytes: number
  /** The turn that the next three are of. */
  turn: number
  messages: number
  bytes: number
  work: number
  taken: number
  waited: number
  workUs: number
}

export class Intake {
  readonly #env: Environment
  readonly #events: IntakeEvents
  readonly #lanes = new Map<ProcessId, Lane>()
  /** Those of whom something waits and may be taken in this turn; the first one is next. */
  readonly #line = new Set<Lane>()
  /** Those of whom something waits, and for more than their turn. */
  readonly #resting = new Set<Lane>()
  #turn = 0
  /** An event of this turn serves those that wait. */
  #serving = false
  #timer: Timer | undefined

  constructor(env: Environment, events: IntakeEvents) {
    this.#env = env
    this.#events = events
    env.onTurnEnd(() => this.#turnEnded())
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
    if (lane.waiting.length === 0 && this.#admits(lane)) {
      this.#take(lane, message)
      return
    }
    if (lane.waiting.length === 0) this.#resting.add(lane)
    lane.waiting.push(message)
    lane.waitingBytes += message.length + LINK_MESSAGE_OVERHEAD_BYTES
    if (lane.waitingBytes > INTAKE_PRESSED_BYTES) this.#press(lane, true)
  }

  /** The session with `peer` is over, and what waits of it is lost with it. */
  ended(peer: ProcessId): void {
    const lane = this.#lane(peer)
    lane.waiting = []
    lane.next = 0
    lane.waitingBytes = 0
    this.#line.delete(lane)
    this.#resting.delete(lane)
    this.#press(lane, false)
  }

  /** `peer` has caused work, nominal microseconds. */
  charge(peer: ProcessId, microseconds: number): void {
    const lane = this.#lane(peer)
    lane.budget.spend(microseconds)
    this.#sameTurn(lane)
    lane.work += microseconds
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
    if (bytes < 0 && this.#resting.delete(lane)) this.#queue(lane)
  }

  #lane(peer: ProcessId): Lane {
    let lane = this.#lanes.get(peer)
    if (lane === undefined) {
      const bounds = { perSecond: PEER_WORK_US_PER_SECOND, burst: PEER_WORK_BURST_US }
      lane = {
        peer,
        budget: new Budget(this.#env.clock, bounds),
        waiting: [],
        next: 0,
        waitingBytes: 0,
        pressed: false,
        heldBytes: 0,
        turn: 0,
        messages: 0,
        bytes: 0,
        work: 0,
        taken: 0,
        waited: 0,
        workUs: 0
      }
      this.#lanes.set(peer, lane)
    }
    return lane
  }

  #sameTurn(lane: Lane): void {
    if (lane.turn === this.#turn) return
    lane.turn = this.#turn
    lane.messages = 0
    lane.bytes = 0
    lane.work = 0
  }

  /** Whether this turn takes in more of it. */
  #hasTurn(lane: Lane): boolean {
    this.#sameTurn(lane)
    return lane.messages < TURN_MESSAGES_MAX && lane.bytes < TURN_BYTES_MAX && lane.work < TURN_WORK_US_MAX
  }

  #admits(lane: Lane): boolean {
    return this.#hasTurn(lane) && lane.heldBytes <= HELD_BYTES_MAX && !lane.budget.isSpent
  }

  #take(lane: Lane, message: Uint8Array): void {
    lane.messages++
    lane.bytes += message.length
    lane.taken++
    this.charge(lane.peer, WORK_US.message)
    this.#events.take(lane.peer, message)
  }

  #queue(lane: Lane): void {
    this.#line.add(lane)
    this.#serve()
  }

  /** One message of whoever has waited longest; then, after all that it causes, one of the next. */
  #serve(): void {
    if (this.#serving) return
    this.#serving = true
    this.#env.trigger(() => {
      this.#serving = false
      for (const lane of this.#line) {
        this.#line.delete(lane)
        if (!this.#admits(lane)) {
          this.#resting.add(lane)
          continue
        }
        this.#takeNext(lane)
        if (this.#line.size > 0) this.#serve()
        return
      }
    })
  }

  #takeNext(lane: Lane): void {
    const message = lane.waiting[lane.next++]!
    lane.waitingBytes -= message.length + LINK_MESSAGE_OVERHEAD_BYTES
    lane.waited++
    // Now and then what was taken is cut off: linear in all.
    if (2 * lane.next >= lane.waiting.length) {
      lane.waiting = lane.waiting.slice(lane.next)
      lane.next = 0
    }
    // To the end of the line, behind the other peers.
    if (lane.waiting.length > 0) this.#line.add(lane)
    if (2 * lane.waitingBytes <= INTAKE_PRESSED_BYTES) this.#press(lane, false)
    this.#take(lane, message)
  }

  #press(lane: Lane, isPressed: boolean): void {
    if (lane.pressed === isPressed) return
    lane.pressed = isPressed
    this.#events.pressed(lane.peer, isPressed)
  }

  /** Those that wait go on in the next turn, or when time has filled the first budget. */
  #turnEnded(): void {
    this.#turn++
    if (this.#resting.size === 0) return
    let delayMs = Number.POSITIVE_INFINITY
    for (const lane of this.#resting) {
      // Who waits for the disk is served once it answers.
      if (lane.heldBytes <= HELD_BYTES_MAX) delayMs = Math.min(delayMs, lane.budget.waitMs)
    }
    this.#timer?.cancel()
    this.#timer = undefined
    if (delayMs < Number.POSITIVE_INFINITY) {
      this.#timer = this.#env.clock.setTimer(delayMs, () => this.#nextTurn())
    }
  }

  #nextTurn(): void {
    this.#timer = undefined
    for (const lane of this.#resting) this.#line.add(lane)
    this.#resting.clear()
    this.#serve()
  }
}
