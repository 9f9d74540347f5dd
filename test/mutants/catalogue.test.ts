/** Every mutant of the catalogue can be made, is looked for where it can be found, and breaks what is promised there. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ownSources } from '../../mutants/anchor.ts'
import { mutants } from '../../mutants/catalogue/index.ts'
import { changedFiles } from '../../mutants/change.ts'
import { configOf, configOfRecording, type RunConfig } from '../../mutants/laboratory.ts'
import { changesOf, type Mutant, NAMING, QUIESCENCE } from '../../mutants/mutant.ts'
import { readSchedule } from '../../mutants/schedules.ts'
import { findBehaviour } from '../../src/adversary/index.ts'
import { findStack } from '../../src/catalogue/index.ts'
import { parseModule } from '../architecture/source.ts'
import { tables } from '../tables/index.ts'

const MUTANTS_MIN = 350
const INVISIBLE_AT_FOUR_MIN = 10
const SCHEDULES_MIN = 7

describe('the catalogue', () => {
  it(`has at least ${MUTANTS_MIN} mutants, each with a name of its own, no two of them the same change`, () => {
    expect(mutants.length).toBeGreaterThanOrEqual(MUTANTS_MIN)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
    const changes = mutants.map((mutant) =>
      JSON.stringify(changesOf(mutant).map((change) => [change.in, change.find, change.replace]))
    )
    expect(new Set(changes).size).toBe(mutants.length)
    for (const { name, because } of mutants) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(because, name).not.toBe('')
    }
  })

  it('replaces text that occurs exactly once where it is looked for', () => {
    for (const mutant of mutants)
      for (const [file, text] of changedFiles(ownSources(), mutant))
        expect(text, mutant.name).not.toBe(ownSources().textOf(file))
  })

  it('looks for each where the property that it breaks is promised, against an adversary that there is', () => {
    for (const mutant of mutants) {
      if (mutant.by === 'table' || mutant.by === 'test') continue
      const { name, breaks } = mutant
      for (const { protocol, members, faults, adversary } of configsOf(mutant)) {
        const stack = findStack(protocol)
        if (breaks !== QUIESCENCE && breaks !== NAMING) expect(stack?.properties, name).toContain(breaks)
        expect(stack?.resilience.admits(members, faults), name).toBe(true)
        if (adversary !== null) expect(findBehaviour(adversary), name).toBeDefined()
      }
    }
  })

  it('names tables and properties that there are', async () => {
    for (const mutant of mutants) {
      if (mutant.by !== 'table') continue
      const table = await tables[mutant.table]()
      expect(Object.keys(table), mutant.name).toContain(mutant.breaks)
    }
  })

  it('names tests that there are', () => {
    for (const mutant of mutants) {
      if (mutant.by !== 'test') continue
      const text = readFileSync(new URL(`../${mutant.test}.test.ts`, import.meta.url), 'utf8')
      // Of a test of several rows the title has the label of its row in front.
      const [label = ''] = mutant.breaks.split(':')
      expect(text, mutant.name).toContain(label)
    }
  })

  it(`has a mutant for each kept schedule, and at least ${SCHEDULES_MIN} of them`, () => {
    const kept = readdirSync(new URL('../../mutants/schedules/', import.meta.url))
    const named = mutants.filter(({ by }) => by === 'schedule').map(({ name }) => `${name}.jsonl`)
    expect(kept.sort()).toEqual(named.sort())
    expect(kept.length).toBeGreaterThanOrEqual(SCHEDULES_MIN)
  })

  it(`has at least ${INVISIBLE_AT_FOUR_MIN} that are invisible at n = 4, and looks for them elsewhere`, () => {
    const invisible = mutants.filter((mutant) => 'invisibleAtFour' in mutant && mutant.invisibleAtFour)
    expect(invisible.length).toBeGreaterThanOrEqual(INVISIBLE_AT_FOUR_MIN)
    const sizes = invisible.flatMap((mutant) => configsOf(mutant).map(({ members }) => members))
    expect(sizes).not.toContain(4)
    expect(new Set(sizes)).toEqual(new Set([5, 6, 7]))
  })

  it('loads nothing of the source, which would then be there before it is changed', () => {
    const loaded = [
      'apply.ts',
      'anchor.ts',
      'change.ts',
      'mutant.ts',
      'tokens.ts',
      ...catalogueFiles()
    ].flatMap((path) =>
      parseModule(`mutants/${path}`, readFileSync(new URL(`../../mutants/${path}`, import.meta.url), 'utf8'))
        .imports.filter(({ target, typeOnly }) => !typeOnly && target?.startsWith('src/'))
        .map(({ target }) => `${path}: ${target}`)
    )
    expect(loaded).toEqual([])
  })
})

/** Where the runs are in which it falls. */
function configsOf(mutant: Mutant): RunConfig[] {
  if (mutant.by === 'campaign') return mutant.trials.map(configOf)
  if (mutant.by === 'table' || mutant.by === 'test') return []
  const { found, name } = mutant
  return [...(found === undefined ? [] : [configOf(found)]), configOfRecording(readSchedule(name))]
}

function catalogueFiles(): string[] {
  const index = readFileSync(new URL('../../mutants/catalogue/index.ts', import.meta.url), 'utf8')
  const files = [...index.matchAll(/from '\.\/([a-z-]+\.ts)'/g)].map(([, file]) => `catalogue/${file}`)
  expect(files.length).toBeGreaterThan(3)
  return files
}
