/**
 * A value with its writer's signature: over the group, the register, the timestamp and the value. Whoever holds it can
 * show it to anybody, and nobody but the writer can make one. The initial value, which nobody signed, is no such value:
 * where one may stand, null stands for it, so that timestamp 0 comes with no other.
 */
import { compareBytes, sameBytes } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import type { Evidence } from '../core/fault.ts'
import { publicKeyOf } from '../core/group.ts'
import { bytes, digest, record, signature, timestamp, uint, type ValueOf } from '../core/shapes.ts'
import { defineClientStatement } from '../core/statement.ts'
import { type BodyReference, decodeReference } from '../exchange/body.ts'
import { contradiction } from '../exchange/evidence.ts'
import { Verdicts } from '../exchange/verdicts.ts'
import { WORK_US } from '../links/constants.ts'
import {
  HASHED_64KIB_US,
  REGISTER_WRITERS_MAX,
  type RegisterOptions,
  registerBounds,
  SIGNED_VALUE_BYTES_MAX
} from './constants.ts'
import { type RegisterId, registerShape, sameRegister } from './register.ts'

/** What the bytes of a value are. */
export const CONTENT = {
  /** The value itself. */
  value: 0,
  /** Nothing: the register was deleted, and stays so until it is written again. */
  tombstone: 1,
  /** Size and root of a value that is kept in chunks; see body.ts. */
  body: 2
} as const

export const signedValueShape = record({
  timestamp,
  /** Index into the register's writers. */
  writer: uint(REGISTER_WRITERS_MAX - 1),
  /** One of CONTENT. */
  content: uint(2),
  value: bytes(SIGNED_VALUE_BYTES_MAX),
  signature
})

export type SignedValue = ValueOf<typeof signedValueShape>

/**
 * A signed value with a digest in place of its bytes: what is signed is the digest, so it can be verified all the same.
 */
export const signedHeaderShape = record({
  timestamp,
  writer: uint(REGISTER_WRITERS_MAX - 1),
  content: uint(2),
  digest,
  signature
})

export type SignedHeader = ValueOf<typeof signedHeaderShape>

const valueStatement = defineClientStatement('value', {
  register: registerShape,
  timestamp: uint(),
  content: uint(2),
  value: digest
})

/** What two signed values prove. */
export const twoValues = contradiction(
  { name: 'two-values', sentence: 'signed two values of one register at one timestamp' },
  valueStatement,
  (a, b) => sameRegister(a.register, b.register) && a.timestamp === b.timestamp
)

/** What is to be signed. */
export type UnsignedValue = Omit<SignedValue, 'signature'>

/**
 * The order of the values of one register: by timestamp, then by writer, then by what was written: total even if a
 * writer signs two values at one timestamp, so that members that have seen both agree on the higher one.
 */
export function compareSigned(a: SignedValue | null, b: SignedValue | null): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  return (
    a.timestamp - b.timestamp ||
    a.writer - b.writer ||
    a.content - b.content ||
    compareBytes(a.value, b.value)
  )
}

/** Whether both are the same write; a signature may be made in more than one way. */
export const sameWrite = (a: SignedValue | null, b: SignedValue | null): boolean => compareSigned(a, b) === 0

export const highest = (values: Iterable<SignedValue | null>): SignedValue | null => {
  let top: SignedValue | null = null
  for (const value of values) if (compareSigned(value, top) > 0) top = value
  return top
}

/** As {@link compareSigned}, of headers. */
export const compareHeaders = (a: SignedHeader, b: SignedHeader): number =>
  a.timestamp - b.timestamp ||
  a.writer - b.writer ||
  a.content - b.content ||
  compareBytes(a.digest, b.digest)

const NOTHING = new Uint8Array(0)

const HASHED_UNIT_BYTES = 64 * 1024

/** Signs values, and verifies those of others: equal ones once. */
export class ValueSigner {
  readonly #env: Environment
  readonly #path: string
  readonly #valueBytesMax: number
  readonly #verdicts: Verdicts
  /** Of values. */
  #hashedBytes = 0

  /** @param path - of the abstraction: bound into what is signed, and the same at all its parts */
  constructor(env: Environment, path: string, options: RegisterOptions) {
    this.#env = env
    this.#verdicts = new Verdicts(env.crypto, env.group)
    this.#path = path
    this.#valueBytesMax = registerBounds(options).valueBytesMax
  }

  /** Signatures that were really verified. */
  get verifications(): number {
    return this.#verdicts.verifications
  }

  /** What has been verified and hashed so far, nominal microseconds of work. */
  get workUs(): number {
    return (
      this.verifications * WORK_US.verification + (this.#hashedBytes * HASHED_64KIB_US) / HASHED_UNIT_BYTES
    )
  }

  /** With this process's own key, which must be that of the writer named. */
  sign(register: RegisterId, unsigned: UnsignedValue): SignedValue {
    const signed = this.#statement(register, unsigned, this.#env.crypto.hash(unsigned.value))
    return { ...unsigned, signature: this.#env.crypto.sign(signed) }
  }

  /**
   * Whether a writer of the register wrote this, and a member keeps it: a reader that took more than members do could
   * not write it back.
   */
  verify(register: RegisterId, value: SignedValue): boolean {
    // A reference has a length of its own, whatever the bound on values.
    const isKept =
      value.content === CONTENT.body
        ? decodeReference(value.value) !== undefined
        : value.value.length <= this.#valueBytesMax
    if (!isKept) return false
    return this.verifyHeader(register, this.headerOf(value))
  }

  headerOf({ timestamp, writer, content, value, signature }: SignedValue): SignedHeader {
    this.#hashedBytes += value.length
    return { timestamp, writer, content, digest: this.#env.crypto.hash(value), signature }
  }

  /** Whether a writer of the register wrote a value that has this header. */
  verifyHeader(register: RegisterId, header: SignedHeader): boolean {
    if (header.timestamp === 0 || header.writer >= register.writers.length) return false
    if (header.content === CONTENT.tombstone && !sameBytes(header.digest, this.#env.crypto.hash(NOTHING)))
      return false
    const signed = this.#statement(register, header, header.digest)
    const writer = register.writers[header.writer] as Uint8Array
    return this.#verdicts.verifyBy(writer, signed, header.signature)
  }

  /** That the writer of both signed two values at one timestamp; undefined if they do not show it. Verifies neither. */
  equivocation(register: RegisterId, a: SignedValue, b: SignedValue): Evidence | undefined {
    if (a.timestamp !== b.timestamp || a.writer !== b.writer || sameWrite(a, b)) return undefined
    const signer = register.writers[a.writer] as Uint8Array
    const statements = [a, b].map((value) => ({
      signer,
      statement: this.#statement(register, value, this.#env.crypto.hash(value.value)),
      signature: value.signature
    }))
    return { claim: twoValues.name, statements }
  }

  /** This process's place among the writers of a register; undefined if it is none of them. */
  ownIndex(register: RegisterId): number | undefined {
    const own = publicKeyOf(this.#env.group, this.#env.self)
    const index = register.writers.findIndex((writer) => own !== undefined && sameBytes(writer, own))
    return index < 0 ? undefined : index
  }

  #statement(
    register: RegisterId,
    { timestamp, writer, content }: Omit<SignedHeader, 'digest' | 'signature'>,
    value: Uint8Array
  ): Uint8Array {
    const { group } = this.#env
    const fields = { register, timestamp, content, value }
    return valueStatement.bytes(group, this.#path, register.writers[writer] ?? new Uint8Array(32), fields)
  }
}

/** What a value that is no body itself stands for; undefined if it is the value, or a tombstone. */
export const referenceIn = (value: SignedValue | null): BodyReference | undefined =>
  value?.content === CONTENT.body ? decodeReference(value.value) : undefined
