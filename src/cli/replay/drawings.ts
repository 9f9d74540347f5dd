/** The files that `replay` draws a run into. */
import { writeFile } from 'node:fs/promises'
import { fileError } from '../../program/files/read-file.ts'
import type { DrawnRun } from '../../viewer/drawn-run.ts'
import { runPage } from '../../viewer/page.ts'
import { shivizLog } from '../../viewer/shiviz.ts'

export interface Drawings {
  /** Where to write it as a page. */
  readonly html?: string
  /** Where to write it as a log for ShiViz. */
  readonly shiviz?: string
}

/** @returns the files that were written */
export async function writeDrawings(run: DrawnRun, { html, shiviz }: Drawings): Promise<string[]> {
  const drawings: readonly (readonly [path: string | undefined, draw: () => string])[] = [
    [html, () => runPage(run)],
    [shiviz, () => shivizLog(run)]
  ]
  const written: string[] = []
  for (const [path, draw] of drawings) {
    if (path === undefined) continue
    try {
      await writeFile(path, draw())
    } catch (error) {
      throw fileError(path, 'cannot be written', error)
    }
    written.push(path)
  }
  return written
}
