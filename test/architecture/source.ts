/** Our own source as data: its modules, what they import, and their code without comments and strings. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Import {
  readonly specifier: string
  /** For one of our own modules: its path from src/, as `core/group.ts`. */
  readonly target: string | undefined
  readonly typeOnly: boolean
}

export interface Module {
  /** From src/, as `core/group.ts`. */
  readonly path: string
  /** Its first folder, or '' for an entry. */
  readonly folder: string
  readonly text: string
  /** The text without comments, strings and regular expressions. */
  readonly code: string
  readonly imports: readonly Import[]
}

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.[jt]s$/.test(path))
    .sort()

export function readModules(): readonly Module[] {
  return filesIn(SOURCE).map((path) => parseModule(path, readFileSync(join(SOURCE, path), 'utf8')))
}

/** Folders beside src/ whose programs and tests use its modules. */
const USERS = ['bench', 'bin', 'chaos', 'examples', 'mutants', 'scripts', 'test']

/** Their modules, by paths from src/. */
export function readUsers(): readonly Module[] {
  return USERS.flatMap((user) =>
    filesIn(join(SOURCE, '..', user)).map((path) =>
      parseModule(`../${user}/${path}`, readFileSync(join(SOURCE, '..', user, path), 'utf8'))
    )
  )
}

export function parseModule(path: string, text: string): Module {
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
  return { path, folder, text, code: codeOf(text), imports: importsOf(path, text) }
}

const COMMENT = String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`
const STRING = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`
const TEMPLATE = '`(?:\\\\[\\s\\S]|[^`\\\\])*`'
/** After an operator or a bracket a slash begins a regular expression; elsewhere it divides. */
const REGEX = String.raw`(?<=[(,=:[!&|?{};]\s*|return )\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*`
/** All in one, so that what looks like a comment within a string is none, and the reverse. */
const LITERALS = new RegExp([COMMENT, STRING, TEMPLATE, REGEX].join('|'), 'g')

/** The text with its strings, and without its comments. */
export const withoutComments = (text: string): string =>
  text.replace(LITERALS, (literal) => (/^\/[*/]/.test(literal) ? ' ' : literal))

/** The expressions of a template are code; the rest of it, like any other literal, is none. */
function codeOf(text: string): string {
  return text.replace(LITERALS, (literal) => {
    const embedded = literal.startsWith('`') ? [...literal.matchAll(/\$\{([^}]*)\}/g)] : []
    return ` ${embedded.map(([, expression]) => expression).join(' ')} `
  })
}

export interface Export {
  readonly name: string
  readonly typeOnly: boolean
}

const DECLARED =
  /^export\s+(?:declare\s+)?(?:abstract\s+|async\s+)?(class|function\*?|const|let|enum|interface|type)\s+(\w+)/gm

/** What the module itself declares and exports; no names that it passes on. */
export const exportsOf = (text: string): readonly Export[] =>
  [...withoutComments(text).matchAll(DECLARED)].map(([, kind = '', name = '']) => ({
    name,
    typeOnly: kind === 'interface' || kind === 'type'
  }))

const NAMED = /\b(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*(['"])([^'"\n]+)\2/g
const WHOLE = /\*\s*(?:as\s+\w+\s*)?from\s*(['"])([^'"\n]+)\1|\bimport\s*\(\s*(['"`])([^'"`\n]+)\3/g

/** What the module takes of others: names by specifier; '*' for all of it. */
export function namesTaken(text: string): readonly (readonly [specifier: string, name: string])[] {
  const code = withoutComments(text)
  const named = [...code.matchAll(NAMED)].flatMap(([, names = '', , specifier = '']) =>
    names
      .split(',')
      .map((name) => /^(?:type\s+)?(\w+)/.exec(name.trim())?.[1])
      .filter((name) => name !== undefined)
      .map((name) => [specifier, name] as const)
  )
  const whole = [...code.matchAll(WHOLE)].map(
    ([, , from, , dynamic]) => [from ?? dynamic ?? '', '*'] as const
  )
  return [...named, ...whole]
}

const STATIC = /\b(?:import|export)\s+(type\s)?\s*(?:[\w$*{][^'";()=]*?\sfrom\s*)?(['"])([^'"\n]+)\2/g
const DYNAMIC = /\b(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\1/g

export function importsOf(path: string, text: string): readonly Import[] {
  const code = withoutComments(text)
  const statics = [...code.matchAll(STATIC)].map(([, type, , specifier]) => ({
    specifier: specifier ?? '',
    typeOnly: type !== undefined
  }))
  const dynamics = [...code.matchAll(DYNAMIC)].map(([, , specifier]) => ({
    specifier: specifier ?? '',
    typeOnly: false
  }))
  return [...statics, ...dynamics].map((found) => ({
    ...found,
    target: found.specifier.startsWith('.') ? posix.join(posix.dirname(path), found.specifier) : undefined
  }))
}
