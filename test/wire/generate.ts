/**
 * Writes the fixtures: `node --conditions=byzkit-source test/wire/generate.ts`. Only for a format that is new, or that was
 * changed on purpose: changed bytes mean that members of two versions cannot be in one group.
 */
import { writeFileSync } from 'node:fs'
import { toHex } from '../../src/core/bytes.ts'
import { type Fixture, toJson } from './fixture.ts'
import { specifications } from './specifications.ts'

for (const { file, about, entries } of specifications) {
  const fixtures: Fixture[] = entries.map(({ name, value, codec }) => ({
    name,
    value: toJson(value),
    bytes: toHex(codec.encode(value as never))
  }))
  const lines = fixtures.map((fixture) => `    ${JSON.stringify(fixture)}`).join(',\n')
  writeFileSync(
    new URL(`../vectors/wire/${file}.json`, import.meta.url),
    `{\n  "about": ${JSON.stringify(about)},\n  "fixtures": [\n${lines}\n  ]\n}\n`
  )
}
