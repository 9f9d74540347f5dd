/**
 * Sessions: which commands were executed, so that none is executed twice, with what came of them. They are a part of
 * the replicated state, and equal at all members after equal batches.
 *
 * A session is opened by an envelope that was ordered, and named by its place in the order, which never comes again. A
 * key has one session in each of its slots; a client's next life opens its own in place of the earlier one, and what
 * that had asked took effect before this or never does. Replies are kept until the client has acknowledged them.
 *
 * The keys of members have SESSION_SLOTS slots each. All others share a pool: who opens a session there when it is full
 * takes the place of one that was closed, or that has been idle for long, counted in commands that were executed.
 *
 * Space: SESSIONS_MAX sessions, with results of SESSION_RESULT_BYTES_MAX each and RESULT_BYTES_TOTAL_MAX together, and
 * one result more.
 */
import { assert } from '../core/assert.ts'
import { sameBytes, toHex } from '../core/bytes.ts'
import {
  decode,
  digest,
  encode,
  fixedBytes,
  list,
  optional,
  record,
  uint,
  type ValueOf
} from '../core/shapes.ts'
import {
  POOL_SHARE,
  REPLY_BYTES,
  RESULT_BYTES_TOTAL_MAX,
  SESSION_RESULT_BYTES_MAX,
  SESSION_SLOTS,
  SESSION_WINDOW_MAX,
  type SessionBounds
} from './constants.ts'
import type { Open } from './envelopes.ts'
import type { ChangedPart } from './managed-state.ts'
import {
  plainOf,
  type Reply,
  replyOf,
  replyShape,
  type SessionResult,
  sessionResult,
  withoutResult
} from './replies.ts'

/** What was asked, by the hash of its envelope, and what came of it. */
const answeredShape = record({ envelope: digest, reply: replyShape })

const sessionShape = record({
  id: uint(),
  client: fixedBytes(32),
  slot: uint(SESSION_SLOTS - 1),
  opened: answeredShape,
  closed: optional(answeredShape),
  /** All numbers up to here are over: the client has acknowledged them. */
  mark: uint(),
  /** How many commands had been executed when it was used last. */
  used: uint(),
  replies: list(record({ number: uint(), reply: replyShape }), SESSION_WINDOW_MAX)
})
const tableShape = record({ executed: uint() })

type Stored = ValueOf<typeof sessionShape>

interface Session extends Pick<Stored, 'id' | 'client' | 'slot' | 'opened'> {
  closed: Stored['closed']
  mark: number
  used: number
  readonly replies: Map<number, Reply>
  bytes: number
  /** Where its results count. */
  readonly kind: 'members' | 'pool'
  /** Of its part of the state. */
  readonly name: string
}

const TABLE = 'sessions'

export class Sessions {
  readonly #members: ReadonlySet<string>
  readonly #bounds: SessionBounds
  readonly #evicted: () => void
  readonly #byId = new Map<number, Session>()
  /** By key and slot. */
  readonly #places = new Map<string, Session>()
  readonly #changed = new Set<string>([TABLE])
  /** Sessions that were taken, and have neither been encoded nor changed since, by the names of their parts. */
  readonly #taken = new Set<string>()
  /** Those that have changed, as they were. */
  readonly #before = new Map<string, Stored>()
  /** Commands that were executed, opens and closes among them. */
  #executed = 0
  /** Of results that are kept: of members' sessions, and of the pool. */
  readonly #bytes = { members: 0, pool: 0 }

  /** Whether a part of that name is one of sessions. */
  static has(part: string): boolean {
    return part === TABLE || part.startsWith(`${TABLE}/`)
  }

  /**
   * @param members - keys that have slots of their own
   * @param evicted - a session was taken from its client
   */
  constructor(members: readonly Uint8Array[], bounds: SessionBounds, evicted: () => void = () => {}) {
    this.#members = new Set(members.map(toHex))
    this.#bounds = bounds
    this.#evicted = evicted
  }

  /**
   * @param envelope - the hash of what was ordered
   * @param id - of the session, if one is opened: from its place in the order
   */
  open(client: Uint8Array, { slot, replaces }: Omit<Open, 'nonce'>, envelope: Uint8Array, id: number): Reply {
    this.#count()
    const known = this.opened(client, { slot, replaces }, envelope)
    if (known !== undefined) return known
    const here = this.#places.get(placeOf(client, slot))
    const live = here?.closed === null ? here : undefined
    if (here === undefined && !this.#makeRoom(client)) return withoutResult('busy')
    const reply = answer({ ...(live === undefined ? NOTHING : executedBy(live)), done: true, session: id })
    if (here !== undefined) this.#remove(here)
    const opened = { envelope, reply: plainOf(reply) }
    const used = this.#executed
    const fresh = { closed: null, mark: 0, used, replies: new Map(), bytes: 0 }
    this.#add({ id, client, slot, opened, ...fresh, kind: this.#kindOf(client), name: nameOf(id) })
    return reply
  }

  close(client: Uint8Array, id: number, envelope: Uint8Array): Reply {
    this.#count()
    const session = this.#of(client, id)
    if (session === undefined) return this.closed(client, id, envelope) ?? withoutResult('no-session')
    const reply = answer({ ...executedBy(session), done: true })
    this.#willChange(session)
    session.closed = { envelope, reply: plainOf(reply) }
    this.#drop(session, [...session.replies.keys()])
    return reply
  }

  /** What was answered when that envelope closed the session, as long as its slot is not taken again. */
  closed(client: Uint8Array, id: number, envelope: Uint8Array): Reply | undefined {
    const { closed } = this.#known(client, id) ?? {}
    return closed && sameBytes(closed.envelope, envelope) ? replyOf(closed.reply) : undefined
  }

  /**
   * What was answered when that envelope opened the session in the slot; or which session is there, if it is not the
   * one that the envelope is to replace. Then nothing comes of it as things are, and its client asks anew.
   */
  opened(
    client: Uint8Array,
    { slot, replaces }: Omit<Open, 'nonce'>,
    envelope: Uint8Array
  ): Reply | undefined {
    const here = this.#places.get(placeOf(client, slot))
    if (here !== undefined && sameBytes(here.opened.envelope, envelope)) return replyOf(here.opened.reply)
    const live = here?.closed === null ? here.id : 0
    return replaces === live ? undefined : answer({ ...NOTHING, session: live })
  }

  /** How many commands were executed. */
  get executed(): number {
    return this.#executed
  }

  /** How many had been when the session was used last, or that in the slot; undefined: it is not there. */
  lastUsed(
    client: Uint8Array,
    place: { readonly id: number } | { readonly slot: number }
  ): number | undefined {
    return ('id' in place ? this.#known(client, place.id) : this.#places.get(placeOf(client, place.slot)))
      ?.used
  }

  /** Whether the session is there, and not closed. */
  isLive(client: Uint8Array, id: number): boolean {
    return this.#of(client, id) !== undefined
  }

  /** The client has the replies to all numbers up to there: they are forgotten. */
  acknowledge(client: Uint8Array, id: number, acknowledged: number): void {
    const session = this.#of(client, id)
    if (session === undefined || acknowledged <= session.mark) return
    this.#willChange(session)
    session.mark = acknowledged
    this.#drop(
      session,
      [...session.replies.keys()].filter((number) => number <= acknowledged)
    )
  }

  /** The reply to a number that was executed; `over`: it was, and was acknowledged; undefined: it was not. */
  replyTo(client: Uint8Array, id: number, number: number): Reply | 'over' | undefined {
    const session = this.#of(client, id)
    if (session !== undefined && number <= session.mark) return 'over'
    return session?.replies.get(number)
  }

  /**
   * Whether a number that was not executed is to be executed now.
   *
   * @returns the reply, if it is not
   */
  refusal(client: Uint8Array, id: number, number: number): Reply | undefined {
    const session = this.#of(client, id)
    if (session === undefined) return withoutResult('no-session')
    // It may come again, when the client has acknowledged more.
    if (number > session.mark + this.#bounds.sessionWindow) return withoutResult('busy')
    const { kind } = session
    const bytesMax = RESULT_BYTES_TOTAL_MAX * (kind === 'pool' ? 1 / POOL_SHARE : 1 - 1 / POOL_SHARE)
    if (session.bytes < SESSION_RESULT_BYTES_MAX && this.#bytes[kind] < bytesMax) return undefined
    const busy = withoutResult('busy')
    this.keep(client, id, number, busy)
    return busy
  }

  /** It was executed, with that reply. */
  keep(client: Uint8Array, id: number, number: number, reply: Reply): void {
    this.#count()
    const session = this.#of(client, id)
    assert(session !== undefined, 'who executes a command has its session')
    this.#willChange(session)
    session.used = this.#executed
    session.replies.set(number, reply)
    this.#grow(session, REPLY_BYTES + reply.result.length)
  }

  /** Parts that have changed since it was asked before, by their names. What was taken then is given up. */
  takeChanged(): readonly ChangedPart[] {
    const changed = [...this.#changed].sort()
    this.#changed.clear()
    this.#taken.clear()
    this.#before.clear()
    const table = encode(tableShape, { executed: this.#executed })
    return changed.map((name) => {
      if (name === TABLE) return [name, () => table]
      this.#taken.add(name)
      return [name, () => this.#encoded(name)]
    })
  }

  /** Takes in a part that was written. @returns false if it is none of sessions */
  install(name: string, encoded: Uint8Array): boolean {
    if (name === TABLE) {
      const table = decode(tableShape, encoded)
      this.#executed = table?.executed ?? 0
      this.#changed.clear()
      return table !== undefined
    }
    const stored = decode(sessionShape, encoded)
    if (stored === undefined) return false
    const replies = new Map(stored.replies.map(({ number, reply }) => [number, replyOf(reply)]))
    const kind = this.#kindOf(stored.client)
    const session = { ...stored, replies: new Map<number, Reply>(), bytes: 0, kind, name: nameOf(stored.id) }
    this.#add(session)
    for (const [number, reply] of replies) {
      session.replies.set(number, reply)
      this.#grow(session, REPLY_BYTES + reply.result.length)
    }
    this.#changed.clear()
    return true
  }

  /** For `state()`. */
  state() {
    return [...this.#byId.values()].map((session) => storedOf(session))
  }

  #encoded(name: string): Uint8Array | undefined {
    const session = this.#byId.get(Number.parseInt(name.slice(TABLE.length + 1), 16))
    const stored = this.#before.get(name) ?? (session && storedOf(session))
    this.#taken.delete(name)
    this.#before.delete(name)
    return stored && encode(sessionShape, stored)
  }

  /** What was taken of it is as it is now. */
  #willChange(session: Session): void {
    const { name } = session
    if (this.#taken.delete(name)) this.#before.set(name, storedOf(session))
  }

  #count(): void {
    this.#executed++
    this.#changed.add(TABLE)
  }

  #kindOf(client: Uint8Array): 'members' | 'pool' {
    return this.#members.has(toHex(client)) ? 'members' : 'pool'
  }

  /** A place in the pool; members have their own. */
  #makeRoom(client: Uint8Array): boolean {
    if (this.#kindOf(client) === 'members') return true
    const { sessionPool, poolIdleCommands } = this.#bounds
    const pool = [...this.#byId.values()].filter(({ kind }) => kind === 'pool')
    if (pool.length < sessionPool) return true
    const idle = pool.filter(
      ({ closed, used }) => closed !== null || this.#executed - used > poolIdleCommands
    )
    const [longest] = idle.sort((a, b) => a.used - b.used || a.id - b.id)
    if (longest === undefined) return false
    if (longest.closed === null) this.#evicted()
    this.#remove(longest)
    return true
  }

  #add(session: Session): void {
    this.#byId.set(session.id, session)
    this.#places.set(placeOf(session.client, session.slot), session)
    this.#changed.add(session.name)
  }

  #remove(session: Session): void {
    this.#willChange(session)
    this.#drop(session, [...session.replies.keys()])
    this.#byId.delete(session.id)
    this.#places.delete(placeOf(session.client, session.slot))
  }

  #drop(session: Session, numbers: readonly number[]): void {
    for (const number of numbers) {
      const reply = session.replies.get(number)
      session.replies.delete(number)
      if (reply !== undefined) this.#grow(session, -REPLY_BYTES - reply.result.length)
    }
    this.#changed.add(session.name)
  }

  #grow(session: Session, bytes: number): void {
    session.bytes += bytes
    this.#bytes[session.kind] += bytes
    this.#changed.add(session.name)
  }

  #known(client: Uint8Array, id: number): Session | undefined {
    const session = this.#byId.get(id)
    return session !== undefined && sameBytes(session.client, client) ? session : undefined
  }

  #of(client: Uint8Array, id: number): Session | undefined {
    const session = this.#known(client, id)
    return session?.closed === null ? session : undefined
  }
}

const NOTHING: SessionResult = { done: false, session: 0, mark: 0, executed: [] }

const answer = (result: SessionResult): Reply => ({ kind: 'result', result: sessionResult(result) })

/** What a session has executed, when it ends. */
function executedBy({ mark, replies }: Session): SessionResult {
  const executed = [...replies].flatMap(([number, { kind }]) => (kind === 'busy' ? [] : [number]))
  return { ...NOTHING, mark, executed: executed.sort((a, b) => a - b) }
}

const placeOf = (client: Uint8Array, slot: number): string => `${toHex(client)}/${slot}`
const nameOf = (id: number): string => `${TABLE}/${id.toString(16).padStart(14, '0')}`

const storedOf = ({ id, client, slot, opened, closed, mark, used, replies }: Session): Stored => ({
  id,
  client,
  slot,
  opened,
  closed,
  mark,
  used,
  replies: [...replies]
    .sort(([a], [b]) => a - b)
    .map(([number, reply]) => ({ number, reply: plainOf(reply) }))
})
