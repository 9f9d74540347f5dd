/**
 * What is signed is never bare bytes but a statement: an injective encoding that binds the domain, the group and
 * its epoch, the component's path, the type of statement, the signer and every field. Bytes signed for one purpose
 * therefore verify for no other: not in another group, epoch, component, instance, or as another type of message.
 */
import type { Environment } from './environment.ts'
import type { Group, ProcessId } from './group.ts'
import { decode, encode, type Fields, fixedBytes, type RecordOf, record, text, uint } from './shapes.ts'

const DOMAIN = 'byzkit/statement/1'

/** What the bytes of a statement say. */
export interface StatementRead<S, F> {
  /** The id of the group in which it was signed, 32 bytes. */
  readonly group: Uint8Array
  /** Undefined where it outlives configurations. */
  readonly epoch: number | undefined
  /** Of the component. */
  readonly path: string
  /** Who signs it, as far as the statement says. */
  readonly signer: S
  readonly fields: F
}

/** @typeParam S - how signers are named: by a rank, or by a public key */
export interface AnyStatement<S, F> {
  /** The exact bytes that are signed. */
  bytes(group: Group, path: string, signer: S, fields: F): Uint8Array
  /** Undefined: no statement of this type. */
  read(statement: Uint8Array): StatementRead<S, F> | undefined
}

export type Statement<F> = AnyStatement<ProcessId, F>

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
      }),
    read(statement) {
      const read = decode(shape, statement)
      if (read?.domain !== DOMAIN || read.name !== name) return undefined
      return { ...read, fields: read.fields as RecordOf<S> }
    }
  }
}

/** Signs a statement with this process's own key. */
export function signStatement<F>(
  env: Pick<Environment, 'crypto' | 'group' | 'self'>,
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
export type ClientStatement<F> = AnyStatement<Uint8Array, F>

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
      encode(shape, { domain: CLIENT_DOMAIN, group: group.id, path, name, signer, fields: value }),
    read(statement) {
      const read = decode(shape, statement)
      if (read?.domain !== CLIENT_DOMAIN || read.name !== name) return undefined
      return { ...read, epoch: undefined, fields: read.fields as RecordOf<S> }
    }
  }
}
