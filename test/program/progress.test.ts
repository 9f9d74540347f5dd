/** How far something is: in place in a terminal, now and then in a log, and nothing among what machines read. */
import { expect, it } from 'vitest'
import { howFar, liveLine } from '../../src/program/progress.ts'
import { widthOf } from '../../src/viewer/columns.ts'

function stream(columns?: number) {
  const written: string[] = []
  const isTTY = columns !== undefined
  return { written, write: (text: string) => void written.push(text), isTTY, ...(isTTY && { columns }) }
}

it('is written over in a terminal, and never wider than that', () => {
  const terminal = stream(40)
  const line = liveLine({ json: false }, terminal)
  line.show('東京 '.repeat(20))
  line.show('short')
  line.clear()
  const [long = '', short, cleared] = terminal.written
  expect(widthOf(long.replace('\r\u001b[2K', ''))).toBeLessThan(40)
  expect([short, cleared]).toEqual(['\r\u001b[2Kshort', '\r\u001b[2K'])
})

it('is a line once a minute where there is no terminal', () => {
  const log = stream()
  let nowMs = 0
  const line = liveLine({ json: false }, log, () => nowMs)
  for (; nowMs < 150_000; nowMs += 1000) line.show(`at ${nowMs}`)
  line.clear()
  expect(log.written).toEqual(['at 60000\n', 'at 120000\n'])
})

it('is nothing beside what machines read', () => {
  for (const to of [stream(), stream(80)]) {
    let nowMs = 0
    const line = liveLine({ json: true }, to, () => nowMs)
    for (; nowMs < 150_000; nowMs += 1000) line.show('here')
    line.clear()
    expect(to.written).toEqual([])
  }
})

it.each([
  [0, 1000, 0, '0 of 1,000 runs'],
  [250, 1000, 4000, '250 of 1,000 runs, about 12 s left'],
  [1, 1000, 1000, '1 of 1,000 runs, about 17 minutes left'],
  [1, 100_000, 1000, '1 of 100,000 runs, about 28 hours left'],
  [1000, 1000, 9000, '1,000 of 1,000 runs']
])('%i of %i after %i ms: %s', (done, total, elapsedMs, text) => {
  expect(howFar('runs', done, total, elapsedMs)).toBe(text)
})
