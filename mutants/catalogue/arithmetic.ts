/** Mutants of pure functions of src/core and src/stacks: quorums and resilience. They fall to tables. */
import type { Mutant } from '../mutant.ts'

export const arithmeticMutants: readonly Mutant[] = [
  {
    name: 'majority-is-half',
    kind: 'quorum',
    in: 'majority',
    find: 'Math.floor(n / 2) + 1',
    replace: 'Math.ceil(n / 2)',
    by: 'table',
    table: 'quorums',
    breaks: 'a majority is the smallest of which any two intersect',
    because: 'of an even number two halves have nothing in common'
  },
  {
    name: 'masking-quorum-rounds-up',
    kind: 'quorum',
    in: 'maskingQuorum',
    find: 'Math.floor((n + 2 * f) / 2) + 1',
    replace: 'Math.ceil((n + 2 * f) / 2) + 1',
    by: 'table',
    table: 'quorums',
    breaks: 'a masking quorum is the smallest of which any two share f + 1 correct processes',
    because: 'at n = 5 it is one too many: a single faulty process keeps all operations from ending'
  },
  {
    name: 'correct-majority-is-a-byzantine-quorum',
    kind: 'quorum',
    in: 'correctMajority',
    find: '2 * f + 1',
    replace: 'Math.floor((n + f) / 2) + 1',
    by: 'table',
    table: 'quorums',
    breaks: 'correctMajority is the smallest of which more are correct than faulty',
    because: 'at n = 4 both are three; at n = 6 four are waited for where three suffice'
  },
  {
    name: 'available-is-a-byzantine-quorum',
    kind: 'quorum',
    in: 'available',
    find: 'return n - f',
    replace: 'return Math.floor((n + f) / 2) + 1',
    by: 'table',
    table: 'quorums',
    breaks: 'the n - f correct processes are available, and not one more',
    because: 'at n = 6 one fewer is waited for than can be'
  },
  {
    name: 'byzantine-resilience-is-a-third',
    kind: 'quorum',
    in: 'byzantineResilience',
    find: '(n - 1) / 3',
    replace: 'n / 3',
    by: 'table',
    table: 'quorums',
    breaks: 'Byzantine resilience is the largest f with n > 3f',
    because: 'of three processes one might lie'
  },
  {
    name: 'masking-resilience-is-byzantine',
    kind: 'quorum',
    in: 'maskingResilience',
    find: '(n - 1) / 4',
    replace: '(n - 1) / 3',
    by: 'table',
    table: 'quorums',
    breaks: 'masking resilience is the largest f with n > 4f',
    because: 'at n = 4 a masking quorum is all of them, and waits for the liar'
  },
  {
    name: 'crash-resilience-is-half',
    kind: 'quorum',
    in: 'crashResilience',
    find: '(n - 1) / 2',
    replace: 'n / 2',
    by: 'table',
    table: 'quorums',
    breaks: 'crash resilience is the largest f with n > 2f',
    because: 'two halves of a partition go on alone'
  },
  {
    name: 'three-f-is-enough',
    kind: 'quorum',
    in: 'moreThanThreeF',
    find: 'n > 3 * f',
    replace: 'n >= 3 * f',
    by: 'table',
    table: 'resilience',
    breaks: 'a resilience admits what its formula says',
    because: 'a group of three with a liar is admitted'
  },
  {
    name: 'four-f-is-three-f',
    kind: 'quorum',
    in: 'moreThanFourF',
    find: 'n > 4 * f',
    replace: 'n > 3 * f',
    by: 'table',
    table: 'resilience',
    breaks: 'a resilience admits what its formula says',
    because: 'a masking quorum of four is admitted, which is all of them'
  },
  {
    name: 'majorities-withstand-as-many-as-byzantine-quorums',
    kind: 'quorum',
    in: 'moreThanTwoF',
    find: 'largest: crashResilience',
    replace: 'largest: byzantineResilience',
    by: 'table',
    table: 'resilience',
    breaks: 'the largest number of faulty processes is admitted, and one more is not',
    because: 'at n = 5 one crash is withstood, and two could be'
  },
  {
    name: 'any-resilience-withstands-all',
    kind: 'quorum',
    in: 'any',
    find: '(n) => n - 1',
    replace: '(n) => n',
    by: 'table',
    table: 'resilience',
    breaks: 'the largest number of faulty processes is admitted, and one more is not',
    because: 'a group of none but faulty processes is admitted'
  }
]
