/**
 * Loaded before anything else (`node --import ./mutants/apply.ts`): makes the changes of the mutant that the environment
 * names, while Node loads the files; Node strips the types of what it is given here, as it does of any source.
 */
import { registerHooks } from 'node:module'
import { findMutant } from './catalogue/index.ts'
import { change } from './change.ts'
import { changesOf } from './mutant.ts'

/** The environment variable that names the mutant; without it nothing is changed. */
export const MUTANT_VARIABLE = 'BYZKIT_MUTANT'

const name = process.env[MUTANT_VARIABLE]
/** The files that are to be changed. */
const files = new Set<string>()
const changed = new Set<string>()

/** Whether the named mutant lives: its files were loaded, changed. */
export function applied(): boolean {
  return files.size > 0 && changed.size === files.size
}

if (name !== undefined) {
  const mutant = findMutant(name)
  if (mutant === undefined) throw new Error(`${MUTANT_VARIABLE}: there is no mutant ${name}`)
  for (const { file } of changesOf(mutant)) files.add(file)
  const fileOf = new Map([...files].map((file) => [new URL(`../src/${file}`, import.meta.url).href, file]))
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const file = fileOf.get(url)
      if (file === undefined || loaded.source === undefined || loaded.source === null) return loaded
      const source =
        typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      changed.add(file)
      return { ...loaded, source: change(source, mutant, file) }
    }
  })
}
