/**
 * `npm run bench:pair -- REV WHAT [options]`: a benchmark of this checkout beside the same of another revision, run by
 * turns, so that what else the machine does drops out of their ratio.
 *
 * Exits with 0 if the median of the main figures' ratios is at least the bound, 1 if not or if something failed, 2 if it
 * was asked for wrongly, 128 and the signal's number if it was interrupted. It leaves nothing behind.
 */
import { EXIT_FAILED, EXIT_OK, endingOf } from '../src/program/errors.ts'
import { createOutput } from '../src/program/output.ts'
import { liveLine } from '../src/program/progress.ts'
import { Checkout } from './pair/checkout.ts'
import { runPairs } from './pair/pairs.ts'
import { HELP, readPlan } from './pair/plan.ts'
import { describePair, describeResult, judge, ratiosOf } from './pair/ratios.ts'

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

const interruption = new AbortController()
let interrupted: number | undefined
for (const [name, status] of Object.entries(SIGNALS)) {
  process.on(name, () => {
    interrupted ??= status
    interruption.abort()
  })
}

async function main(args: readonly string[]): Promise<number> {
  const plan = readPlan(args)
  if (plan === 'help') {
    process.stdout.write(HELP)
    return EXIT_OK
  }
  const { signal } = interruption
  const output = createOutput(process.stdout, process.env, plan.json)
  const live = liveLine(output)
  // npm runs it in the folder of the package; the tests run it in one of their own.
  const root = process.cwd()
  const before = await Checkout.make(root, plan, { signal, onProgress: live.show })
  try {
    const pairs = await runPairs(
      plan,
      { before, after: { name: 'this checkout', folder: root } },
      {
        signal,
        scratch: before.scratch,
        onProgress: live.show,
        onPair: (pair, number) => {
          live.clear()
          output.event({
            pair: number,
            ratios: ratiosOf([pair]).map(({ name, median }) => ({ name, ratio: median }))
          })
          output.say(describePair(pair, number, plan))
        }
      }
    )
    const result = judge(plan, before.name, pairs)
    output.result(result, describeResult(result, output.colors))
    return result.reached ? EXIT_OK : EXIT_FAILED
  } finally {
    live.clear()
    await before.end()
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { status, line } = endingOf(error)
  process.exitCode = interrupted ?? status
  process.stderr.write(`bench:pair: ${interrupted === undefined ? line : 'interrupted'}\n`)
  if (process.env.BYZKIT_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
}
