/** The arithmetic of figures and comparisons; nothing is timed here. */
import { describe, expect, test } from 'vitest'
import { compare } from '../../src/bench/comparison.ts'
import {
  agreed,
  type BenchResult,
  type Figure,
  figure,
  missedGates,
  ratios,
  requireNoBlame,
  spread
} from '../../src/bench/figures.ts'

const result = (samples: readonly number[], better: 'lower' | 'higher' = 'lower'): BenchResult => ({
  benchmark: 'links',
  parameters: {},
  rounds: samples.length,
  machine: { node: 'v24.0.0', platform: 'linux x64', cores: 2 },
  digests: [],
  figures: [figure('CPU', 'us', samples, { better })]
})

describe('figures', () => {
  test('a median is the middle, or between the two in the middle', () => {
    expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 })
    expect(spread([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9 })
  })

  test('ratios are taken round by round', () => {
    expect(ratios([2, 9], [1, 3])).toEqual([2, 3])
  })

  test('a reach is judged by the median', () => {
    expect(figure('share', 'x', [0.6, 0.7, 0.9], { reach: { atLeast: 0.7 } }).reached).toBe(true)
    expect(figure('ratio', 'x', [1.2, 1.4, 1.9], { reach: { atMost: 1.3 } }).reached).toBe(false)
    expect(figure('free', 'x', [1])).not.toHaveProperty('reached')
  })

  test('a gate is missed by the median of a figure that has one, and of no other', () => {
    const share = (samples: readonly number[]) =>
      figure('share', 'x', samples, { reach: { atLeast: 1.1, gated: true } })
    const aim = figure('aim', 'x', [9], { reach: { atMost: 1 } })
    const missed = (figures: Figure[]) => missedGates([{ ...result([1]), figures }])
    expect(missed([share([1, 1.2, 1.3]), aim])).toEqual([])
    expect(missed([share([1, 1.05, 1.3]), aim])).toEqual(['links: share: 1.050 x, not at least 1.1'])
    expect(() => missed([aim])).toThrow('no figure of these results has a gate')
  })

  test('a correct process that blames another ends it, but for being slow', () => {
    expect(() => requireNoBlame(['lagging', 'lagging'])).not.toThrow()
    expect(() => requireNoBlame(['lagging', 'amnesia'])).toThrow('blamed each other: amnesia')
  })

  test('digests that differ are an error, and so is none', () => {
    expect(agreed('deliveries', ['a', 'a'])).toBe('a')
    expect(() => agreed('deliveries', ['a', 'b'])).toThrow('deliveries differs')
    expect(() => agreed('deliveries', [])).toThrow()
  })
})

describe('a comparison', () => {
  test.each([
    ['noise while the ranges overlap', [10, 12], [11, 13], 'lower', 'noise'],
    ['better when less is better', [10, 12], [7, 8], 'lower', 'better'],
    ['worse when less is better', [10, 12], [14, 15], 'lower', 'worse'],
    ['better when more is better', [10, 12], [14, 15], 'higher', 'better'],
    ['worse when more is better', [10, 12], [7, 8], 'higher', 'worse']
  ] as const)('%s', (_, before, after, better, verdict) => {
    expect(compare(result(before, better), result(after, better))[0]?.verdict).toBe(verdict)
  })

  test('knows only the figures that both have', () => {
    expect(compare({ ...result([1]), figures: [] }, result([1]))).toEqual([])
  })
})
