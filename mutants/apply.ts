/**
 * Loaded before anything else (`node --import ./mutants/apply.ts`): makes the change of the mutant that the environment
 * names, while Node loads the file; Node strips the types of what it is given here, as it does of any source.
 */
import { registerHooks } from 'node:module'
import { findMutant } from './catalogue/index.ts'
import { change } from './change.ts'

/** The environment variable that names the mutant; without it nothing is changed. */
export const MUTANT_VARIABLE = 'BYZKIT_MUTANT'

const name = process.env[MUTANT_VARIABLE]
let changed = false

/** Whether the named mutant lives: its file was loaded, changed. */
export function applied(): boolean {
  return changed
}

if (name !== undefined) {
  const mutant = findMutant(name)
  if (mutant === undefined) throw new Error(`${MUTANT_VARIABLE}: there is no mutant ${name}`)
  const target = new URL(`../src/${mutant.file}`, import.meta.url).href
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (url !== target || loaded.source === undefined || loaded.source === null) return loaded
      const source =
        typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      changed = true
      return { ...loaded, source: change(source, mutant) }
    }
  })
}
