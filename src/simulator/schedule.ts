/**
 * A schedule: every choice of a run, as data. A choice names what it acts on (the n-th message on a link, the n-th
 * sync of a disk, an act of a Byzantine member), never an index into what happens to be enabled: so one can be taken
 * away, and all others still mean what they meant.
 *
 * What no choice names follows a fixed default: messages take LATENCY_US and arrive in the order in which they were
 * sent, nothing fails, no application asks for anything. A choice whose object never comes up is skipped and counted.
 *
 * Times are microseconds of virtual time, from the start of the run; numbers count from 1.
 */
import type { ProcessId } from '../core/group.ts'

/** How long a message takes by default, microseconds. */
export const LATENCY_US = 1000
/** How long a sync takes by default, microseconds. */
export const SYNC_US = 100

/** After the end of every run: who is down until then does not come back. */
export const NEVER_US = 10 ** 12

/** Asked for while the run goes on, when its object comes up. */
export type Answer =
  /** The n-th message (with real links: frame) from one process to another takes `us` longer. */
  | {
      readonly kind: 'delay'
      readonly from: ProcessId
      readonly to: ProcessId
      readonly number: number
      readonly us: number
    }
  /**
   * That message (with real links: frame) is lost, or comes once more after `us`; or, with real links alone, comes `us`
   * late and overtaken by others.
   */
  | { readonly kind: 'lose'; readonly from: ProcessId; readonly to: ProcessId; readonly number: number }
  | {
      readonly kind: 'overtake' | 'duplicate'
      readonly from: ProcessId
      readonly to: ProcessId
      readonly number: number
      readonly us: number
    }
  /** The n-th session with `from` begins at `to` after `us`. */
  | {
      readonly kind: 'handshake'
      readonly from: ProcessId
      readonly to: ProcessId
      readonly number: number
      readonly us: number
    }
  /** The n-th sync of the process's disk takes `us` longer. */
  | { readonly kind: 'sync'; readonly process: ProcessId; readonly number: number; readonly us: number }
  /** The n-th sync fails: the process stops, and is started again after `us`. */
  | { readonly kind: 'sync-fails'; readonly process: ProcessId; readonly number: number; readonly us: number }
  /** What is left of the n-th sync if the process goes down in it: everything, or a torn part; otherwise nothing. */
  | {
      readonly kind: 'unsynced'
      readonly process: ProcessId
      readonly number: number
      readonly left: 'all' | 'torn'
    }
  /** The process omits to send the n-th message that it would send, or to receive the n-th that reaches it. */
  | {
      readonly kind: 'omit-send' | 'omit-receive'
      readonly process: ProcessId
      readonly number: number
    }
  /** The application takes `us` to consume its n-th delivery. */
  | { readonly kind: 'consume'; readonly process: ProcessId; readonly number: number; readonly us: number }

/** Known from the start: what happens at a time of its own. */
export type Planned =
  | {
      readonly kind: 'clock'
      readonly process: ProcessId
      readonly offsetMs: number
      readonly driftPpm: number
    }
  | { readonly kind: 'clock-jump'; readonly process: ProcessId; readonly at: number; readonly ms: number }
  /**
   * The n-th request of the application, made then, or as soon as what its stack offers admits it. The arguments are
   * numbers, from which the application makes values: `bytes` stands for so many of them, which follow from the process
   * and the number.
   */
  | {
      readonly kind: 'request'
      readonly process: ProcessId
      readonly number: number
      readonly at: number
      /** As the stack declares them; a Byzantine member is stirred by whatever it is asked for. */
      readonly service: string
      readonly name: string
      readonly arguments: { readonly [name: string]: number }
    }
  | { readonly kind: 'crash'; readonly process: ProcessId; readonly at: number; readonly until: number }
  /**
   * The process crashes as its n-th sync begins, before its n-th message leaves, or as its n-th operation returns; it
   * is back after `us`.
   */
  | {
      readonly kind: 'crash-on'
      readonly process: ProcessId
      readonly event: 'sync' | 'send' | 'return'
      readonly number: number
      readonly us: number
    }
  /** The process takes no step in between: what comes to it waits. */
  | { readonly kind: 'pause'; readonly process: ProcessId; readonly at: number; readonly until: number }
  /** Nothing passes from `side` to the others and, unless it is one-way, from the others to it. */
  | {
      readonly kind: 'partition'
      readonly at: number
      readonly until: number
      readonly side: readonly ProcessId[]
      readonly oneWay: boolean
    }
  | { readonly kind: 'end-session'; readonly a: ProcessId; readonly b: ProcessId; readonly at: number }
  /** A Byzantine member sends these bytes (hexadecimal), on its links or below them. */
  | {
      readonly kind: 'act' | 'frame'
      readonly process: ProcessId
      readonly at: number
      readonly to: ProcessId
      readonly bytes: string
    }

export type Choice = Answer | Planned

/** Names what an answer acts on; two answers of one schedule never have the same point. */
export function pointOf(answer: Answer): string {
  return 'from' in answer
    ? linkPoint(answer.kind, answer.from, answer.to, answer.number)
    : processPoint(answer.kind, answer.process, answer.number)
}

export const linkPoint = (kind: string, from: ProcessId, to: ProcessId, number: number) =>
  `${kind}/${from}/${to}/${number}`

export const processPoint = (kind: string, process: ProcessId, number: number) =>
  `${kind}/${process}/${number}`

const ANSWERS: ReadonlySet<string> = new Set<Answer['kind']>([
  'delay',
  'lose',
  'overtake',
  'duplicate',
  'handshake',
  'sync',
  'sync-fails',
  'unsynced',
  'omit-send',
  'omit-receive',
  'consume'
])

export function isAnswer(choice: Choice): choice is Answer {
  return ANSWERS.has(choice.kind)
}
