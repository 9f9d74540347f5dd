/**
 * A client of a replicated machine, which members are too: it has one session at a time, numbers its commands in it,
 * and returns what f + 1 members reply alike.
 *
 *     submit(c):   give it the next number; put it, with what else waits, into an envelope; sign that;
 *                  REQUEST to the primary of the highest view that f + 1 members have named
 *     a while later, without replies: REQUEST to all, again and again, and ever later; at once as late as ever, if
 *                  f + 1 members say that too much of this client's waits there already (full)
 *     REPLY:       when f + 1 distinct members have said the same of a number, that is its result
 *
 *     close():     CLOSE, in an envelope of its own; when f + 1 distinct members have said what the session executed,
 *                  what is under way and is not among that never takes effect
 *
 * A session is opened by the first command of a life, or after a close, in place of the one that an earlier life has
 * left in its slot. What was sent may take effect later, as long as its session is neither replaced nor closed; what
 * was not sent never does.
 *
 * Space: OPERATIONS_OPEN_MAX commands, of which sessionWindow have a number and a reply of each member.
 */
import { ENVELOPE_BYTES_MAX } from '../consensus/pbft/constants.ts'
import { assert } from '../core/assert.ts'
import { sameBytes } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import { WindowFullError } from '../core/errors.ts'
import { isMember, type ProcessId, publicKeyOf } from '../core/group.ts'
import { OPERATIONS_OPEN_MAX } from '../exchange/constants.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import type { Port } from '../links/ports.ts'
import {
  CLIENT_RETRY_MAX_MS,
  CLIENT_RETRY_MS,
  ENVELOPE_COMMANDS_MAX,
  ENVELOPES_IN_FLIGHT_MAX,
  type ReplicaOptions
} from './constants.ts'
import { CLOSE, COMMANDS, OPEN, openCommand, signEnvelope } from './envelopes.ts'
import { MatchingReplies } from './matching-replies.ts'
import type { ReplicaMessage, ReplyMessage } from './messages.ts'
import { type CommandOutcome, FULL, readSessionResult, type SessionResult, withoutResult } from './replies.ts'

/** What an envelope has beside its commands, and for each of them beside its bytes, at most. */
const ENVELOPE_HEAD_BYTES = 256
const COMMAND_HEAD_BYTES = 5

/** What came of a command. */
export type Returned = (outcome: CommandOutcome) => void

/** What came of a close. */
export type ClosedSession = {
  /** Which one has ended; 0: there was none. */
  readonly session: number
  /** So many of its commands that were under way were not executed, and never are. */
  readonly refused: number
  /** So many others were under way: the members do not say what came of them any more, nor if they know whether. */
  readonly unknown: number
}

interface Submitted {
  readonly command: Uint8Array
  returned: Returned | undefined
}

/** A command that has a number. */
interface Numbered extends Submitted {
  readonly envelope: Uint8Array
  readonly replies: MatchingReplies
}

/** Who waits for the end of the session. */
interface Closer {
  returned: ((closed: ClosedSession) => void) | undefined
}

/** An envelope that asks for a session, or for the end of one. */
interface Asking {
  readonly kind: typeof OPEN | typeof CLOSE
  readonly envelope: Uint8Array
  readonly hash: Uint8Array
  readonly replies: MatchingReplies
}

export interface ReplicaClientInit {
  readonly env: Environment
  readonly path: string
  readonly port: Pick<Port<ReplicaMessage>, 'send' | 'sendAll'>
  readonly bounds: Required<ReplicaOptions>
}

export class ReplicaClient {
  readonly #init: ReplicaClientInit
  readonly #key: Uint8Array
  /** Without a number, in their order. */
  readonly #waiting = new Set<Submitted>()
  /** By number, ascending. */
  readonly #numbered = new Map<number, Numbered>()
  #session = 0
  #last = 0
  /** Meanwhile no command is sent. */
  #asking: Asking | undefined
  readonly #closers = new Set<Closer>()
  /** The view that each member has named last. */
  readonly #views: number[]
  #retry: Timer | undefined
  #retryMs = CLIENT_RETRY_MS
  /** Members that have had no room for what was asked since something was answered. */
  readonly #full = new Set<ProcessId>()
  #isGathering = false

  constructor(init: ReplicaClientInit) {
    const { group, self } = init.env
    this.#init = init
    this.#key = publicKeyOf(group, self) ?? new Uint8Array(32)
    this.#views = group.ranks.map(() => 0)
  }

  /** @throws WindowFullError if OPERATIONS_OPEN_MAX commands are under way */
  submit(command: Uint8Array, returned: Returned): OpenOperation {
    if (this.#waiting.size + this.#numbered.size >= OPERATIONS_OPEN_MAX)
      throw new WindowFullError(`${OPERATIONS_OPEN_MAX} commands are under way: wait until one has returned`)
    const submitted: Submitted = { command, returned }
    this.#waiting.add(submitted)
    this.#gather()
    return {
      abandon: () => {
        submitted.returned = undefined
        this.#waiting.delete(submitted)
      }
    }
  }

  /** What is submitted from now on, or has no number yet, goes into the next session. */
  close(returned: Closer['returned']): OpenOperation {
    const closer: Closer = { returned }
    this.#closers.add(closer)
    this.#gather()
    return {
      abandon: () => {
        closer.returned = undefined
      }
    }
  }

  onReply(from: ProcessId, reply: ReplyMessage): void {
    const { env } = this.#init
    const { envelopeHash, sessionId, number, view, outcome, digest, result } = reply
    if (!isMember(env.group, from)) {
      this.#lie(from, 'is no member, and replies')
      return
    }
    if (result !== null && !sameBytes(env.crypto.hash(result), digest)) {
      this.#lie(from, 'replies with a result that has another digest than it says')
      return
    }
    this.#views[from] = Math.max(this.#views[from] ?? 0, view)
    if (outcome === FULL) this.#onFull(from)
    else if (envelopeHash !== null) this.#onAsked(from, envelopeHash, reply)
    else if (sessionId === this.#session && sessionId > 0) this.#onNumber(from, number, reply)
  }

  /** For `state()`. */
  state() {
    return {
      session: this.#session,
      waiting: this.#waiting.size,
      numbered: [...this.#numbered].map(([number, { replies }]) => ({ number, replied: replies.state() }))
    }
  }

  /** At the end of this turn: what is submitted until then goes into one envelope. */
  #gather(): void {
    if (this.#isGathering) return
    this.#isGathering = true
    this.#init.env.trigger(() => {
      this.#isGathering = false
      this.#send()
    })
  }

  #send(): void {
    if (this.#asking !== undefined) return
    if (this.#session === 0) {
      this.#tellClosers({ session: 0, refused: 0, unknown: 0 })
      if (this.#waiting.size > 0) this.#open(0)
      return
    }
    if (this.#closers.size > 0) {
      this.#close()
      return
    }
    for (;;) {
      const inFlight = new Set([...this.#numbered.values()].map(({ envelope }) => envelope)).size
      const submitted = inFlight < ENVELOPES_IN_FLIGHT_MAX ? this.#next() : []
      if (submitted.length === 0) return
      this.#sendCommands(submitted)
    }
  }

  /** What goes into the next envelope. */
  #next(): readonly Submitted[] {
    const { sessionWindow, batchCommandsMax } = this.#init.bounds
    const room = this.#acknowledged + sessionWindow - this.#last
    const next: Submitted[] = []
    let bytes = ENVELOPE_HEAD_BYTES
    for (const submitted of this.#waiting) {
      bytes += COMMAND_HEAD_BYTES + submitted.command.length
      if (next.length >= Math.min(room, batchCommandsMax, ENVELOPE_COMMANDS_MAX)) break
      if (bytes > ENVELOPE_BYTES_MAX) break
      next.push(submitted)
    }
    return next
  }

  #sendCommands(submitted: readonly Submitted[]): void {
    const { env, path } = this.#init
    const commands = submitted.map(({ command }) => command)
    const first = this.#last + 1
    const [client, session, acknowledged] = [this.#key, this.#session, this.#acknowledged]
    const envelope = signEnvelope(env, path, {
      kind: COMMANDS,
      client,
      session,
      first,
      acknowledged,
      commands
    })
    for (const each of submitted) {
      this.#waiting.delete(each)
      const replies = new MatchingReplies(env.group.quorum.oneCorrect)
      // The same object: whoever gives it up does so in whichever state it is.
      this.#numbered.set(++this.#last, Object.assign(each, { envelope, replies }))
    }
    if (commands.length > 1) env.observer.landmark('several-in-an-envelope')
    this.#request(envelope)
  }

  /** The replies to all numbers up to there are here. */
  get #acknowledged(): number {
    const [oldest = this.#last + 1] = this.#numbered.keys()
    return oldest - 1
  }

  #open(replaces: number): void {
    const open = { slot: 0, replaces, nonce: this.#init.env.random.bytes(16) }
    this.#ask(OPEN, 0, [openCommand(open)])
  }

  #close(): void {
    this.#ask(CLOSE, this.#session, [])
  }

  #ask(kind: Asking['kind'], session: number, commands: readonly Uint8Array[]): void {
    const { env, path } = this.#init
    const content = { kind, client: this.#key, session, first: 0, acknowledged: 0, commands }
    const envelope = signEnvelope(env, path, content)
    const replies = new MatchingReplies(env.group.quorum.oneCorrect)
    this.#asking = { kind, envelope, hash: env.crypto.hash(envelope), replies }
    this.#request(envelope)
  }

  /** Once f + 1 members have no room, of whom one is correct, nobody is asked again soon. */
  #onFull(from: ProcessId): void {
    const { env } = this.#init
    this.#full.add(from)
    if (this.#full.size < env.group.quorum.oneCorrect) return
    env.observer.landmark('intake-full')
    this.#retryMs = CLIENT_RETRY_MAX_MS
  }

  #onAsked(from: ProcessId, envelopeHash: Uint8Array, reply: ReplyMessage): void {
    const asking = this.#asking
    if (asking === undefined || !sameBytes(asking.hash, envelopeHash)) return
    const agreed = asking.replies.add(from, reply)
    if (agreed === undefined || agreed === 'without') return
    if (agreed.kind === 'no-session' && asking.kind === CLOSE) this.#end(undefined)
    // While members are busy they are asked again, in time.
    if (agreed.kind !== 'result') return
    const result = readSessionResult(agreed.result)
    assert(result !== undefined, 'of f + 1 members one is correct, and says what came of a session')
    if (asking.kind === CLOSE) this.#end(result)
    else this.#onOpened(result)
  }

  #onOpened({ done, session }: SessionResult): void {
    this.#asking = undefined
    if (!done) {
      this.#open(session)
      return
    }
    this.#session = session
    this.#last = 0
    this.#settle()
    this.#send()
  }

  #onNumber(from: ProcessId, number: number, reply: ReplyMessage): void {
    const { observer } = this.#init.env
    const numbered = this.#numbered.get(number)
    const agreed = numbered?.replies.add(from, reply)
    if (numbered === undefined || agreed === undefined) return
    if (agreed === 'without') {
      observer.landmark('result-asked-again')
      return
    }
    if (numbered.replies.differ) observer.landmark('reply-outvoted')
    if (agreed.kind === 'no-session') {
      // Who is asked to close it says more.
      if (this.#asking === undefined) this.#end(undefined)
      return
    }
    this.#numbered.delete(number)
    this.#tell(numbered, agreed)
    this.#settle()
    this.#send()
  }

  /**
   * The session is over.
   *
   * @param ended - what it has executed; undefined: it was taken away, and nobody says that any more
   */
  #end(ended: SessionResult | undefined): void {
    const { observer } = this.#init.env
    if (ended === undefined) observer.landmark('session-lost')
    let refused = 0
    for (const [number, numbered] of this.#numbered) {
      const isRefused = ended !== undefined && number > ended.mark && !ended.executed.includes(number)
      if (isRefused) refused++
      this.#tell(numbered, withoutResult(isRefused ? 'closed' : 'no-session'))
    }
    if (refused > 0) observer.landmark('refused-at-a-close')
    const unknown = this.#numbered.size - refused
    if (ended !== undefined && unknown > 0) observer.landmark('executed-before-a-close')
    this.#tellClosers({ session: this.#session, refused, unknown })
    this.#asking = undefined
    this.#session = 0
    this.#numbered.clear()
    this.#settle()
    this.#send()
  }

  #tellClosers(closed: ClosedSession): void {
    for (const { returned } of this.#closers)
      if (returned !== undefined) this.#init.env.trigger(() => returned(closed))
    this.#closers.clear()
  }

  #tell({ returned }: Submitted, outcome: CommandOutcome): void {
    if (returned !== undefined) this.#init.env.trigger(() => returned(outcome))
  }

  #request(envelope: Uint8Array): void {
    this.#init.port.send(this.#primary, { type: 'REQUEST', envelope })
    this.#retryLater()
  }

  /** Of the highest view that f + 1 members have named, of whom one is correct. */
  get #primary(): ProcessId {
    const { group } = this.#init.env
    const views = this.#views.toSorted((a, b) => b - a)
    return (views[group.quorum.oneCorrect - 1] ?? 0) % group.n
  }

  get #unanswered(): ReadonlySet<Uint8Array> {
    const commands = [...this.#numbered.values()].map(({ envelope }) => envelope)
    return new Set(this.#asking === undefined ? commands : [this.#asking.envelope])
  }

  /** Something was answered. */
  #settle(): void {
    this.#retryMs = CLIENT_RETRY_MS
    this.#full.clear()
    if (this.#unanswered.size > 0) return
    this.#retry?.cancel()
    this.#retry = undefined
  }

  #retryLater(): void {
    this.#retry ??= this.#init.env.clock.setTimer(this.#retryMs, () => {
      this.#retry = undefined
      this.#retryMs = Math.min(CLIENT_RETRY_MAX_MS, 2 * this.#retryMs)
      const unanswered = this.#unanswered
      for (const envelope of unanswered) this.#init.port.sendAll({ type: 'REQUEST', envelope })
      if (unanswered.size > 0) this.#retryLater()
    })
  }

  #lie(process: ProcessId, detail: string): void {
    this.#init.env.observer.fault({ process, kind: 'protocol-violation', certainty: 'certain', detail })
  }
}
