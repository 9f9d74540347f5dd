/** A behaviour within a behaviour: it lives and hears all along, and speaks only while its gate is open. */
import type { ProcessId } from '../core/group.ts'
import type { BehaviourContext, ByzantineMember } from './behaviour.ts'

/** The same context, whose ways out are closed while `open` says no. */
export function gated(context: BehaviourContext, open: () => boolean): BehaviourContext {
  const { carrier, injectFrame } = context
  return {
    ...context,
    carrier: {
      send: (to, message) => {
        if (open()) carrier.send(to, message)
      }
    },
    ...(injectFrame && {
      injectFrame: (to: ProcessId, frame: Uint8Array) => {
        if (open()) injectFrame(to, frame)
      }
    })
  }
}

/** Several members as one: each hears and is asked everything. */
export function together(members: readonly ByzantineMember[]): ByzantineMember {
  const each = (tell: (member: ByzantineMember) => void) => {
    for (const member of members) tell(member)
  }
  return {
    start: () => each((member) => member.start()),
    ask: (asked) => each((member) => member.ask(asked)),
    deliver: (from, message) => each((member) => member.deliver(from, message)),
    sessionStarted: (peer) => each((member) => member.sessionStarted(peer)),
    sessionEnded: (peer, reason) => each((member) => member.sessionEnded(peer, reason)),
    frame: (from, frame) => each((member) => member.frame?.(from, frame))
  }
}
