/**
 * The wire format, pinned: today's code makes exactly the bytes of the fixtures under test/vectors/wire, and reads
 * them back. The fixtures were written once (generate.ts); docs/wire.md explains them.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, sameBytes, toHex } from '../../src/core/bytes.ts'
import { type Codec, type Fixture, fromJson, judgeOf, mutations, toJson } from './fixture.ts'
import { specifications } from './specifications.ts'

const fixturesOf = (file: string): readonly Fixture[] =>
  JSON.parse(readFileSync(new URL(`../vectors/wire/${file}.json`, import.meta.url), 'utf8')).fixtures

/** What an accepted mutation decodes to must be another value, and have these bytes for its only encoding. */
function problemOf({ value, bytes }: Fixture, { encode, decode }: Codec): string | undefined {
  const read = decode?.(fromHex(bytes))
  if (read === undefined) return undefined
  if (JSON.stringify(toJson(read)) === JSON.stringify(value)) return `${bytes} is a second encoding`
  return sameBytes(encode(read as never), fromHex(bytes)) ? undefined : `${bytes} is not what it decodes to`
}

describe.each(specifications)('$file', ({ file, entries }) => {
  const fixtures = fixturesOf(file)
  const cases = entries.map(({ name, value, codec }, i) => ({ name, value, codec, fixture: fixtures[i]! }))

  it('has a fixture for each entry, under its name and of its value', () => {
    expect(fixtures.map(({ name, value }) => ({ name, value }))).toEqual(
      entries.map(({ name, value }) => ({ name, value: toJson(value) }))
    )
  })

  it.each(cases)('$name: today’s code makes these bytes, and reads them back', ({ fixture, codec }) => {
    expect(judgeOf(fixture.value, codec)(fixture.bytes)).toBeUndefined()
  })

  it.each(cases)('$name: a mutated fixture fails', ({ fixture, codec }) => {
    const judge = judgeOf(fixture.value, codec)
    for (const mutated of mutations(fixture)) {
      if (judge(mutated.bytes) === undefined) expect.fail(`${mutated.bytes} passes for the fixture`)
      const problem = problemOf(mutated, codec)
      if (problem !== undefined) expect.fail(problem)
    }
  })
})

it('no change of a whole link frame is accepted, be it one bit', () => {
  const { entries } = specifications.find(({ file }) => file === 'frames')!
  const whole = entries.filter(({ name }) => / under /.test(name))
  expect(whole).toHaveLength(14)
  for (const { name, codec } of whole) {
    const fixture = fixturesOf('frames').find((each) => each.name === name)!
    for (const { bytes } of mutations(fixture)) expect(codec.decode?.(fromHex(bytes))).toBeUndefined()
  }
})

it('fixtures keep byte strings apart from text', () => {
  const value = { a: Uint8Array.of(1, 255), b: '01ff', c: [null, 2, Uint8Array.of()] }
  expect(toHex((fromJson(toJson(value)) as typeof value).a)).toBe('01ff')
  expect(fromJson(JSON.parse(JSON.stringify(toJson(value))))).toEqual(value)
})
