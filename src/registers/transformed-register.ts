/**
 * What the transformations have in common (CGR11 4.3 and 4.4): registers made of weaker ones, called base registers
 * here, of which they know nothing but the two requests. What is written to a base register is a pair of timestamp and
 * value.
 */
import { toHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { bytes, decode, encode, fixedBytes, record, text, uint, type ValueOf } from '../core/shapes.ts'
import { OPERATIONS_OPEN_MAX } from '../exchange/constants.ts'
import type { ReadOperation } from '../exchange/operation.ts'
import {
  CONTENT_OVERHEAD_BYTES,
  type RegisterOptions,
  registerBounds,
  SIGNED_VALUE_BYTES_MAX
} from './constants.ts'
import {
  type ReadResult,
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerShape,
  soleWriter
} from './register.ts'
import { TurnTakingRegister } from './turn-taking-register.ts'

const contentShape = record({ timestamp: uint(), value: bytes(SIGNED_VALUE_BYTES_MAX) })

/** What a base register holds. */
export type Content = ValueOf<typeof contentShape>

/** Names a base register of a writer, among those that it writes for one register. */
const partShape = record({ path: text(256), register: registerShape, reader: fixedBytes(32) })

/** The bounds of base registers. */
export const baseOptions = (options: RegisterOptions): RegisterOptions => ({
  ...options,
  valueBytesMax: registerBounds(options).valueBytesMax + CONTENT_OVERHEAD_BYTES
})

/** What a read returns of it. */
export const contentResult = (content: Content | null): ReadResult => ({
  value: content?.value ?? null,
  timestamp: content?.timestamp ?? 0
})

export abstract class TransformedRegister extends TurnTakingRegister {
  readonly #base: RegisterRequests

  /**
   * @param base - whose bounds are those of `baseOptions`
   * @param atOnce - how many base registers an operation uses at once, at most
   */
  constructor(
    env: Environment,
    path: string,
    base: RegisterRequests,
    options: RegisterOptions,
    indications: RegisterIndications,
    atOnce: number
  ) {
    // The base registers then never refuse an operation.
    super(env, path, options, indications, Math.floor(OPERATIONS_OPEN_MAX / atOnce))
    this.#base = base
  }

  /** The base register that `writer` writes for `register`, and `reader` alone reads if it is named. */
  protected part(register: RegisterId, writer: Uint8Array, reader = writer): RegisterId {
    const { hash } = this.env.crypto
    return soleWriter(writer, toHex(hash(encode(partShape, { path: this.path, register, reader }))))
  }

  /** Reads base registers; `all` is told what they hold, in their order. */
  protected readAll(
    registers: readonly RegisterId[],
    operation: ReadOperation | undefined,
    all: (contents: readonly (Content | null)[]) => void
  ): void {
    const contents = new Map<number, Content | null>()
    const reads = registers.map((register, index) =>
      this.#base.read(register, ({ value }) =>
        this.env.trigger(() => {
          contents.set(index, value === null ? null : (decode(contentShape, value) ?? null))
          if (contents.size < registers.length || operation?.over) return
          all(registers.map((_, at) => contents.get(at) ?? null))
        })
      )
    )
    operation?.awaits({
      end: () => {
        for (const read of reads) read.abandon()
      }
    })
  }

  /** Writes to base registers; `all` is told when all of them have returned, and why one of them has not written. */
  protected writeAll(
    registers: readonly RegisterId[],
    content: Content,
    all: (refusal?: Refusal | 'store lost') => void
  ): void {
    let open = registers.length
    let refusal: Refusal | 'store lost' | undefined
    for (const register of registers) {
      this.#base.write(register, encode(contentShape, content), (result) =>
        this.env.trigger(() => {
          if (!result.written) refusal = result.refusal
          if (--open === 0) all(refusal)
        })
      )
    }
  }
}
