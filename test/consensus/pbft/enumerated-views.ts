/** All that can happen at one number over several views, view by view: can what was committed be lost? */
import {
  type Batch,
  baseOf,
  type CertifiedStart,
  lies,
  multisets,
  OneNumber,
  parts,
  type Report,
  reportOf,
  sequences,
  subsets,
  voteOf
} from './one-number.ts'

export interface EnumeratedViews {
  readonly states: number
  readonly transitions: number
  /** Both batches committed. */
  readonly disagreements: number
  /** A start that can be certified lacks what was committed. */
  readonly lost: number
  /** No selection, although the VIEW-CHANGEs of all correct members are there. */
  readonly undecided: number
  /** Selected above what the base began with, and no correct member that reported voted for it there. */
  readonly voterless: number
  /** The first of these, for people. */
  readonly example: string | undefined
}

interface State {
  /** Of the correct members, ascending: who is who does not matter. */
  readonly reports: readonly Report[]
  readonly starts: readonly CertifiedStart[]
  readonly committed: Batch
}

export function enumerateViews(n: number, f: number, lastView: number): EnumeratedViews {
  const number = new OneNumber(n, f)
  const { byzantine: quorum } = number.group.quorum
  const found = { states: 0, transitions: 0, disagreements: 0, lost: 0, undecided: 0, voterless: 0 }
  let example: string | undefined
  const wrong = (kind: 'disagreements' | 'lost' | 'undecided' | 'voterless', what: object) => {
    found[kind]++
    example ??= `${kind}: ${JSON.stringify(what)}`
  }

  /** What can be certified as the start of the next view, by whichever VIEW-CHANGEs its primary shows. */
  function offered({ reports, starts, committed }: State): Set<Batch> {
    const offers = new Set<Batch>()
    const invented = [...multisets(lies(starts), f)]
    for (const correct of parts(reports)) {
      for (const lied of invented) {
        if (correct.length + lied.length < quorum) continue
        const all = [...correct, ...lied]
        const selected = number.select(all, starts)
        if (selected === undefined) {
          if (correct.length === reports.length) wrong('undecided', { reports, starts, lied })
          continue
        }
        const base = Math.max(...all.map(baseOf))
        const copied = starts[base] !== 0
        if (
          selected !== 0 &&
          !copied &&
          !correct.some((one) => baseOf(one) === base && voteOf(one) === selected)
        )
          wrong('voterless', { reports, starts, lied, selected })
        if (committed !== 0 && selected !== committed)
          wrong('lost', { reports, starts, all, selected, committed })
        offers.add(selected)
      }
    }
    return offers
  }

  /** What the correct members may report after a view that began with `start`: each enters it and votes, or does not. */
  function* outcomes(
    state: State,
    view: number,
    start: Batch
  ): Generator<{ reports: Report[]; committed: Set<Batch> }> {
    const votes: readonly Batch[] = start === 0 ? [0, 1, 2] : [0, start]
    // In view 0 everybody begins.
    const choices: readonly (Batch | 'stays')[] = view === 0 ? votes : ['stays', ...votes]
    const seen = new Set<string>()
    for (const chosen of sequences(choices, state.reports.length)) {
      const voters = chosen.reduce(
        (counts, vote) => (vote === 'stays' ? counts : counts.with(vote, counts[vote]! + 1)),
        [0, 0, 0]
      )
      const able = chosen.flatMap((vote, at) =>
        vote !== 'stays' && vote !== 0 && voters[vote]! + f >= quorum ? [at] : []
      )
      for (const prepared of subsets(able)) {
        const reports = chosen.map((vote, at) =>
          vote === 'stays' ? state.reports[at]! : reportOf(view, vote, prepared.includes(at))
        )
        const committers = (batch: Batch) => prepared.filter((at) => chosen[at] === batch).length
        const committed = new Set(
          ([1, 2] as const).filter((batch) => committers(batch) > 0 && committers(batch) + f >= quorum)
        )
        reports.sort((a, b) => a - b)
        const key = `${reports.join()}|${[...committed].join()}`
        if (seen.has(key)) continue
        seen.add(key)
        yield { reports, committed }
      }
    }
  }

  let states: State[] = [{ reports: new Array<Report>(n - f).fill(reportOf(0, 0)), starts: [], committed: 0 }]
  for (let view = 0; view <= lastView; view++) {
    const next = new Map<string, State>()
    const add = (state: State) => {
      const key = `${state.reports.join()}|${state.starts.join()}|${state.committed}`
      if (!next.has(key)) next.set(key, state)
    }
    for (const state of states) {
      const { starts, committed } = state
      const offers = view === 0 ? [0 as const] : offered(state)
      for (const start of offers) {
        for (const outcome of outcomes(state, view, start)) {
          found.transitions++
          const all = new Set([...outcome.committed, ...(committed === 0 ? [] : [committed])])
          if (all.size > 1) wrong('disagreements', { ...state, view, start, after: outcome.reports })
          else add({ reports: outcome.reports, starts: [...starts, start], committed: [...all][0] ?? 0 })
        }
      }
      // No start of this view is ever certified.
      if (view > 0) add({ ...state, starts: [...starts, undefined] })
    }
    states = [...next.values()]
    found.states += states.length
  }
  return { ...found, example }
}
