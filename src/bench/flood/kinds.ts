/** What an attacker offers, and how much of it a member does for one peer. */
import {
  CUT_OFF_ALLOWANCE,
  PEER_WORK_US_PER_SECOND,
  SESSIONLESS_WORK_US_PER_SECOND,
  WORK_US
} from '../../links/constants.ts'

export const FLOOD_KINDS = [
  'malformed',
  'unknown writer',
  'bad signature',
  'INIT',
  'STATUS',
  'READ of 64 KiB',
  'LIST',
  'references without bodies',
  'FETCH'
] as const

export type FloodKind = (typeof FLOOD_KINDS)[number]

export const FLOOD_ATTACKERS = ['member', 'client'] as const

export type FloodAttacker = (typeof FLOOD_ATTACKERS)[number]

const { message, refusal, answered64KiB, verification, body, frame, tag, handshake } = WORK_US

const inBudget = (microseconds: number): number => PEER_WORK_US_PER_SECOND / microseconds

const BUDGETS: { readonly [K in Exclude<FloodKind, 'malformed' | 'bad signature'>]: number } = {
  'unknown writer': inBudget(message + refusal),
  INIT: SESSIONLESS_WORK_US_PER_SECOND / (frame + tag + handshake),
  STATUS: inBudget(message),
  'READ of 64 KiB': inBudget(message + answered64KiB),
  LIST: inBudget(message + refusal),
  'references without bodies': inBudget(message + verification + body),
  FETCH: inBudget(message + answered64KiB)
}

/**
 * How many a second a member does of a kind for one peer, by what each counts at least (links/constants.ts); of what is
 * certain misconduct, before it cuts the peer off.
 */
export const floodBudget = (attacker: FloodAttacker, kind: FloodKind): number =>
  kind !== 'malformed' && kind !== 'bad signature' && mayBeCorrect(attacker, kind)
    ? BUDGETS[kind]
    : CUT_OFF_ALLOWANCE + 1

/**
 * Whether a correct process may do this, if not so often: then nobody may be cut off for it. A client's STATUS is no
 * such thing, since windows are the members' own.
 */
export function mayBeCorrect(attacker: FloodAttacker, kind: FloodKind): boolean {
  return kind !== 'malformed' && kind !== 'bad signature' && !(attacker === 'client' && kind === 'STATUS')
}

/** Registers and values that the correct client has, for the attacker to ask for. */
export const FLOODED = {
  register: 'flood/large',
  valueBytes: 64 * 1024,
  /** A value that is kept in chunks. */
  key: 'flood/body',
  bodyBytes: 256 * 1024,
  /** Keys for a list to have something to list. */
  keys: 64
} as const

/** The body of {@link FLOODED.key}: the attacker knows its root without asking. */
export const floodedBody = (): Uint8Array => new Uint8Array(FLOODED.bodyBytes).fill(7)
