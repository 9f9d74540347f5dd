/**
 * A service: what a stack offers to the application above it, declared once, as messages are. From the declaration
 * follow what may be planned, how a history tells it, how a recording holds it and how a replay asks for it again.
 *
 * A component that is a service has a method for each request: it takes the arguments in the order in which they are
 * declared, and then, if the request has a result, a callback for it. Its indications are callbacks, as any
 * component's are. What is called in an event of the process's queue stays there: a service is no exception.
 */
import type { Fields, Shape } from './shapes.ts'
import type { PlainValue } from './trace.ts'

/** Plain values, by name. */
export interface Values {
  readonly [name: string]: PlainValue
}

export interface RequestDeclaration {
  /** In the order of the parameters. */
  readonly arguments: Fields
  /**
   * Where the method takes something else than these values one by one: how they are made of what it is given, and what
   * it is given of them.
   */
  readonly plain?: {
    valuesOf(given: readonly unknown[]): readonly PlainValue[]
    givenOf(values: readonly PlainValue[]): readonly unknown[]
  }
  /** What is known at once, as the request is taken: the number of a broadcast. */
  readonly answer?: Shape<PlainValue>
  /** What it returns in the end; without it there is nothing to wait for. */
  readonly result?: Shape<PlainValue>
  /** It changes nothing: whoever gives up on it leaves nothing behind. */
  readonly reads?: true
}

export interface ServiceDeclaration {
  /** By which a stack's instance has it. */
  readonly name: string
  readonly requests: { readonly [name: string]: RequestDeclaration }
  /** Names and shapes of what each of them tells. */
  readonly indications: { readonly [name: string]: Fields }
  /** By which request an application says that it is done with an indication: its arguments are values of that. */
  readonly consumed?: string
  /**
   * By which indication it says that it takes again what it has refused with a WindowFullError; without it, it does as
   * soon as something that was asked for has returned.
   */
  readonly admits?: string
}

/** Checks the declaration where it is made, and keeps its names. */
export const defineService = <const S extends ServiceDeclaration>(declaration: S): S => declaration

/** Whether all that is asked of it is answered as it is asked, so that a liar can pretend to be it. */
export const isAnsweredAtOnce = ({ requests }: ServiceDeclaration): boolean =>
  Object.values(requests).every(({ answer, result }) => answer !== undefined || result === undefined)

/** What a request or an indication brings, by the names that are declared. */
export const named = (fields: Fields, values: readonly PlainValue[]): Values =>
  Object.fromEntries(Object.keys(fields).map((name, index) => [name, values[index] ?? null]))
