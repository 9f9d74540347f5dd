/**
 * Numbers of a history as they were written. JavaScript rounds what has more than some sixteen digits, and two values,
 * or two processes, would become one. What a JavaScript number gives back exactly stays one; any other is an
 * ExactNumber.
 * Two numbers are equal if they are the same decimal number, however they were written: 1.50 and 15e-1 are.
 */

/** The longest number that is read, in characters. */
export const NUMBER_CHARACTERS_MAX = 1000

/** Numbers with fewer digits than this before or behind the point are written out, in place of an exponent. */
const PLAIN_DIGITS_MAX = 40n

/** Newer than the types of it: a number as it stands in JSON. */
const raw = JSON as { readonly rawJSON?: (text: string) => unknown }

/** A number that JavaScript would round. Equal ones have equal texts; no two others, and no number's, are the same. */
export class ExactNumber {
  /** As JSON. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }

  /** All digits of it, and no string. */
  toJSON(): unknown {
    return raw.rawJSON?.(this.text) ?? this.text
  }
}

interface Decimal {
  readonly sign: string
  /** Neither the first nor the last is 0; none of them if the number is. */
  readonly digits: string
  /** Of ten, by which the digits as an integer are multiplied. */
  readonly exponent: bigint
}

function decimalOf(source: string): Decimal {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  let length = all.length
  while (all[length - 1] === '0') length--
  const exponent = BigInt(power) - BigInt(fraction.length) + BigInt(all.length - length)
  return { sign, digits: all.slice(0, length), exponent }
}

function textOf({ sign, digits, exponent }: Decimal): string {
  const point = BigInt(digits.length) + exponent
  if (exponent >= 0n && point <= PLAIN_DIGITS_MAX) return sign + digits + '0'.repeat(Number(exponent))
  if (exponent < 0n && point > 0n)
    return `${sign}${digits.slice(0, Number(point))}.${digits.slice(Number(point))}`
  if (exponent < 0n && point > -PLAIN_DIGITS_MAX) return `${sign}0.${'0'.repeat(Number(-point))}${digits}`
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${sign}${digits.slice(0, 1)}${rest}e${point - 1n}`
}

function sameDecimal(a: Decimal, b: Decimal): boolean {
  if (a.digits === '' && b.digits === '') return true
  return a.sign === b.sign && a.digits === b.digits && a.exponent === b.exponent
}

/** @param source - a number as JSON writes it, of at most NUMBER_CHARACTERS_MAX characters */
export function exactly(source: string): number | ExactNumber {
  const decimal = decimalOf(source)
  const number = Number(source)
  const isExact = Number.isFinite(number) && sameDecimal(decimalOf(String(number)), decimal)
  return isExact ? number : new ExactNumber(textOf(decimal))
}

/** What a number may look like, or text within a string, that JavaScript would round: fifteen digits it never does. */
const MAY_BE_ROUNDED = /\d[\d.]{15,}|\d[eE]/g

/** How many numbers in a JSON text may be rounded when it is parsed, at most. */
export const roundedMax = (text: string): number => text.match(MAY_BE_ROUNDED)?.length ?? 0

/**
 * JSON with its numbers as they were written.
 *
 * @param text - known to be JSON
 * @returns undefined if a number is longer than NUMBER_CHARACTERS_MAX
 */
export function parseExactly(text: string): unknown {
  let isTooLong = false
  const revive = (_: string, value: unknown, { source = '' }: { readonly source?: string }) => {
    if (typeof value !== 'number') return value
    isTooLong ||= source.length > NUMBER_CHARACTERS_MAX
    return isTooLong ? value : exactly(source)
  }
  const value: unknown = JSON.parse(text, revive as (key: string, value: unknown) => unknown)
  return isTooLong ? undefined : value
}
