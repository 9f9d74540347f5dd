/**
 * What the laboratory knows of one abstraction: all that is not the same for broadcasts and registers, in one object,
 * so that whatever runs, records, searches and judges asks nobody which of them it is about.
 */
import type { DisksInit } from '../../checkers/disk.ts'
import type { ObjectModel } from '../../checkers/models.ts'
import type { Operation } from '../../checkers/operations.ts'
import type { Judged } from '../../checkers/property.ts'
import type { Violation } from '../../checkers/violation.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Model } from '../../core/model.ts'
import type { ServiceDeclaration } from '../../core/service.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { SimulatedUse } from '../../simulator/application.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { Rates } from '../../simulator/rates.ts'
import type { Planned } from '../../simulator/schedule.ts'
import type { SeededRandom } from '../../simulator/seeded-random.ts'
import type { Stack, StackOptions } from '../../stacks/stack.ts'

export interface Abstraction<S extends Stack = Stack> extends SimulatedUse<S> {
  /** What its stacks offer. */
  readonly service: ServiceDeclaration
  /** What stacks of this kind may promise, and who judges it. */
  readonly judged: Judged<S>
  /** The behaviour that leaves a mark there, where the usual attack, lies in votes and answers, may leave none. */
  readonly attack?: string
  /** How many processes of a run are no members, and use what these keep. */
  readonly clients: number
  /** Bounds of its stacks, drawn small, so that a short run reaches their edges; from a stream of its own. */
  bounds?(draw: SeededRandom): StackOptions
  /** What applications ask for in a run, and what goes wrong there beside what goes wrong in every run. */
  rates(init: RatesInit<S>): Partial<Rates> & Pick<Rates, 'workload'>
  /** The least that shows whether a group works at all: everybody who asks for something does so once. */
  simplest(members: number, clients: number): readonly Planned[]
  /**
   * An event of the service in words, behind the name of its process.
   * @param shown - a value in a few characters
   */
  describe(event: HistoryEvent, shown: (value: PlainValue) => string): string | undefined
  /** None of its protocols tells two values apart but by whether they are equal, as one does that orders them. */
  readonly valuesAlike?: true
  /**
   * The name of what an application is told durably: told under it once more, as after a crash, it is the same. Absent:
   * nothing comes twice.
   */
  durableName?(event: HistoryEvent): string | undefined
  /** Which instance of its protocol an event of the service is about, if about one. */
  instanceOf(event: HistoryEvent): Violation['instance']
  /**
   * Where time is divided into terms, each led by somebody: the term that begins there for a process, if one does.
   * @param n - members of the group
   */
  term?(event: HistoryEvent, n: number): Term | undefined
  /** What is wrong with the disks of correct members whose processes have ended. Absent: nobody looks at them. */
  judgeDisks?(init: DisksInit): readonly Violation[]
  /** Members follow one of them: a live group can be put through what befalls leaders. */
  readonly led?: Led
}

export interface Term {
  /** In words: its number, and what it is. */
  readonly name: string
  readonly leader: ProcessId
}

/** What is to be known of members that follow a leader, by those who look at them from outside. */
export interface Led {
  /** For people: what it is that they do, in one word; what a term is called, and how far a member is. */
  readonly words: { readonly title: string; readonly term: string; readonly done: string }
  /** Bounds under which a short tour comes to their edges. */
  readonly options: StackOptions
  /** Where a member is, by what its services say of themselves; undefined if they do not say it. */
  standing(said: { readonly [service: string]: PlainValue }): Standing | undefined
  /** What a client asks for as its request of that number, from 1 on. */
  asks(process: ProcessId, number: number, draw: SeededRandom): Extract<Planned, { kind: 'request' }>
  /** The operations of clients as those of an object, and what it does: what they saw is to be linearizable. */
  readonly model: ObjectModel
  operations(events: readonly HistoryEvent[]): readonly Operation[]
}

export interface Standing {
  readonly term: number
  readonly leader: ProcessId
  /** It is leaving that term for another. */
  readonly isLeaving: boolean
  readonly done: number
}

/** What is known of a run when its workload is drawn. */
export interface RatesInit<S extends Stack = Stack> {
  readonly stack: S
  /** What the run is drawn from: that of the stack or, beyond it, a weaker one. */
  readonly model: Model
  /** For streams of its own. */
  readonly seed: number
  /** Draws go on in the stream of the plan. */
  readonly draw: SeededRandom
  readonly members: number
  /** How many members may fail beside the Byzantine ones. */
  readonly faulty: number
  /** How often the application of a member asks for something, as it was drawn. */
  readonly asked: number
  /** Drawn too. */
  readonly payloadBytesMax: number
  readonly healMs: number
  /** Within how long clients ask, milliseconds; a few of them ask all at once. */
  readonly askedWithinMs: number
  /** Answers to clients come late, and meet another life. */
  readonly lateAnswers: boolean
}
