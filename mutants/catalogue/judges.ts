/** Mutants of the judges in src/checkers: they call wrong what is right, or right what is wrong. They fall to tables. */
import type { Mutant } from '../mutant.ts'

export const judgeMutants: readonly Mutant[] = [
  {
    name: 'order-of-real-time-is-ignored',
    kind: 'missing check',
    in: 'Search.#advance',
    find: 'if (!has(taken, slots[step]!))',
    replace: 'if (false)',
    by: 'table',
    table: 'checkers',
    breaks: 'a history of a register is called linearizable exactly if it has an order',
    because: 'an operation need not have taken effect when it returns'
  },
  {
    name: 'unanswered-writes-did-not-happen',
    kind: 'lost vote',
    in: 'Search.#candidates',
    find: `for (let i = 0; i < stop.optionalCount; i++) {
      const step = optional[i]!
      if (has(used, i)`,
    replace: `for (let i = 0; i < 0; i++) {
      const step = optional[i]!
      if (has(used, i)`,
    by: 'table',
    table: 'checkers',
    breaks: 'a history of a register is called linearizable exactly if it has an order',
    because: 'a read of what was written and never answered is called wrong'
  },
  {
    name: 'every-state-is-possible',
    kind: 'missing check',
    in: 'stateAfter',
    find: 'if (!isPossible(step, state)) return IMPOSSIBLE',
    replace: '',
    by: 'table',
    table: 'checkers',
    breaks: 'a history with compare-and-set is called linearizable exactly if it has an order',
    because: 'a compare-and-set may succeed on any value'
  },
  {
    name: 'reads-may-return-what-is-overwritten',
    kind: 'missing check',
    in: 'firstWrongRead',
    find: 'shown(last?.leaves ?? initial)',
    replace: 'answered.slice(0, before).some(({ leaves }) => shown(leaves)) || shown(initial)',
    by: 'table',
    table: 'checkers',
    breaks: 'a history is called regular exactly if each read returns the last value or a concurrent one',
    because: 'a read that goes back in time is called regular'
  },
  {
    name: 'concurrent-writes-may-not-be-read',
    kind: 'false accusation',
    in: 'firstWrongRead',
    find: '|| concurrent.some(({ leaves }) => shown(leaves))',
    replace: '',
    by: 'table',
    table: 'checkers',
    breaks: 'a history is called regular exactly if each read returns the last value or a concurrent one',
    because: 'a read of what is being written is called wrong'
  },
  {
    name: 'unanswered-writes-end-with-the-next',
    kind: 'false accusation',
    in: 'firstWrongRead',
    find: 'const concurrent = unanswered.filter(begun)',
    replace:
      'const concurrent = unanswered.slice(-1).filter((write) => begun(write) && write === writes.at(-1))',
    by: 'table',
    table: 'checkers',
    breaks: 'a history is called regular exactly if each read returns the last value or a concurrent one',
    because: 'a write that was never answered may come late'
  },
  {
    name: 'reads-during-a-write-are-judged',
    kind: 'false accusation',
    in: 'firstWrongRead',
    find: "if (concurrent.length > 0 && consistency === 'safe') continue",
    replace: '',
    by: 'table',
    table: 'checkers',
    breaks: 'a history is called safe exactly if each read without a concurrent write returns the last value',
    because: 'a safe register is held to what a regular one promises'
  },
  {
    name: 'what-returns-as-a-read-begins-is-before-it',
    kind: 'missing check',
    in: 'precedes',
    find: 'a.returned < b.invoked',
    replace: 'a.returned < (b.returned ?? b.invoked)',
    by: 'table',
    table: 'checkers',
    breaks: 'a history is called regular exactly if each read returns the last value or a concurrent one',
    because: 'what ends while a read runs counts as over'
  }
]
