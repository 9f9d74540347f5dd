/**
 * JSON in which no object has the same key twice. `JSON.parse` silently takes the last, so that two readers of
 * one file, or a person and a program, could see two different groups in it.
 */
import { shortened } from '../core/parameters.ts'

/** How deep arrays and objects may lie in one another. */
const JSON_DEPTH_MAX = 1000

/** @throws {SyntaxError} in one line, if the text is not JSON, has a duplicate key, or is nested too deeply */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  refuseDuplicateKeys(text)
  return value
}

/** Strings whole, so that what they contain is not taken for structure; and the structure that matters here. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

/** `text` is known to be JSON: a string before a colon is a key of the innermost object, and nothing else is. */
function refuseDuplicateKeys(text: string): void {
  /** The keys so far of each object that is open; none for an array. */
  const open: Set<string>[] = []
  let lastString = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > JSON_DEPTH_MAX) throw new SyntaxError(`nested deeper than ${JSON_DEPTH_MAX}`)
    } else if (token === '}' || token === ']') open.pop()
    else if (token !== ':') lastString = token
    else {
      // Parsed, since a key can be spelled in several ways: "f" is also "\u0066".
      const key = String(JSON.parse(lastString))
      const keys = open.at(-1)
      if (keys?.has(key)) throw new SyntaxError(`duplicate key ${JSON.stringify(shortened(key))}`)
      keys?.add(key)
    }
  }
}
