/** Numbers and names that JavaScript cannot tell apart: compared as they were written, and shown so. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExactNumber, exactly } from '../../src/checkers/exact-number.ts'
import { parseHistory } from '../../src/checkers/history-file.ts'
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { kvModel, type ObjectModel, registerModel } from '../../src/checkers/models.ts'
import { canonical, describeOperation } from '../../src/checkers/operations.ts'
import { checkRegular } from '../../src/checkers/regularity.ts'

/** Lines of JSON in which numbers stand as they are given. */
const historyOf = (...lines: (readonly [process: string, type: string, f: string, rest: string])[]) =>
  lines
    .map(([process, type, f, rest]) => `{"process":${process},"type":"${type}","f":"${f}",${rest}}`)
    .join('\n')

const isValid = (text: string, model: ObjectModel, check = checkLinearizable) =>
  check(parseHistory(text), model).contradiction === undefined

/** One value is written, and another one read. */
const writtenAndRead = (written: string, read: string) =>
  historyOf(
    ['0', 'invoke', 'write', `"value":${written}`],
    ['0', 'ok', 'write', `"value":${written}`],
    ['1', 'invoke', 'read', '"value":null'],
    ['1', 'ok', 'read', `"value":${read}`]
  )

describe('values', () => {
  test.each([
    ['1700000000.123456789', '1700000000.123456790'],
    ['0.1234567890123456789', '0.1234567890123456781'],
    ['12345678901234.5678', '12345678901234.5679'],
    ['9007199254740993', '9007199254740992'],
    ['1e400', '1e401'],
    ['-1e400', '1e400'],
    ['1e-400', '0'],
    ['{"a":[0.1234567890123456789]}', '{"a":[0.1234567890123456781]}'],
    ['9007199254740993', '"9007199254740993"']
  ])('%s and %s are two', (written, read) => {
    for (const check of [checkLinearizable, checkRegular]) {
      expect(isValid(writtenAndRead(written, read), registerModel(), check)).toBe(false)
      expect(isValid(writtenAndRead(written, written), registerModel(), check)).toBe(true)
    }
  })

  test.each([
    ['1.50', '15e-1'],
    ['1e2', '100'],
    ['-0', '0'],
    ['0e999999999999999999999', '0.000'],
    ['9007199254740993.0', '9007199254740993'],
    ['0.12345678901234567890', '1234567890123456789E-19'],
    ['1e+400', '10e399']
  ])('%s and %s are one', (written, read) => {
    expect(isValid(writtenAndRead(written, read), registerModel())).toBe(true)
  })

  test('a value that was put is not the one that is got, if the last digit differs', () => {
    const put = (value: string) => [
      ['0', 'invoke', 'put', `"key":"a","value":${value}`] as const,
      ['0', 'ok', 'put', `"key":"a","value":${value}`] as const
    ]
    const get = (value: string) => [
      ['1', 'invoke', 'get', '"key":"a"'] as const,
      ['1', 'ok', 'get', `"key":"a","value":${value}`] as const
    ]
    const two = [...put('12345678901234.5678'), ...put('12345678901234.5679')]
    expect(isValid(historyOf(...two, ...get('12345678901234.5678')), kvModel)).toBe(false)
    expect(isValid(historyOf(...two, ...get('12345678901234.5679')), kvModel)).toBe(true)
  })

  test('an append finds a number with all its digits', () => {
    const text = (read: string) =>
      historyOf(
        ['0', 'invoke', 'put', '"key":"a","value":9007199254740993'],
        ['0', 'ok', 'put', '"key":"a"'],
        ['0', 'invoke', 'append', '"key":"a","value":"x"'],
        ['0', 'ok', 'append', '"key":"a"'],
        ['0', 'invoke', 'get', '"key":"a"'],
        ['0', 'ok', 'get', `"key":"a","value":"${read}"`]
      )
    expect(isValid(text('9007199254740993x'), kvModel)).toBe(true)
    expect(isValid(text('9007199254740992x'), kvModel)).toBe(false)
  })
})

test('keys that differ in the nineteenth digit are two objects', () => {
  const [a, b] = ['0.1234567890123456789', '0.1234567890123456781']
  const text = (read: string) =>
    historyOf(
      ['0', 'invoke', 'put', `"key":${a},"value":"a"`],
      ['0', 'ok', 'put', `"key":${a},"value":"a"`],
      ['0', 'invoke', 'put', `"key":${b},"value":"b"`],
      ['0', 'ok', 'put', `"key":${b},"value":"b"`],
      ['1', 'invoke', 'get', `"key":${a},"value":null`],
      ['1', 'ok', 'get', `"key":${a},"value":"${read}"`]
    )
  expect(isValid(text('a'), kvModel)).toBe(true)
  expect(isValid(text('b'), kvModel)).toBe(false)
})

describe('names of processes', () => {
  const concurrent = (one: string, other: string) =>
    historyOf(
      [one, 'invoke', 'write', '"value":1'],
      [other, 'invoke', 'write', '"value":2'],
      [one, 'ok', 'write', '"value":1'],
      [other, 'ok', 'write', '"value":2']
    )

  test.each([
    ['738529527931269425', '738529527931269426'],
    ['738529527931269425', '"738529527931269425"'],
    ['1e400', '2e400']
  ])('%s and %s are two processes', (one, other) => {
    const history = parseHistory(concurrent(one, other))
    expect(new Set(history.map(({ process }) => process)).size).toBe(2)
    expect(history.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  test('one written in two ways is one process', () => {
    expect(() => parseHistory(concurrent('738529527931269425', '7385295279312694250e-1'))).toThrow(
      'process 738529527931269425 invokes again'
    )
    expect(() => parseHistory(concurrent('1', '1.0'))).toThrow('process 1 invokes again')
  })

  test('one writer of a regular register is one, by whichever object it is named', () => {
    const write = (value: string) => [
      ['738529527931269425', 'invoke', 'write', `"value":${value}`] as const,
      ['738529527931269425', 'ok', 'write', `"value":${value}`] as const
    ]
    expect(isValid(historyOf(...write('1'), ...write('2')), registerModel(), checkRegular)).toBe(true)
  })

  test('they are told and written with all their digits', () => {
    const [operation] = parseHistory(concurrent('738529527931269425', '0'))
    expect(describeOperation(operation!)).toBe('process 738529527931269425 write 1 [1, 3]')
    expect(JSON.stringify({ process: operation!.process })).toBe('{"process":738529527931269425}')
  })
})

test('a time in nanoseconds since 1970 stays a number, beside a value that is exact', () => {
  const [operation] = parseHistory(
    '{"process":0,"type":"invoke","f":"write","value":9007199254740993,"time":1700000000123456789}'
  )
  expect(operation).toMatchObject({
    value: new ExactNumber('9007199254740993'),
    invokedNs: Number('1700000000123456789')
  })
})

describe('against arithmetic on integers', () => {
  const digits = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 25 })
    .map((all) => all.join(''))
  const source = fc
    .record({
      sign: fc.constantFrom('', '-'),
      whole: digits.map((all) => all.replace(/^0+(?=\d)/, '')),
      fraction: fc.option(digits, { nil: undefined }),
      exponent: fc.option(fc.integer({ min: -330, max: 330 }), { nil: undefined })
    })
    .map(
      ({ sign, whole, fraction, exponent }) =>
        `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`
    )

  /** The number times 10^1000. */
  function scaled(text: string): bigint {
    const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
    const [whole = '', fraction = ''] = mantissa.split('.')
    return BigInt(whole + fraction) * 10n ** BigInt(1000 + Number(exponent) - fraction.length)
  }

  test('the text of a number is that number, in JSON and once more', () => {
    fc.assert(
      fc.property(source, (text) => {
        const value = canonical(exactly(text))
        expect(scaled(value)).toBe(scaled(text))
        expect(JSON.stringify(exactly(text))).toBe(value)
        expect(canonical(exactly(value))).toBe(value)
      }),
      { numRuns: 2000 }
    )
  })

  test('two numbers have one text only if they are the same', () => {
    const near = fc
      .tuple(source, fc.integer({ min: 0, max: 9 }))
      .map(([text, digit]) => [text, text.replace(/\d(?=e|$)/, String(digit))])
    fc.assert(
      fc.property(near, ([a = '', b = '']) => {
        expect(canonical(exactly(a)) === canonical(exactly(b))).toBe(scaled(a) === scaled(b))
      }),
      { numRuns: 2000 }
    )
  })
})
