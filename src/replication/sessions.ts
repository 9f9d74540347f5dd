/**
 * Which requests were executed, so that none is executed twice: a part of the replicated state, and equal at all
 * members after equal batches. Each member has a session for its latest life; what it asked in an earlier one takes
 * effect before the first request of the next, or never.
 *
 * Space: for each member of the group a life, a number, and a window of numbers above it.
 */
import { toHex } from '../core/bytes.ts'
import { decode, encode, fixedBytes, list, record, uint, type ValueOf } from '../core/shapes.ts'

/** Requests of one member that may be under way. */
export const SESSION_WINDOW = 128

/** Groups of more members have no sessions for all of them. */
const SESSIONS_MAX = 1024

const sessionsShape = list(
  record({
    client: fixedBytes(32),
    life: uint(),
    /** All up to here were executed. */
    mark: uint(),
    /** Those above it that were, ascending. */
    above: list(uint(), SESSION_WINDOW)
  }),
  SESSIONS_MAX
)
type SessionsState = ValueOf<typeof sessionsShape>

export interface Numbered {
  readonly client: Uint8Array
  readonly life: number
  readonly number: number
}

interface Session {
  readonly client: Uint8Array
  life: number
  mark: number
  above: Set<number>
}

export class Sessions {
  /** By public key, in the order of the members. */
  readonly #sessions: ReadonlyMap<string, Session>

  constructor(clients: readonly Uint8Array[]) {
    this.#sessions = new Map(
      clients.map((client) => [toHex(client), { client, life: 0, mark: 0, above: new Set<number>() }])
    )
  }

  /** Whether nothing will come of ordering it any more. */
  isOver({ client, life, number }: Numbered): boolean {
    const session = this.#sessions.get(toHex(client))
    if (session === undefined || life < session.life) return true
    return life === session.life && (number <= session.mark || session.above.has(number))
  }

  /** @returns whether it is to be executed: now, and never again */
  admit({ client, life, number }: Numbered): boolean {
    const session = this.#sessions.get(toHex(client))
    if (session === undefined || this.isOver({ client, life, number })) return false
    if (life > session.life) Object.assign(session, { life, mark: 0, above: new Set<number>() })
    if (number > session.mark + SESSION_WINDOW) return false
    session.above.add(number)
    while (session.above.delete(session.mark + 1)) session.mark++
    return true
  }

  get state(): SessionsState {
    return [...this.#sessions.values()].map(({ client, life, mark, above }) => ({
      client,
      life,
      mark,
      above: [...above].sort((a, b) => a - b)
    }))
  }

  /** The whole, as it is written. */
  encoded(): Uint8Array {
    return encode(sessionsShape, this.state)
  }

  /** @returns false if these are no sessions */
  install(encoded: Uint8Array): boolean {
    const state = decode(sessionsShape, encoded)
    for (const { client, life, mark, above } of state ?? []) {
      const session = this.#sessions.get(toHex(client))
      if (session !== undefined) Object.assign(session, { life, mark, above: new Set(above) })
    }
    return state !== undefined
  }
}
