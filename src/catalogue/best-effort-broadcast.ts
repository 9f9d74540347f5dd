/** Best-effort broadcast. */

import { BestEffortBroadcast } from '../broadcast/best-effort-broadcast.ts'
import { PAYLOAD_BYTES_MAX } from '../broadcast/constants.ts'
import { broadcastService } from '../broadcast/service.ts'
import { failSilent } from '../core/model.ts'
import { bytes, decode, encode, record, uint } from '../core/shapes.ts'
import { PlainBroadcast } from '../stacks/plain-broadcast.ts'
import { anyResilience } from '../stacks/resilience.ts'
import type { BroadcastStack } from '../stacks/stack.ts'

/** What a number takes in a message beside its payload, bytes. */
const NUMBER_BYTES_MAX = 16
const LONGEST = PAYLOAD_BYTES_MAX - NUMBER_BYTES_MAX

/** Messages are unique in the book: here each has a number, which with its sender names it, and travels with it. */
const numbered = record({ sequence: uint(), payload: bytes(LONGEST) })

export const bestEffortBroadcast: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'best-effort-broadcast',
  title: 'Best-effort broadcast: basic broadcast',
  source: 'CGR11 Algorithm 3.1',
  model: failSilent,
  resilience: anyResilience,
  properties: ['validity', 'no duplication', 'no creation'],
  landmarks: ['delivered-by-some'],
  build: (env, ports, { payloadBytesMax = LONGEST }, application) =>
    new PlainBroadcast(env, ports, application, {
      name: 'best-effort-broadcast',
      payloadBytesMax: Math.min(payloadBytesMax, LONGEST),
      create(_env, _ports, deliver) {
        const broadcast = new BestEffortBroadcast(env, 'best-effort-broadcast', ports, {
          deliver(sender, message) {
            const decoded = decode(numbered, message)
            if (decoded !== undefined) deliver(sender, decoded.sequence, decoded.payload)
            else
              env.observer.fault({
                process: sender,
                kind: 'malformed',
                certainty: 'certain',
                detail: 'a broadcast without a number'
              })
          }
        })
        return {
          broadcast: (sequence, payload) => broadcast.broadcast(encode(numbered, { sequence, payload })),
          state: () => broadcast.state()
        }
      }
    })
}
