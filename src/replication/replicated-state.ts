/**
 * What all members have alike after equal batches: the machine's managed state, and the sessions. What was executed
 * already is told by the sessions alone, when it is executed: a command that is ordered twice, in one batch or in two
 * views, does no harm.
 *
 * Space: as the managed state and the sessions, twice while a state of others is prepared; on disk that of the states
 * that are kept.
 */
import { assert } from '../core/assert.ts'
import { concatBytes, toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { encode, uint } from '../core/shapes.ts'
import type { StableStore } from '../core/store.ts'
import { BodyTree } from '../exchange/body.ts'
import { SESSIONS_PER_BATCH, type StateBounds } from './constants.ts'
import { CLOSE, COMMANDS, commandsIn, type Envelope, readOpen } from './envelopes.ts'
import { type FetchedPart, KeptStates, type ReadParts } from './kept-states.ts'
import { StateMap } from './managed-state.ts'
import { type Reply, withoutResult } from './replies.ts'
import { Sessions } from './sessions.ts'
import { applyCommand, type CommandContext, type Outcome, type StateMachine } from './state-machine.ts'

/** A command that took effect. */
export type Applied = {
  /** Which command of its batch it is, from 0 on. */
  readonly index: number
  /** The public key of who asked for it. */
  readonly client: Uint8Array
  readonly session: number
  readonly number: number
  readonly command: Uint8Array
} & Outcome

/** A reply to a command, or to an envelope that opens or closes a session. */
export interface Answered {
  readonly envelope: Envelope
  readonly session: number
  /** 0: to the envelope. */
  readonly number: number
  readonly reply: Reply
}

export interface ExecutedBatch {
  readonly applied: readonly Applied[]
  readonly answered: readonly Answered[]
}

type Batch = { readonly sequence: number; readonly digest: Uint8Array }

/** A state that others had, made of its parts. */
export interface PreparedState {
  readonly managed: StateMap
  readonly sessions: Sessions
  /** With their trees. */
  readonly parts: readonly FetchedPart[]
}

export class ReplicatedState {
  readonly #env: Environment
  readonly #machine: StateMachine
  readonly #bounds: StateBounds
  readonly kept: KeptStates
  #managed: StateMap
  #sessions: Sessions
  /** The last batch that was executed; undefined: the state is still on the disk. */
  #executed: number | undefined
  /** Goes on with the state that is being prepared. */
  #preparing: (() => void) | undefined

  constructor(env: Environment, store: StableStore, machine: StateMachine, bounds: StateBounds) {
    this.#env = env
    this.#machine = machine
    this.#bounds = bounds
    this.#managed = new StateMap(env.crypto.hash)
    this.#sessions = this.#noSessions()
    const later = (then: () => void) => env.whenDurable(() => env.trigger(then))
    this.kept = new KeptStates(store, env.crypto.hash, later, bounds.writtenBytesPerTurn)
  }

  /**
   * What can be answered without ordering the envelope: all of it, or nothing.
   *
   * @returns undefined if something may still come of it
   */
  answersTo(envelope: Envelope): readonly Answered[] | undefined {
    const { client, kind, session, first, commands, hash } = envelope
    const one = (reply: Reply | undefined) => reply && [{ envelope, session, number: 0, reply }]
    if (this.#executed === undefined) return undefined
    const open = readOpen(envelope)
    if (open !== undefined) return one(this.#sessions.opened(client, open, hash))
    // The names of sessions grow, so that one that is none any more never comes again.
    const isOver = session < (this.#executed + 1) * SESSIONS_PER_BATCH
    const none = isOver && !this.#sessions.isLive(client, session) ? withoutResult('no-session') : undefined
    if (kind === CLOSE) return one(this.#sessions.closed(client, session, hash) ?? none)
    const answers: Answered[] = []
    for (let number = first; number < first + commands.length; number++) {
      const reply = none ?? this.#sessions.replyTo(client, session, number)
      if (reply === undefined) return undefined
      if (reply !== 'over') answers.push({ envelope, session, number, reply })
    }
    return answers
  }

  /** How many commands were executed, in all lives of all members. */
  get commands(): number {
    return this.#sessions.executed
  }

  /** Whether no command of its session was executed after so many of all. */
  isUnusedSince(envelope: Envelope, commands: number): boolean {
    const place = readOpen(envelope) ?? { id: envelope.session }
    const used = this.#sessions.lastUsed(envelope.client, place)
    return used !== undefined && used <= commands
  }

  /** @throws MachineError if the machine could not say what comes of a command */
  execute(batch: Batch, envelopes: readonly Envelope[]): ExecutedBatch {
    const applied: Applied[] = []
    const answered: Answered[] = []
    let index = 0
    for (const envelope of envelopes) {
      if (envelope.kind === COMMANDS) this.#executeCommands(batch, envelope, index, applied, answered)
      else answered.push(this.#executeSession(batch, envelope, index))
      index += commandsIn(envelope)
    }
    this.#executed = batch.sequence
    return { applied, answered }
  }

  /** Writes the state after `sequence`. @param whole - is given its digest when all of it is written */
  write(sequence: number, whole: (digest: Uint8Array) => void): void {
    // What was taken before is to be encoded before anything is taken again.
    this.kept.finish()
    const changed = [...this.#managed.takeChanged(), ...this.#sessions.takeChanged()]
    this.kept.write(sequence, changed, whole)
  }

  /** @returns the digest of the state, if it was there */
  forget(sequence: number): Uint8Array | undefined {
    return this.kept.forget(sequence)
  }

  /** Goes on from the last state that was written. @returns after which number it is; 0: there is none */
  resume(read: () => void): number {
    const { last } = this.kept
    if (last === 0) this.#executed = 0
    this.kept.dropUnfinished()
    this.kept.read((parts) => {
      this.#take(parts)
      this.#executed = last
      read()
    })
    return last
  }

  /**
   * Makes a state of its parts, a little in each turn: nothing of it shows before it is installed.
   *
   * @param then - is given it, whole
   */
  prepare(fetched: readonly FetchedPart[], then: (prepared: PreparedState) => void): void {
    const { clock, crypto } = this.#env
    const managed = new StateMap(crypto.hash)
    const sessions = this.#noSessions()
    const parts: FetchedPart[] = []
    const goOn = () => {
      if (this.#preparing !== goOn) return
      let bytes = 0
      for (const part of fetched.slice(parts.length)) {
        const { name, encoded, kept } = part
        if (bytes > 0 && bytes + encoded.length > this.#bounds.writtenBytesPerTurn) break
        bytes += encoded.length
        takeIn({ managed, sessions }, name, encoded)
        parts.push(kept ? part : { ...part, tree: new BodyTree(crypto.hash, encoded) })
      }
      if (parts.length < fetched.length) clock.setTimer(0, goOn)
      else {
        this.#preparing = undefined
        then({ managed, sessions, parts })
      }
    }
    this.#preparing = goOn
    goOn()
  }

  get isPreparing(): boolean {
    return this.#preparing !== undefined
  }

  /** What is being prepared is not needed any more. */
  giveUp(): void {
    this.#preparing = undefined
  }

  /** Goes on from a state that others had after `sequence`, and writes it, in place of the own one. */
  install(sequence: number, { managed, sessions, parts }: PreparedState): void {
    this.#managed = managed
    this.#sessions = sessions
    this.kept.install(sequence, parts)
    this.#executed = sequence
  }

  /** For `state()`. */
  state() {
    return {
      executed: this.#executed ?? null,
      managed: this.#managed.state(),
      sessions: this.#sessions.state(),
      kept: this.kept.state()
    }
  }

  #noSessions(): Sessions {
    const { group, observer } = this.#env
    return new Sessions(group.publicKeys, this.#bounds, () => observer.landmark('session-evicted'))
  }

  #take(parts: ReadParts): void {
    const state = { managed: this.#managed, sessions: this.#sessions }
    for (const [name, encoded] of parts) takeIn(state, name, encoded)
  }

  #executeSession({ sequence }: Batch, envelope: Envelope, index: number): Answered {
    const { client, session, hash } = envelope
    const { observer } = this.#env
    const open = readOpen(envelope)
    if (open === undefined) {
      observer.landmark('session-closed')
      return { envelope, session, number: 0, reply: this.#sessions.close(client, session, hash) }
    }
    const reply = this.#sessions.open(client, open, hash, sequence * SESSIONS_PER_BATCH + index)
    if (open.replaces > 0) observer.landmark('session-replaced')
    return { envelope, session, number: 0, reply }
  }

  #executeCommands(
    { sequence, digest }: Batch,
    envelope: Envelope,
    from: number,
    applied: Applied[],
    answered: Answered[]
  ): void {
    const { client, session, first, acknowledged, commands } = envelope
    this.#sessions.acknowledge(client, session, acknowledged)
    for (const [at, command] of commands.entries()) {
      const number = first + at
      const index = from + at
      const known = this.#sessions.replyTo(client, session, number)
      if (known !== undefined) this.#env.observer.landmark('ordered-again')
      if (known === 'over') continue
      let reply = known ?? this.#sessions.refusal(client, session, number)
      if (reply === undefined) {
        const { hash } = this.#env.crypto
        const outcome = this.#apply(command, {
          state: this.#managed,
          client,
          sequence,
          index,
          timeMs: 0,
          // Few machines ask for it, and a hash is a good part of what a command costs.
          get random() {
            return hash(concatBytes(digest, encode(uint(), index)))
          }
        })
        this.#sessions.keep(client, session, number, outcome)
        // Of its own: it is told of, and may be kept for longer than what it came in.
        applied.push({ index, client, session, number, command: command.slice(), ...outcome })
        reply = outcome
      }
      answered.push({ envelope, session, number, reply })
    }
  }

  /** Whoever watches the process knows meanwhile what it is at. */
  #apply(command: Uint8Array, context: CommandContext & { readonly state: StateMap }): Outcome {
    const { observer } = this.#env
    const { sequence, index, client } = context
    observer.applying?.(`command ${index} of batch ${sequence}, of client ${toHex(client)}`)
    try {
      return applyCommand(this.#machine, command, context)
    } finally {
      observer.applying?.(null)
    }
  }
}

function takeIn(
  { managed, sessions }: Pick<PreparedState, 'managed' | 'sessions'>,
  name: string,
  encoded: Uint8Array
): void {
  const isPart = Sessions.has(name) ? sessions.install(name, encoded) : managed.install(encoded)
  assert(isPart, () => `the part ${name} of a state is what a member has written`)
}
