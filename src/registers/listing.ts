/**
 * Which registers an owner has, as members tell it: pages of names in ascending order (by UTF-16 code units), each with
 * the signed header of what is kept under it, deleted ones too.
 *
 * A page is complete: between the name it was asked to begin after and its last name it leaves nothing out that its
 * member keeps; if it says that there is more, it is as long as was asked for. Pages of a Byzantine quorum are merged
 * up to the smallest of those last names, no further: up to there each of them is complete, and one of any q is by a
 * correct member that keeps what was written. A liar can leave out what others have, which the union does not; it can
 * show what was overwritten since, which is not the highest; it cannot invent a name, nor make pages short.
 */
import { bool, list, record, text, type ValueOf } from '../core/shapes.ts'
import { LIST_ENTRIES_MAX, REGISTER_NAME_CHARACTERS_MAX } from './constants.ts'
import { compareHeaders, type SignedHeader, signedHeaderShape } from './signed-value.ts'

const entryShape = record({ name: text(REGISTER_NAME_CHARACTERS_MAX), header: signedHeaderShape })

export const pageFields = {
  entries: list(entryShape, LIST_ENTRIES_MAX),
  /** There are names beyond the last one. */
  more: bool
}

export type ListEntry = ValueOf<typeof entryShape>

export interface Page {
  readonly entries: readonly ListEntry[]
  readonly more: boolean
}

/** What a member answers of the names after `after`; the first one if that is null. */
export interface PageRequest {
  readonly after: string | null
  readonly limit: number
}

/** Index of the first of the ascending `names` that is beyond `after`. */
export function firstAfter(names: readonly string[], after: string | null): number {
  let low = 0
  let high = after === null ? 0 : names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((names[middle] as string) <= (after as string)) low = middle + 1
    else high = middle
  }
  return low
}

/** Why no correct member answers so; undefined if one may. Signatures are another matter. */
export function pageProblem({ entries, more }: Page, { after, limit }: PageRequest): string | undefined {
  if (entries.length > limit) return 'lists more keys than it was asked for'
  if (more && entries.length < limit)
    return 'says that it has more keys, and lists fewer than it was asked for'
  let last = after
  for (const { name } of entries) {
    if (last !== null && name <= last) return 'lists keys out of order'
    last = name
  }
  return undefined
}

export interface Merged {
  /** Of each name the highest header, in the order of the names. */
  readonly entries: readonly ListEntry[]
  /** Beyond this name nothing is known yet; null: there is nothing beyond. */
  readonly upTo: string | null
}

/** What a quorum of pages says together. */
export function mergePages(pages: Iterable<Page>): Merged {
  const highest = new Map<string, SignedHeader>()
  let upTo: string | null = null
  for (const { entries, more } of pages) {
    const last = entries.at(-1)?.name
    if (more && last !== undefined && (upTo === null || last < upTo)) upTo = last
    for (const { name, header } of entries) {
      const known = highest.get(name)
      if (known === undefined || compareHeaders(header, known) > 0) highest.set(name, header)
    }
  }
  const entries = [...highest]
    .filter(([name]) => upTo === null || name <= upTo)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, header]) => ({ name, header }))
  return { entries, upTo }
}
