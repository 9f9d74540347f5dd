/** An error of somebody's own code, as they need it: its type, what it says, and where in their own lines. */
import { execFile } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { oneLine } from '../../program/output.ts'

/** What Node writes above a syntax error: a place in a file. */
const HEADING = /^(?:file:\/\/)?(\/\S*|[A-Za-z]:\\\S*):(\d+)$/m

/** A line of a stack: the function, if it has a name, and the place. */
const FRAME =
  /^ *at (?:async )?(?:(?<name>.+) \()?(?<file>(?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(?<line>\d+):\d+\)?$/gm

/** Of the innermost ones. */
const FRAMES_SHOWN_MAX = 5

/** Where byzkit is, as it is written or as it is built: its lines are nobody's own. */
const BYZKIT = fileURLToPath(new URL('../../', import.meta.url))

export interface OwnError {
  /** In one line, as `TypeError: not now, at fails (mine.ts:2)`. */
  readonly text: string
  /** Their own lines that led there, innermost first, as `fails (mine.ts:2)`: neither Node's, nor a library's. */
  readonly stack: readonly string[]
}

export function ownError(error: unknown): OwnError {
  if (!(error instanceof Error)) return { text: oneLine(String(error)), stack: [] }
  const stack = ownFrames(error.stack)
  const [at] = stack
  return { text: oneLine(`${error.name}: ${error.message}${at === undefined ? '' : `, at ${at}`}`), stack }
}

/** One line. */
export async function whyNotLoaded(path: string, error: unknown): Promise<string> {
  if (error instanceof Error && error.name === 'SyntaxError') {
    const place = placeIn(error.stack) ?? (await placeOfSyntaxError(path))
    return oneLine(`SyntaxError: ${error.message}${place === undefined ? '' : `, at ${place}`}`)
  }
  const { text, stack } = ownError(error)
  return [text, ...stack.slice(1)].join(', from ')
}

function ownFrames(stack = ''): readonly string[] {
  const frames: string[] = []
  for (const { groups = {} } of stack.matchAll(FRAME)) {
    const { name, file = '', line } = groups
    const path = file.startsWith('file://') ? fileURLToPath(file) : file
    if (path.includes('node_modules') || path.startsWith(BYZKIT)) continue
    const place = `${shown(path)}:${line}`
    if (frames.length < FRAMES_SHOWN_MAX) frames.push(isNameless(name) ? place : `${name} (${place})`)
  }
  return frames
}

/** So Node calls what stands outside of every function. */
const isNameless = (name: string | undefined) => name === undefined || name.endsWith('<anonymous>')

/** Of a syntax error most versions of Node say where in its stack. */
function placeIn(text = ''): string | undefined {
  const [, file, line] = HEADING.exec(text) ?? []
  return file === undefined ? undefined : `${shown(file)}:${line}`
}

/** Others do so of a module only to those who ask for nothing but a check. */
async function placeOfSyntaxError(path: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(process.execPath, ['--check', path])
    return undefined
  } catch (error) {
    return placeIn((error as { readonly stderr?: string }).stderr)
  }
}

function shown(file: string): string {
  const near = relative(process.cwd(), file)
  return near.startsWith('..') ? file : near
}
