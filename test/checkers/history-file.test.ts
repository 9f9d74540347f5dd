/** Recorded histories: what is read, and each thing that can be wrong with a line. */
import { expect, test } from 'vitest'
import { parseHistory } from '../../src/checkers/history-file.ts'
import { HistoryError } from '../../src/checkers/operations.ts'

const lines = (...values: (object | string)[]) =>
  values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n')
const write = { process: 0, type: 'invoke', f: 'write', value: 1 }

test('answers are paired with invocations by their process; positions are lines', () => {
  const text = lines(
    write,
    '',
    { process: 'alice', type: 'invoke', f: 'read', key: 'x', value: null, time: 10 },
    { process: 'nemesis', type: 'info', f: 'start-partition' },
    { process: 0, type: 'fail', f: 'write', value: 1, error: 'full' },
    { process: 'alice', type: 'ok', value: 5, time: 20 },
    { ...write, process: 1 }
  )
  expect(parseHistory(`\uFEFF${text}\r\n`)).toMatchObject([
    { process: 0, f: 'write', value: 1, invoked: 1, returned: 5, outcome: 'fail' },
    {
      process: 'alice',
      f: 'read',
      key: 'x',
      result: 5,
      invoked: 3,
      returned: 6,
      invokedNs: 10,
      returnedNs: 20
    },
    { process: 1, f: 'write', value: 1, invoked: 7, returned: undefined, outcome: 'info' }
  ])
})

test('after info the operation stays open, and its process may go on', () => {
  const info = { process: 0, type: 'info', f: 'write', value: 1 }
  const history = parseHistory(lines(write, info, write, { ...info, type: 'ok' }))
  expect(history.map(({ returned, outcome }) => [returned, outcome])).toEqual([
    [undefined, 'info'],
    [4, 'ok']
  ])
})

test('the process 0 is not the process "0"', () => {
  expect(parseHistory(lines(write, { ...write, process: '0' }))).toHaveLength(2)
})

const deep = `${'['.repeat(40)}${']'.repeat(40)}`
test.each<[string, string, string]>([
  ['no JSON', 'hello', 'line 1: not JSON'],
  ['half a line', '{"process":0,"ty', 'line 1: not JSON'],
  ['an array', '[]', 'line 1: not a JSON object'],
  ['null', 'null', 'line 1: not a JSON object'],
  ['a field twice', '{"process":0,"process":1}', 'line 1: duplicate key "process"'],
  ['no process', lines({ type: 'invoke', f: 'read' }), 'line 1: process is missing: a number or a string'],
  ['no type', lines({ process: 0, f: 'read' }), 'line 1: type is missing: invoke, ok, fail or info'],
  ['an unknown type', lines({ ...write, type: 'done' }), 'line 1: type is missing: invoke, ok, fail or info'],
  ['no f', lines({ process: 0, type: 'invoke' }), 'line 1: f is missing: what is invoked'],
  ['f of another type', lines({ ...write, f: 1 }), 'line 1: f is not a string'],
  [
    'an answer to nothing',
    lines({ ...write, type: 'ok' }),
    'line 1: ok of process 0, which has invoked nothing'
  ],
  [
    'two answers',
    lines(write, { ...write, type: 'ok' }, { ...write, type: 'ok' }),
    'line 3: ok of process 0, which has invoked nothing'
  ],
  [
    'two invocations',
    lines(write, write),
    'line 2: process 0 invokes again, although line 1 has no answer yet'
  ],
  [
    'an answer to something else',
    lines(write, { ...write, type: 'ok', f: 'read' }),
    'line 2: f is "read", but line 1 invoked "write"'
  ],
  [
    'an answer for another key',
    lines(write, { ...write, type: 'ok', key: 'x' }),
    'line 2: key is "x", but line 1 invoked null'
  ],
  [
    'time that runs back',
    lines({ ...write, time: 2 }, { ...write, process: 1, time: 1 }),
    'line 2: its time is earlier than that of a line before it: sort by time'
  ],
  ['time in words', lines({ ...write, time: 'now' }), 'line 1: time is not a number, in nanoseconds'],
  [
    'a number without end',
    `{"process":0,"type":"invoke","f":"write","value":[1${'0'.repeat(1000)}]}`,
    'line 1: a number of more than 1000 characters'
  ],
  [
    'a long name of a process, shortened',
    lines({ ...write, process: 'x'.repeat(1e6), type: 'ok' }),
    `line 1: ok of process ${'x'.repeat(40)}..., which has invoked nothing`
  ],
  [
    'a long f, shortened',
    lines(write, { ...write, type: 'ok', f: 'x'.repeat(1e6) }),
    `line 2: f is "${'x'.repeat(10)}..${'x'.repeat(10)}", but line 1 invoked "write"`
  ],
  [
    'a long key, shortened',
    lines(write, { ...write, type: 'ok', key: 'x'.repeat(1e6) }),
    `line 2: key is "${'x'.repeat(10)}..${'x'.repeat(10)}", but line 1 invoked null`
  ],
  [
    'a long field twice, shortened',
    `{"${'x'.repeat(1e6)}":0,"${'x'.repeat(1e6)}":1}`,
    `line 1: duplicate key "${'x'.repeat(40)}..."`
  ],
  [
    'a value without end',
    `{"process":0,"type":"invoke","f":"write","value":${deep}}`,
    'line 1: value is nested deeper than 32'
  ]
])('refused: %s', (_, text, message) => {
  expect(() => parseHistory(text)).toThrow(new HistoryError(message))
})

test('a value nested a hundred thousand deep is refused like any other', () => {
  const text = `{"process":0,"type":"invoke","f":"write","value":${'['.repeat(1e5)}${']'.repeat(1e5)}}`
  expect(() => parseHistory(text)).toThrow(HistoryError)
})

test('a field named __proto__ is a field', () => {
  const [operation] = parseHistory('{"process":0,"type":"invoke","f":"write","value":{"__proto__":1}}')
  expect(Object.keys(operation?.value as object)).toEqual(['__proto__'])
})
