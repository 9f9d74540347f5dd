/** What `npm test` leaves out is in `npm run test:long`. */
import { globSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { importsOf } from './source.ts'

const TESTS = fileURLToPath(new URL('../', import.meta.url))

/** Of each file under test/, the others under it that it imports. */
const imports = new Map(
  globSync('**/*.ts', { cwd: TESTS }).map((path) => {
    const found = importsOf(path, readFileSync(join(TESTS, path), 'utf8'))
    return [normalize(path), found.flatMap(({ target }) => (target === undefined ? [] : [normalize(target)]))]
  })
)

/** Whether `path` imports `wanted`, itself or through others. */
function reaches(path: string, wanted: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) return false
  seen.add(path)
  return (imports.get(path) ?? []).some((other) => other === wanted || reaches(other, wanted, seen))
}

test('a test file that asks for its extent is run at length too', () => {
  const asking = [...imports.keys()].filter((path) => path.endsWith('.test.ts') && reaches(path, 'extent.ts'))
  expect(asking).toContain(join('adversary', 'reliable-broadcast.test.ts'))
  const forgotten = asking.filter(
    (path) => !imports.get(path.replace('.test.ts', '.long.ts'))?.includes(path)
  )
  expect(forgotten).toEqual([])
})
