/** Figures: medians over rounds, with their spread, beside the floor that was measured in the same rounds. */
import { availableParallelism } from 'node:os'
import type { FaultKind } from '../core/fault.ts'

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** What is aimed at, of a figure or of its ratio. */
export interface Reach {
  readonly atLeast?: number
  readonly atMost?: number
  /** Whether `bench --gate` fails where it is missed. */
  readonly gated?: true
}

export interface Figure extends Spread {
  readonly name: string
  readonly unit: string
  /** Which way is better; undefined where it is neither. */
  readonly better?: 'lower' | 'higher'
  readonly reach?: Reach
  /** Whether the median is within reach. */
  readonly reached?: boolean
}

export interface BenchResult {
  readonly benchmark: string
  readonly parameters: { readonly [name: string]: string | number | boolean }
  readonly rounds: number
  readonly machine: { readonly node: string; readonly platform: string; readonly cores: number }
  /** Of what each member delivered in each round: the same at all, or there is no result. */
  readonly digests: readonly string[]
  readonly figures: readonly Figure[]
}

export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1)
  }
}

/** The smallest sample that at least so large a fraction of all does not exceed. */
export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN
}

export function figure(
  name: string,
  unit: string,
  samples: readonly number[],
  { better, reach }: Pick<Figure, 'better' | 'reach'> = {}
): Figure {
  const values = spread(samples)
  return {
    name,
    unit,
    ...values,
    ...(better === undefined ? {} : { better }),
    ...(reach === undefined ? {} : { reach, reached: isReached(reach, values.median) })
  }
}

function isReached({ atLeast, atMost }: Reach, value: number): boolean {
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
}

/** A line for each figure that `bench --gate` fails for. @throws {Error} if there is nothing that it could fail for */
export function missedGates(results: readonly BenchResult[]): string[] {
  const gated = results.flatMap(({ benchmark, figures }) =>
    figures.filter(({ reach }) => reach?.gated === true).map((figure) => ({ benchmark, figure }))
  )
  if (gated.length === 0) throw new Error('no figure of these results has a gate')
  return gated
    .filter(({ figure }) => figure.reached !== true)
    .map(({ benchmark, figure: { name, median, unit, reach } }) => {
      const bound = reach?.atMost === undefined ? `at least ${reach?.atLeast}` : `at most ${reach.atMost}`
      return `${benchmark}: ${name}: ${median.toFixed(3)} ${unit}, not ${bound}`
    })
}

/** The ratios of two figures, round by round: noise that both rounds share drops out. */
export function ratios(samples: readonly number[], floors: readonly number[]): number[] {
  return samples.map((sample, round) => sample / (floors[round] ?? Number.NaN))
}

export function machine(): BenchResult['machine'] {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism()
  }
}

/** The digest that all agree on. @throws {Error} if they do not: then nothing that was measured means anything */
export function agreed(what: string, digests: readonly string[]): string {
  const [first, ...others] = digests
  if (first !== undefined && others.every((other) => other === first)) return first
  throw new DigestMismatchError(`${what} differs: ${digests.map((digest) => digest.slice(0, 16)).join(', ')}`)
}

/** Correct processes blame no other, but for being slow, which may be the machine's. @throws {Error} if they do */
export function requireNoBlame(faults: readonly FaultKind[]): void {
  const others = faults.filter((kind) => kind !== 'lagging')
  if (others.length > 0) throw new Error(`correct processes blamed each other: ${others.join(', ')}`)
}

class DigestMismatchError extends Error {
  override name = 'OperationError'
}
