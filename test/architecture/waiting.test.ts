/** A test waits for a condition, never for a time: on a busy machine any time is too short some day. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseModule } from './source.ts'

const TESTS = fileURLToPath(new URL('../', import.meta.url))

/** Clocks, timers, and bounds of so many milliseconds. */
const TIMES = [
  /(?<![.#\w])(?:setTimeout|setInterval)\b/,
  /\belapse\(/,
  /\bAbortSignal\.timeout\b/,
  /\b(?:performance|Date)\.now\b/,
  /\btimeout: ?(?:[\d_]+\b|[A-Z_]+_MS \*)/,
  /\}, [\d_]{4,}\)/
]

/** Who may, and why. */
const MAY: { readonly [file: string]: string } = {
  'cluster/service-record.test.ts': 'says when things happened, by clocks that it plays',
  'waiting.ts': 'is how tests wait',
  'fixtures/reads-clock.ts': 'is a protocol that reads a clock, to be found out',
  'fixtures/idle-strangers.ts': 'plays strangers, who have a pace of their own',
  'e2e/group.test.ts': 'kills at any moment, whatever has happened by then',
  'libp2p/cut-off.test.ts': 'sees that no less time goes by than a peer is cut off for',
  'libp2p/dialling.test.ts': 'lets a channel last, at least',
  'libp2p/gater.test.ts': 'has timers that are not those of the machine',
  'libp2p/transport.test.ts':
    'lets a stream be silent for longer than it may, or counts what comes in a second',
  'libp2p/transport-hostile.test.ts': 'plays an attacker that is in a hurry',
  'libp2p/transport-redialer.test.ts': 'has timers that are not those of the machine',
  'libp2p/transport-support.ts': 'plays a link that carries so much a second, and lets memory be given back',
  'libp2p/waits.test.ts': 'gives operations up as the time of a signal is over',
  'program/applied-twice.test.ts': 'is of machines that read a clock, to be found out',
  'long/codec.long.ts': 'takes minutes, at length',
  'long/exhaustive.long.ts': 'takes minutes, at length',
  'long/strangers.long.ts': 'takes minutes, at length, and says how long it was'
}

function waitsForTime(path: string, text: string): boolean {
  const { code, imports } = parseModule(path, text)
  return TIMES.some((time) => time.test(code)) || imports.some(({ specifier }) => /timers/.test(specifier))
}

test('no test waits for a time, but those that are listed, each of which does', () => {
  const all = globSync('**/*.ts', { cwd: TESTS }).map((path) => path.replaceAll('\\', '/'))
  // What is planted in the tests of rules is no rule broken.
  const files = all.filter((path) => !path.startsWith('architecture/'))
  expect(files.length).toBeGreaterThan(200)
  const found = files.filter((path) => waitsForTime(path, readFileSync(join(TESTS, path), 'utf8')))
  expect(found.sort()).toEqual(Object.keys(MAY).sort())
})

test.each([
  ['await new Promise((resolve) => setTimeout(resolve, 50))', true],
  ["import { setTimeout as pause } from 'node:timers/promises'", true],
  ['await elapse(50)', true],
  ['const signal = AbortSignal.timeout(5000)', true],
  ['expect(performance.now() - began).toBeLessThan(500)', true],
  ['await expect.poll(seen, { timeout: 20_000 }).toBe(true)', true],
  ["it('ends', async () => {\n}, 60_000)", true],
  ["await until('it is there', () => isThere)", false],
  ['const signal = patience()', false],
  ['clock.setTimeout(1)', false],
  ['// it waits for a setTimeout(1)', false],
  ["expect(text).toBe('performance.now()')", false]
])('of %j it is said: %s', (text, expected) => {
  expect(waitsForTime('a.test.ts', text)).toBe(expected)
})
