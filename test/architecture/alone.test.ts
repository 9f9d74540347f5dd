/**
 * Test files share the modules that they load, and with them what still ends of the tests before: a node that closes
 * sets timers. Whoever puts others in place of all timers would find those among its own, and whoever puts something
 * in place of a module would find it loaded already, or leave its own to others.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ALONE } from '../../vitest.config.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const REPLACES = /\bvi\.(?:use(?:Fake|Real)Timers|(?:do)?[mM]ock)\(/

test('a file that puts something else in place of all timers, or of a module, runs alone', () => {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'))
  expect(files.length).toBeGreaterThan(200)
  const replacing = files.filter((path) => REPLACES.test(readFileSync(`${ROOT}${path}`, 'utf8')))
  expect(replacing.length).toBeGreaterThan(4)
  expect(replacing.filter((path) => !ALONE.includes(path))).toEqual([])
  expect(ALONE.filter((path) => !files.includes(path))).toEqual([])
})
