/** A mutant finds the text that it changes wherever it has gone to, and is refused where that is not certain. */
import { describe, expect, it, test } from 'vitest'
import { Sources } from '../../mutants/anchor.ts'
import { changedFiles } from '../../mutants/change.ts'
import type { Mutant } from '../../mutants/mutant.ts'
import { declarationsOf, tokensOf } from '../../mutants/tokens.ts'
import { readModules } from '../architecture/source.ts'

const TALLY = `/** Counts, and says \`if (more >= enough)\` of it. */
export class Tally<V> {
  readonly #voters = new Set<V>()

  vote(voter: V): boolean {
    this.#voters.add(voter) // once
    return this.reached(2)
  }

  get size() { return this.#voters.size }

  reached(quorum: number): boolean {
    return this.#voters.size >= quorum
  }
}

export const half = (n: number) => Math.floor(n / 2)
`

const OTHER = `export function reached(voters: Set<number>, quorum: number) {
  return voters.size >= quorum && \`\${voters.size} of } \${quorum}\` !== ''
}
`

const sources = (files: Record<string, string>) => new Sources(Object.entries(files))

const mutant = (...changes: { in: string; find: string; replace: string }[]) =>
  ({ name: 'one', changes }) as unknown as Mutant

const reached = { in: 'Tally.reached', find: 'this.#voters.size >= quorum', replace: 'true' }

const located = (files: Record<string, string>, change: { in: string; find: string } = reached) => {
  const { file, from, to } = sources(files).locate('one', change)
  return [file, (files[file] as string).slice(from, to)]
}

describe('a text is found', () => {
  it('in the declaration that is named, whatever file it is in', () => {
    expect(located({ 'a.ts': TALLY, 'b.ts': OTHER })).toEqual(['a.ts', reached.find])
    expect(located({ 'b.ts': OTHER, 'moved/to/votes.ts': TALLY })).toEqual([
      'moved/to/votes.ts',
      reached.find
    ])
  })

  it('if its lines are broken anew, and commented', () => {
    const text = TALLY.replace('size >= quorum', 'size >= // enough\n      quorum')
    expect(located({ 'a.ts': text })[1]).toBe('this.#voters.size >= // enough\n      quorum')
    expect(located({ 'a.ts': TALLY }, { ...reached, find: ' this . #voters\n.size>=quorum' })[1]).toBe(
      reached.find
    )
  })

  it('if the method or the class was renamed, or it went to another method, as long as it is the only one', () => {
    expect(located({ 'a.ts': TALLY.replaceAll('reached', 'suffices') })[1]).toBe(reached.find)
    expect(located({ 'a.ts': TALLY.replace('class Tally', 'class Votes'), 'b.ts': OTHER })[1]).toBe(
      reached.find
    )
    expect(located({ 'a.ts': TALLY }, { ...reached, in: 'Tally.vote' })[1]).toBe(reached.find)
  })

  it('in a method, though the class has it twice', () => {
    const text = TALLY.replace('return this.reached(2)', 'return this.#voters.size >= quorum')
    const { from } = sources({ 'a.ts': text }).locate('one', reached)
    expect(from).toBe(text.lastIndexOf(reached.find))
  })
})

describe('a text is refused, in one line that says where it was looked for,', () => {
  it.each([
    [
      'if it occurs twice there',
      { in: 'Tally', find: 'this.#voters', replace: '' },
      'mutant one: its text must occur once in Tally (src/a.ts), and occurs at src/a.ts:6, src/a.ts:10, src/a.ts:13'
    ],
    [
      'if its declaration is gone and it occurs twice elsewhere',
      { in: 'Gone.vote', find: 'voters.size >= quorum', replace: '' },
      'mutant one: its text must occur once in all of src/, and occurs at src/b.ts:2, src/c.ts:2'
    ],
    [
      'if it is gone',
      { in: 'Tally.vote', find: 'nothing of it', replace: '' },
      'mutant one: its text must occur once, and occurs nowhere in Tally.vote (src/a.ts), Tally (src/a.ts), all of src/'
    ],
    [
      'if it is in a comment or a string alone',
      { in: 'Counter', find: 'if (more >= enough)', replace: '' },
      'mutant one: its text must occur once, and occurs nowhere in Counter (which is not declared), all of src/'
    ],
    [
      'if it is a part of longer words alone',
      { in: 'half', find: 'floor(n / 2', replace: '' },
      'mutant one: its text must occur once, and occurs nowhere in half (src/a.ts), all of src/'
    ]
  ])('%s', (_, change, said) => {
    const files = { 'a.ts': TALLY.replace('n / 2', 'n / 20'), 'b.ts': OTHER, 'c.ts': OTHER }
    expect(() => changedFiles(sources(files), mutant(change))).toThrow(new Error(said))
  })

  it('if two changes of a mutant overlap', () => {
    const part = { in: 'Tally.reached', find: '.size >= quorum', replace: '' }
    expect(() => changedFiles(sources({ 'a.ts': TALLY }), mutant(reached, part))).toThrow(
      'mutant one: two of its texts overlap in src/a.ts'
    )
  })
})

test('a mutant of several changes makes all of them, and leaves the rest as it is', () => {
  const add = { in: 'Tally.vote', find: 'this.#voters.add(voter)', replace: 'void voter' }
  const other = { in: 'reached', find: 'voters.size >= quorum', replace: 'false' }
  const changed = changedFiles(
    sources({ 'a.ts': TALLY, 'b.ts': OTHER, 'c.ts': '' }),
    mutant(add, other, reached)
  )
  expect([...changed]).toEqual([
    ['a.ts', TALLY.replace(add.find, add.replace).replace(reached.find, reached.replace)],
    ['b.ts', OTHER.replace(other.find, other.replace)]
  ])
})

describe('of all of our source', () => {
  const modules = readModules()

  test('the brackets of every file are found, in pairs', () => {
    const odd = modules.filter(
      ({ text }) => tokensOf(text).reduce((open, { opens }) => open + opens, 0) !== 0
    )
    expect(odd.map(({ path }) => path)).toEqual([])
  })

  test('all declarations are found, and members of classes', () => {
    const DECLARED = /^(?:export )?(?:abstract )?(?:async )?(?:class|function|const|interface|type) (\w+)/gm
    const MEMBER =
      /^ {2}(?:(?:static|readonly|override|protected|abstract|async|get|set) )*(#?\w+)(?:\(|: | = |<)/gm
    let members = 0
    for (const { path, text } of modules) {
      const found = new Set(declarationsOf(tokensOf(text)).map(({ name }) => name))
      const declared = [...text.matchAll(DECLARED)].map(([, name]) => name)
      expect(
        declared.filter((name) => !found.has(name as string)),
        path
      ).toEqual([])
      for (const [body, name] of text.matchAll(/^(?:export )?(?:abstract )?class (\w+)[\s\S]*?^\}/gm))
        for (const [, member] of body.matchAll(MEMBER)) {
          members++
          expect(found, path).toContain(`${name}.${member}`)
        }
    }
    expect(members).toBeGreaterThan(1000)
  })
})
