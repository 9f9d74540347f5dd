/** A part of the page: the state of a process after a step, and what the last change of each component was. */
import type { PageData, PageState } from '../page-data.ts'
import type { Leaf, Values } from './values.ts'

export interface ComponentState {
  readonly path: string
  /** The event after which it was in this state; -1 from the start. */
  readonly since: number
  readonly leaves: readonly StateLeaf[]
}

export interface StateLeaf extends Leaf {
  readonly change: 'same' | 'new' | 'gone'
}

export type States = ReturnType<typeof makeStates>

export function makeStates(data: PageData, values: Values) {
  /** By process, then by path, in order. */
  const histories = new Map<number, Map<string, PageState[]>>()
  for (const state of data.states) {
    const paths = histories.get(state.process) ?? new Map<string, PageState[]>()
    histories.set(state.process, paths)
    const history = paths.get(state.path) ?? []
    paths.set(state.path, history)
    history.push(state)
  }

  /** Every component of the process that has told a state by then, by path. */
  function after(process: number, step: number): ComponentState[] {
    const found: ComponentState[] = []
    const paths = [...(histories.get(process) ?? new Map<string, PageState[]>())]
    paths.sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [path, history] of paths) {
      const last = lastAt(history, step)
      const state = history[last]
      if (state === undefined) continue
      found.push({ path, since: state.after, leaves: changes(history[last - 1], state) })
    }
    return found
  }

  /** The last of them that came about at or before the step; -1 if none did. */
  function lastAt(history: readonly PageState[], step: number): number {
    let low = 0
    let high = history.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((history[middle]?.after ?? 0) <= step) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  function changes(before: PageState | undefined, now: PageState): StateLeaf[] {
    const current = values.leaves(now.state)
    if (before === undefined) return current.map((leaf) => ({ ...leaf, change: 'same' }))
    const nameOf = ({ keys }: Leaf) => JSON.stringify(keys)
    const old = new Map(values.leaves(before.state).map((leaf) => [nameOf(leaf), leaf]))
    const found: StateLeaf[] = current.map((leaf) => ({
      ...leaf,
      change: old.get(nameOf(leaf))?.text === leaf.text ? 'same' : 'new'
    }))
    const names = new Set(current.map(nameOf))
    for (const [name, leaf] of old) if (!names.has(name)) found.push({ ...leaf, change: 'gone' })
    return found
  }

  return { after, any: data.states.length > 0 }
}
