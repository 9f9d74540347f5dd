/**
 * What registers have in common whose processes trust each other: requests are checked, and operations of one process
 * on one register take turns. How a value is found and brought about is each algorithm's own.
 */
import { sameBytes } from '../core/bytes.ts'
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { publicKeyOf } from '../core/group.ts'
import { OPERATIONS_OPEN_MAX } from '../exchange/constants.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { ReadOperation, WriteOperation } from '../exchange/operation.ts'
import { Turns } from '../exchange/turns.ts'
import { type RegisterOptions, registerBounds, SIGNED_VALUE_BYTES_MAX } from './constants.ts'
import {
  type ReadResult,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerKey,
  registerProblem,
  type WriteResult
} from './register.ts'

export abstract class TurnTakingRegister extends Component<RegisterIndications> implements RegisterRequests {
  protected readonly turns: Turns
  readonly #valueBytesMax: number

  /** @param openMax - how many operations may be open at once */
  constructor(
    env: Environment,
    path: string,
    options: RegisterOptions,
    indications: RegisterIndications,
    openMax = OPERATIONS_OPEN_MAX
  ) {
    super(env, path, indications)
    this.turns = new Turns(openMax)
    this.#valueBytesMax = registerBounds(options).valueBytesMax
    if (this.#valueBytesMax > SIGNED_VALUE_BYTES_MAX)
      throw new InvalidParametersError(
        `valueBytesMax: messages carry ${SIGNED_VALUE_BYTES_MAX} bytes at most`
      )
  }

  /** Finds what the read returns, by what `operation` awaits. */
  protected abstract startRead(
    register: RegisterId,
    operation: ReadOperation,
    found: (result: ReadResult) => void
  ): void

  /** @param writer - this process's place among the writers of the register */
  protected abstract startWrite(
    register: RegisterId,
    writer: number,
    value: Uint8Array,
    finished: (result: WriteResult) => void
  ): void

  read(register: RegisterId, returned: (result: ReadResult) => void): OpenOperation {
    this.#requireName(register)
    this.turns.admit()
    const operation = new ReadOperation()
    const found = (result: ReadResult) => {
      if (operation.over) return
      const { forgotten } = operation
      operation.finish()
      if (!forgotten) this.env.whenDurable(() => returned(result))
    }
    this.request('read', [register.name], () =>
      this.turns.take(registerKey(register), (done) => {
        operation.begin(done)
        if (!operation.over) this.startRead(register, operation, found)
      })
    )
    return operation
  }

  write(register: RegisterId, value: Uint8Array, returned: (result: WriteResult) => void): OpenOperation {
    this.#requireName(register)
    if (value.length > this.#valueBytesMax)
      throw new InvalidParametersError(`value: at most ${this.#valueBytesMax} bytes, not ${value.length}`)
    const writer = this.#ownIndex(register)
    if (writer < 0)
      throw new InvalidParametersError(`register: this process is no writer of ${register.name}`)
    this.turns.admit()
    this.request('write', [register.name, value], () =>
      this.turns.take(registerKey(register), (done) =>
        this.startWrite(register, writer, value, (result) => {
          done()
          this.env.whenDurable(() => returned(result))
        })
      )
    )
    return new WriteOperation()
  }

  #requireName(register: RegisterId): void {
    const problem = registerProblem(register)
    if (problem !== undefined) throw new InvalidParametersError(`register: ${problem}`)
  }

  #ownIndex({ writers }: RegisterId): number {
    const own = publicKeyOf(this.env.group, this.env.self)
    return writers.findIndex((writer) => own !== undefined && sameBytes(writer, own))
  }
}
