/**
 * Where in src/ the text is that a mutant changes. A file is not named, so files may be moved and renamed; white space and
 * comments do not count, so a line may be broken anew. A declaration is named, and the text looked for there, then in the
 * class around it, then everywhere: in the first of these that has it at all it must occur once. So what was renamed or
 * moved to another method is found as long as the text tells it apart.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Change } from './mutant.ts'
import { type Declaration, declarationsOf, type Token, tokensOf } from './tokens.ts'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))

export interface Place {
  /** From `src/`, as `core/group.ts`. */
  readonly file: string
  /** Offsets in its text. */
  readonly from: number
  readonly to: number
}

interface Scope extends Declaration {
  readonly file: string
}

interface SourceFile {
  readonly tokens: readonly Token[]
  readonly declarations: readonly Declaration[]
}

export class Sources {
  readonly #texts: ReadonlyMap<string, string>
  /** Those that were looked into. */
  readonly #scanned = new Map<string, SourceFile>()

  constructor(texts: Iterable<readonly [file: string, text: string]>) {
    this.#texts = new Map(texts)
  }

  textOf(file: string): string {
    return this.#texts.get(file) ?? ''
  }

  /** @throws Error in one line unless the text occurs exactly once where it is looked for */
  locate(mutant: string, change: Pick<Change, 'in' | 'find'>): Place {
    const find = tokensOf(change.find).map(({ text }) => text)
    const looked: string[] = []
    for (const { name, scopes } of this.#widening(change.in, find)) {
      const places = scopes.flatMap((scope) => this.#within(scope, find))
      const [place] = places
      if (place !== undefined && places.length === 1) return place
      looked.push(name)
      if (places.length === 0) continue
      const where = places.map((one) => this.#told(one)).join(', ')
      throw new Error(`mutant ${mutant}: its text must occur once in ${name}, and occurs at ${where}`)
    }
    throw new Error(`mutant ${mutant}: its text must occur once, and occurs nowhere in ${looked.join(', ')}`)
  }

  /** The declaration, the class around it, and all there is. */
  *#widening(name: string, find: readonly string[]): Iterable<{ name: string; scopes: readonly Scope[] }> {
    const owner = name.replace(/\..*/, '')
    for (const declared of new Set([name, owner])) {
      const scopes = this.#having([owner]).flatMap((file) =>
        this.#scan(file)
          .declarations.filter((declaration) => declaration.name === declared)
          .map((declaration) => ({ file, ...declaration }))
      )
      const files = scopes.map(({ file }) => `src/${file}`).join(', ')
      yield { name: `${declared} (${files || 'which is not declared'})`, scopes }
    }
    yield {
      name: 'all of src/',
      scopes: this.#having(find).map((file) => ({
        file,
        name: file,
        from: 0,
        to: this.#scan(file).tokens.length
      }))
    }
  }

  /** The files that have all these tokens somewhere: only those are scanned. */
  #having(tokens: readonly string[]): string[] {
    return [...this.#texts.keys()].filter((file) =>
      tokens.every((token) => this.textOf(file).includes(token))
    )
  }

  #scan(file: string): SourceFile {
    const known = this.#scanned.get(file)
    if (known !== undefined) return known
    const tokens = tokensOf(this.textOf(file))
    const scanned = { tokens, declarations: declarationsOf(tokens) }
    this.#scanned.set(file, scanned)
    return scanned
  }

  #within({ file, from, to }: Scope, find: readonly string[]): Place[] {
    const { tokens } = this.#scan(file)
    const places: Place[] = []
    for (let at = from; at + find.length <= to; at++) {
      if (!find.every((text, index) => tokens[at + index]?.text === text)) continue
      const [first, last] = [tokens[at] as Token, tokens[at + find.length - 1] as Token]
      places.push({ file, from: first.at, to: last.at + last.text.length })
    }
    return places
  }

  #told({ file, from }: Place): string {
    return `src/${file}:${this.textOf(file).slice(0, from).split('\n').length}`
  }
}

let own: Sources | undefined

/** Our own, as they are on the disk. */
export function ownSources(): Sources {
  own ??= new Sources(
    readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.ts'))
      .sort()
      .map((path) => [path, readFileSync(`${SOURCE}${path}`, 'utf8')] as const)
  )
  return own
}
