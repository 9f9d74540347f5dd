/** A result beside an earlier one: which figures have changed by more than they vary. */
import { UsageError } from '../program/errors.ts'
import { readTextFile } from '../program/files/read-file.ts'
import { printable } from '../program/output.ts'
import type { BenchResult, Figure, Spread } from './figures.ts'

export interface Change {
  readonly name: string
  readonly before: Spread
  readonly after: Spread
  /** Of the median, in percent of what it was. */
  readonly percent: number
  /** `noise` while the ranges of the two overlap. */
  readonly verdict: 'better' | 'worse' | 'changed' | 'noise'
}

/** @throws {UsageError} if the file is none that `bench --json` wrote */
export async function readResults(path: string): Promise<readonly BenchResult[]> {
  const { text } = await readTextFile(path)
  const results = parseResults(text)
  if (results !== undefined) return results
  throw new UsageError(`${printable(path)}: not what byzkit bench --json writes`)
}

/** What `bench --json` has said, if it is that. */
export function parseResults(text: string): readonly BenchResult[] | undefined {
  const last = text.trim().split('\n').at(-1) ?? ''
  try {
    const value: unknown = JSON.parse(last)
    return isOutcome(value) ? value.results : undefined
  } catch {
    return undefined
  }
}

function isOutcome(value: unknown): value is { results: BenchResult[] } {
  if (typeof value !== 'object' || value === null || !('results' in value)) return false
  return Array.isArray(value.results) && value.results.every(isResult)
}

function isResult(value: unknown): value is BenchResult {
  if (typeof value !== 'object' || value === null) return false
  if (!('benchmark' in value && 'figures' in value && typeof value.benchmark === 'string')) return false
  return Array.isArray(value.figures) && value.figures.every(isFigure)
}

function isFigure(value: unknown): value is Figure {
  if (typeof value !== 'object' || value === null) return false
  if (!('name' in value && 'median' in value && 'min' in value && 'max' in value)) return false
  const { name, median, min, max } = value
  return typeof name === 'string' && [median, min, max].every(Number.isFinite)
}

/** The figures that both have, if they are of the same benchmark with the same parameters. */
export function compare(before: BenchResult, after: BenchResult): readonly Change[] {
  const earlier = new Map(before.figures.map((figure) => [figure.name, figure]))
  return after.figures.flatMap((figure) => {
    const old = earlier.get(figure.name)
    return old === undefined ? [] : [change(old, figure)]
  })
}

function change(before: Figure, after: Figure): Change {
  const apart = after.min > before.max || after.max < before.min
  const lower = after.median < before.median
  const { better } = after
  const verdict = !apart
    ? 'noise'
    : better === undefined
      ? 'changed'
      : lower === (better === 'lower')
        ? 'better'
        : 'worse'
  return {
    name: after.name,
    before: rangeOf(before),
    after: rangeOf(after),
    percent: (after.median / before.median - 1) * 100,
    verdict
  }
}

function rangeOf({ median, min, max }: Spread): Spread {
  return { median, min, max }
}
