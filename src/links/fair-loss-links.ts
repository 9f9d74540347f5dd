/**
 * Fair-loss links over a port of a network that loses, repeats, delays and reorders (CGR11 Module 2.1): what the ladder
 * stands on in the simulator.
 *
 * Properties: fair loss, finite duplication; no creation where nobody lies.
 * Nothing about the origin of a frame may be believed: it says itself who has sent it, as frames on a wire do, and a
 * Byzantine process may say that it is from anybody.
 *
 * Cost: one message. Space: none.
 */
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages } from '../core/messages.ts'
import { bytes, rank } from '../core/shapes.ts'
import { LINK_FRAME_BYTES_MAX } from './constants.ts'
import type { Ports } from './ports.ts'
import type { Transport } from './transport.ts'

export const fairLossMessages = defineMessages({
  FRAME: [0, { sender: rank, payload: bytes(LINK_FRAME_BYTES_MAX) }]
})

/** @param receive - is told each frame, in a turn, and of whom it says it is */
export function fairLossLinks(
  env: Environment,
  path: string,
  ports: Ports,
  receive: (from: ProcessId, frame: Uint8Array) => void
): Transport {
  const port = ports.open(path, fairLossMessages, {
    deliver(from, { sender, payload }) {
      if (isMember(env.group, sender)) receive(sender, payload)
      else {
        const detail = `a frame of ${sender}, who is no member`
        env.observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
      }
    },
    resync() {}
  })
  // An event of its own: links send at the end of a turn too, when all else of it has left.
  return {
    send: (to, frame) => env.trigger(() => port.send(to, { type: 'FRAME', sender: env.self, payload: frame }))
  }
}
