/** The pictures of the tutorial are what its programs do: each is drawn again from its trace. */
import { expect, test } from 'vitest'
import { blocksOf, documentAt } from './documents.ts'
import { keptTrace, PICTURES, runAgain } from './pictures.ts'

const blocks = blocksOf(documentAt('docs/tutorial-agreement.md'))

test('each trace has a picture, and each picture a trace', () => {
  const drawn = blocks.flatMap(({ info }) => /^text picture (\S+)$/.exec(info)?.[1] ?? [])
  expect(drawn).toEqual(PICTURES)
})

test.each(PICTURES)('%s: the trace is what runs now, and the picture has lines of its drawing', (name) => {
  const kept = keptTrace(name)
  const again = runAgain(kept)
  expect(again.trace).toBe(kept)
  const picture =
    blocks
      .find(({ info }) => info === `text picture ${name}`)
      ?.text.trimEnd()
      .split('\n') ?? []
  const drawing = again.picture.split('\n').map((line) => line.trimEnd())
  expect(picture[0]).toBe(drawing[0])
  expect(picture.at(-1)).toBe(drawing.at(-1))
  let at = -1
  for (const line of picture) {
    const next = drawing.indexOf(line, at + 1)
    expect({ line, isDrawnThere: next > at }).toEqual({ line, isDrawnThere: true })
    at = next
  }
})
