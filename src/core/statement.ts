/**
 * What is signed is never bare bytes but a statement: an injective encoding that binds the domain, the group and
 * its epoch, the component's path, the type of statement, the signer and every field. Bytes signed for one purpose
 * therefore verify for no other: not in another group, epoch, component, instance, or as another type of message.
 */
import type { Environment } from './environment.ts'
import type { Group, ProcessId } from './group.ts'
import { encode, type Fields, fixedBytes, type RecordOf, record, text, uint } from './shapes.ts'

const DOMAIN = 'byzkit/statement/1'

export interface Statement<F> {
  /** The exact bytes that are signed. */
  bytes(group: Group, path: string, signer: ProcessId, fields: F): Uint8Array
}

/** Declares a type of statement; `name` must be unique within the component. */
export function defineStatement<const S extends Fields>(name: string, fields: S): Statement<RecordOf<S>> {
  const shape = record({
    domain: text(64),
    group: fixedBytes(32),
    epoch: uint(),
    path: text(256),
    name: text(64),
    signer: uint(),
    fields: record(fields)
  })
  return {
    bytes: (group, path, signer, value) =>
      encode(shape, {
        domain: DOMAIN,
        group: group.id,
        epoch: group.epoch,
        path,
        name,
        signer,
        fields: value
      })
  }
}

/** Signs a statement with this process's own key. */
export function signStatement<F>(
  env: Environment,
  path: string,
  statement: Statement<F>,
  fields: F
): Uint8Array {
  return env.crypto.sign(statement.bytes(env.group, path, env.self, fields))
}

export function verifyStatement<F>(
  env: Environment,
  path: string,
  signer: ProcessId,
  statement: Statement<F>,
  fields: F,
  signature: Uint8Array
): boolean {
  return env.crypto.verify(signer, statement.bytes(env.group, path, signer, fields), signature)
}

const CLIENT_DOMAIN = 'byzkit/client-statement/1'

/** A statement of one who may be no member, and is named by a public key. It outlives configurations: no epoch. */
export interface ClientStatement<F> {
  /** The exact bytes that are signed. */
  bytes(group: Group, path: string, signer: Uint8Array, fields: F): Uint8Array
}

/** As {@link defineStatement}, for signers that are named by their public keys. */
export function defineClientStatement<const S extends Fields>(
  name: string,
  fields: S
): ClientStatement<RecordOf<S>> {
  const shape = record({
    domain: text(64),
    group: fixedBytes(32),
    path: text(256),
    name: text(64),
    signer: fixedBytes(32),
    fields: record(fields)
  })
  return {
    bytes: (group, path, signer, value) =>
      encode(shape, { domain: CLIENT_DOMAIN, group: group.id, path, name, signer, fields: value })
  }
}
