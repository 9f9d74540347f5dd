/**
 * One process: a queue of events that is drained to empty in each turn, and the rule that nothing becomes visible
 * before what it depends on is durable. Both hosts run their stacks in it; it knows neither sockets nor disks.
 *
 * A turn begins with one input (a frame, a timer, a request of the application) and ends when the queue is empty.
 * Its writes form one atomic batch. Its effects (messages, deliveries) are held back until every write issued up
 * to and including that turn is durable. One batch is in flight at a time, while the batches of later turns
 * gather into the next (group commit).
 *
 * A throw out of a handler is our bug: nothing of that turn leaves, and the process stops as in a crash. A failed
 * write is final too: nobody knows what the disk now holds.
 */
import { AssertionError, assert } from './assert.ts'
import type { Write } from './store.ts'

/** More events than this in one turn, or more effects: a component that triggers itself for ever. */
export const TURN_EVENTS_MAX = 1_000_000

/** A turn that does not end: what stopped the process would stop it again and again. */
export class EndlessTurnError extends AssertionError {
  constructor(what: string) {
    super(`a turn ends within ${TURN_EVENTS_MAX} ${what}: a component triggers itself for ever`)
  }
}

/** Where batches become durable: LevelDB, memory, or the simulator's disk. */
export interface Journal {
  /** Makes the batch durable, atomically and after all earlier ones; then calls `done`, once. */
  append(batch: readonly Write[], done: (error?: Error) => void): void
}

export interface ProcessInit {
  readonly journal: Journal
  /** The process has stopped for good: a handler threw, or a write failed. Called at most once. */
  readonly onStop: (cause: Error) => void
}

type Handler = () => void

interface Commit {
  readonly writes: Write[]
  readonly effects: Handler[]
}

export class Process {
  readonly #journal: Journal
  readonly #onStop: (cause: Error) => void
  readonly #flushers: Handler[] = []
  /** Events of the current turn; `#next` is the first one not yet handled. */
  #queue: Handler[] = []
  #next = 0
  #inTurn = false
  #stopped = false
  /** What the current turn has issued so far. */
  #turn: Commit = { writes: [], effects: [] }
  /** Turns that ended while a batch was in flight. */
  #gathering: Commit | undefined
  #inFlight = false
  /** Turns and batches so far, for the benchmarks. */
  readonly counts = { turns: 0, events: 0, commits: 0, writes: 0 }

  constructor({ journal, onStop }: ProcessInit) {
    this.#journal = journal
    this.#onStop = onStop
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Ends the process from outside, without a cause: nothing it holds back leaves any more. */
  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#turn = { writes: [], effects: [] }
    this.#gathering = undefined
  }

  /** One input: runs `handler` and all that it triggers. From within a turn it is one more event of that turn. */
  input(handler: Handler): void {
    if (this.#stopped) return
    this.trigger(handler)
    if (!this.#inTurn) this.#run()
  }

  /** Appends an event to the queue of the current turn. */
  trigger(handler: Handler): void {
    this.#queue.push(handler)
  }

  whenDurable(effect: Handler): void {
    this.#turn.effects.push(effect)
  }

  write(write: Write): void {
    this.#turn.writes.push(write)
  }

  /** Runs `flush` at the end of every turn, after its effects: where links pack messages into frames. */
  onTurnEnd(flush: Handler): void {
    this.#flushers.push(flush)
  }

  #run(): void {
    this.#inTurn = true
    this.counts.turns++
    try {
      let rounds = 0
      do {
        if (++rounds > TURN_EVENTS_MAX) throw new EndlessTurnError('rounds')
        this.#drain()
        this.#endTurn()
        // A flush may trigger events in its turn (a session that ends on overflow): the loop goes on with them.
        if (this.#queue.length === 0 && !this.#stopped) for (const flush of this.#flushers) flush()
      } while (this.#queue.length > 0)
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#inTurn = false
    }
  }

  #drain(): void {
    let events = 0
    // A handler may stop the process: what it triggers after that does not happen.
    while (this.#next < this.#queue.length && !this.#stopped) {
      if (++events > TURN_EVENTS_MAX) throw new EndlessTurnError('events')
      if (this.#turn.effects.length > TURN_EVENTS_MAX) throw new EndlessTurnError('effects')
      const handler = this.#queue[this.#next++]
      handler?.()
    }
    this.counts.events += events
    this.#queue = []
    this.#next = 0
  }

  #endTurn(): void {
    const { writes, effects } = this.#turn
    if (this.#stopped || (writes.length === 0 && effects.length === 0)) return
    this.#turn = { writes: [], effects: [] }
    if (writes.length === 0 && !this.#inFlight) {
      // All earlier writes are durable and there is no new one. Effects may trigger events: #run goes on with them.
      this.#release(effects)
      return
    }
    this.#gathering ??= { writes: [], effects: [] }
    for (const write of writes) this.#gathering.writes.push(write)
    for (const effect of effects) this.#gathering.effects.push(effect)
    if (!this.#inFlight) this.#commit()
  }

  #commit(): void {
    const commit = this.#gathering
    if (commit === undefined) return
    this.#gathering = undefined
    this.#inFlight = true
    // A batch without writes carries effects alone: nothing goes to the disk.
    if (commit.writes.length > 0) this.counts.commits++
    this.counts.writes += commit.writes.length
    let called = false
    this.#journal.append(commit.writes, (error) => {
      assert(!called, 'a journal calls done once')
      called = true
      if (this.#stopped) return
      if (error !== undefined) {
        this.#fail(error)
        return
      }
      this.input(() => {
        this.#inFlight = false
        // The next batch leaves before this one's effects run, so that the disk is never idle. Should the journal
        // answer at once, its answer is one more event of this turn: those effects still come after these.
        this.#commit()
        this.#release(commit.effects)
      })
    })
  }

  #release(effects: readonly Handler[]): void {
    for (const effect of effects) {
      if (this.#stopped) return // an effect may stop the process: what comes after it does not happen
      effect()
    }
  }

  #fail(cause: Error): void {
    if (this.#stopped) return
    this.stop()
    this.#onStop(cause)
  }
}
