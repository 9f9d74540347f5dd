/** The changes that a mutant makes to the text of source files. */
import type { Place, Sources } from './anchor.ts'
import { changesOf, type Mutant } from './mutant.ts'

/**
 * The changed files with their texts; all places are found before anything is changed.
 *
 * @throws Error in one line unless each text to be replaced occurs exactly once where it is looked for
 */
export function changedFiles(sources: Sources, mutant: Mutant): ReadonlyMap<string, string> {
  const edits = changesOf(mutant).map((change) => ({
    ...sources.locate(mutant.name, change),
    replace: change.replace
  }))
  const files = new Set(edits.map(({ file }) => file))
  return new Map(
    [...files].map((file) => [
      file,
      edited(
        mutant.name,
        sources.textOf(file),
        edits.filter((edit) => edit.file === file)
      )
    ])
  )
}

type Edit = Place & { readonly replace: string }

function edited(mutant: string, text: string, edits: readonly Edit[]): string {
  let end = text.length
  let changed = text
  for (const { file, from, to, replace } of [...edits].sort((a, b) => b.from - a.from)) {
    if (to > end) throw new Error(`mutant ${mutant}: two of its texts overlap in src/${file}`)
    changed = changed.slice(0, from) + replace + changed.slice(to)
    end = from
  }
  return changed
}
