/** `byzkit store` and `byzkit leaderless` on groups of real processes. */
import { randomBytes } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contextText, parseContext } from '../../src/program/client/context-text.ts'
import { recordedTextOf } from '../../src/program/client/history-recorder.ts'
import { HANGS_MS } from '../waiting.ts'
import { type ClientGroup, startClientGroup } from './client-group.ts'
import { byzkitJson, runHere, temporaryFolder } from './support.ts'

const KEYS = new URL('../../keys/', import.meta.url).pathname
const MIB = 1024 * 1024
const ms = expect.any(Number)

/** The last line that a command says, of those that people read. */
const said = ({ stdout }: { readonly stdout: string }) => stdout.trimEnd()

describe('byzkit store', () => {
  const ends: (() => unknown)[] = []
  let group: ClientGroup
  beforeAll(async () => {
    group = await startClientGroup(3, (end) => void ends.push(end))
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })

  it('puts, gets and deletes keys of an owner, for people', async () => {
    const { run } = group
    const theirs = ['--writer', 'client:0']
    expect(said(await run('store get', 1, 'colour', ...theirs))).toBe('colour was never written')
    expect(said(await run('store put', 0, 'colour', 'green'))).toBe(
      'colour is written (timestamp 1): 5 bytes, with a quorum of the members'
    )
    expect(await run('store get', 1, 'colour', ...theirs)).toEqual({
      status: 0,
      stdout: 'green\n',
      stderr: ''
    })
    // A key of the same name and another owner is another key.
    expect(said(await run('store get', 1, 'colour'))).toBe('colour was never written')
    expect(said(await run('store delete', 0, 'colour'))).toBe('colour is deleted (timestamp 2)')
    expect(said(await run('store get', 1, 'colour', ...theirs))).toBe('colour is deleted')
  })

  it('and for machines', async () => {
    const { json } = group
    const theirs = ['--writer', 'client:0']
    expect(await json('store put', 0, 'shape', 'round')).toEqual({ key: 'shape', bytes: 5, timestamp: 1, ms })
    const got = { key: 'shape', value: 'round', timestamp: 1, deleted: false, consistency: 'regular', ms }
    expect(await json('store get', 2, 'shape', ...theirs, '--consistency', 'regular')).toEqual(got)
    expect(await json('store delete', 0, 'shape')).toEqual({ key: 'shape', timestamp: 2, ms })
    expect(await json('store get', 2, 'shape', ...theirs)).toMatchObject({ value: null, deleted: true })
  })

  it('lists the keys that are there, a page at a time', async () => {
    const { run, json } = group
    expect(said(await run('store list', 1))).toBe('there are no keys')
    for (const key of ['c', 'a', 'b', 'gone']) await json('store put', 1, key, 'x')
    await json('store delete', 1, 'gone')
    expect(said(await run('store list', 0, '--writer', 'client:1'))).toBe('a\nb\nc')
    expect(said(await run('store list', 1, '--limit', '1', '--after', 'a'))).toBe(
      'b\n(there are more: --after b)'
    )
    expect(await json('store list', 1, '--limit', '2')).toEqual({
      keys: [
        { key: 'a', timestamp: 1 },
        { key: 'b', timestamp: 1 }
      ],
      next: 'b',
      ms
    })
  })

  it('keeps large values byte for byte, and what happened in a history that check judges', async () => {
    const { run, json, folder } = group
    const bytes = randomBytes(MIB)
    await writeFile(join(folder, 'in'), bytes)
    const history = ['--history', join(folder, 'history.jsonl')]
    await json('store put', 2, 'picture', '--input', join(folder, 'in'), ...history)
    const to = ['--output', join(folder, 'out')]
    expect(said(await run('store get', 2, 'picture', ...to, ...history))).toBe(
      `picture is in ${join(folder, 'out')}`
    )
    expect((await readFile(join(folder, 'out'))).equals(bytes)).toBe(true)
    await json('store delete', 2, 'picture', ...history)
    expect(await json('store get', 2, 'picture', ...history)).toMatchObject({ value: null })
    const check = ['check', join(folder, 'history.jsonl'), '--model', 'kv']
    expect(await byzkitJson(check)).toMatchObject({ valid: true, operations: 4, keys: 1 })
    expect(recordedTextOf(bytes)).toMatch(/^sha256:[0-9a-f]{64}$/)
    // No text is taken for a hash.
    expect(recordedTextOf(new TextEncoder().encode(recordedTextOf(bytes)))).toMatch(/^base64:/)
  })

  it('refuses in one line what cannot be', async () => {
    const { words, folder } = group
    const refusals: [string[], string | RegExp][] = [
      [words('store put', 0, 'k'.repeat(257), 'x'), /^key: expected well-formed text of at most 256/],
      [words('store get', 0, 'k'.repeat(257)), /^key: expected well-formed text of at most 256/],
      [
        words('store put', 0, 'k', 'x', '--writer', 'client:1'),
        'client:0 may not write k: its writers are client:1'
      ],
      [
        words('store delete', 0, 'k', '--writer', 'client:1'),
        'client:0 may not write k: its writers are client:1'
      ],
      [words('store get', 0, 'k', '--output', folder), /cannot be written: it exists already$/],
      [words('store list', 0, '--limit', '1025'), /Expected an integer from 1 to 1024/],
      [words('store put', 0, 'k'), 'put needs a text or --input <file>']
    ]
    for (const [line, refusal] of refusals) {
      const { status, stdout, stderr } = await runHere(line)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^byzkit: [^\n]+\n$/)
      const text = stderr.slice('byzkit: '.length, -1)
      if (typeof refusal === 'string') expect(text).toBe(refusal)
      else expect(text).toMatch(refusal)
    }
  })
})

describe('byzkit leaderless', () => {
  it('keeps concurrent values until a put has seen them, with a member killed', async () => {
    const { run, json, folder, members } = await startClientGroup(4, undefined, '--stack', 'leaderless-store')
    expect(said(await run('leaderless get', 0, 'cart'))).toBe('cart has no value\ncontext @0, regular')
    expect(await json('leaderless put', 0, 'cart', 'milk')).toEqual({
      key: 'cart',
      bytes: 4,
      consistency: 'regular',
      conflict: false,
      ms
    })
    // Whoever is asked first may be one of the few that have not heard of milk.
    const bread = async () => said(await run('leaderless put', 1, 'cart', 'bread'))
    await expect
      .poll(bread, { timeout: HANGS_MS })
      .toBe(
        'cart is written (regular): 5 bytes; others stand beside it, which it has not replaced: get shows them'
      )
    members[3]?.kill('SIGKILL')
    const both = (await json('leaderless get', 2, 'cart')) as { values: string[]; context: string }
    expect({ ...both, values: [...new Set(both.values)].toSorted() }).toEqual({
      key: 'cart',
      values: ['bread', 'milk'],
      deleted: false,
      context: expect.stringMatching(/^\d:\d+(,\d:\d+)*@\d+$/),
      consistency: 'regular',
      ms
    })
    const to = ['--output', join(folder, 'out')]
    expect(await run('leaderless get', 0, 'cart', ...to)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/\/out is not written: cart has [2-9] values\n$/)
    })
    // A put that takes long is asked for again, of another member, and may then stand there twice.
    const context = async () => ((await json('leaderless get', 1, 'cart')) as typeof both).context
    const replaced = async () => {
      await json('leaderless put', 0, 'cart', 'milk and bread', '--context', await context())
      return said(await run('leaderless get', 1, 'cart', ...to))
    }
    await expect.poll(replaced, { timeout: HANGS_MS }).toContain(`cart is in ${join(folder, 'out')}`)
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('milk and bread')
    const deleted = async () => {
      expect(await json('leaderless delete', 1, 'cart', '--context', await context())).toMatchObject({
        key: 'cart',
        consistency: 'regular'
      })
      return said(await run('leaderless get', 0, 'cart'))
    }
    await expect.poll(deleted, { timeout: HANGS_MS }).toMatch(/^cart is deleted\ncontext /)
  })

  it('says of an answer that may miss a put that it may, and refuses it unless it was asked for', async () => {
    const { run, json } = await startClientGroup(4, undefined, '--stack', 'leaderless-store')
    const few = ['--quorum', '1']
    expect(await json('leaderless put', 0, 'a', 'x', ...few, '--sloppy')).toMatchObject({
      consistency: 'eventual'
    })
    const { status, stderr } = await run('leaderless get', 0, 'a', ...few)
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^byzkit: r = 1 and w = 2 of 3 replicas: [^\n]+\n$/)
    })
  })

  it('says of members that run another stack that they were not reached', async () => {
    const { run } = await startClientGroup(3)
    const { status, stderr } = await run('leaderless get', 0, 'a', '--timeout', '3000')
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/: 0 of 4 members were reached, not [^\n]+\n$/)
    })
  })

  it('refuses in one line what cannot be', async () => {
    const cwd = await temporaryFolder()
    await cp(KEYS, join(cwd, 'keys'), { recursive: true })
    const files = ['--group', join(cwd, 'keys/group.json'), '--key', join(cwd, 'keys/client-0.pem')]
    const put = ['leaderless', 'put', 'k', 'x', ...files]
    for (const [words, refusal] of [
      [[...put, '--context', 'x'], '--context x: expected the context that get showed, as 0:3,2:1@1700'],
      [[...put, '--context', '9:1@0'], /^context: not of this key: /],
      [[...put, '--quorum', '8'], /Expected an integer from 1 to 7/],
      [['leaderless', 'delete', 'k', ...files], /required option '--context <context>' not specified/],
      [['leaderless', 'put', 'k', ...files], 'put needs a text or --input <file>'],
      [['leaderless'], 'a command is missing; byzkit leaderless --help lists them'],
      [['leaderless', 'list', ...files], /^unknown command 'list'/]
    ] as [string[], string | RegExp][]) {
      const { status, stdout, stderr } = await runHere(words)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      const text = stderr.slice('byzkit: '.length, -1)
      if (typeof refusal === 'string') expect(text).toBe(refusal)
      else expect(text).toMatch(refusal)
    }
  })
})

it('a context is one word, and is read as it was written', () => {
  const context = {
    clock: [
      { rank: 0, counter: 3 },
      { rank: 2, counter: 2 ** 52 }
    ],
    time: 1700
  }
  expect(contextText(context)).toBe('0:3,2:4503599627370496@1700')
  expect(parseContext(contextText(context))).toEqual(context)
  expect(parseContext('@0')).toEqual({ clock: [], time: 0 })
})
