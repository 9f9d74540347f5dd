/** The operations on registers that a recorded member's application asked for, asked for again. */
import { fromHex } from '../core/bytes.ts'
import { decode } from '../core/shapes.ts'
import { type OpenOperation, registerShape } from '../registers/register.ts'
import type { Deeds } from '../stacks/deeds.ts'
import { recordedRegisters } from '../stacks/recorded-registers.ts'
import type { Input } from '../stacks/recording-format.ts'
import type { ServedRegisters } from '../stacks/stack.ts'

export type OperationStep = Extract<Input, { input: 'read' | 'write' | 'abandon' }>

export class ReplayedOperations {
  readonly #registers: ServedRegisters
  /** By number less 1. */
  readonly #open: OpenOperation[] = []

  constructor(registers: ServedRegisters, deeds: Deeds) {
    this.#registers = recordedRegisters(registers, (_, handler) => handler(), deeds)
  }

  /** @returns what is wrong with the step */
  feed(step: OperationStep): string | undefined {
    if (step.input === 'abandon') {
      const open = this.#open[step.operation - 1]
      if (open === undefined) return 'gives up on an operation that there is not'
      open.abandon()
      return undefined
    }
    const register = decode(registerShape, fromHex(step.register))
    if (register === undefined) return 'names no register'
    const registers = this.#registers
    this.#open.push(
      step.input === 'write'
        ? registers.write(register, fromHex(step.value), () => {})
        : registers[step.regular ? 'readRegular' : 'read'](register, () => {})
    )
    return undefined
  }
}
