/**
 * Requests to a replicated machine: a command, signed by who asks for it, with the number that tells it from the others
 * of its life. Whether one may be ordered follows from its bytes alone.
 */
import type { Environment } from '../core/environment.ts'
import {
  bytes,
  decode,
  digest,
  encode,
  fixedBytes,
  record,
  signature,
  uint,
  type ValueOf
} from '../core/shapes.ts'
import { defineClientStatement } from '../core/statement.ts'
import { COMMAND_BYTES_MAX } from './constants.ts'

const envelopeShape = record({
  /** Its public key. */
  client: fixedBytes(32),
  life: uint(),
  /** From 1 on, in each life. */
  number: uint(),
  command: bytes(COMMAND_BYTES_MAX),
  signature
})
export type Envelope = ValueOf<typeof envelopeShape>

const requestStatement = defineClientStatement('request', { life: uint(), number: uint(), command: digest })

/** Signs a command with this process's own key. */
export function signRequest(
  { crypto, group }: Pick<Environment, 'crypto' | 'group'>,
  path: string,
  { client, life, number, command }: Omit<Envelope, 'signature'>
): Uint8Array {
  const fields = { life, number, command: crypto.hash(command) }
  const signed = crypto.sign(requestStatement.bytes(group, path, client, fields))
  return encode(envelopeShape, { client, life, number, command, signature: signed })
}

/** Undefined: these bytes are no request. */
export const readRequest = (envelope: Uint8Array): Envelope | undefined => decode(envelopeShape, envelope)

/** @param crypto - one that remembers verdicts: equal requests come from several members */
export function isSigned(
  crypto: Pick<Environment['crypto'], 'verifyBy'>,
  { crypto: { hash }, group }: Pick<Environment, 'crypto' | 'group'>,
  path: string,
  { client, life, number, command, signature: signed }: Envelope
): boolean {
  const fields = { life, number, command: hash(command) }
  return number > 0 && crypto.verifyBy(client, requestStatement.bytes(group, path, client, fields), signed)
}
