/** How a test says that nothing was violated: where it fails, it says what was, one violation a line. */
import { expect } from 'vitest'
import type { Violation } from '../src/checkers/violation.ts'

type Told = Pick<Violation, 'property' | 'detail'> & { readonly seed?: number }

/** A line of a message that is read in a terminal: of many violations the first tell enough. */
const LINES_MAX = 20

/** @param where - the run that they are of, where the violations do not say it themselves */
export function expectNone(violations: readonly Told[], where = ''): void {
  if (violations.length === 0) return
  const lines = violations.map(({ property, detail, seed }) => {
    const run = seed === undefined ? where : `seed ${seed}`
    return `${run === '' ? '' : `${run}: `}${property} violated: ${detail}`
  })
  const more = lines.length > LINES_MAX ? [`and ${lines.length - LINES_MAX} more`] : []
  expect.fail([...lines.slice(0, LINES_MAX), ...more].join('\n'))
}
