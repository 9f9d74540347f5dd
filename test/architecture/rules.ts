/** The rules of the house, each as a function from modules to its violations, in words. */
import {
  CONTRACTS,
  DETERMINISTIC_FOLDERS,
  ENTRIES,
  FILE_LINES_MAX,
  FOLDERS,
  NODE_CRYPTO_FILES,
  PROTOCOL_FOLDERS,
  STRANGERS
} from './house.ts'
import type { Import, Module } from './source.ts'

export type Rule = (modules: readonly Module[]) => readonly string[]

const folders: readonly string[] = FOLDERS

export const everyFolderIsListed: Rule = (modules) =>
  modules
    .filter(({ path, folder }) => (folder === '' ? !ENTRIES.includes(path) : !folders.includes(folder)))
    .map(({ path }) => `${path} is in no folder of the house`)

export const arrowsGoDownward: Rule = (modules) =>
  imports(modules, ({ folder }, { target, typeOnly }) => {
    if (target === undefined || folder === '') return false
    const to = target.slice(0, target.indexOf('/'))
    const contract = CONTRACTS.find(({ file }) => file === target)
    if (typeOnly && contract?.readers.includes(folder)) return false
    const strangers = STRANGERS.some(([a, b]) => (a === folder && b === to) || (b === folder && a === to))
    // A target outside every folder (an entry, test/) has index -1, which an arrow must not reach either.
    return strangers || folders.indexOf(to) > folders.indexOf(folder) || !folders.includes(to)
  })

/** A circle of files, by its first one in order; types count, since a reader must follow them too. */
export const noCycles: Rule = (modules) => {
  const targets = new Map(
    modules.map(({ path, imports: found }) => [path, found.map(({ target }) => target)])
  )
  const done = new Set<string>()
  const violations: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) violations.push([...trail.slice(start), path].join(' -> '))
    if (start >= 0 || done.has(path)) return
    for (const target of targets.get(path) ?? []) if (target !== undefined) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) visit(path, [])
  return violations
}

export const protocolsImportNoHost: Rule = (modules) =>
  imports(
    modules,
    ({ folder, path }, { specifier }) =>
      (PROTOCOL_FOLDERS.includes(folder) || folder === 'stacks' || folder === 'crypto') &&
      !NODE_CRYPTO_FILES.includes(path) &&
      !specifier.startsWith('.') &&
      !ALLOWED_PACKAGES.some((allowed) => allowed.test(specifier))
  )

/** Computation and nothing else. A package that is not listed here is no part of a protocol. */
const ALLOWED_PACKAGES = [/^@noble\/(?:curves|hashes)\//, /^#node-backend$/]

export const protocolsAreSynchronous: Rule = (modules) =>
  words(modules, PROTOCOL_FOLDERS, /\b(?:Promise|PromiseLike|async|await)\b|\.then\s*\(/g)

export const protocolsHaveNoSurroundings: Rule = (modules) =>
  words(
    modules,
    PROTOCOL_FOLDERS,
    /(?<![.#\w])(?:(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask|console|Buffer|globalThis|fetch)\b|\bprocess\.(?:env|argv|nextTick|hrtime|stdout|stderr|exit|on)\b/g
  )

export const verdictsAreDeterministic: Rule = (modules) =>
  words(modules, DETERMINISTIC_FOLDERS, /(?<![.#\w])(?:Date|performance|Intl)\b|\bMath\.random\b/g)

/** They differ between machines in the last bit, or between languages. */
export const noInexactMathNoLocale: Rule = (modules) =>
  words(
    modules,
    DETERMINISTIC_FOLDERS,
    /\bMath\.(?:a?(?:sin|cos|tan)h?|atan2|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot)\b|\blocaleCompare\b|\btoLocale\w+/g
  )

export const filesAreShort: Rule = (modules) =>
  modules
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${FILE_LINES_MAX}`)

export const typesAreNotSwitchedOff: Rule = (modules) => [
  ...words(modules, folders, /(?:[:<,|&(=]|=>|\bas)\s*any\b(?!\s*[:?(])|\bas\s+unknown\s+as\b/g),
  ...modules
    .filter(({ text }) => /@ts-(?:ignore|expect-error|nocheck)/.test(text))
    .map(({ path }) => `${path} silences the compiler`)
]

function imports(
  modules: readonly Module[],
  violates: (module: Module, found: Import) => boolean
): readonly string[] {
  return modules.flatMap((module) =>
    module.imports
      .filter((found) => violates(module, found))
      .map(({ specifier, target }) => `${module.path} imports ${target ?? specifier}`)
  )
}

function words(modules: readonly Module[], where: readonly string[], forbidden: RegExp): readonly string[] {
  return modules
    .filter(({ folder }) => where.includes(folder))
    .flatMap(({ path, code }) => [...code.matchAll(forbidden)].map(([word]) => `${path}: ${word.trim()}`))
}
