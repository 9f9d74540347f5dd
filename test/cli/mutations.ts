/** Files that somebody has tampered with: valid ones, with some edits that a fuzzer chose. */
import fc from 'fast-check'

type Edit = (text: string) => string

/** What is put in place of something: what readers stumble over. */
const NASTY = [
  '',
  'null',
  '[]',
  '{}',
  '-1',
  '0',
  '1e400',
  '-0',
  '9007199254740993',
  '4294967296',
  '0.5',
  'true',
  '""',
  '"__proto__"',
  `"${'x'.repeat(5000)}"`,
  '"\\u001b[2J\\u202e"',
  '\u001b[2J',
  '\u202e\u0085\u2028',
  '\\ud800',
  '{"hex":"00"}',
  '{"hex":"zz"}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`,
  '\n',
  '\r\n',
  '\uFEFF',
  '\u0000'
]

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const nasty = fc.constantFrom(...NASTY)

/** The n-th of what the expression finds, as a part of all of them, in place of which comes something else. */
const inPlaceOf = (expression: RegExp): fc.Arbitrary<Edit> =>
  fc.tuple(place, nasty).map(([at, other]) => (text) => {
    const found = [...text.matchAll(expression)]
    const hit = found[Math.floor(at * found.length)]
    return hit === undefined ? text : text.slice(0, hit.index) + other + text.slice(hit.index + hit[0].length)
  })

const cut: fc.Arbitrary<Edit> = fc.tuple(place, fc.nat(40)).map(([at, length]) => (text) => {
  const from = Math.floor(at * text.length)
  return text.slice(0, from) + text.slice(from + length)
})

const lines =
  (change: (lines: string[], one: number, other: number) => string[]) =>
  ([one, other]: readonly [number, number]): Edit =>
  (text) => {
    const all = text.split('\n')
    return change(all, Math.floor(one * all.length), Math.floor(other * all.length)).join('\n')
  }

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: inPlaceOf(/-?\d+(?:\.\d+)?/g) },
  { weight: 4, arbitrary: inPlaceOf(/"(?:[^"\\]|\\.)*"/g) },
  { weight: 2, arbitrary: inPlaceOf(/[[{][^[\]{}]*[\]}]/g) },
  { weight: 1, arbitrary: inPlaceOf(/./g) },
  { weight: 1, arbitrary: cut },
  {
    weight: 1,
    arbitrary: fc.tuple(place, place).map(lines((all, one, other) => all.toSpliced(one, 0, all[other] ?? '')))
  },
  { weight: 1, arbitrary: fc.tuple(place, place).map(lines((all, one) => all.toSpliced(one, 1))) },
  { weight: 1, arbitrary: place.map((at) => (text: string) => text.slice(0, Math.floor(at * text.length))) }
)

/** `text` after one to three edits. */
export const tampered = (text: string): fc.Arbitrary<string> =>
  fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) => edits.reduce((changed, apply) => apply(changed), text))
