/**
 * What all registers have in common (CGR11, chapter 4): their names, and their interface.
 *
 * A register is named by who may write it and a text. Its name is in every message about it and in all that is signed
 * for it, so that one register's value is no answer of another, and who may write follows from the name alone: nothing
 * has to be agreed upon before a register is used.
 *
 * Members keep the registers. Clients read and write them, and are, to the members, processes like others, which none
 * of them has to trust; a member can be a client as well.
 */
import { compareBytes, sameBytes, toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { fixedBytes, list, record, text, type ValueOf } from '../core/shapes.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { REGISTER_NAME_CHARACTERS_MAX, REGISTER_WRITERS_MAX } from './constants.ts'

/** Ed25519 public keys, 32 bytes each, in ascending order; a (1,N) register has one. */
export const writersShape = list(fixedBytes(32), REGISTER_WRITERS_MAX)

export const registerShape = record({
  writers: writersShape,
  name: text(REGISTER_NAME_CHARACTERS_MAX)
})

/** Names a register. */
export type RegisterId = ValueOf<typeof registerShape>

/** What a read returns. */
export interface ReadResult {
  /** Null: the initial value, nobody has written yet. */
  readonly value: Uint8Array | null
  /** Of the write whose value it is; 0 for the initial value. */
  readonly timestamp: number
}

/** What became of a write. */
export type WriteResult =
  | { readonly written: true; readonly timestamp: number }
  /**
   * So many members refused it that it cannot complete; it may have taken effect all the same. Or this writer has lost
   * its store, and nothing was sent: it needs a new key.
   */
  | { readonly written: false; readonly refusal: Refusal | 'store lost' }

/** Why a member does not keep a value. */
export type Refusal =
  | 'too many registers'
  | 'too many bytes'
  | 'timestamp too high'
  | 'unknown writer'
  | 'body did not come'

/**
 * The requests of a register (CGR11 Modules 4.1 to 4.3): Read and Write, with ReadReturn and WriteReturn as `returned`.
 * Operations of one client on one register happen one after the other, in the order of the requests.
 */
export interface RegisterRequests {
  /** @throws WindowFullError, InvalidParametersError: no name of a register */
  read(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation
  /** @throws WindowFullError, InvalidParametersError: not the writer, or the value is too long */
  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void): OpenOperation
}

export interface RegisterIndications {
  /** A write that an earlier life of this process had begun has returned. */
  resumed(register: RegisterId, value: Uint8Array, result: WriteResult): void
}

/** A register with one writer. */
export const soleWriter = (writer: Uint8Array, name: string): RegisterId => ({ writers: [writer], name })

/**
 * A register that several may write.
 * @throws InvalidParametersError if the same key is there twice, or too many are, or the name is too long
 */
export function sharedBy(writers: readonly Uint8Array[], name: string): RegisterId {
  const register = { writers: [...writers].sort(compareBytes), name }
  requireRegister(register)
  return register
}

/**
 * @throws InvalidParametersError if nothing can be asked about this register: what is sent would name the sender a liar
 */
export function requireRegister(register: RegisterId): void {
  const problem = registerProblem(register)
  if (problem !== undefined) throw new InvalidParametersError(`register: ${problem}`)
}

/** What is wrong with the name of a register; of one that was decoded, its writers alone can be. */
export function registerProblem({ writers, name }: RegisterId): string | undefined {
  if (name.length > REGISTER_NAME_CHARACTERS_MAX || !name.isWellFormed())
    return `expected a name of at most ${REGISTER_NAME_CHARACTERS_MAX} characters, without lone surrogates`
  return writersProblem(writers)
}

/** What is wrong with a list of writers: its length, or its order, or a key that is none. */
export function writersProblem(writers: RegisterId['writers']): string | undefined {
  if (writers.length === 0 || writers.length > REGISTER_WRITERS_MAX)
    return `expected 1 to ${REGISTER_WRITERS_MAX} writers, not ${writers.length}`
  if (writers.some(({ length }) => length !== 32)) return 'expected public keys of 32 bytes'
  const ascending = writers.every(
    (key, index) => index === 0 || compareBytes(writers[index - 1] as Uint8Array, key) < 0
  )
  return ascending ? undefined : 'expected writers in ascending order, each of them once'
}

export const mayWrite = ({ writers }: RegisterId, publicKey: Uint8Array): boolean =>
  writers.some((writer) => sameBytes(writer, publicKey))

/** One text for each register: keys in hexadecimal have no slash, so nothing else is named by it. */
export const registerKey = ({ writers, name }: RegisterId): string => keyIn(ownerKey(writers), name)

/** As {@link registerKey}, where the owner's text is known. */
export const keyIn = (owner: string, name: string): string => `${owner}/${name}`

/** One text for each list of writers. */
export const ownerKey = (writers: RegisterId['writers']): string => writers.map(toHex).join()

export const sameRegister = (a: RegisterId, b: RegisterId): boolean =>
  a.name === b.name &&
  a.writers.length === b.writers.length &&
  a.writers.every((writer, index) => sameBytes(writer, b.writers[index] as Uint8Array))
