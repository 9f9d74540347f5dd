/**
 * A mutant: one deliberate bug in our own source, in one place or in all those that defend against the same, and where the
 * laboratory is to find it. The catalogue is
 * data; `apply.ts` makes the change while the file is loaded, and nothing on the disk is touched.
 */
import type { Property } from '../src/stacks/stack.ts'

/** What sort of mistake it is. */
export type Kind =
  | 'quorum' // too few or too many votes are waited for
  | 'wrong tally' // votes are counted wrongly
  | 'missing check'
  | 'forgotten binding' // what is authenticated does not say all that it is about
  | 'lost vote' // what this process has to say is not said again, or not counted again
  | 'revised vote' // a process votes twice
  | 'forgotten write' // what must survive a crash does not
  | 'forgotten restore' // it does, and is not read again
  | 'write not awaited' // others see it before it is durable
  | 'false accusation'
  | 'missing accusation'
  | 'lost message' // links, retransmission, catch-up

/** Where a mutant is looked for: runs with the seeds 1, 2, ... of one configuration. */
export interface Trial {
  readonly protocol: string
  readonly members: number
  /** Default: as many as the protocol withstands; where processes fail by crashing, none. */
  readonly byzantine?: number
  /** Default: `swarm`. */
  readonly adversary?: string
  /** Default: `ideal`. */
  readonly links?: 'ideal' | 'real'
  readonly signedSend?: boolean
  /** After so many runs the next trial begins. Default: {@link TRIAL_RUNS}. */
  readonly runs?: number
}

type RegisterProperty = 'termination' | 'ordering' | 'atomicity'

export const TRIAL_RUNS = 2000

/** An exact change of one source file. */
export interface Change {
  /** The source file, from `src/`. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}

interface Described {
  /** In kebab case: what the changed code does. */
  readonly name: string
  readonly kind: Kind
  /** The textbook property that falls: only its violation counts as a kill. */
  readonly breaks: Property | RegisterProperty | typeof QUIESCENCE | typeof NAMING
  /** How it falls, in one line. */
  readonly because: string
  readonly trials: readonly [Trial, ...Trial[]]
  /** At n = 4 nothing can be seen: the wrong number is the right one there. */
  readonly invisibleAtFour?: true
}

/** Several changes where defences stand one behind the other: with one of them left, nothing is to be seen. */
export type Mutant = Described & (Change | { readonly changes: readonly [Change, Change, ...Change[]] })

export const changesOf = (mutant: Mutant): readonly Change[] =>
  'changes' in mutant ? mutant.changes : [mutant]

/** Broken by a run that exceeds the simulator's bound on the events of a run; of time nothing is concluded. */
export const QUIESCENCE = 'quiescence'

/** Broken where who lies to a correct member in a way that it can know is not named by it: it holds of every protocol. */
export const NAMING = 'naming'
