/**
 * Checks of what a local caller hands over: options, arguments, what its callbacks return. Each refuses in one line
 * that names the parameter, says what would be right, and shows what was given, shortened: it may be anything.
 */
import { InvalidParametersError } from './errors.ts'

/** How much of a wrong value an error shows, in characters. */
const SHOWN_CHARACTERS_MAX = 40

/** A value of unknown origin in a few characters on one line; of an object only what kind of thing it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return shortened(JSON.stringify(value))
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  return typeof value === 'object' && value !== null ? 'an object' : shortened(String(value))
}

/** The beginning of a text, if it is longer than an error may show; what cannot be seen stands there as its number. */
export function shortened(text: string, charactersMax = SHOWN_CHARACTERS_MAX): string {
  const short = text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text
  return short.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`
  )
}

export const isWithin = (value: unknown, min: number, max: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max

/** @throws InvalidParametersError unless it is an integer in the range; `unit` says of what */
export function requireWithin(name: string, value: unknown, min: number, max: number, unit = ''): number {
  if (isWithin(value, min, max)) return value
  const of = unit === '' ? '' : ` ${unit}`
  throw new InvalidParametersError(`${name}: expected ${min} to ${max}${of}, not ${shown(value)}`)
}

/** @throws InvalidParametersError unless it is one of the words */
export function requireOneOf<T extends string>(name: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value)
  if (found !== undefined) return found
  throw new InvalidParametersError(`${name}: expected ${words.join(' or ')}, not ${shown(value)}`)
}

/** @throws InvalidParametersError unless it is left out or a function */
export function requireFunctionIfGiven(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw new InvalidParametersError(`${name}: expected a function, not ${shown(value)}`)
}

/** @throws InvalidParametersError unless it is left out, true or false */
export function requireSwitchIfGiven(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new InvalidParametersError(`${name}: expected true or false, not ${shown(value)}`)
}

/**
 * Refuses a name that nothing has, with the one that was probably meant.
 *
 * @param known - all names there are; of one that belongs elsewhere the path to it, such as `options.windowBytesMax`
 * @param listed - those that the error lists; default: all
 * @throws InvalidParametersError that begins with `what`
 */
export function requireKnown(
  what: string,
  given: object,
  known: readonly string[],
  listed: readonly string[] = known
): void {
  const unknown = Object.keys(given).find((name) => !listed.includes(name))
  if (unknown === undefined) return
  const meant = nearest(unknown, known)
  const hint = meant === undefined ? '.' : `: did you mean ${meant}?`
  throw new InvalidParametersError(
    `${what}: there is no ${shown(unknown)}${hint} It takes ${listed.join(', ')}`
  )
}

/** How much of a name may be wrong for it to be the one that was meant: two characters, or a third of a long one. */
const WRONG_CHARACTERS = 2

/** The name that is least different in its last part, whatever its case; undefined if all are too different. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, SHOWN_CHARACTERS_MAX).toLowerCase()
  const ranked = known
    .map((path) => ({ path, edits: edits(wanted, path.slice(path.lastIndexOf('.') + 1).toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  const [best] = ranked
  const tolerated = Math.max(WRONG_CHARACTERS, Math.floor(wanted.length / 3))
  return best !== undefined && best.edits <= tolerated ? best.path : undefined
}

/** Levenshtein's distance: how many characters to insert, delete or replace. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [at, character] of [...from].entries()) {
    const next = [at + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
