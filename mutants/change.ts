/** The changes that a mutant makes to the text of a source file. */
import { type Change, changesOf, type Mutant } from './mutant.ts'

/** All those that the mutant makes to the file. @throws Error unless each text to be replaced occurs exactly once */
export function change(text: string, mutant: Mutant, file: string): string {
  return changesOf(mutant)
    .filter((one) => one.file === file)
    .reduce((changed, one) => changedOnce(changed, mutant.name, one), text)
}

function changedOnce(text: string, name: string, { file, find, replace }: Change): string {
  const parts = text.split(find)
  if (parts.length !== 2) {
    throw new Error(
      `mutant ${name}: its text must occur once in src/${file}, and occurs ${parts.length - 1} times`
    )
  }
  return parts.join(replace)
}
