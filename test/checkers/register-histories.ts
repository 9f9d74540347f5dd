/** Histories of registers, written by hand: an event with its values in hexadecimal, as a run tells it. */
import type { RegisterEvent } from '../../src/checkers/register-history.ts'
import { fromHex } from '../../src/core/bytes.ts'
import { registerService } from '../../src/registers/service.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'

const bytesOf = (hex: string | null) => (hex === null ? null : fromHex(hex))

export function tellRegister(event: RegisterEvent): HistoryEvent {
  const { time, process } = event
  const told = { time, process, service: registerService.name }
  if (event.kind === 'invoke') {
    const { number, f: name, key, value } = event
    const asked = { ...(key !== undefined && { key }), ...(value !== null && { value: bytesOf(value) }) }
    return { ...told, kind: 'invoke', name, number, arguments: asked }
  }
  if (event.kind === 'return') {
    const { number, f: name, result } = event
    return { ...told, kind: 'return', name, number, result: bytesOf(result) }
  }
  if (event.kind === 'other') throw new Error('nothing draws what is of another service')
  return event
}
