/** Point-to-point links, as a service: what is asked of each rung of the ladder (CGR11 Modules 2.2 to 2.5, 2.11). */
import { defineService } from '../core/service.ts'
import { bytes, uint } from '../core/shapes.ts'
import { LINK_MESSAGE_BYTES_MAX } from './constants.ts'

const message = bytes(LINK_MESSAGE_BYTES_MAX)

export const linkService = defineService({
  name: 'point-to-point',
  requests: {
    /** The book's Send, to another member; in traces that word is for what travels. */
    transmit: { arguments: { to: uint(), message } }
  },
  indications: {
    deliver: { from: uint(), message }
  }
})
