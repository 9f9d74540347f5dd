/**
 * What stands on a member's links: the stack, or a Byzantine behaviour in its place. The host cannot tell which.
 */
import type { Asked, Behaviour, ByzantineMember } from '../adversary/behaviour.ts'
import type { Environment } from '../core/environment.ts'
import { isAnsweredAtOnce, type ServiceDeclaration } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import { recordStack } from '../recording/recorder.ts'
import type { LineSink } from '../recording/recording-format.ts'
import { buildStack, type StackInit } from '../stacks/build.ts'
import { openPorts } from '../stacks/paths.ts'
import type { AnyApplication, Services, Stack, StackInstance, StackOptions } from '../stacks/stack.ts'
import type { HostedServices } from './group-process.ts'
import type { HostedInit } from './host.ts'

export interface Member extends HostedServices {
  /** What it offers; at a liar what it pretends to. */
  readonly services: Services
  readonly isLiar: boolean
}

export interface MemberInit extends HostedInit {
  readonly stack: Stack
  readonly options: StackOptions
}

/** @param record - is told the lines of a recording of this life */
export function correctMember(init: MemberInit, application: object, record?: LineSink): Member {
  // It hears whatever its stack declares, and nothing else is told.
  const life: StackInit<AnyApplication, StackInstance> = {
    ...init,
    application: application as AnyApplication
  }
  const recorded = record === undefined ? undefined : recordStack(life, record)
  const built = recorded ?? buildStack(life)
  const { instance } = built
  return {
    openPorts: built.openPorts,
    indications: built.indications,
    attach: (carrier) => built.attach(carrier),
    services: instance.services,
    isLiar: false,
    start: () => instance.restore(),
    ...(recorded === undefined ? {} : { ended: (cause?: Error) => recorded.end(cause) })
  }
}

export interface LiarInit extends MemberInit {
  readonly behaviour: Behaviour
}

/** A liar delivers nothing, and says what it likes about its broadcasts: here, that they were accepted. */
export function liar({ env, stack, options, behaviour, injectFrame }: LiarInit): Member {
  let member: ByzantineMember | undefined
  return {
    openPorts: openPorts(env, stack, options),
    indications: {
      deliver: (from, message) => member?.deliver(from, message),
      sessionStarted: (peer) => member?.sessionStarted(peer),
      sessionEnded: (peer, reason) => member?.sessionEnded(peer, reason)
    },
    attach: (carrier) => {
      member = behaviour.create({ env, stack, options, carrier, byzantine: [env.self], injectFrame })
    },
    services: pretended(env, stack.services, (asked) => member?.ask(asked)),
    isLiar: true,
    start: () => member?.start(),
    frame: (from, bytes) => member?.frame?.(from, bytes)
  }
}

/**
 * What a liar offers: every request that is answered at once, under a number of its own, and that it calls done as soon
 * as that could be true. For what takes an answer of others it has no services.
 */
function pretended(
  env: Environment,
  services: readonly ServiceDeclaration[],
  ask: (asked: Asked) => void
): Services {
  const offered = services.filter(isAnsweredAtOnce).map(({ name: service, requests }) => {
    let taken = 0
    const methods = Object.entries(requests).map(([name, { answer }]) => {
      const method = (...given: readonly unknown[]) => {
        if (answer === undefined) return undefined
        const number = taken++
        const done = given.find((value) => typeof value === 'function') as Done | undefined
        const values = given.filter((value) => typeof value !== 'function') as PlainValue[]
        env.trigger(() => ask({ service, name, arguments: values }))
        env.whenDurable(() => done?.(number))
        return number
      }
      return [name, method] as const
    })
    return [service, Object.fromEntries(methods)] as const
  })
  return Object.fromEntries(offered)
}

type Done = (number: number) => void
