/**
 * Source text as tokens, without white space and comments, and where its declarations begin and end. It is a scan and no
 * parser: it goes by brackets, and by the lines of our own formatter.
 */

export interface Token {
  readonly text: string
  /** Offset in the source text. */
  readonly at: number
  /** Whether it is the first of its line. */
  readonly first: boolean
  /** 1: opens a bracket, -1: closes one, 0: neither. */
  readonly opens: -1 | 0 | 1
}

/** From one token on, and up to another one, which is not part of it. */
export interface Declaration {
  /** Of a class, a function, a constant or a type; of what a class has: `Tally.vote`, `Tally.#candidates`. */
  readonly name: string
  readonly from: number
  readonly to: number
}

const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y
const STRING = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y
const WORD = /#?[\w$]+/y
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
/** The text of a template up to its end or to an expression within it. */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])+/y

/** After one of these a slash begins a regular expression; elsewhere it divides. */
const BEFORE_REGEX = /^(?:[(,=:[!&|?{};>]|return)$/

const opensOf = (token: string) => (/^(?:[{([]|\$\{)$/.test(token) ? 1 : /^[})\]]$/.test(token) ? -1 : 0)

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  /** For each open template, how many brackets are open in the expression within it; undefined: in its text. */
  const templates: (number | undefined)[] = []
  let at = 0
  let line = true
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const add = (token: string, isText = false) => {
    tokens.push({ text: token, at, first: line, opens: isText ? 0 : opensOf(token) })
    at += token.length
    line = false
  }
  while (at < text.length) {
    const open = templates.at(-1)
    const isInText = templates.length > 0 && open === undefined
    if (isInText) {
      const words = take(TEMPLATE)
      if (words !== undefined) add(words, true)
      else if (text[at] === '`') {
        templates.pop()
        add('`')
      } else {
        templates[templates.length - 1] = 0
        add('${')
      }
      continue
    }
    const space = take(SPACE)
    if (space !== undefined) {
      at += space.length
      line ||= space.includes('\n')
      continue
    }
    const isRegex = BEFORE_REGEX.test(tokens.at(-1)?.text ?? '(')
    const token = take(STRING) ?? take(WORD) ?? (isRegex ? take(REGEX) : undefined) ?? (text[at] as string)
    add(token)
    if (token === '`') templates.push(undefined)
    else if (open !== undefined && token === '{') templates[templates.length - 1] = open + 1
    else if (open !== undefined && token === '}')
      templates[templates.length - 1] = open === 0 ? undefined : open - 1
  }
  return tokens
}

const DECLARES = new Set(['class', 'function', 'const', 'let', 'interface', 'type', 'enum'])
const MODIFIERS = new Set(['static', 'readonly', 'override', 'async', 'abstract', 'private', 'protected'])
const ACCESSORS = new Set(['get', 'set'])
/** A line after one of these goes on with what the one before began. */
const GOES_ON = /^(?:[=:|&?,([+\-*/<.]|extends|implements|return|new|await)$/

/** Those at the top, and what their classes have; in the order in which they begin. */
export function declarationsOf(tokens: readonly Token[]): readonly Declaration[] {
  const starts: { name: string; from: number; isClass: boolean }[] = []
  let depth = 0
  tokens.forEach((token, at) => {
    const name = tokens[at + 1]?.text
    if (depth === 0 && DECLARES.has(token.text) && /^[\w$]+$/.test(name ?? '') && beginsHere(tokens, at))
      starts.push({ name: name as string, from: at, isClass: token.text === 'class' })
    depth += token.opens
  })
  return starts.flatMap(({ name, from, isClass }, index) => {
    const to = starts[index + 1]?.from ?? tokens.length
    return [{ name, from, to }, ...(isClass ? membersOf(tokens, name, from, to) : [])]
  })
}

/** The word is first on its line, or stands after words alone that are: `export abstract class`. */
function beginsHere(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at] as Token
  if (token.first) return true
  return /^[a-z]+$/.test(tokens[at - 1]?.text ?? '') && beginsHere(tokens, at - 1)
}

function membersOf(tokens: readonly Token[], owner: string, from: number, to: number): Declaration[] {
  const starts: { name: string; from: number }[] = []
  let depth = 0
  for (let at = from; at < to; at++) {
    const token = tokens[at] as Token
    const begins = depth === 1 && token.first && !GOES_ON.test(tokens[at - 1]?.text ?? '')
    const name = begins ? memberName(tokens, at) : undefined
    if (name !== undefined) starts.push({ name: `${owner}.${name}`, from: at })
    depth += token.opens
  }
  return starts.map((start, index) => ({ ...start, to: starts[index + 1]?.from ?? to }))
}

function memberName(tokens: readonly Token[], at: number): string | undefined {
  const [word, next] = [tokens[at]?.text ?? '', tokens[at + 1]?.text ?? '']
  const isName = /^#?[\w$]+$/.test(word)
  if (isName && (MODIFIERS.has(word) || ACCESSORS.has(word)) && /^[#\w$]/.test(next))
    return memberName(tokens, at + 1)
  return isName ? word : undefined
}
