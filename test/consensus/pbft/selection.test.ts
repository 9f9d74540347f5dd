/**
 * The selection rule: clause by clause, then over all that can happen at one number, then at random with several numbers.
 * Nothing else of PBFT is needed for it, and everything else stands on it.
 */
import { describe, expect, test } from 'vitest'
import {
  type ReportedVote,
  type Start,
  selectStart,
  type ViewChange
} from '../../../src/consensus/pbft/selection.ts'
import { toHex } from '../../../src/core/bytes.ts'
import { SeededRandom } from '../../../src/simulator/seeded-random.ts'
import { extent } from '../../extent.ts'
import { enumerateBodies } from './enumerated-bodies.ts'
import { enumerateViews } from './enumerated-views.ts'
import { groupOf } from './one-number.ts'
import { RandomViews } from './random-views.ts'

const NOTHING = Uint8Array.of(0)
const digest = (name: string) => new TextEncoder().encode(name)
const checkpoint = (sequence: number) => ({ sequence, digest: digest(`state ${sequence}`) })
const startOf = (view: number, stable: number, ...names: string[]): Start => ({
  view,
  stable: checkpoint(stable),
  selected: names.map(digest)
})

/** Votes as text: `1a` is a vote for a at 1, `1a!` prepared for it. */
function report(base: number, votes = '', stable = 0): ViewChange {
  return {
    base,
    stable: checkpoint(stable),
    votes: votes
      .split(' ')
      .filter((vote) => vote !== '')
      .map((vote): ReportedVote => {
        const [, number = '', name = '', mark] = /^(\d+)([a-z]+)(!?)$/.exec(vote) ?? []
        return { sequence: Number(number), digest: digest(name), prepared: mark === '!' }
      })
  }
}

/** At n = 4, f = 1 if nothing else is said. */
function select(changes: readonly ViewChange[], starts: readonly Start[] = [startOf(0, 0)], n = 4, f = 1) {
  const terms = { quorum: groupOf(n, f).quorum, nothing: NOTHING }
  const start = selectStart(starts.length, changes, (base) => starts[base]!, terms)
  if (start === undefined) return undefined
  const names = start.selected.map((bytes) => (toHex(bytes) === '00' ? '-' : new TextDecoder().decode(bytes)))
  return `${start.stable.sequence}: ${names.join(' ')}`.trimEnd()
}

describe('clause by clause', () => {
  test('fewer than a quorum decide nothing', () => {
    expect(select([report(0), report(0)])).toBeUndefined()
    expect(select([report(0), report(0), report(0)])).toBe('0:')
  })

  test('what one may have committed is selected: others voted for it', () => {
    expect(select([report(0, '1a!'), report(0, '1a'), report(0)])).toBe('0: a')
  })

  test('A1: while a quorum need not be without a preparation for another, nothing is decided', () => {
    expect(select([report(0, '1a!'), report(0, '1b!'), report(0, '1b')])).toBeUndefined()
    expect(select([report(0, '1a!'), report(0, '1b!'), report(0, '1b'), report(0, '1a')])).toBe('0: a')
  })

  test('A2: the claim of f members is not enough, and is in nobody’s way (known failure 15)', () => {
    expect(select([report(0, '1a!'), report(0), report(0)])).toBeUndefined()
    expect(select([report(0, '1a!'), report(0), report(0), report(0)])).toBe('0:')
  })

  test('B: free needs a quorum that is prepared for nothing; votes alone do not bind', () => {
    expect(select([report(0, '1a'), report(0, '1b'), report(0)])).toBe('0:')
  })

  test('of two that are possible the lower digest is selected', () => {
    const both = [report(0, '1b'), report(0, '1b'), report(0, '1a'), report(0, '1a')]
    expect(select(both)).toBe('0: a')
    expect(select(both.toReversed())).toBe('0: a')
  })

  test('what the base began with is copied, whatever is reported', () => {
    const starts = [startOf(0, 0), startOf(1, 0, 'a', 'b')]
    expect(select([report(1, '1c! 2c!'), report(1, '1c 2c'), report(1)], starts)).toBe('0: a b')
  })

  test('votes of older bases do not count', () => {
    const starts = [startOf(0, 0), startOf(1, 0)]
    expect(select([report(1), report(0, '1a!'), report(0, '1a!')], starts)).toBe('0:')
    expect(select([report(1, '1b!'), report(1, '1b'), report(0, '1a!')], starts)).toBe('0: b')
  })

  test('holes below a digest are filled with nothing, what is free above the last one stays free (known failure 15)', () => {
    expect(select([report(0, '3a!'), report(0, '3a'), report(0, '3a')])).toBe('0: - - a')
    expect(select([report(0, '1a! 4b'), report(0, '1a'), report(0, '1a')])).toBe('0: a')
  })

  test('it begins after the highest checkpoint of any of them, older bases included (known failure 15)', () => {
    expect(select([report(0, '3b!', 2), report(0, '1a! 2a! 3b'), report(0, '1a 2a 3b')])).toBe('2: b')
    const starts = [startOf(0, 0), startOf(1, 0, 'a', 'b', 'c')]
    expect(select([report(1), report(1), report(0, '', 2)], starts)).toBe('2: c')
    expect(select([report(1), report(1), report(0, '', 4)], starts)).toBe('4:')
    const later = [startOf(0, 0), startOf(1, 2, 'c')]
    expect(select([report(1), report(0), report(0)], later)).toBe('2: c')
  })

  test('quorums are those of n and f, not 2f+1', () => {
    // n = 6, f = 1: a quorum has four members, of which three are not enough to say that nothing is prepared.
    const changes = [report(0, '1a!'), report(0, '1b'), report(0), report(0)]
    expect(select(changes, undefined, 6)).toBeUndefined()
    expect(select([...changes, report(0)], undefined, 6)).toBe('0:')
    expect(select([report(0), report(0), report(0)], undefined, 6)).toBeUndefined()
  })
})

describe('over all views at one number: no disagreement, nothing that was committed is lost, all correct members decide, whatever is selected has a correct voter', () => {
  // Members, faults, the last view, and how much there is to see.
  const all = [
    [4, 1, 4, 122_456, 1_320_516],
    [5, 1, 3, 39_626, 514_012],
    [6, 1, 2, 24_550, 520_275],
    [7, 2, 2, 25_398, 598_007],
    [8, 2, 1, 3_158, 28_934]
  ] as const
  const quick = [
    [4, 1, 2, 3_059, 20_712],
    [5, 1, 1, 607, 2_567],
    [6, 1, 1, 1_922, 13_835],
    [7, 2, 1, 1_982, 18_387]
  ] as const
  test.each(extent<readonly (readonly [number, number, number, number, number])[]>(quick, all))(
    'n = %i, f = %i, views 0 to %i: %i states, %i transitions',
    (n, f, lastView, states, transitions) => {
      expect(enumerateViews(n, f, lastView)).toEqual({
        states,
        transitions,
        disagreements: 0,
        lost: 0,
        undecided: 0,
        voterless: 0,
        example: undefined
      })
    }
  )
})

describe('what is selected can be shown by a correct member', () => {
  const all = [
    [4, 1, 3],
    [5, 1, 3]
  ] as const
  const quick = [
    [4, 1, 2],
    [5, 1, 2]
  ] as const
  test.each(extent<readonly (readonly [number, number, number])[]>(quick, all))(
    'n = %i, f = %i, views 0 to %i: who accepts a start has its batches, and keeps them until it enters that view',
    (n, f, lastView) => {
      const { lost, example, selections } = enumerateBodies(n, f, lastView, 'what it accepted')
      expect({ lost, example }).toEqual({ lost: 0, example: undefined })
      expect(selections).toBeGreaterThan(100_000)
    }
  )

  const control = 'control: without that a batch is lost within four views, at n = 4'
  test.each(extent<string[]>([], [control]))('%s', () => {
    const { lost } = enumerateBodies(4, 1, 3, 'what it had')
    expect(lost).toBe(1_942)
  })
})

describe('at random, several numbers, moving checkpoints, every set of reports', () => {
  test.each([
    [4, 1],
    [5, 1],
    [6, 1],
    [7, 2]
  ] as const)('n = %i, f = %i', (n, f) => {
    const views = new RandomViews(n, f, new SeededRandom(1, 'selection'))
    for (let tried = 0; tried < extent(2_000, 250_000 / n); tried++) views.tryOne()
    for (const [what, times] of Object.entries(views.reached)) expect(times, what).toBeGreaterThan(100)
  })
})
