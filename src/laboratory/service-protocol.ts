/**
 * A protocol of one's own that offers a service of its own: what `simulate ./my-protocol.ts` takes as the file's
 * default export beside what `broadcastProtocol` returns, and what nodes run. docs/bring-your-own.md goes through one.
 */
import { findStack } from '../catalogue/index.ts'
import type { Checks } from '../checkers/violation.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { Model } from '../core/model.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Claim } from '../exchange/evidence.ts'
import type { Ports } from '../links/ports.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { OwnStack, Resilience } from '../stacks/stack.ts'
import type { Abstraction } from './abstractions/abstraction.ts'
import { type DeclaredInit, declaredAbstraction } from './abstractions/declared.ts'
import { ownModel } from './own-model.ts'

/** A stack of somebody's own, with what the laboratory is to know of it. */
export interface OwnProtocol extends OwnStack {
  readonly laboratory: Abstraction<OwnStack>
  readonly checks: Checks
}

/**
 * One process's part: a method for each request, as it is declared. A class that extends `Component`, or any object.
 */
export interface ServiceComponent {
  /** Called once, in the first turn of each life. */
  restore?(): void
  /** Its whole state as one value, for traces and the viewer. */
  state?(): PlainValue
}

export interface ServiceProtocolInit<I extends object> extends DeclaredInit {
  /** In kebab case; the path of its port may be the same. */
  readonly name: string
  readonly title?: string
  readonly source?: string
  /**
   * A model, or the name of one. Default: fail-arbitrary on perfect links, where runs have f Byzantine members unless
   * told otherwise, and whoever crashes stays down.
   */
  readonly model?: Model | string
  /** Default: n > 3f. */
  readonly resilience?: Resilience
  /** What it promises beside its checks: `termination`, `accuracy`. */
  readonly properties?: readonly string[]
  /** What it promises, each judged over the history of a run. */
  readonly checks?: Checks
  readonly landmarks?: readonly string[]
  readonly claims?: readonly Claim[]
  /**
   * Called at each start of a process; returns a {@link ServiceComponent}, or less.
   * @param indications - of the service, by their names
   */
  create(env: Environment, ports: Ports, indications: I): object
}

/** @throws InvalidParametersError in one line that says what is wrong */
export function serviceProtocol<I extends object>(init: ServiceProtocolInit<I>): OwnProtocol {
  requireInit(init)
  const { name, service, clients = 0, properties = [], checks = {} } = init
  return {
    abstraction: 'own',
    laboratory: declaredAbstraction(init),
    services: [service],
    name,
    title: init.title ?? name,
    source: init.source ?? 'a protocol from elsewhere',
    model: ownModel(init.model, 'serviceProtocol'),
    resilience: init.resilience ?? moreThanThreeF,
    properties: [...new Set([...properties, ...Object.keys(checks)])],
    checks,
    landmarks: init.landmarks ?? [],
    ...(clients > 0 && { clients: true as const }),
    ...(init.claims === undefined ? {} : { claims: init.claims }),
    build(env, ports, _options, application) {
      const component: ServiceComponent = init.create(env, ports, application as I)
      return {
        services: { [service.name]: component },
        restore: () => component.restore?.(),
        state: () => ({ [name]: component.state?.() ?? null })
      }
    }
  }
}

function requireInit({ name, service, create, asks }: ServiceProtocolInit<never>): void {
  const refuse = (what: string): never => {
    throw new InvalidParametersError(`serviceProtocol: ${what}`)
  }
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    refuse(`name: small letters, digits and hyphens, at most 64, not ${JSON.stringify(name)}`)
  if (findStack(name) !== undefined) refuse(`${name} is the name of a protocol of byzkit`)
  if (typeof service !== 'object' || service === null) refuse('service: what defineService returns')
  if (typeof create !== 'function')
    refuse('create: a function (env, ports, indications) that returns a component')
  if (typeof asks !== 'function')
    refuse('asks: a function (process, draw, members) that returns what its application asks for')
}
