/**
 * What stands on a member's links: the stack, or a Byzantine behaviour in its place. The host cannot tell which.
 */
import type { Behaviour, ByzantineMember } from '../adversary/behaviour.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { Carrier, CarrierIndications } from '../links/carrier.ts'
import { buildStack } from '../stacks/build.ts'
import { type PortPaths, portPaths } from '../stacks/paths.ts'
import { recordStack } from '../stacks/recorder.ts'
import type { LineSink } from '../stacks/recording-format.ts'
import type { ApplicationIndications, BroadcastStack, StackOptions } from '../stacks/stack.ts'

export interface Member {
  /** What both ends of a session agree on. */
  readonly ports: PortPaths
  /** Called once, in the first turn. */
  start(): void
  /** See {@link BroadcastInstance.broadcast}. */
  broadcast(payload: Uint8Array, accepted: () => void): number
  acknowledge(position: number): void
  base(sender: ProcessId): number
  /** A frame as it came off the wire, below the links. */
  frame?(from: ProcessId, frame: Uint8Array): void
  /** Nothing happens to it any more: a handler threw or a write failed, or it was told to stop. */
  ended?(cause?: Error): void
}

export interface MemberInit {
  readonly env: Environment
  readonly stack: BroadcastStack
  readonly options: StackOptions
  /** Links that indicate to the member. */
  readonly connect: (indications: CarrierIndications) => Carrier
}

/** @param record - is told the lines of a recording of this life */
export function correctMember(
  init: MemberInit,
  application: ApplicationIndications,
  record?: LineSink
): Member {
  const life = { ...init, application }
  const recorded = record === undefined ? undefined : recordStack(life, record)
  const built = recorded ?? buildStack(life)
  const { instance } = built
  return {
    ports: built,
    start: () => instance.restore(),
    broadcast: (payload, accepted) => instance.broadcast(payload, accepted),
    acknowledge: (position) => instance.acknowledge(position),
    base: (sender) => instance.base(sender),
    ...(recorded === undefined ? {} : { ended: (cause?: Error) => recorded.end(cause) })
  }
}

export interface LiarInit extends MemberInit {
  readonly behaviour: Behaviour
  /** Puts bytes of its own making on the wire. */
  readonly injectFrame: (to: ProcessId, frame: Uint8Array) => void
}

/** A liar delivers nothing, and says what it likes about its broadcasts: here, that they were accepted. */
export function liar({ env, stack, options, connect, behaviour, injectFrame }: LiarInit): Member {
  const members: ByzantineMember[] = []
  const carrier = connect({
    deliver: (from, message) => members[0]?.deliver(from, message),
    sessionStarted: (peer) => members[0]?.sessionStarted(peer),
    sessionEnded: (peer, reason) => members[0]?.sessionEnded(peer, reason)
  })
  const member = behaviour.create({ env, stack, options, carrier, byzantine: [env.self], injectFrame })
  members.push(member)
  let broadcasts = 0
  return {
    ports: portPaths(env, stack, options),
    start: () => member.start(),
    broadcast(payload, accepted) {
      env.trigger(() => member.broadcast(payload))
      env.whenDurable(accepted)
      return broadcasts++
    },
    acknowledge: () => {},
    base: () => 0,
    ...(member.frame === undefined ? {} : { frame: (from, bytes) => member.frame?.(from, bytes) })
  }
}
