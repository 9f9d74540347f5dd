/** Broadcast, as a service: what the application of a member asks for and is told (CGR11 Modules 3.11 to 3.14). */
import { defineService } from '../core/service.ts'
import { bytes, uint } from '../core/shapes.ts'
import { BROADCAST_PAYLOAD_BYTES_MAX } from './constants.ts'

/** A position is that of the delivery log, in the order in which this process delivers. */
export const broadcastService = defineService({
  name: 'broadcast',
  requests: {
    /** Returns its sequence number, once a crash cannot lose it any more; the number itself is known at once. */
    broadcast: { arguments: { payload: bytes(BROADCAST_PAYLOAD_BYTES_MAX) }, answer: uint(), result: uint() },
    /** The application has durably consumed everything up to that position. */
    acknowledge: { arguments: { position: uint() } }
  },
  indications: {
    deliver: {
      sender: uint(),
      sequence: uint(),
      payload: bytes(BROADCAST_PAYLOAD_BYTES_MAX),
      position: uint()
    },
    /** Broadcasts `from` to before `to` are beyond what others retain. */
    gap: { sender: uint(), from: uint(), to: uint(), position: uint() },
    /** Broadcasts are admitted again. */
    ready: {}
  },
  consumed: 'acknowledge',
  admits: 'ready'
})
