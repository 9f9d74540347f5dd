/** What `bench:pair` was asked for. */
import { parseArgs } from 'node:util'
import { UsageError } from '../../src/program/errors.ts'
import { oneLine } from '../../src/program/output.ts'

export const BENCHMARKS = ['links', 'broadcast', 'register', 'simulator'] as const

export interface PairPlan {
  readonly revision: string
  readonly what: string
  /** Further words of `byzkit bench WHAT`. */
  readonly words: readonly string[]
  readonly pairs: number
  readonly bound: number
  /** Judged in place of the benchmark's main figures, if there are any. */
  readonly figures: readonly string[]
  /** Whether the other revision is measured with this checkout's benchmark. */
  readonly sameBenchmark: boolean
  readonly json: boolean
}

/** Fewer say little where single runs differ by a tenth. */
export const PAIRS_MIN = 7
const PAIRS_MAX = 1000
const BOUND = 0.95

export const HELP = `npm run bench:pair -- REV WHAT [options]

  REV                a commit, tag or branch: what this checkout is compared with
  WHAT               ${BENCHMARKS.join(', ')}

  --pairs N          so many pairs (${PAIRS_MIN}, which is the least)
  --bound X          the ratio that must be reached (${BOUND}); above 1 this checkout is the better one
  --figure NAME      judge this figure, not the main ones (may be given again)
  --same-benchmark   measure REV's library with this checkout's benchmark, for what REV's own cannot measure
  --json             say it to machines: one JSON value a line, the last one the result

All other options go to byzkit bench WHAT, at both, such as --rounds 3 (which is the default here) or --reads 65536.
`

/** @throws {UsageError} */
export function readPlan(args: readonly string[]): PairPlan | 'help' {
  const { values, tokens } = parse(args)
  if (values.help === true) return 'help'
  const own = new Set(Object.keys(OPTIONS))
  const operands: string[] = []
  const words: string[] = []
  let last = ''
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      // What follows a foreign option without a value of its own is its value.
      if (last !== '') words.push(token.value)
      else operands.push(token.value)
      last = ''
    } else if (own.has(token.name)) {
      last = ''
    } else {
      words.push(token.rawName, ...(token.value === undefined ? [] : [token.value]))
      last = token.value === undefined ? token.rawName : ''
    }
  }
  const [revision, what, ...more] = operands
  if (revision === undefined || what === undefined) {
    throw new UsageError(
      `a revision and a benchmark are needed: npm run bench:pair -- REV ${BENCHMARKS.join('|')}`
    )
  }
  if (more.length > 0) throw new UsageError(`too many words: ${oneLine(more.join(' '))}`)
  if (!BENCHMARKS.some((name) => name === what)) {
    throw new UsageError(`${oneLine(what)}: there is no such benchmark; there are ${BENCHMARKS.join(', ')}`)
  }
  if (!words.includes('--rounds')) words.push('--rounds', '3')
  return {
    revision,
    what,
    words,
    pairs: number('pairs', values.pairs, PAIRS_MIN, PAIRS_MAX, Number.isSafeInteger),
    bound: number('bound', values.bound, 0, 100, Number.isFinite),
    figures: strings(values.figure),
    sameBenchmark: values['same-benchmark'] === true,
    json: values.json === true
  }
}

const OPTIONS = {
  pairs: { type: 'string', default: String(PAIRS_MIN) },
  bound: { type: 'string', default: String(BOUND) },
  figure: { type: 'string', multiple: true, default: [] as string[] },
  'same-benchmark': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
} as const

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, strict: false, allowPositionals: true, tokens: true })
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

function number(
  name: string,
  value: unknown,
  min: number,
  max: number,
  isRight: (value: number) => boolean
): number {
  const given = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (isRight(given) && given >= min && given <= max) return given
  throw new UsageError(`--${name}: expected a number from ${min} to ${max}`)
}
