/** Of each figure that both have: the ratios of the pairs, above 1 where this checkout is the better one. */
import { type BenchResult, type Figure, type Spread, spread } from '../../src/bench/figures.ts'
import { UsageError } from '../../src/program/errors.ts'
import { type Colors, oneLine } from '../../src/program/output.ts'
import type { Sides } from './pairs.ts'
import type { PairPlan } from './plan.ts'

export interface Ratio extends Spread {
  readonly name: string
  readonly unit: string
  /** Medians of what was measured. */
  readonly before: number
  readonly after: number
}

export interface Judged extends Ratio {
  readonly reached: boolean
}

export interface PairResult {
  readonly revision: string
  readonly what: string
  readonly words: readonly string[]
  readonly pairs: number
  readonly bound: number
  /** Whether all that is judged reaches the bound. */
  readonly reached: boolean
  readonly judged: readonly Judged[]
  readonly ratios: readonly Ratio[]
}

/** A figure that is made of others: the sum of what so many of each use. */
interface MainFigure {
  readonly name: string
  readonly parts: { readonly [figure: string]: number }
}

const alone = (name: string): MainFigure => ({ name, parts: { [name]: 1 } })

/** What an operation costs in CPU: of those that a result has, all are judged. */
const MAIN: readonly MainFigure[] = [
  alone('link: CPU a message, both ends'),
  alone('memory: CPU a broadcast, all members'),
  {
    name: 'memory: CPU of a write and a read, four members and the client',
    parts: {
      'memory: write: CPU, a member': 4,
      'memory: write: CPU, the client': 1,
      'memory: read: CPU, a member': 4,
      'memory: read: CPU, the client': 1
    }
  },
  alone('one client reading: CPU a read, all processes'),
  alone('one client reading: reads a second'),
  alone('correct members: messages a CPU second'),
  alone('one liar of the swarm, judged: messages a CPU second')
]

export function ratiosOf(pairs: readonly Sides<BenchResult>[]): Ratio[] {
  const [first] = pairs
  if (first === undefined) return []
  const figures = [...mainOf(first.after), ...first.after.figures]
  return figures.flatMap(({ name }) => ratioOf(name, pairs) ?? [])
}

function ratioOf(name: string, pairs: readonly Sides<BenchResult>[]): Ratio | undefined {
  const both = pairs.flatMap((pair) => {
    const [before, after] = [figureOf(pair.before, name), figureOf(pair.after, name)]
    return before?.better === undefined || after === undefined ? [] : [{ before, after }]
  })
  const [some] = both
  if (some === undefined || both.length < pairs.length) return undefined
  const higher = some.after.better === 'higher'
  const ratios = both.map(({ before, after }) =>
    higher ? after.median / before.median : before.median / after.median
  )
  // Of what is counted there may be none.
  if (!ratios.every(Number.isFinite)) return undefined
  return {
    name,
    unit: some.after.unit,
    ...spread(ratios),
    before: spread(both.map(({ before }) => before.median)).median,
    after: spread(both.map(({ after }) => after.median)).median
  }
}

function figureOf(result: BenchResult, name: string): Figure | undefined {
  const all = [...result.figures, ...mainOf(result)]
  return all.find((figure) => figure.name === name)
}

/** The main figures that are none of the result's own, from those that are. */
function mainOf({ figures }: BenchResult): Figure[] {
  return MAIN.flatMap(({ name, parts }) => {
    if (figures.some((figure) => figure.name === name)) return []
    const found = Object.entries(parts).map(([part, times]) => ({
      figure: figures.find((figure) => figure.name === part),
      times
    }))
    const sum = (of: (figure: Figure) => number) =>
      found.reduce(
        (all, { figure, times }) => all + (figure === undefined ? Number.NaN : times * of(figure)),
        0
      )
    const [some] = found
    if (some?.figure === undefined || Number.isNaN(sum(({ median }) => median))) return []
    const { unit, better } = some.figure
    return [
      {
        name,
        unit,
        ...(better === undefined ? {} : { better }),
        median: sum(({ median }) => median),
        min: sum(({ min }) => min),
        max: sum(({ max }) => max)
      }
    ]
  })
}

/** @throws {UsageError} if a figure that is to be judged is none that both have */
export function judge(
  { what, words, pairs: count, bound, figures }: PairPlan,
  revision: string,
  pairs: readonly Sides<BenchResult>[]
): PairResult {
  const ratios = ratiosOf(pairs)
  const judged = mainRatios(ratios, figures).map((ratio) => ({ ...ratio, reached: ratio.median >= bound }))
  const reached = judged.every((one) => one.reached)
  return { revision, what, words, pairs: count, bound, reached, judged, ratios }
}

function mainRatios(ratios: readonly Ratio[], wanted: readonly string[]): readonly Ratio[] {
  const names = wanted.length > 0 ? wanted : MAIN.map(({ name }) => name)
  const found = names.flatMap((name) => ratios.find((ratio) => ratio.name === name) ?? [])
  if (found.length > 0 && (wanted.length === 0 || found.length === wanted.length)) return found
  const missing = wanted.filter((name) => !found.some((ratio) => ratio.name === name)).map(oneLine)
  throw new UsageError(
    `${missing.join(', ') || 'the main figure'}: not measured at both; there are ${ratios.map(({ name }) => name).join('; ')}`
  )
}

const NAME_WIDTH = 62

const percent = (value: number): string => value.toFixed(3)

function line({ name, unit, before, after, median, min, max }: Ratio): string {
  const measured = `${before.toPrecision(4)} -> ${after.toPrecision(4)} ${unit}`
  return `  ${name.padEnd(NAME_WIDTH)} ${percent(median)} [${percent(min)}, ${percent(max)}]  ${measured}`
}

export function describePair(pair: Sides<BenchResult>, number: number, { pairs, figures }: PairPlan): string {
  const main = mainRatios(ratiosOf([pair]), figures).map(({ name, median }) => `${name}: ${percent(median)}`)
  return `pair ${number} of ${pairs}  ${main.join('; ')}`
}

export function describeResult(
  { revision, what, words, pairs, bound, judged, ratios, reached }: PairResult,
  { bold, dim, green, red }: Colors
): string {
  const others = ratios.filter(({ name }) => !judged.some((one) => one.name === name))
  return [
    `${bold(`bench ${[what, ...words].join(' ')}`)}  this checkout against ${revision}`,
    dim(`medians of ${pairs} pairs' ratios [lowest, highest]; above 1 this checkout is the better one`),
    ...others.map(line),
    ...judged.map((one) => {
      const verdict = `at least ${bound}: ${one.reached ? 'reached' : 'not reached'}`
      return `${bold(line(one))}  ${one.reached ? green(verdict) : red(verdict)}`
    }),
    reached ? green('reached') : red('not reached')
  ].join('\n')
}
