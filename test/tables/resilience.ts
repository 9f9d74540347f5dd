/** The resiliences of the catalogue, for every group of up to 60 processes. */
import { anyResilience, moreThanFourF, moreThanThreeF, moreThanTwoF } from '../../src/stacks/resilience.ts'
import type { Resilience } from '../../src/stacks/stack.ts'
import type { Row, Table } from './table.ts'

const N_MAX = 60

/** By the formula, which is what people read. */
const MEANT: readonly (readonly [Resilience, formula: string, means: (n: number, f: number) => boolean])[] = [
  [moreThanTwoF, 'n > 2f', (n, f) => n > f + f],
  [moreThanThreeF, 'n > 3f', (n, f) => n > f + f + f],
  [moreThanFourF, 'n > 4f', (n, f) => n > f + f + f + f],
  [anyResilience, 'any f < n', (n, f) => n > f]
]

export const resilience: Table = {
  *'a resilience admits what its formula says'(): Iterable<Row> {
    for (const [{ formula, admits }, read, means] of MEANT) {
      yield [formula === read, () => `${read} is told as ${formula}`]
      for (let n = 1; n <= N_MAX; n++)
        for (let f = 0; f <= n; f++)
          yield [admits(n, f) === means(n, f), () => `${read}: n = ${n}, f = ${f} is ${admits(n, f)}`]
    }
  },
  *'the largest number of faulty processes is admitted, and one more is not'(): Iterable<Row> {
    for (const [{ formula, admits, largest }] of MEANT)
      for (let n = 1; n <= N_MAX; n++)
        yield [
          admits(n, largest(n)) && !admits(n, largest(n) + 1),
          () => `${formula}: the largest f of n = ${n} is ${largest(n)}`
        ]
  }
}
