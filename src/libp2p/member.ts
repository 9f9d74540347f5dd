/**
 * What stands on a member's links: the stack, or a Byzantine behaviour in its place. The host cannot tell which.
 */
import type { Behaviour, ByzantineMember } from '../adversary/behaviour.ts'
import type { ProcessId } from '../core/group.ts'
import { buildStack } from '../stacks/build.ts'
import { portPaths } from '../stacks/paths.ts'
import { recordStack } from '../stacks/recorder.ts'
import type { LineSink } from '../stacks/recording-format.ts'
import type {
  ApplicationIndications,
  BroadcastStack,
  ServedRegisters,
  StackOptions
} from '../stacks/stack.ts'
import type { Hosted, HostedInit } from './host.ts'

export interface Member extends Hosted {
  /** See {@link BroadcastInstance.broadcast}. */
  broadcast(payload: Uint8Array, accepted: () => void): number
  acknowledge(position: number): void
  base(sender: ProcessId): number
  /** See {@link BroadcastInstance.next}; undefined at a liar, who delivers nothing. */
  readonly next: number | undefined
  /** Undefined where members keep none, or where this one lies about them. */
  readonly registers: ServedRegisters | undefined
}

export interface MemberInit extends HostedInit {
  readonly stack: BroadcastStack
  readonly options: StackOptions
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
    registers: instance.registers,
    start: () => instance.restore(),
    broadcast: (payload, accepted) => instance.broadcast(payload, accepted),
    acknowledge: (position) => instance.acknowledge(position),
    base: (sender) => instance.base(sender),
    get next() {
      return instance.next
    },
    ...(recorded === undefined ? {} : { ended: (cause?: Error) => recorded.end(cause) })
  }
}

export interface LiarInit extends MemberInit {
  readonly behaviour: Behaviour
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
    registers: undefined,
    start: () => member.start(),
    broadcast(payload, accepted) {
      env.trigger(() => member.broadcast(payload))
      env.whenDurable(accepted)
      return broadcasts++
    },
    acknowledge: () => {},
    base: () => 0,
    next: undefined,
    ...(member.frame === undefined ? {} : { frame: (from, bytes) => member.frame?.(from, bytes) })
  }
}
