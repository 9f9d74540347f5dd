/** The way to a violation that an exhaustive exploration has found: cut down to the steps that it needs, and told. */
import { assert } from '../../core/assert.ts'
import { toHex } from '../../core/bytes.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import { describeTold } from '../abstractions/index.ts'
import { type Input, type ReadInput, readInput } from './inputs.ts'
import { LIAR } from './menu.ts'
import type { ExploredSystem } from './system.ts'

/** One input of the process that is at this place of a state. */
export interface Step {
  readonly process: number
  readonly input: Input
}

/** A step, told: what a member got, from whom, and what it did then. */
export interface PathStep {
  readonly process: ProcessId
  readonly kind: 'receipt' | Exclude<ReadInput['kind'], 'act' | 'answer' | 'receipt'>
  /** Null if it got no message. */
  readonly from: ProcessId | null
  /** For example `ECHO d1`; empty if it got none. */
  readonly message: string
  readonly sends: readonly { readonly to: ProcessId; readonly message: string }[]
  /** What its application asks for and is told, in words. */
  readonly tells: readonly string[]
  /** Each as `member 2: equivocation (certain)`. */
  readonly accuses: readonly string[]
}

/** Leaves out, from the last to the first, each step without which the property is violated all the same. */
export function shortenPath(
  system: ExploredSystem,
  way: readonly Step[],
  property: string
): { steps: readonly Step[]; detail: string } {
  let steps = way
  for (let length = -1; length !== steps.length; ) {
    length = steps.length
    for (let at = steps.length - 1; at >= 0; at--) {
      const fewer = steps.toSpliced(at, 1)
      if (violation(system, fewer, property) !== undefined) steps = fewer
    }
  }
  const detail = violation(system, steps, property)
  assert(detail !== undefined, 'a way to a violation leads there')
  return { steps, detail }
}

/** How the property is violated after these steps, if they can be taken and it is. */
function violation(system: ExploredSystem, steps: readonly Step[], property: string): string | undefined {
  const state = system.start()
  for (const { process, input } of steps) {
    if (!system.inputs(state, process).includes(input)) return undefined
    system.take(state, process, input)
  }
  const violations = system.judge(state, system.quiescent(state))
  return violations.find((other) => other.property === property)?.detail
}

/** Repeats the steps with live processes: what is told has happened. */
export function tellPath(system: ExploredSystem, steps: readonly Step[]): PathStep[] {
  const { graph, vocabulary } = system
  const state = system.start()
  const inputsOf = new Map<ProcessId, Input[]>()
  return steps.map(({ process: index, input }) => {
    const self = system.processes[index] ?? -1
    const inputs = inputsOf.get(self) ?? []
    inputsOf.set(self, inputs)
    const process = graph.replay(self, inputs)
    const sent = process.sent.map((messages) => messages.length)
    const [events, faults] = [process.events.length, process.faults.length]
    graph.feed(process, input)
    inputs.push(input)
    system.take(state, index, input)
    assert(graph.recognise(process, inputs) === state[index], 'what looks alike goes on alike')
    const sends = process.sent.flatMap((messages, to) =>
      messages
        .slice(sent[to])
        .map((message) => ({ to, message: vocabulary.words(vocabulary.intern(message)) }))
    )
    const tells = process.events.slice(events).flatMap((event) => inWords(vocabulary, event) ?? [])
    const accuses = process.faults
      .slice(faults)
      .map(({ process: accused, kind, certainty }) => `member ${accused}: ${kind} (${certainty})`)
    return { process: self, ...told(vocabulary, input), sends, tells, accuses }
  })
}

function told(
  vocabulary: ExploredSystem['vocabulary'],
  input: Input
): Pick<PathStep, 'kind' | 'from' | 'message'> {
  const read = readInput(input)
  if (read.kind === 'act') {
    const message = vocabulary.words(vocabulary.acts[read.act]?.message ?? -1)
    return { kind: 'receipt', from: LIAR, message }
  }
  if (read.kind === 'answer') return { kind: 'receipt', from: LIAR, message: vocabulary.words(read.message) }
  if (!('from' in read)) return { kind: read.kind, from: null, message: '' }
  return { kind: read.kind, from: read.from, message: vocabulary.words(read.message) }
}

const inWords = (vocabulary: ExploredSystem['vocabulary'], event: HistoryEvent): string | undefined =>
  describeTold(event, (value) => vocabulary.nameOf(value) ?? plain(value))

const plain = (value: PlainValue): string =>
  value instanceof Uint8Array
    ? toHex(value)
    : JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? toHex(part) : part))
