/** The change that a mutant makes to the text of its source file. */
import type { Mutant } from './mutant.ts'

/** @throws Error unless the text to be replaced occurs exactly once */
export function change(text: string, { name, file, find, replace }: Mutant): string {
  const parts = text.split(find)
  if (parts.length !== 2) {
    throw new Error(
      `mutant ${name}: its text must occur once in src/${file}, and occurs ${parts.length - 1} times`
    )
  }
  return parts.join(replace)
}
