/**
 * What a member has executed, for whoever follows it: batches in their order, by their numbers. The numbers are those
 * of the group: whoever has followed one member up to a number goes on after it at any other, and in any life.
 *
 * A follower that does not read stops nobody. The last COMMITS_KEPT_MAX batches are kept, and no more than
 * COMMITS_KEPT_BYTES_MAX of their commands and results; whoever asks for older ones is told first that they are gone:
 * what they have come to is in the machine's state. So is what an earlier life has executed, and what lies before a
 * state that this member has from others.
 *
 * Where that state takes the place of another one which the member had come to, followers are told so, and go on after
 * it: what they have read since the states were equal may be wrong.
 */
import { sameBytes } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin, shown } from '../core/parameters.ts'
import type { Executed } from '../replication/replica.ts'
import type { replicaService } from '../replication/service.ts'
import { Consumer, iteration, type Source } from './consumer.ts'
import type { Told } from './offered-service.ts'
import type { Commit, CommitsOptions } from './replica-service.ts'
import { requireWait } from './waits.ts'

export const COMMITS_KEPT_MAX = 1024
export const COMMITS_KEPT_BYTES_MAX = 16 * 1024 * 1024

interface Kept {
  readonly sequence: number
  readonly commands: readonly Executed[]
  readonly bytes: number
}

export class CommitLog {
  /** The last number that this life of the member has executed; undefined: there is none that can say so. */
  readonly #executed: () => number | undefined
  #kept: Kept[] = []
  #bytes = 0
  /** Everything up to this number is gone; undefined: nothing was told in this life. */
  #gone: number | undefined
  readonly #followers = new Set<Follower>()
  /** Up to where the member's states are the group's, as far as this life can tell. */
  readonly #right = new RightStates()
  #end: { readonly cause: Error | undefined } | undefined

  constructor(executed: () => number | undefined) {
    this.#executed = executed
  }

  /** @throws InvalidParametersError */
  follow({ after = 0, ...options }: CommitsOptions): AsyncIterable<Commit> {
    if (!isWithin(after, 0, Number.MAX_SAFE_INTEGER))
      throw new InvalidParametersError(`after: expected the number of a batch, or 0, not ${shown(after)}`)
    const wait = requireWait(iteration, options)
    return {
      [Symbol.asyncIterator]: () => {
        const follower = new Follower(this, after, () => this.#followers.delete(follower))
        const consumer = new Consumer(follower, wait)
        follower.consumer = consumer
        if (!consumer.left) this.#followers.add(follower)
        return consumer
      }
    }
  }

  tell(told: Told<typeof replicaService>): void {
    if (told.name === 'execute') this.#add(told.values.sequence, told.values.commands as readonly Executed[])
    else if (told.name === 'install') this.#install(told.values.sequence, told.values.diverged)
    else {
      if (told.name === 'checkpoint') this.#right.taken(told.values.sequence, told.values.state)
      else if (told.name === 'stable') this.#right.stable(told.values.sequence, told.values.state)
      return
    }
    for (const follower of this.#followers) follower.consumer?.offer()
  }

  /** A new life. */
  begin(): void {
    this.#end = undefined
    this.#kept = []
    this.#bytes = 0
    this.#gone = undefined
    this.#right.begin()
  }

  end(cause?: Error): void {
    this.#end = { cause }
    for (const follower of [...this.#followers]) follower.consumer?.end(cause)
  }

  get ended(): { readonly cause: Error | undefined } | undefined {
    return this.#end
  }

  /** What comes next after a number, if there is something. */
  after(sequence: number): Commit | undefined {
    const gone = this.#gone ?? this.#executed() ?? 0
    if (sequence < gone) return { type: 'gap', from: sequence + 1, to: gone }
    // Numbers have no holes.
    const next = this.#kept[sequence - gone]
    return next === undefined
      ? undefined
      : { type: 'commit', sequence: next.sequence, commands: next.commands }
  }

  #add(sequence: number, commands: readonly Executed[]): void {
    const bytes = commands.reduce((sum, { command, result }) => sum + command.length + result.length, 0)
    this.#gone ??= sequence - 1
    this.#kept.push({ sequence, commands, bytes })
    this.#bytes += bytes
    while (this.#kept.length > COMMITS_KEPT_MAX || this.#bytes > COMMITS_KEPT_BYTES_MAX) {
      const [oldest] = this.#kept.splice(0, 1)
      this.#bytes -= oldest?.bytes ?? 0
      this.#gone++
    }
  }

  #install(sequence: number, diverged: boolean): void {
    if (diverged) for (const follower of this.#followers) follower.diverged(this.#right.last, sequence)
    this.#right.installed(sequence)
    this.#kept = []
    this.#bytes = 0
    this.#gone = sequence
  }
}

/** The last number after which the member's own state was the one that the group calls stable. */
class RightStates {
  readonly #taken = new Map<number, Uint8Array>()
  #stable: { readonly sequence: number; readonly state: Uint8Array } | undefined
  /** 0: there was none in this life. */
  last = 0

  begin(): void {
    this.#taken.clear()
    this.#stable = undefined
    this.last = 0
  }

  taken(sequence: number, state: Uint8Array): void {
    this.#taken.set(sequence, state)
    this.#compare()
  }

  stable(sequence: number, state: Uint8Array): void {
    this.#stable = { sequence, state }
    this.#compare()
  }

  installed(sequence: number): void {
    this.#taken.clear()
    this.last = sequence
  }

  #compare(): void {
    if (this.#stable === undefined) return
    const { sequence, state } = this.#stable
    const own = this.#taken.get(sequence)
    if (own !== undefined && sameBytes(own, state)) this.last = Math.max(this.last, sequence)
    // Those before it are of no use any more; those after it may become stable.
    for (const taken of this.#taken.keys()) if (taken < sequence) this.#taken.delete(taken)
  }
}

/** One iteration, with the number up to which it has come. */
class Follower implements Source<Commit> {
  readonly #log: CommitLog
  readonly #left: () => void
  #at: number
  /** The last number that was told rightly, and the one to go on after; undefined: nothing was told wrongly. */
  #diverged: { readonly right: number; readonly sequence: number } | undefined
  consumer: Consumer<Commit> | undefined

  constructor(log: CommitLog, after: number, left: () => void) {
    this.#log = log
    this.#at = after
    this.#left = left
  }

  get ended(): { readonly cause: Error | undefined } | undefined {
    return this.#log.ended
  }

  /** The state after `sequence` has taken the place of another one; up to `right` they were equal. */
  diverged(right: number, sequence: number): void {
    this.#diverged = { right, sequence }
  }

  give(): Commit | undefined {
    if (this.#diverged !== undefined) {
      const { right, sequence } = this.#diverged
      if (this.#at > right) return { type: 'diverged', from: right + 1, to: this.#at, sequence }
      this.#diverged = undefined
    }
    return this.#log.after(this.#at)
  }

  idle(): void {}

  consumed(commit: Commit): void {
    this.#at = commit.type === 'gap' ? commit.to : commit.sequence
    // It diverges once in a life: the second time it stops.
    if (commit.type === 'diverged') this.#diverged = undefined
  }

  leave(): void {
    this.#left()
  }
}
