/**
 * Envelopes: what is ordered. One holds the commands of a client, numbered in a row in one of its sessions, under one
 * signature; or it opens a session, or closes one. Whether an envelope may be ordered follows from its bytes alone: no
 * member looks at its sessions, its list of clients or its clock for that.
 */
import { ENVELOPE_BYTES_MAX } from '../consensus/pbft/constants.ts'
import type { Environment } from '../core/environment.ts'
import {
  byteView,
  decode,
  digest,
  encode,
  fixedBytes,
  list,
  record,
  signature,
  uint,
  type ValueOf
} from '../core/shapes.ts'
import { defineClientStatement } from '../core/statement.ts'
import { COMMAND_BYTES_MAX, ENVELOPE_COMMANDS_MAX, SESSION_SLOTS } from './constants.ts'

/** What an envelope is for. */
export const COMMANDS = 0
export const OPEN = 1
export const CLOSE = 2

const envelopeShape = record({
  kind: uint(CLOSE),
  /** Its public key. */
  client: fixedBytes(32),
  /** That of the commands, or the one to be closed; 0 where one is opened. */
  session: uint(),
  /** The number of the first command, from 1 on. */
  first: uint(),
  /** The client has the replies to all numbers up to here. */
  acknowledged: uint(),
  /** Views of the encoding: whoever keeps one for longer than that copies it. */
  commands: list(byteView(COMMAND_BYTES_MAX), ENVELOPE_COMMANDS_MAX),
  signature
})
type Encoded = ValueOf<typeof envelopeShape>

/** An envelope that was read, with the hash of its whole encoding, by which it is named. */
export type Envelope = Encoded & { readonly hash: Uint8Array }

const envelopeStatement = defineClientStatement('envelope', {
  kind: uint(),
  session: uint(),
  first: uint(),
  acknowledged: uint(),
  commands: list(digest, ENVELOPE_COMMANDS_MAX)
})

/** The only command of an envelope that opens a session. */
const openShape = record({
  slot: uint(SESSION_SLOTS - 1),
  /** The session that is in the slot; 0: none is. */
  replaces: uint(),
  /** Drawn by the client: so that what an earlier life of it has asked is not asked again. */
  nonce: fixedBytes(16)
})
export type Open = ValueOf<typeof openShape>

export const openCommand = (open: Open): Uint8Array => encode(openShape, open)

/** Undefined of an envelope that is for something else. */
export function readOpen({
  kind,
  commands: [command]
}: Pick<Encoded, 'kind' | 'commands'>): Open | undefined {
  return kind === OPEN && command !== undefined ? decode(openShape, command) : undefined
}

type Signing = Pick<Environment, 'crypto' | 'group'>

/** Signs with this process's own key. */
export function signEnvelope(
  { crypto, group }: Signing,
  path: string,
  envelope: Omit<Encoded, 'signature'>
): Uint8Array {
  const signed = crypto.sign(envelopeStatement.bytes(group, path, envelope.client, saidBy(crypto, envelope)))
  return encode(envelopeShape, { ...envelope, signature: signed })
}

/**
 * Undefined: these bytes are no envelope.
 *
 * @param commandsMax - of a batch: what fits none must not be ordered
 */
export function readEnvelope(
  { hash }: Pick<Environment['crypto'], 'hash'>,
  encoded: Uint8Array,
  commandsMax: number
): Envelope | undefined {
  if (encoded.length > ENVELOPE_BYTES_MAX) return undefined
  const envelope = decode(envelopeShape, encoded)
  if (envelope === undefined || envelope.commands.length > commandsMax) return undefined
  return isWellFormed(envelope) ? { ...envelope, hash: hash(encoded) } : undefined
}

/** @param verdicts - that are remembered: equal envelopes come from several members */
export function isSigned(
  verdicts: Pick<Environment['crypto'], 'verifyBy'>,
  { crypto, group }: Signing,
  path: string,
  envelope: Envelope
): boolean {
  const statement = envelopeStatement.bytes(group, path, envelope.client, saidBy(crypto, envelope))
  return verdicts.verifyBy(envelope.client, statement, envelope.signature)
}

/** How many commands an envelope counts for. */
export const commandsIn = ({ commands }: Pick<Envelope, 'commands'>): number => Math.max(1, commands.length)

function isWellFormed(envelope: Encoded): boolean {
  const { kind, session, first, acknowledged, commands } = envelope
  if (kind === COMMANDS) return session > 0 && first > acknowledged && commands.length > 0
  if (first > 0 || acknowledged > 0) return false
  if (kind === CLOSE) return session > 0 && commands.length === 0
  return session === 0 && commands.length === 1 && readOpen(envelope) !== undefined
}

const saidBy = (
  { hash }: Pick<Environment['crypto'], 'hash'>,
  { kind, session, first, acknowledged, commands }: Omit<Encoded, 'signature'>
) => ({ kind, session, first, acknowledged, commands: commands.map((command) => hash(command)) })
