/** Each known failure has tests that carry its number, and the page says in which files they are. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './documents.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** `number: file`, of what the names of tests carry. */
function carried(): string[] {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).filter((file) => !file.startsWith('test/docs/'))
  return files.flatMap((file) => {
    const named = read(file).matchAll(/known failures? (\d+)(?: and (\d+))?/g)
    return [...named].flatMap(([, ...numbers]) =>
      numbers.flatMap((one) => one ?? []).map((one) => `${one}: ${file}`)
    )
  })
}

/** The same, as the page has it. */
function listed(): string[] {
  const rows = read('docs/known-failures.md').matchAll(/^\| (\d+) +\|.*$/gm)
  return [...rows].flatMap(([row, number]) =>
    [...row.matchAll(/\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, file]) => `${number}: ${file}`)
  )
}

const numbered = (all: readonly string[]) =>
  [...new Set(all)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

test('the page on known failures lists the files whose tests carry their numbers, and no others', () => {
  expect(numbered(listed())).toEqual(numbered(carried()))
  const numbers = new Set(listed().map((one) => one.split(':')[0]))
  expect([...numbers]).toEqual(Array.from({ length: 21 }, (_, at) => `${at + 1}`))
})
