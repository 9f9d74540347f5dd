/** The rules of the house, each as a function from modules to its violations, in words. */
import { posix } from 'node:path'
import {
  COMMENT_COLUMNS_MAX,
  CONTRACTS,
  DETERMINISTIC_FOLDERS,
  ENTRIES,
  EVERYBODYS_WORDS,
  FILE_LINES_MAX,
  FOLDERS,
  JUDGED_FOLDERS,
  MACHINERY,
  NODE_CRYPTO_FILES,
  OTHER_MEANINGS,
  PROTOCOL_FOLDERS,
  STACK_ROOTS,
  STRANGERS
} from './house.ts'
import { exportsOf, type Import, type Module, namesTaken, withoutComments } from './source.ts'

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

/**
 * An export has a user outside its file, or is a type that its file says something with.
 * @param users - modules beside src/
 */
export const exportsAreUsed =
  (users: readonly Module[]): Rule =>
  (modules) => {
    const taken = new Set(
      [...modules, ...users].flatMap(({ path, text }) =>
        namesTaken(text).map(([specifier, name]) => {
          const taken = posix.join(posix.dirname(path), specifier).replace(/^\.\.\/src\//, '')
          return `${taken} ${name}`
        })
      )
    )
    return modules
      .filter(({ path, folder }) => folder !== '' && !STANDS_IN.test(path))
      .flatMap(({ path, text, code }) =>
        exportsOf(text)
          .filter(({ name, typeOnly }) => !(typeOnly && countOf(name, code) > 1))
          .filter(({ name }) => !taken.has(`${path} ${name}`) && !taken.has(`${path} *`))
          .map(({ name }) => `${path}: nobody else uses ${name}`)
      )
  }

/** Taken in place of another file, by a condition of package.json. */
const STANDS_IN = /\.browser\.ts$/

const countOf = (word: string, code: string) => [...code.matchAll(new RegExp(`\\b${word}\\b`, 'g'))].length

export const entriesNameWhatTheyExport: Rule = (modules) =>
  modules
    .filter(
      ({ path, code }) => (ENTRIES.includes(path) || path === 'crypto/index.ts') && /\bexport\s*\*/.test(code)
    )
    .map(({ path }) => `${path} exports whatever a file has`)

/** Of a comment; code is held short by its formatter. */
export const commentsAreNarrow: Rule = (modules) =>
  modules.flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line, index) => ({ line, number: index + 1 }))
      .filter(({ line }) => /^\s*(?:\/\/|\/?\*)/.test(line) && [...line].length > COMMENT_COLUMNS_MAX)
      .map(
        ({ line, number }) =>
          `${path}:${number} has ${[...line].length} columns, more than ${COMMENT_COLUMNS_MAX}`
      )
  )

/** @param names - of services, of their requests and of their indications */
export const machineryKnowsNoService =
  (names: ReadonlySet<string>): Rule =>
  (modules) =>
    modules
      .filter(({ path }) => MACHINERY.some((part) => part.test(path)))
      .flatMap(({ path, text }) =>
        [...withoutComments(text).matchAll(/(['"`])([A-Za-z][\w-]*)\1/g)]
          .map(([, , word = '']) => word)
          .filter((word) => names.has(word))
          .filter((word) => !OTHER_MEANINGS.some((other) => other[0] === path && other[1] === word))
          .map((word) => `${path}: '${word}'`)
      )

/**
 * The adversary knows messages by their roles and their shapes: it names no type and no field, be it in quotes or as a
 * member of a message. What a shape means is no field, though a field may be called so.
 *
 * @param names - of types of messages, and of their fields
 */
export const adversaryKnowsNoProtocol =
  (names: ReadonlySet<string>): Rule =>
  (modules) =>
    modules
      .filter(({ folder }) => folder === 'adversary')
      .flatMap(({ path, text, code }) => {
        const quoted = [
          ...withoutComments(text).matchAll(/(?<!\bmeans\b[^'"`\n]{0,12})(['"`])([A-Za-z]\w*)\1/g)
        ]
        const words = [...code.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word)
        return [...quoted.map(([, , word = '']) => word), ...words]
          .filter((word) => names.has(word) && !EVERYBODYS_WORDS.includes(word))
          .map((word) => `${path}: ${word}`)
      })

/** An algorithm is a class; what is declared for one, or of types alone, is none. */
export const everyAlgorithmRunsInAStack: Rule = (modules) => {
  const reached = new Set<string>()
  const reach = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const { target, typeOnly } of modules.find((module) => module.path === path)?.imports ?? [])
      if (target !== undefined && !typeOnly) reach(target)
  }
  for (const root of STACK_ROOTS) reach(root)
  return modules
    .filter(({ path, folder, code }) => {
      const isAlgorithm = JUDGED_FOLDERS.includes(folder) && /^export (?:abstract )?class\b/m.test(code)
      return isAlgorithm && !reached.has(path)
    })
    .map(({ path }) => `${path} is part of no stack, so that no campaign runs it`)
}

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
