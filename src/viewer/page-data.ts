/**
 * What the page is given of a run: all that can be worked out beforehand is. Types alone, since both sides read it:
 * the model that makes it, and the parts of the page. Everything else that counts events counts them as `events` here
 * does: by their place among those that get a row.
 */

/** What JSON leaves of a PlainValue; a byte string is `{ hex }`. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

export interface PageEvent {
  /** Microseconds. */
  readonly time: number
  /** -1 for the end of the run, which is nobody's. */
  readonly process: number
  /** That of the trace, or `end`. */
  readonly kind: string
  /** One line. */
  readonly text: string
  /** The component, where one is named. */
  readonly path?: string
  /** Broadcasts it may belong to, as `sender/sequence`. */
  readonly instances?: readonly string[]
  /** Index in `messages`, of the message that is sent, received or lost. */
  readonly message?: number
  /** A term begins there for the process, and who leads in it; whether it is the first to enter that term. */
  readonly term?: { readonly name: string; readonly leader: number; readonly isFirst: boolean }
  /** What there is to know beyond the line; that of a message is the message's. */
  readonly contents?: { readonly [name: string]: JsonValue }
}

export interface PageMessage {
  readonly from: number
  readonly to: number
  readonly type: string
  readonly path: string
  readonly contents: JsonValue
  /** Of the event that sent it; -1 if the trace has none. */
  readonly send: number
  readonly ends: readonly PageMessageEnd[]
}

export interface PageMessageEnd {
  readonly event: number
  /** Received for the first time, once more, or lost. */
  readonly how: 'received' | 'duplicate' | 'lost'
}

export interface PageState {
  /** The event after which the component was in it; -1 before the first. */
  readonly after: number
  readonly process: number
  readonly path: string
  readonly state: JsonValue
}

export interface PageViolation {
  readonly property: string
  readonly detail: string
  readonly event: number
}

export interface PageData {
  readonly title: string
  readonly members: number
  readonly byzantine: readonly number[]
  readonly events: readonly PageEvent[]
  readonly messages: readonly PageMessage[]
  readonly states: readonly PageState[]
  readonly violations: readonly PageViolation[]
  /** Events, in order, each with a sentence. */
  readonly explanation: readonly { readonly event: number; readonly sentence: string }[]
  /** Types of messages and the number of their colour. */
  readonly colours: readonly { readonly type: string; readonly colour: number }[]
  /** Components that some event names, sorted. */
  readonly paths: readonly string[]
  /** Broadcasts that some event is about, sorted. */
  readonly instances: readonly string[]
}
