/** Operations on registers, as inputs of a recording: wraps the registers of a member, for the recorder or a replay. */
import { toHex } from '../core/bytes.ts'
import { encode } from '../core/shapes.ts'
import { type RegisterId, registerShape, type WriteResult } from '../registers/register.ts'
import type { Deeds } from './deeds.ts'
import type { Input } from './recording-format.ts'
import type { ServedRegisters } from './stack.ts'

/** Runs `handler` as the input that is said. */
export type AsInput = <T>(input: Input, handler: () => T) => T

export function recordedRegisters(
  registers: ServedRegisters,
  asInput: AsInput,
  deeds: Deeds
): ServedRegisters {
  /** Those that were not refused. */
  let operations = 0
  const nameOf = (register: RegisterId) => toHex(encode(registerShape, register))
  const abandonable = (operation: number, open: { abandon(): void }) => ({
    abandon: () => asInput({ input: 'abandon', operation }, () => open.abandon())
  })
  const read =
    (regular: boolean): ServedRegisters['read'] =>
    (register, returned) =>
      asInput({ input: 'read', register: nameOf(register), regular }, () => {
        const operation = operations + 1
        const ask: ServedRegisters['read'] = regular ? registers.readRegular : registers.read
        const open = ask(register, (result) => {
          deeds.returned(operation, result.timestamp, result.value)
          returned(result)
        })
        operations = operation
        return abandonable(operation, open)
      })
  return {
    read: read(false),
    readRegular: read(true),
    store: undefined,
    write: (register, value, returned) =>
      asInput({ input: 'write', register: nameOf(register), value: toHex(value) }, () => {
        const operation = operations + 1
        const open = registers.write(register, value, (result) => {
          deeds.returned(operation, outcomeOf(result), null)
          returned(result)
        })
        operations = operation
        return abandonable(operation, open)
      }),
    get resuming() {
      return registers.resuming
    },
    restore: () => registers.restore(),
    state: () => registers.state()
  }
}

const outcomeOf = (result: WriteResult): number | string =>
  result.written ? result.timestamp : result.refusal
