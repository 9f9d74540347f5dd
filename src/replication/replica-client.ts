/**
 * A client of a replicated machine, which members are too: it has one session at a time, numbers its commands in it,
 * and returns what f + 1 members reply alike.
 *
 *     submit(c):   give it the next number; put it, with what else waits, into an envelope; sign that;
 *                  REQUEST to the primary of the highest view that f + 1 members have named
 *     a while later, without replies: REQUEST to all, again and again
 *     REPLY:       when f + 1 distinct members have said the same of a number, that is its result
 *
 * A session is opened by the first command of a life, in place of the one that an earlier life has left in its slot.
 * What was sent may take effect later, as long as its session is not replaced; what was not sent never does.
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
import { COMMANDS, OPEN, openCommand, signEnvelope } from './envelopes.ts'
import { MatchingReplies } from './matching-replies.ts'
import type { ReplicaMessage, ReplyMessage } from './messages.ts'
import { type Reply, readSessionResult, withoutResult } from './replies.ts'

/** What an envelope has beside its commands, and for each of them beside its bytes, at most. */
const ENVELOPE_HEAD_BYTES = 256
const COMMAND_HEAD_BYTES = 5

/** What came of a command. */
export type Returned = (reply: Reply) => void

interface Submitted {
  readonly command: Uint8Array
  returned: Returned | undefined
}

/** A command that has a number. */
interface Numbered extends Submitted {
  readonly envelope: Uint8Array
  readonly replies: MatchingReplies
}

/** An envelope that asks for a session. */
interface Opening {
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
  #opening: Opening | undefined
  /** The view that each member has named last. */
  readonly #views: number[]
  #retry: Timer | undefined
  #retryMs = CLIENT_RETRY_MS
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

  onReply(from: ProcessId, reply: ReplyMessage): void {
    const { env } = this.#init
    const { envelopeHash, sessionId, number, view, digest, result } = reply
    if (!isMember(env.group, from)) {
      this.#lie(from, 'is no member, and replies')
      return
    }
    if (result !== null && !sameBytes(env.crypto.hash(result), digest)) {
      this.#lie(from, 'replies with a result that has another digest than it says')
      return
    }
    this.#views[from] = Math.max(this.#views[from] ?? 0, view)
    if (envelopeHash !== null) this.#onOpened(from, envelopeHash, reply)
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
    if (this.#session === 0) {
      if (this.#opening === undefined && this.#waiting.size > 0) this.#open(0)
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
    const { env, path } = this.#init
    const open = { slot: 0, replaces, nonce: env.random.bytes(16) }
    const commands = [openCommand(open)]
    const none = { session: 0, first: 0, acknowledged: 0 }
    const envelope = signEnvelope(env, path, { kind: OPEN, client: this.#key, ...none, commands })
    const replies = new MatchingReplies(env.group.quorum.oneCorrect)
    this.#opening = { envelope, hash: env.crypto.hash(envelope), replies }
    this.#request(envelope)
  }

  #onOpened(from: ProcessId, envelopeHash: Uint8Array, reply: ReplyMessage): void {
    const opening = this.#opening
    if (opening === undefined || !sameBytes(opening.hash, envelopeHash)) return
    const agreed = opening.replies.add(from, reply)
    // While members are busy they are asked again, in time.
    if (agreed === undefined || agreed === 'without' || agreed.kind !== 'result') return
    const result = readSessionResult(agreed.result)
    assert(result !== undefined, 'of f + 1 members one is correct, and says what came of a session')
    this.#opening = undefined
    if (!result.done) {
      this.#open(result.session)
      return
    }
    this.#session = result.session
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
      this.#lose()
      return
    }
    this.#numbered.delete(number)
    this.#tell(numbered, agreed)
    this.#settle()
    this.#send()
  }

  /** The session was taken away: what has a number may have been executed, or not; nobody will say. */
  #lose(): void {
    const { observer } = this.#init.env
    observer.landmark('session-lost')
    this.#session = 0
    for (const numbered of this.#numbered.values()) this.#tell(numbered, withoutResult('no-session'))
    this.#numbered.clear()
    this.#settle()
    this.#send()
  }

  #tell({ returned }: Submitted, reply: Reply): void {
    if (returned !== undefined) this.#init.env.trigger(() => returned(reply))
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
    return new Set(this.#opening === undefined ? commands : [this.#opening.envelope])
  }

  /** Something was answered. */
  #settle(): void {
    this.#retryMs = CLIENT_RETRY_MS
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
