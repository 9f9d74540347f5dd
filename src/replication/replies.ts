/** What a member answers to what was ordered, and to what cannot be ordered with an effect any more. */
import { bool, bytes, decode, encode, list, record, uint, type ValueOf } from '../core/shapes.ts'
import { RESULT_BYTES_MAX, SESSION_WINDOW_MAX } from './constants.ts'

/**
 * - `result`, `error`: what the machine made of the command;
 * - `busy`: the command was refused for want of room, and nothing was done;
 * - `no-session`: the session is none, or not any more. What it had not executed by then it never executes.
 */
export const REPLY_KINDS = ['result', 'error', 'busy', 'no-session'] as const
export type ReplyKind = (typeof REPLY_KINDS)[number]

/**
 * What a REPLY may say: one of these; or `full`, that as many requests of this client wait at the member as may, and it
 * has not taken this one in. Nothing was decided, and the client asks again.
 */
export const OUTCOMES = [...REPLY_KINDS, 'full'] as const
export const FULL = OUTCOMES.indexOf('full')

export type Reply = { readonly kind: ReplyKind; readonly result: Uint8Array }

/** A reply as it is kept. */
export const replyShape = record({ kind: uint(REPLY_KINDS.length - 1), result: bytes(RESULT_BYTES_MAX) })

export const replyOf = ({ kind, result }: ValueOf<typeof replyShape>): Reply => ({
  kind: REPLY_KINDS[kind] ?? 'error',
  result
})

/** How a reply is written. */
export const plainOf = ({ kind, result }: Reply): ValueOf<typeof replyShape> => ({
  kind: REPLY_KINDS.indexOf(kind),
  result
})

/**
 * What a client says of a command: what f + 1 members reply alike; or `closed`: the session has ended at the client's
 * own wish, had not executed it by then, and so never does.
 */
export type CommandOutcome = { readonly kind: ReplyKind | 'closed'; readonly result: Uint8Array }

export const withoutResult = <K extends CommandOutcome['kind']>(kind: K) => ({
  kind,
  result: new Uint8Array()
})

const sessionShape = record({
  /** Whether it was done as asked. */
  done: bool,
  /** The session that is in the slot now; 0: none is. */
  session: uint(),
  /** Of the session that was ended by it: all numbers up to here were executed or given up, */
  mark: uint(),
  /** and above it these were. */
  executed: list(uint(), SESSION_WINDOW_MAX)
})

/** The result of opening or closing a session. */
export type SessionResult = ValueOf<typeof sessionShape>

export const sessionResult = (result: SessionResult): Uint8Array => encode(sessionShape, result)
export const readSessionResult = (result: Uint8Array): SessionResult | undefined =>
  decode(sessionShape, result)
