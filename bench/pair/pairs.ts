/** The two by turns: each pair is one run of either, the one that is first second in the next pair. */
import { join } from 'node:path'
import { parseResults } from '../../src/bench/comparison.ts'
import type { BenchResult } from '../../src/bench/figures.ts'
import { OperationError, UsageError } from '../../src/program/errors.ts'
import { oneLine } from '../../src/program/output.ts'
import { run } from './command.ts'
import type { PairPlan } from './plan.ts'

export interface Side {
  readonly name: string
  readonly folder: string
}

export interface Sides<T> {
  readonly before: T
  readonly after: T
}

export interface PairsOptions {
  readonly signal: AbortSignal
  /** For whatever the benchmarks write. */
  readonly scratch: string
  readonly onProgress: (what: string) => void
  readonly onPair: (pair: Sides<BenchResult>, number: number) => void
}

export async function runPairs(
  plan: PairPlan,
  sides: Sides<Side>,
  options: PairsOptions
): Promise<readonly Sides<BenchResult>[]> {
  const pairs: Sides<BenchResult>[] = []
  for (let number = 1; number <= plan.pairs; number++) {
    const measure = (side: Side) => {
      options.onProgress(`pair ${number} of ${plan.pairs}: bench ${plan.what} of ${side.name}`)
      return benchmark(plan, side, sides, options)
    }
    // Whatever the first run of a pair gains or loses by being the first is shared out.
    const pair =
      number % 2 === 1
        ? { before: await measure(sides.before), after: await measure(sides.after) }
        : inOrder(await measure(sides.after), await measure(sides.before))
    pairs.push(pair)
    options.onPair(pair, number)
  }
  return pairs
}

const inOrder = (after: BenchResult, before: BenchResult): Sides<BenchResult> => ({ before, after })

async function benchmark(
  { what, words }: PairPlan,
  side: Side,
  { before }: Sides<Side>,
  { signal, scratch }: PairsOptions
): Promise<BenchResult> {
  const all = ['bench', what, ...words, '--json']
  const { status, stdout, stderr } = await run(process.execPath, [join('bin', 'byzkit.js'), ...all], {
    cwd: side.folder,
    env: { ...process.env, TMPDIR: scratch },
    signal,
    mayFail: true
  })
  const why = oneLine(stderr).slice(-500)
  if (status === 2) {
    const hint = side === before ? '; --same-benchmark measures it with the benchmark of this checkout' : ''
    throw new UsageError(`${side.name} refuses ${all.join(' ')}: ${why}${hint}`)
  }
  const [result] = parseResults(stdout) ?? []
  // A benchmark that has a bound of its own may exit with 1 and still have measured.
  if (result === undefined) throw new OperationError(`${side.name}: ${all.join(' ')} failed: ${why}`)
  return result
}
