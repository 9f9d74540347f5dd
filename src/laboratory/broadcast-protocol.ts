/**
 * A broadcast protocol of one's own: what `simulate ./my-protocol.ts` takes as the file's default export, and what the
 * compliance suites judge. docs/bring-your-own.md goes through it step by step.
 *
 * What is yours is one component for each process. What is done for you: broadcasts are numbered from 0 for each
 * sender, requests run as events of the process's queue, deliveries get their positions in the application's log.
 *
 * By default the component stands on perfect links and no process that crashes comes back: whatever is sent arrives,
 * once and in order, however late. In a model in which sessions end and processes crash and restart (`fail-arbitrary`,
 * `fail-recovery`) the component has duties: what it promised to others and what it was asked to broadcast it stores
 * with `env.store` in the same turn, reads back in `create`, and sends again in `resync`. Its deliveries are stored for
 * it: one that was made in a turn that became durable reaches the application, and is not to be made again.
 */

import { broadcastService } from '../broadcast/service.ts'
import { findStack } from '../catalogue/index.ts'
import { BROADCAST_PROPERTIES } from '../checkers/broadcast.ts'
import type { Checks } from '../checkers/violation.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { Model } from '../core/model.ts'
import { scopedStore } from '../core/store.ts'
import type { Claim } from '../exchange/evidence.ts'
import type { Ports } from '../links/ports.ts'
import { type BroadcastComponent, type DeliverBroadcast, PlainBroadcast } from '../stacks/plain-broadcast.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack, Resilience } from '../stacks/stack.ts'
import { ownModel } from './own-model.ts'

export interface BroadcastProtocolInit {
  /** In kebab case; the path of its port may be the same. */
  readonly name: string
  readonly title?: string
  readonly source?: string
  /**
   * A model, or the name of one. Default: fail-arbitrary on perfect links, where runs have f Byzantine members unless
   * told otherwise, and whoever crashes stays down.
   */
  readonly model?: Model | string
  /** Default: n > 3f. Others: `moreThanTwoF` and `anyResilience` of byzkit/protocols, or your own. */
  readonly resilience?: Resilience
  /** What it promises: names of {@link BROADCAST_PROPERTIES}, or keys of `checks`. */
  readonly properties: readonly string[]
  /** Properties of your own, each judged over the history of a run. All of them are judged. */
  readonly checks?: Checks
  /** Names given to `env.observer.landmark` that a campaign must have reached. */
  readonly landmarks?: readonly string[]
  /** What the evidence of its faults may prove: those that it names `proven` are checked by these and byzkit's own. */
  readonly claims?: readonly Claim[]
  /** Called at each start of a process. It opens the ports, and sends nothing yet: `resync` says when. */
  create(env: Environment, ports: Ports, deliver: DeliverBroadcast): BroadcastComponent
}

/** @throws InvalidParametersError in one line that says what is wrong */
export function broadcastProtocol(init: BroadcastProtocolInit): BroadcastStack & { readonly checks: Checks } {
  requireInit(init)
  const { name, properties, checks = {} } = init
  const model = ownModel(init.model, 'broadcastProtocol')
  return {
    abstraction: 'broadcast',
    services: [broadcastService],
    name,
    title: init.title ?? name,
    source: init.source ?? 'a protocol from elsewhere',
    model,
    resilience: init.resilience ?? moreThanThreeF,
    properties: [...new Set([...properties, ...Object.keys(checks)])],
    checks,
    landmarks: init.landmarks ?? [],
    ...(init.claims === undefined ? {} : { claims: init.claims }),
    build: (env, ports, _options, application) => {
      const recovers = model.crashes === 'recover'
      const store = recovers ? scopedStore(env.store, 'broadcast-protocol/') : undefined
      return new PlainBroadcast(env, ports, application, { name, create: init.create, store })
    }
  }
}

function requireInit({ name, properties, checks = {}, create }: BroadcastProtocolInit): void {
  const refuse = (what: string): never => {
    throw new InvalidParametersError(`broadcastProtocol: ${what}`)
  }
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    refuse(`name: small letters, digits and hyphens, at most 64, not ${JSON.stringify(name)}`)
  if (findStack(name) !== undefined) refuse(`${name} is the name of a protocol of byzkit`)
  if (typeof create !== 'function')
    refuse('create: a function (env, ports, deliver) that returns a component')
  if (!Array.isArray(properties)) refuse('properties: a list of names')
  for (const [property, check] of Object.entries(checks)) {
    if (typeof check !== 'function') refuse(`checks: ${property} is no function of a history`)
    if (Object.hasOwn(BROADCAST_PROPERTIES, property))
      refuse(`checks: ${property} is judged already, by byzkit's own`)
  }
  for (const property of properties) {
    if (Object.hasOwn(BROADCAST_PROPERTIES, property) || Object.hasOwn(checks, property)) continue
    refuse(
      `nothing judges the property ${JSON.stringify(property)}: those of byzkit are ${Object.keys(BROADCAST_PROPERTIES).join(', ')}, and checks may add your own`
    )
  }
}
