/**
 * Test files share the modules that they load, and with them what still ends of the tests before: a node that closes
 * sets timers. Whoever puts others in place of all timers would find those among its own.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ALONE } from '../../vitest.config.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const REPLACES_TIMERS = /\bvi\.use(?:Fake|Real)Timers\(/

test('a file whose timers are not those of the machine runs alone', () => {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'))
  expect(files.length).toBeGreaterThan(200)
  const replacing = files.filter((path) => REPLACES_TIMERS.test(readFileSync(`${ROOT}${path}`, 'utf8')))
  expect(replacing.length).toBeGreaterThan(4)
  expect(replacing.filter((path) => !ALONE.includes(path))).toEqual([])
  expect(ALONE.filter((path) => !files.includes(path))).toEqual([])
})
