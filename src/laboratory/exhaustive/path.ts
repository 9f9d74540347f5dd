/** The way to a violation that an exhaustive exploration has found: cut down to the steps that it needs, and told. */
import { assert } from '../../core/assert.ts'
import type { ProcessId } from '../../core/group.ts'
import { type Input, readInput } from './local.ts'
import { LIAR } from './menu.ts'
import type { ExploredSystem } from './system.ts'

/** One input of the process that a state has at this place. */
export interface Step {
  readonly process: number
  readonly input: Input
}

/** A step, told: what a member got, from whom, and what it did then. */
export interface PathStep {
  readonly process: ProcessId
  /** Null if a timer went off. */
  readonly from: ProcessId | null
  /** For example `ECHO d1`; `timer` if one went off. */
  readonly message: string
  readonly sends: readonly { readonly to: ProcessId; readonly message: string }[]
  readonly delivers: readonly string[]
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
    state[process] = system.graph.step(state[process] ?? -1, input)
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
    const self = index + 1
    const inputs = inputsOf.get(self) ?? []
    inputsOf.set(self, inputs)
    const process = graph.replay(self, inputs)
    const sent = process.sent.map((messages) => messages.length)
    const [deliveries, faults] = [process.deliveries.length, process.faults.length]
    graph.feed(process, input)
    inputs.push(input)
    state[index] = graph.step(state[index] ?? -1, input)
    assert(graph.recognise(process, inputs) === state[index], 'what looks alike goes on alike')
    const sends = process.sent.flatMap((messages, to) =>
      messages
        .slice(sent[to])
        .map((message) => ({ to, message: vocabulary.words(vocabulary.intern(message)) }))
    )
    const delivers = process.deliveries
      .slice(deliveries)
      .map((delivery) => (delivery.type === 'gap' ? 'a gap' : vocabulary.valueName(delivery.payload)))
    const accuses = process.faults
      .slice(faults)
      .map(({ process: accused, kind, certainty }) => `member ${accused}: ${kind} (${certainty})`)
    return { process: self, ...told(vocabulary, input), sends, delivers, accuses }
  })
}

function told(vocabulary: ExploredSystem['vocabulary'], input: Input): Pick<PathStep, 'from' | 'message'> {
  const read = readInput(input)
  if (read.kind === 'timer') return { from: null, message: 'timer' }
  if (read.kind === 'receipt') return { from: read.from, message: vocabulary.words(read.message) }
  return { from: LIAR, message: vocabulary.words(vocabulary.acts[read.act]?.message ?? -1) }
}
