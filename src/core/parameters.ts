/**
 * Checks of what a local caller hands over: options, arguments, what its callbacks return. Each refuses in one line that
 * names the parameter, says what would be right, and shows what was given, shortened: it may be anything.
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
