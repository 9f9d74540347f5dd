/** `byzkit check`, and the histories that are shipped with it. */
import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, test } from 'vitest'
import { byzkit, byzkitJson, expectRefused, temporaryFolder } from './support.ts'

const folder = fileURLToPath(new URL('../../examples/histories', import.meta.url))
const example = (name: string) => join(folder, `${name}.jsonl`)

/** Exit status under each consistency; docs/histories.md has the same table. */
const examples: readonly (readonly [
  name: string,
  model: string,
  safe: number,
  regular: number,
  linearizable: number
])[] = [
  ['register-good', 'register', 0, 0, 0],
  ['register-unanswered-write', 'register', 0, 0, 0],
  ['register-stale-read', 'register', 1, 1, 1],
  ['register-regular-not-atomic', 'register', 0, 0, 1],
  ['register-safe-not-regular', 'register', 0, 1, 1],
  ['cas-register-good', 'cas-register', 2, 2, 0],
  ['cas-register-lost-update', 'cas-register', 2, 2, 1],
  ['kv-good', 'kv', 2, 2, 0],
  ['kv-lost-append', 'kv', 2, 2, 1]
]

test('every shipped history is judged here', () => {
  expect(readdirSync(folder).sort()).toEqual(examples.map(([name]) => `${name}.jsonl`).sort())
})

test.each(examples)('%s', async (name, model, ...statuses) => {
  const words = ['check', example(name), '--model', model, '--consistency']
  const outcomes = await Promise.all(
    ['safe', 'regular', 'linearizable'].map((consistency) => byzkit([...words, consistency]))
  )
  expect(outcomes.map(({ status }) => status)).toEqual(statuses)
  for (const { status, stdout, stderr } of outcomes) {
    expect(stderr).toMatch(status === 2 ? /^byzkit: [^\n]+\n$/ : /^$/)
    expect(stdout).toMatch([/\nvalid {2}/, /\nnot \w+ /, /^$/][status ?? 3]!)
  }
})

it('says what was judged to machines, and what contradicts itself', async () => {
  const file = example('kv-lost-append')
  expect(await byzkitJson(['check', example('kv-good'), '--model', 'kv'])).toEqual({
    file: example('kv-good'),
    model: 'kv',
    consistency: 'linearizable',
    operations: 7,
    keys: 2,
    valid: true
  })
  const { status, stdout } = await byzkit(['check', file, '--model', 'kv', '--json'])
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    valid: false,
    violation: {
      key: 'x',
      reason: expect.stringMatching(/^process 0 append "b" \[3, 5\], process 2 get → "ac" \[9, 10\]: /),
      operations: [
        { process: 0, f: 'append', value: 'b', invoked: 3, returned: 5, outcome: 'ok' },
        { process: 2, f: 'get', result: 'ac', invoked: 9, returned: 10, outcome: 'ok' }
      ]
    }
  })
})

it('draws what contradicts itself, with its story, in lanes', async () => {
  const { stdout } = await byzkit(['check', example('register-regular-not-atomic'), '--model', 'register'])
  const drawn = stdout
    .split('\n')
    .slice(3, 12)
    .map((line) => line.trimEnd())
  expect(drawn).toEqual([
    '    line  process 0  process 1     process 2',
    '       1  ┬ write 1',
    '       2  ┴ ok',
    '       3  ┬ write 2',
    '       4  │          ┬ read → 2 *',
    '       5  │          ┴ ok',
    '       6  │                        ┬ read → 1 *',
    '       7  │                        ┴ ok',
    '       8  ┴ ok'
  ])
})

it('reads standard input', async () => {
  const cwd = await temporaryFolder()
  // The prefix may redirect what the command then inherits.
  const shell = `exec < '${example('register-stale-read')}';`
  const { status, stdout } = await byzkit(['check', '-', '--model', 'register', '--json'], { cwd, shell })
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ file: '-', operations: 5, valid: false })
})

it('shows nothing of a history that a terminal would obey', async () => {
  const cwd = await temporaryFolder()
  const evil = '\u001b[31mred\u202e'
  const lines = [
    { process: evil, type: 'invoke', f: 'read' },
    { process: evil, type: 'ok', value: { [evil]: evil } }
  ]
  await writeFile(join(cwd, 'h.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
  const { status, stdout } = await byzkit(['check', 'h.jsonl', '--model', 'register'], { cwd })
  expect(status).toBe(1)
  for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character)
  expect(stdout).toContain('process \\u{1b}[31mred\\u{202e} read')
})

it('a history without an operation proves nothing, and is refused', async () => {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'empty.jsonl'), '')
  await expectRefused(['check', 'empty.jsonl', '--model', 'kv'], /empty\.jsonl holds no operation/, { cwd })
})

it('writes a page', async () => {
  const cwd = await temporaryFolder()
  const words = ['check', example('register-stale-read'), '--model', 'register', '--html', 'h.html']
  expect((await byzkit(words, { cwd })).status).toBe(1)
  expect(await readFile(join(cwd, 'h.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*no order explains/)
})

test.each<[string, string, string[], RegExp]>([
  ['no model', '', [], /^check needs --model: register, cas-register, kv$/],
  ['an unknown model', '', ['--model', 'queue'], /^--model queue: one of register, cas-register, kv$/],
  [
    'an unknown consistency',
    '',
    ['--model', 'kv', '--consistency', 'toString'],
    /^--consistency toString: one of safe/
  ],
  ['a malformed line', '{"process":0}\n', ['--model', 'kv'], /^h\.jsonl: line 1: type is missing/],
  [
    'an operation that the model lacks',
    '\n{"process":0,"type":"invoke","f":"enqueue"}',
    ['--model', 'register'],
    /^h\.jsonl: line 2: a register has no enqueue/
  ],
  [
    'a page that cannot be written',
    '{"process":0,"type":"invoke","f":"get","key":1,"value":null}',
    ['--model', 'kv', '--html', 'no/such/folder.html'],
    /^no\/such\/folder\.html cannot be written/
  ]
])('refused: %s', async (_, text, words, message) => {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'h.jsonl'), text)
  await expectRefused(['check', 'h.jsonl', ...words], message, { cwd })
})

test.each<[string, string, RegExp]>([
  ['an absent file', 'absent.jsonl', /^absent\.jsonl cannot be read: no such file/],
  ['a folder', '.', /cannot be read: it is a folder/]
])('refused: %s', async (_, file, message) => {
  await expectRefused(['check', file, '--model', 'kv'], message, { cwd: await temporaryFolder() })
})

test('bytes that are no text are refused', async () => {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'h.jsonl'), Uint8Array.of(0x7b, 0xff, 0x0a))
  await expectRefused(['check', 'h.jsonl', '--model', 'kv'], 'h.jsonl: not UTF-8 text', { cwd })
})
