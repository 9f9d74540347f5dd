/**
 * A mutant: one deliberate bug in our own source, in one place or in all those that defend against the same, and how it is
 * hunted. The catalogue is data; `apply.ts` makes the change while the file is loaded, and nothing on the disk is touched.
 */
import type { BROADCAST_PROPERTIES } from '../src/checkers/broadcast.ts'
import type { LEADERLESS_STORE_PROPERTIES } from '../src/checkers/leaderless-stores.ts'
import type { LINK_PROPERTIES } from '../src/checkers/links.ts'
import type { UNIVERSAL } from '../src/checkers/property.ts'
import type { REGISTER_PROPERTIES } from '../src/checkers/registers.ts'
import type { REPLICA_PROPERTIES } from '../src/checkers/replicas.ts'
import type { TableName } from '../test/tables/index.ts'

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
  /** After so many runs the next trial begins. Default: {@link TRIAL_RUNS}. */
  readonly runs?: number
}

export const TRIAL_RUNS = 2000

/** A change of one text of the source. */
export interface Change {
  /** The declaration that has it: a class, function or constant, or `Class.member`. Not its file: see anchor.ts. */
  readonly in: string
  /** Occurs exactly once there; white space and comments do not count. */
  readonly find: string
  readonly replace: string
}

interface Described {
  /** In kebab case: what the changed code does. */
  readonly name: string
  readonly kind: Kind
  /** How it falls, in one line. */
  readonly because: string
}

/** A textbook property of runs. */
type RunProperty =
  | keyof typeof BROADCAST_PROPERTIES
  | keyof typeof REGISTER_PROPERTIES
  | keyof typeof LEADERLESS_STORE_PROPERTIES
  | keyof typeof LINK_PROPERTIES
  | keyof typeof REPLICA_PROPERTIES
  | Exclude<keyof typeof UNIVERSAL, 'no crash'>

interface FallsInRuns {
  /** The textbook property that falls: only its violation counts as a kill. */
  readonly breaks: RunProperty
  /** At n = 4 nothing can be seen: the wrong number is the right one there. */
  readonly invisibleAtFour?: true
}

/** Runs are drawn until one violates the property. */
interface ByCampaign extends FallsInRuns {
  readonly by: 'campaign'
  readonly trials: readonly [Trial, ...Trial[]]
}

/**
 * One run is repeated: that of `schedules/NAME.jsonl`, NAME being the mutant's. For what a campaign finds so late that the
 * hunt would be long.
 */
interface BySchedule extends FallsInRuns {
  readonly by: 'schedule'
  /** Where the schedule comes from: `--keep` hunts there and writes it anew. None: somebody wrote it. */
  readonly found?: Trial
}

/** A pure function is tried with each of its inputs: see test/tables. */
interface ByTable {
  readonly by: 'table'
  readonly table: TableName
  /** The property of the table that falls: only its violation counts as a kill. */
  readonly breaks: string
}

/** A test of one component fails, by name. */
interface ByTest {
  readonly by: 'test'
  /** The file of the test, under test/ and without its ending. */
  readonly test: string
  /** The title of the test that fails: no other counts. */
  readonly breaks: string
}

/** How it is hunted. */
export type By = Mutant['by']

/** Several changes where defences stand one behind the other: with one of them left, nothing is to be seen. */
export type Mutant = Described &
  (ByCampaign | BySchedule | ByTable | ByTest) &
  (Change | { readonly changes: readonly [Change, Change, ...Change[]] })

export type Hunted<B extends By> = Extract<Mutant, { readonly by: B }>

export const changesOf = (mutant: Mutant): readonly Change[] =>
  'changes' in mutant ? mutant.changes : [mutant]

/** Broken by a run that exceeds the simulator's bound on the events of a run; of time nothing is concluded. */
export const QUIESCENCE = 'quiescence' satisfies keyof typeof UNIVERSAL

/** Broken where who lies to a correct member in a way that it can know is not named by it: it holds of every protocol. */
export const NAMING = 'naming' satisfies keyof typeof UNIVERSAL
