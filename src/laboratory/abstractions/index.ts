/** The one place where an abstraction is looked up, and with it what a stack of its kind promises. */
import { type Property, UNIVERSAL } from '../../checkers/property.ts'
import type { Checks, Violation } from '../../checkers/violation.ts'
import { InvalidParametersError } from '../../core/errors.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { Stack } from '../../stacks/stack.ts'
import type { Abstraction, Term } from './abstraction.ts'
import { broadcasts } from './broadcasts.ts'
import { describeDeclared } from './declared.ts'
import { detectors } from './detectors.ts'
import { leaderlessStores } from './leaderless-stores.ts'
import { links } from './links.ts'
import { maxRegisters } from './max-registers.ts'
import { registers } from './registers.ts'
import { replicas } from './replicas.ts'

/** By the name that stacks give as theirs. Each knows the stacks of its own kind alone, and is asked of no others. */
const abstractions: { readonly [name: string]: Abstraction<never> } = {
  broadcast: broadcasts,
  register: registers,
  'max-register': maxRegisters,
  'leaderless-store': leaderlessStores,
  detector: detectors,
  replica: replicas,
  links
}

/**
 * Those that came with somebody's own stack, by the names of their services: for the words that they have for events.
 */
const brought = new Map<string, Abstraction>()

/** What a stack of somebody's own says of its abstraction. */
interface Brings {
  readonly laboratory?: Abstraction<never>
}

/** Events of the service that this stack brings, if it does, can be told in words from now on. */
export function bringAbstraction({ laboratory }: Brings): void {
  if (laboratory !== undefined) brought.set(laboratory.service.name, laboratory as Abstraction)
}

/** @throws InvalidParametersError if the laboratory knows nothing of it */
export function abstractionOf({
  name,
  abstraction,
  laboratory
}: Pick<Stack, 'name' | 'abstraction'> & Brings): Abstraction {
  if (laboratory !== undefined) return laboratory as Abstraction<Stack>
  if (abstraction === 'own')
    throw new InvalidParametersError(
      `${name}: the laboratory knows nothing of its service: serviceProtocol() of byzkit/testing says it`
    )
  if (!Object.hasOwn(abstractions, abstraction)) {
    const known = Object.keys(abstractions).join(', ')
    throw new InvalidParametersError(`${name}: there is no abstraction ${abstraction}; there are ${known}`)
  }
  return abstractions[abstraction] as Abstraction<Stack>
}

const ofService = (event: HistoryEvent): Abstraction | undefined =>
  'service' in event
    ? ((Object.values(abstractions).find(({ service }) => service.name === event.service) ??
        brought.get(event.service)) as Abstraction | undefined)
    : undefined

/** What a service tells, in words, or in those of its own where it is not known here; undefined of all else. */
export function describeTold(event: HistoryEvent, shown: (value: PlainValue) => string): string | undefined {
  const known = ofService(event)
  return known === undefined ? describeDeclared(event, shown) : known.describe(event, shown)
}

/** Which instance of its protocol the event is about. */
export const instanceTold = (event: HistoryEvent): Violation['instance'] =>
  ofService(event)?.instanceOf(event)

/** The term that begins there for a process, in a group of so many members. */
export const termTold = (event: HistoryEvent, n: number): Term | undefined =>
  ofService(event)?.term?.(event, n)

/** The property of that name that the stack may claim, or that holds of every run; undefined if nobody judges it. */
export function propertyOf(stack: Pick<Stack, 'name' | 'abstraction'>, name: string): Property | undefined {
  const known: { readonly [name: string]: Property } = {
    ...UNIVERSAL,
    ...abstractionOf(stack).judged.properties
  }
  return Object.hasOwn(known, name) ? known[name] : undefined
}

/** @throws InvalidParametersError that names a property which the stack claims and nobody judges */
export function requireJudged(stack: Stack, checks: Checks = {}): void {
  const { properties } = abstractionOf(stack).judged
  const unknown = stack.properties.find(
    (property) => !Object.hasOwn(properties, property) && !Object.hasOwn(checks, property)
  )
  if (unknown === undefined) return
  const names = Object.keys(properties).join(', ')
  throw new InvalidParametersError(
    `${stack.name}: nothing judges the property ${JSON.stringify(unknown)}; those of its abstraction are ${names}`
  )
}
