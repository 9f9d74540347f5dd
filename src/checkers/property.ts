/**
 * What is promised of runs, as data: each property has its textbook name, one sentence that says what it means, and
 * whether it is one of safety or of liveness (Alpern, Schneider 1985). The properties of one abstraction are judged
 * together, since they look at the same facts; which of them a stack claims is in its entry.
 */
import type { History } from '../simulator/history.ts'
import type { Violation } from './violation.ts'

export interface Property {
  /** What it promises, in one sentence. */
  readonly sentence: string
  /** Safety: nothing bad ever happens. Liveness: something good happens in the end, once the faults have ended. */
  readonly kind: 'safety' | 'liveness'
  /** It speaks of what correct processes ask for, and of nothing else. */
  readonly ofAsked?: true
  /** No history shows it: a witness of a whole simulated run judges it. */
  readonly witnessed?: true
}

/** Properties, by name. */
export interface Properties {
  readonly [name: string]: Property
}

/** What of a stack the meaning of its properties depends on. */
export interface Claims {
  readonly name: string
  readonly properties: readonly string[]
}

/** The properties of one abstraction, and who judges those of them that a stack claims. */
export interface Judged<Claimed extends Claims = Claims> {
  readonly properties: Properties
  /** @param properties - names of these properties; all violations of them, in the order of the events */
  check(history: History, properties: readonly string[], stack: Claimed): readonly Violation[]
}

/** What holds of every run, whatever its protocol promises. */
export const UNIVERSAL = {
  'no crash': { kind: 'safety', sentence: 'no correct process stops by an error of its own' },
  quiescence: { kind: 'liveness', sentence: 'every run comes to rest' },
  naming: { kind: 'safety', sentence: 'who tells a correct process a lie that it can know is named by it' }
} as const satisfies Properties
