/**
 * How much of what could be tried is tried. `npm test` tries a part that is quick, in which every property and every n
 * from 4 to 7 has its instance; `npm run test:long` tries all of it. A test file that asks here is named by a file
 * `NAME.long.ts` beside it, which is what the latter runs (test/architecture/extent.test.ts holds it so).
 */

/** Whether this is `npm run test:long`. */
export const AT_LENGTH = process.env.BYZKIT_TESTS === 'long'

/** What is tried by `npm test`, or what is tried at length. */
export function extent<T>(quick: T, long: T): T {
  return AT_LENGTH ? long : quick
}
