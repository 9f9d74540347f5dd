/** Registers, as a service: what a client asks for and is told (CGR11 Modules 4.1 to 4.3). */
import { defineService } from '../core/service.ts'
import { bool, bytes, optional, record, text, uint } from '../core/shapes.ts'
import { SIGNED_VALUE_BYTES_MAX } from './constants.ts'
import { registerShape } from './register.ts'

const value = bytes(SIGNED_VALUE_BYTES_MAX)
const readResult = record({ value: optional(value), timestamp: uint() })
/** Of a write that was refused there is no timestamp, but a reason. */
const writeResult = record({ written: bool, timestamp: optional(uint()), refusal: optional(text(100)) })

export const registerService = defineService({
  name: 'registers',
  requests: {
    read: { arguments: { register: registerShape }, result: readResult, reads: true },
    /** As `read`, in one round trip: what the reads of different clients return need not be in one order. */
    readRegular: { arguments: { register: registerShape }, result: readResult, reads: true },
    write: { arguments: { register: registerShape, value }, result: writeResult }
  },
  indications: {
    /** A write that an earlier life of this process had begun has returned. */
    resumed: { register: registerShape, value: optional(value), result: writeResult }
  }
})
