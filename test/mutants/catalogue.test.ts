/** Every mutant of the catalogue can be made, is looked for where it can be found, and breaks what is promised there. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mutants } from '../../mutants/catalogue/index.ts'
import { change } from '../../mutants/change.ts'
import { configOf } from '../../mutants/laboratory.ts'
import { changesOf, type Mutant, NAMING, QUIESCENCE } from '../../mutants/mutant.ts'
import { findBehaviour } from '../../src/adversary/index.ts'
import { findStack } from '../../src/stacks/index.ts'
import { parseModule } from '../architecture/source.ts'

const MUTANTS_MIN = 34
const INVISIBLE_AT_FOUR_MIN = 10

const sourceOf = (file: string) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')

describe('the catalogue', () => {
  it(`has at least ${MUTANTS_MIN} mutants, each with a name of its own, no two of them the same change`, () => {
    expect(mutants.length).toBeGreaterThanOrEqual(MUTANTS_MIN)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    const changes = mutants.map((mutant) =>
      JSON.stringify(changesOf(mutant).map(({ file, find, replace }) => [file, find, replace]))
    )
    expect(new Set(changes).size).toBe(mutants.length)
    for (const { name, because } of mutants) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(because, name).not.toBe('')
    }
  })

  it('replaces text that occurs exactly once in each file that it names', () => {
    for (const mutant of mutants) {
      for (const { file } of changesOf(mutant)) {
        const text = sourceOf(file)
        expect(change(text, mutant, file), mutant.name).not.toBe(text)
      }
    }
  })

  it('looks for each where the property that it breaks is promised, against an adversary that there is', () => {
    for (const { name, breaks, trials } of mutants) {
      for (const trial of trials) {
        const { protocol, members, faults, adversary } = configOf(trial)
        const stack = findStack(protocol)
        if (breaks !== QUIESCENCE && breaks !== NAMING) expect(stack?.properties, name).toContain(breaks)
        expect(stack?.resilience.admits(members, faults), name).toBe(true)
        if (adversary !== null) expect(findBehaviour(adversary), name).toBeDefined()
      }
    }
  })

  it(`has at least ${INVISIBLE_AT_FOUR_MIN} that are invisible at n = 4, and looks for them elsewhere`, () => {
    const invisible = mutants.filter(({ invisibleAtFour }) => invisibleAtFour)
    expect(invisible.length).toBeGreaterThanOrEqual(INVISIBLE_AT_FOUR_MIN)
    const sizes = invisible.flatMap(({ trials }) => trials.map(({ members }) => members))
    expect(sizes).not.toContain(4)
    expect(new Set(sizes)).toEqual(new Set([5, 6, 7]))
  })

  it('loads nothing of the source, which would then be there before it is changed', () => {
    const loaded = ['apply.ts', 'change.ts', 'mutant.ts', ...catalogueFiles()].flatMap((path) =>
      parseModule(`mutants/${path}`, readFileSync(new URL(`../../mutants/${path}`, import.meta.url), 'utf8'))
        .imports.filter(({ target, typeOnly }) => !typeOnly && target?.startsWith('src/'))
        .map(({ target }) => `${path}: ${target}`)
    )
    expect(loaded).toEqual([])
  })
})

describe('a change', () => {
  const mutant = mutants[0]!
  const { file, find } = changesOf(mutant)[0]!
  it.each([
    ['does not occur', 'nothing of it', 0],
    ['occurs twice', `${find} ${find}`, 2]
  ])('is refused where its text %s', (_, text, times) => {
    expect(() => change(text, mutant, file)).toThrow(
      `mutant ${mutant.name}: its text must occur once in src/${file}, and occurs ${times} times`
    )
  })
})

describe('a mutant of several changes', () => {
  const part = (file: string, find: string) => ({ file, find, replace: find.toUpperCase() })
  const mutant = {
    ...mutants[0]!,
    changes: [part('a.ts', 'one'), part('a.ts', 'two'), part('b.ts', 'one')]
  } as Mutant

  it('makes all those of a file, and no others', () => {
    expect(change('one two', mutant, 'a.ts')).toBe('ONE TWO')
    expect(change('one two', mutant, 'b.ts')).toBe('ONE two')
    expect(() => change('one', mutant, 'a.ts')).toThrow('occurs 0 times')
  })
})

function catalogueFiles(): string[] {
  const index = readFileSync(new URL('../../mutants/catalogue/index.ts', import.meta.url), 'utf8')
  const files = [...index.matchAll(/from '\.\/([a-z-]+\.ts)'/g)].map(([, file]) => `catalogue/${file}`)
  expect(files.length).toBeGreaterThan(3)
  return files
}
