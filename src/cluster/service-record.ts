/** What applications of the laboratory have recorded in the processes of a cluster. */
import type { ProcessId } from '../core/group.ts'
import { abstractionOf } from '../laboratory/abstractions/index.ts'
import { recordedEvent } from '../laboratory/applied-stack.ts'
import type { HistoryEvent } from '../simulator/history.ts'
import type { ToldBy } from './messages.ts'
import type { ClusterPlan } from './plan.ts'
import { Recorder } from './recorder.ts'

/** Of the operations of a process. An application counts them from one in each of its lives; a history counts on. */
interface Numbers {
  /** So many in the lives before this one. */
  readonly before: number
  readonly highest: number
}

export class ServiceRecord extends Recorder {
  /** Operations that have begun, with whom they need, and what has ended, by the names that the abstraction gives. */
  readonly #begun = new Map<string, readonly ProcessId[]>()
  readonly #down = new Set<ProcessId>()
  readonly #ended = new Set<string>()
  readonly #told = new Map<ProcessId, number>()
  /** What applications were told durably, each by its name; across a crash the same comes again. */
  readonly #durable = new Set<string>()
  readonly #numbers = new Map<ProcessId, Numbers>()
  readonly #story: ReturnType<typeof abstractionOf>

  constructor(plan: ClusterPlan) {
    super(plan)
    this.#story = abstractionOf(plan.stack)
  }

  /** Whether whatever has begun has ended, but for what waits for somebody who is down or Byzantine. */
  get allEnded(): boolean {
    const isOwing = (process: ProcessId) => !this.#down.has(process) && !this.plan.byzantine.includes(process)
    return [...this.#begun].every(([name, needed]) => this.#ended.has(name) || !needed.every(isOwing))
  }

  override died(process: ProcessId, kind: 'crash' | 'restart'): void {
    if (kind === 'crash') {
      this.#down.add(process)
      // Its application waits for nothing any more; what is promised all the same is for the judge to know.
      for (const [name, [by]] of this.#begun)
        if (by === process && !this.#ended.has(name)) this.#begun.delete(name)
    } else {
      this.#down.delete(process)
      const { highest } = this.#numbersOf(process)
      this.#numbers.set(process, { before: highest, highest })
    }
    super.died(process, kind)
  }

  override told(process: ProcessId, { values }: ToldBy): void {
    const event = recordedEvent(values.event)
    const name = this.#story.durableName?.(event)
    if (name !== undefined) {
      if (this.#durable.has(`${process} ${name}`)) return
      this.#durable.add(`${process} ${name}`)
    }
    this.goesOn()
    this.#told.set(process, (this.#told.get(process) ?? 0) + 1)
    this.add({ ...this.#counted(process, event), time: this.when(process, event.time), process })
  }

  #counted(process: ProcessId, event: HistoryEvent): HistoryEvent {
    if (event.kind !== 'invoke' && event.kind !== 'return') return event
    const { before, highest } = this.#numbersOf(process)
    const number = before + event.number
    this.#numbers.set(process, { before, highest: Math.max(highest, number) })
    return { ...event, number }
  }

  #numbersOf(process: ProcessId): Numbers {
    return this.#numbers.get(process) ?? { before: 0, highest: 0 }
  }

  /** Operations that have begun and ended. */
  get completed(): number {
    return [...this.#begun.keys()].filter((name) => this.#ended.has(name)).length
  }

  /** Of that process. */
  completedBy(process: ProcessId): number {
    return [...this.#begun].filter(([name, [by]]) => by === process && this.#ended.has(name)).length
  }

  override counts(member: ProcessId): readonly number[] {
    return [this.#told.get(member) ?? 0]
  }

  override share(): number {
    return this.#begun.size === 0 ? 0 : this.#ended.size / this.#begun.size
  }

  protected override add(event: HistoryEvent): void {
    super.add(event)
    const begun = this.#story.begun(event)
    const awaited = this.#story.awaits?.(event)
    if (begun !== undefined)
      this.#begun.set(begun, awaited === undefined ? [event.process] : [event.process, awaited])
    const ended = this.#story.ended(event)
    if (ended !== undefined) this.#ended.add(ended)
  }
}
