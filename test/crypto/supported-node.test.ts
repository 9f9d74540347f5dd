/** On a Node that is too old, the import of any entry says so in one line, and nothing else comes first. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ENTRIES } from '../architecture/house.ts'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
const MIN = engines.node.replace('>=', '')

let times = 0

/** Anew each time. */
const imported = () =>
  import(`../../src/crypto/supported-node.ts?${times++}`).then(
    () => 'imported',
    (error: Error) => ({ message: error.message, stack: error.stack })
  )

afterEach(() => void vi.unstubAllGlobals())

describe('the import', () => {
  const newer = ['22.18.0', '22.100.1', '24.21.0', '100.0.0-nightly']
  test.each(newer)('on Node %s goes on', async (node) => {
    vi.stubGlobal('process', { versions: { node } })
    expect(await imported()).toBe('imported')
  })

  test.each(['22.17.9', '22.2.0', '20.19.4', '18.20.0', '9.0.0'])(
    'on Node %s says in one line',
    async (node) => {
      vi.stubGlobal('process', { versions: { node } })
      const line = `byzkit: needs Node ${MIN} or newer; this is ${node}`
      expect(await imported()).toEqual({ message: line, stack: line })
    }
  )

  test('where there is no Node goes on', async () => {
    vi.stubGlobal('process', undefined)
    expect(await imported()).toBe('imported')
    vi.stubGlobal('process', { versions: {} })
    expect(await imported()).toBe('imported')
  })
})

test.each([...ENTRIES, 'crypto/index.ts'])('%s imports it before anything else', (entry) => {
  const [first] = /^(?:import|export)\b.*$/m.exec(read(`src/${entry}`)) ?? []
  expect(first).toMatch(/^import '\.\/(?:crypto\/)?supported-node\.ts'$/)
})

test('the command and the scripts have the same bound', () => {
  for (const path of ['bin/byzkit.js', 'scripts/check-node.js']) {
    expect(read(path)).toContain(`needs Node ${MIN} or newer`)
    expect(read(path)).toContain('major < 22 || (major === 22 && minor < 18)')
  }
})
