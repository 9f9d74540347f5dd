/** Lines are as wide as what is seen of them, and are cut where a terminal ends. */
import { expect, it } from 'vitest'
import { fitted, padded, widthOf } from '../../src/viewer/columns.ts'
import { timeline } from '../../src/viewer/history-terminal.ts'

const red = (text: string) => `\u001b[31m${text}\u001b[39m`

it.each([
  ['abc', 3],
  ['東京', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  [red('abc'), 3]
])('%s takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
  expect(widthOf(padded(text, 10))).toBe(10)
})

it('a line that is too long is cut, and says so; a wide character is not halved, and a colour ends', () => {
  expect(fitted('abcdef', 6)).toBe('abcdef')
  expect(fitted('abcdefg', 6)).toBe('abcde…')
  expect(fitted('abcdefg', undefined)).toBe('abcdefg')
  expect(widthOf(fitted('東京東京', 4))).toBeLessThanOrEqual(4)
  expect(fitted(red('abcdefg'), 6)).toBe(`${red('abcde')}…`)
  expect(padded('abcdef', 3)).toBe('abcdef')
})

it('a history is drawn in the columns that there are, its lanes below each other', () => {
  const same = (text: string) => text
  const operation = (process: string, value: string, at: number) => ({
    index: at,
    process,
    f: 'write',
    key: undefined,
    value,
    result: undefined,
    invoked: at,
    returned: at + 1,
    outcome: 'ok' as const
  })
  const draw = (columns?: number) =>
    timeline([operation('a東京', 'x'.repeat(10), 1), operation('b', 'y'.repeat(10), 3)], [], {
      colors: { red: same, dim: same, bold: same },
      columns,
      printable: same
    }).split('\n')
  const [header = '', , , second = ''] = draw()
  const before = (line: string, text: string) => widthOf(line.slice(0, line.indexOf(text)))
  expect(before(second, '┬')).toBe(before(header, 'process b'))
  expect(Math.max(...draw(30).map(widthOf))).toBe(30)
})
