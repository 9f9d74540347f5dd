/**
 * Who has the batches: votes and starts carry digests, so can something be selected that no correct member can show?
 * One number, several views; members drop what they need not keep.
 */
import {
  type Batch,
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

export interface EnumeratedBodies {
  readonly states: number
  /** Selections over the VIEW-CHANGEs of all correct members, and whatever liars add. */
  readonly selections: number
  /** Of these: a batch that no correct member has. */
  readonly lost: number
  readonly example: string | undefined
}

/** What makes a member keep batches beside those that it voted for in its base. */
export type Keeping =
  /** It accepts a start only with its batches on disk, and keeps them until it enters that view or a later one. */
  | 'what it accepted'
  /** Those of its base's start that it happened to have. */
  | 'what it had'

interface Member {
  readonly report: Report
  /** Batches of its base's start that it has: a bit each. */
  readonly had: number
  /** Views after its base whose start it accepted: a bit each. */
  readonly accepted: number
}

interface State {
  readonly members: readonly Member[]
  readonly starts: readonly CertifiedStart[]
}

const bit = (batch: CertifiedStart) => (batch === undefined || batch === 0 ? 0 : batch)

export function enumerateBodies(n: number, f: number, lastView: number, keeping: Keeping): EnumeratedBodies {
  const number = new OneNumber(n, f)
  const { byzantine: quorum } = number.group.quorum
  let example: string | undefined
  const found = { states: 0, selections: 0, lost: 0 }

  const has = ({ report, had, accepted }: Member, starts: readonly CertifiedStart[]): number =>
    starts.reduce<number>(
      (bits, start, view) => ((accepted >> view) & 1 ? bits | bit(start) : bits),
      had | bit(voteOf(report))
    )

  function offered({ members, starts }: State): Set<Batch> {
    const invented = [...multisets(lies(starts), f)]
    const offers = new Set<Batch>()
    for (const correct of parts(members.map(({ report }) => report))) {
      for (const lied of invented) {
        const selected = number.select([...correct, ...lied], starts)
        if (selected !== undefined) offers.add(selected)
      }
    }
    return offers
  }

  /** Which correct members accepted a start; the liars are the rest of the quorum. */
  function acceptors(view: number, start: CertifiedStart, { members }: State): number[][] {
    if (keeping !== 'what it accepted' || bit(start) === 0 || view === 0) return [[]]
    return [...subsets(members.map((_, at) => at))].filter((some) => some.length === quorum - f)
  }

  function* entered(
    state: State,
    view: number,
    start: CertifiedStart,
    accepted: readonly number[]
  ): Generator<Member[]> {
    const { members } = state
    const starts = [...state.starts, start]
    const accepting = members.map((member, at) =>
      accepted.includes(at) ? { ...member, accepted: member.accepted | (1 << view) } : member
    )
    const votes: readonly Batch[] = start === undefined ? [] : start === 0 ? [0, 1, 2] : [0, start]
    const choices: readonly (Batch | 'stays')[] = view === 0 ? votes : ['stays', ...votes]
    for (const chosen of sequences(choices, members.length)) {
      const after = accepting.map((member, at): Member => {
        const vote = chosen[at]!
        if (vote === 'stays') return member
        return { report: reportOf(view, vote), had: has(member, starts) & bit(start), accepted: 0 }
      })
      yield after
      for (const batch of [1, 2] as const) {
        const voters = chosen.flatMap((vote, at) => (vote === batch ? [at] : []))
        if (voters.length === 0 || voters.length + f < quorum) continue
        // All of them are prepared, or one alone.
        for (const prepared of [voters, ...voters.map((one) => [one])]) {
          yield after.map((member, at) =>
            prepared.includes(at) ? { ...member, report: reportOf(view, batch, true) } : member
          )
        }
      }
    }
  }

  function judge({ members, starts }: State): void {
    const held = members.reduce((bits, member) => bits | has(member, starts), 0)
    const correct = members.map(({ report }) => report)
    for (const lied of multisets(lies(starts), f)) {
      found.selections++
      const selected = number.select([...correct, ...lied], starts)
      if (selected === undefined || selected === 0 || (held & bit(selected)) !== 0) continue
      found.lost++
      example ??= JSON.stringify({ members, starts, lied, selected })
    }
  }

  let states: State[] = [
    { members: new Array<Member>(n - f).fill({ report: reportOf(0, 0), had: 0, accepted: 0 }), starts: [] }
  ]
  for (let view = 0; view <= lastView; view++) {
    const next = new Map<string, State>()
    for (const state of states) {
      const offers: readonly CertifiedStart[] = view === 0 ? [0] : [undefined, ...offered(state)]
      for (const start of offers) {
        const starts = [...state.starts, start]
        for (const accepted of acceptors(view, start, state)) {
          for (const members of entered(state, view, start, accepted)) {
            const sorted = members.toSorted((a, b) => code(a) - code(b))
            const key = `${sorted.map(code).join()}|${starts.join()}`
            if (next.has(key)) continue
            const reached = { members: sorted, starts }
            next.set(key, reached)
            judge(reached)
          }
        }
      }
    }
    states = [...next.values()]
    found.states += states.length
  }
  return { ...found, example }
}

const code = ({ report, had, accepted }: Member): number => (accepted * 4 + had) * 64 + report
