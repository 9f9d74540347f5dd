/** The resiliences of the catalogue. */
import { byzantineResilience, crashResilience, maskingResilience } from '../core/quorum.ts'
import type { Resilience } from './stack.ts'

/** Byzantine quorums: two of them share a correct process. */
export const moreThanThreeF: Resilience = {
  formula: 'n > 3f',
  admits: (n, f) => n > 3 * f,
  largest: byzantineResilience
}

/** Byzantine masking quorums: two of them share more correct processes than there are faulty ones. */
export const moreThanFourF: Resilience = {
  formula: 'n > 4f',
  admits: (n, f) => n > 4 * f,
  largest: maskingResilience
}

/** Majorities. */
export const moreThanTwoF: Resilience = {
  formula: 'n > 2f',
  admits: (n, f) => n > 2 * f,
  largest: crashResilience
}

/** No quorum is waited for. */
export const anyResilience: Resilience = {
  formula: 'any f < n',
  admits: (n, f) => f < n,
  largest: (n) => n - 1
}
