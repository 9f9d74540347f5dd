/** How the rungs of the link ladder are put together, each on those below it, over fair-loss links. */
import type { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { isMember, type ProcessId, peersOf } from '../core/group.ts'
import { AuthenticatedLinks } from '../links/authenticated-links.ts'
import type { Carrier } from '../links/carrier.ts'
import { LINK_MESSAGE_OVERHEAD_BYTES, LINK_UNACKED_BYTES_MAX } from '../links/constants.ts'
import { fairLossLinks } from '../links/fair-loss-links.ts'
import type { Ports } from '../links/ports.ts'
import { linkService } from '../links/service.ts'
import { type LinkIndications, StubbornLinks } from '../links/stubborn-links.ts'
import type { StackInstance } from './stack.ts'

/** What is to be sent once a session has begun. */
interface Waiting {
  readonly messages: Uint8Array[]
  bytes: number
}

interface Rung extends Component<LinkIndications>, Carrier {
  /** What the rung below it indicates. */
  readonly indications: LinkIndications
  attach(below: Carrier): void
}

/** The rungs that `above` makes, the topmost first, on stubborn links. */
export function ladder(
  env: Environment,
  path: string,
  ports: Ports,
  application: LinkIndications,
  above: readonly ((indications: LinkIndications) => Rung)[] = []
): StackInstance {
  let indications = whenDurable(env, application)
  const rungs = above.map((make) => {
    const rung = make(indications)
    ;({ indications } = rung)
    return rung
  })
  const fairLoss = fairLossLinks(env, path, ports, (from, frame) => stubborn.receive(from, frame))
  const stubborn = new StubbornLinks(env, `${path}/stubborn`, fairLoss, indications)
  const all = [...rungs, stubborn]
  rungs.forEach((rung, place) => {
    rung.attach(all[place + 1] ?? stubborn)
  })
  const [top = stubborn] = all
  return { ...instance(env, all, (to, message) => top.send(to, message)), restore() {} }
}

/**
 * Authenticated links. What is sent before their session has begun waits for it: no more than a session may leave
 * unacknowledged. A peer that lets more wait is treated as crashed, as by stubborn links, and nothing is sent to it any
 * more, so that what it is sent has no holes.
 */
export function authenticated(
  env: Environment,
  path: string,
  ports: Ports,
  application: LinkIndications
): StackInstance {
  const begun = new Set<ProcessId>()
  const waiting = new Map<ProcessId, Waiting>(
    peersOf(env.group, env.self).map((peer) => [peer, { messages: [], bytes: 0 }])
  )
  const { deliver } = whenDurable(env, application)
  const fairLoss = fairLossLinks(env, path, ports, (from, frame) => links.receive(from, frame))
  const links = new AuthenticatedLinks(
    env,
    `${path}/links`,
    {
      transport: fairLoss,
      fingerprint: () => env.crypto.hash(new Uint8Array(0)),
      earlierLives: [],
      unackedBytesMax: LINK_UNACKED_BYTES_MAX
    },
    {
      deliver,
      sessionStarted(peer) {
        begun.add(peer)
        const kept = waiting.get(peer)
        if (kept === undefined) return
        for (const message of kept.messages.splice(0)) links.send(peer, message)
        kept.bytes = 0
      },
      sessionEnded: (peer) => void begun.delete(peer),
      lagging() {},
      recovered() {}
    }
  )
  const send = (to: ProcessId, message: Uint8Array) => {
    const kept = waiting.get(to)
    if (kept === undefined) return
    if (begun.has(to)) {
      links.send(to, message)
      return
    }
    kept.messages.push(message)
    kept.bytes += message.length + LINK_MESSAGE_OVERHEAD_BYTES
    if (kept.bytes <= LINK_UNACKED_BYTES_MAX) return
    waiting.delete(to)
    const detail = 'begins no session, and a whole window waits for it; treated as crashed'
    env.observer.fault({ process: to, kind: 'lagging', certainty: 'suspected', detail })
  }
  return {
    ...instance(env, [links], send),
    restore() {
      links.start()
      for (const peer of peersOf(env.group, env.self)) links.connected(peer)
    }
  }
}

const whenDurable = (env: Environment, application: LinkIndications): LinkIndications => ({
  deliver: (from, message) => env.whenDurable(() => application.deliver(from, message))
})

function instance(
  env: Environment,
  parts: readonly Pick<Component, 'path' | 'state'>[],
  send: (to: ProcessId, message: Uint8Array) => void
): Pick<StackInstance, 'services' | 'state'> {
  const service = {
    /** @throws InvalidParametersError if there is no link to it */
    transmit(to: ProcessId, message: Uint8Array): void {
      if (!isMember(env.group, to) || to === env.self)
        throw new InvalidParametersError(`a link leads to another member, not from ${env.self} to ${to}`)
      env.trigger(() => send(to, message))
    }
  }
  return {
    services: { [linkService.name]: service },
    state: () => Object.fromEntries(parts.map((part) => [part.path, part.state()]))
  }
}
