/**
 * What the steps of docs/tutorial-agreement.md have in common: members that propose a value each and decide on one, and
 * what that promises.
 *
 * Properties: *agreement* (no two correct members decide differently), *validity* (where nobody lies, what is decided
 * was proposed), *termination* (every correct member decides).
 */
import { defineService, type Environment, type Ports, type ProcessId, uint } from 'byzkit/protocols'
import { type History, type OwnProtocol, serviceProtocol, type Violation } from 'byzkit/testing'

const agreementService = defineService({
  name: 'agreement',
  requests: {
    /** Returns what is decided. */
    propose: { arguments: { value: uint() }, result: uint() }
  },
  indications: {}
})

export type Returned = (decided: number) => void

export interface OneValue {
  propose(value: number, returned: Returned): { abandon(): void }
}

/** Who voted for what; each member's first vote counts. */
export class Votes {
  readonly #votes = new Map<ProcessId, number>()

  /** @returns how many have voted for that value now */
  add(from: ProcessId, value: number): number {
    if (!this.#votes.has(from)) this.#votes.set(from, value)
    return [...this.#votes.values()].filter((other) => other === value).length
  }
}

function agreement({ events, correct }: History): Violation[] {
  let decided: unknown
  return events.flatMap((event, at) => {
    if (event.kind !== 'return' || !correct.includes(event.process)) return []
    decided ??= event.result
    if (event.result === decided) return []
    const detail = `member ${event.process} decides ${event.result}, another one ${decided}`
    return [{ property: 'agreement', detail, at }]
  })
}

/** A step of the tutorial. */
export const step = (
  name: string,
  title: string,
  create: (env: Environment, ports: Ports) => OneValue
): OwnProtocol =>
  serviceProtocol({
    name,
    title,
    service: agreementService,
    properties: ['termination', 'accuracy'],
    checks: { agreement },
    asks: (process) => [{ name: 'propose', arguments: { value: process + 1 } }],
    create
  })
