/** The documents, and what the tests look for in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Document {
  /** From the root of the package. */
  readonly path: string
  readonly text: string
}

export interface Block {
  readonly document: string
  /** Of its first line, counted from 1. */
  readonly line: number
  /** What stands behind the fence: the language, and perhaps a word more. */
  readonly info: string
  readonly text: string
}

const markdown = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    // The API reference has tools of its own, with documents of theirs.
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name))

const PATHS = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...markdown('docs'),
  ...markdown('keys'),
  ...markdown('src')
]

export const documents: readonly Document[] = PATHS.sort().map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8')
}))

export function documentAt(path: string): Document {
  const found = documents.find((document) => document.path === path)
  if (found === undefined) throw new Error(`there is no ${path}`)
  return found
}

/** The fenced blocks of a document. */
export function blocksOf({ path, text }: Document): Block[] {
  const blocks: Block[] = []
  let open: { info: string; line: number; lines: string[] } | undefined
  text.split('\n').forEach((line, index) => {
    const fence = /^```(.*)$/.exec(line)?.[1]
    if (fence === undefined) open?.lines.push(line)
    else if (open === undefined) open = { info: fence.trim(), line: index + 2, lines: [] }
    else {
      blocks.push({ document: path, line: open.line, info: open.info, text: `${open.lines.join('\n')}\n` })
      open = undefined
    }
  })
  if (open !== undefined) throw new Error(`${path}: a fence opened at line ${open.line - 1} is not closed`)
  return blocks
}

export const blocks: readonly Block[] = documents.flatMap(blocksOf)

/** A document without its fenced blocks. */
export function proseOf({ text }: Document): string {
  return text.replaceAll(/^```[^\n]*\n[\s\S]*?^```$/gm, '')
}

/** What a heading is linked by. */
export function anchorsOf(document: Document): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of proseOf(document).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    anchors.add(
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-')
    )
  }
  return anchors
}
