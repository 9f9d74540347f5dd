/** A part of the page: values as lines of names and text; bytes also as the text that they may be. */
import type { JsonValue } from '../page-data.ts'

export interface Line {
  readonly name: string
  readonly text: string
}

/** A line that keeps where it stands. */
export interface Leaf {
  /** The names on the way to it, outermost first; none for a value that has no parts. */
  readonly keys: readonly string[]
  readonly text: string
}

export type Values = ReturnType<typeof makeValues>

export function makeValues() {
  const LINES_MAX = 500
  const HEX_CHARACTERS_MAX = 256

  function lines(value: JsonValue): Line[] {
    return leaves(value).map(({ keys, text }) => ({ name: keys.join('.'), text }))
  }

  function leaves(value: JsonValue): Leaf[] {
    const found: Leaf[] = []
    collect([], value, found)
    if (found.length > LINES_MAX)
      return [...found.slice(0, LINES_MAX), { keys: ['…'], text: `${found.length - LINES_MAX} more` }]
    return found
  }

  function collect(keys: readonly string[], value: JsonValue, found: Leaf[]): void {
    const bytes = hexOf(value)
    if (bytes !== undefined) found.push({ keys, text: bytesText(bytes) })
    else if (typeof value !== 'object' || value === null) found.push({ keys, text: String(value) })
    else {
      const entries = Object.entries(value)
      const isList = Array.isArray(value)
      if (entries.length === 0) found.push({ keys, text: isList ? '[]' : '{}' })
      else if (isList && value.every((inner) => typeof inner === 'number'))
        found.push({ keys, text: value.join(', ') })
      else for (const [key, inner] of entries) collect([...keys, key], inner, found)
    }
  }

  function hexOf(value: JsonValue): string | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const { hex } = value as { readonly [name: string]: JsonValue }
    return typeof hex === 'string' && Object.keys(value).length === 1 ? hex : undefined
  }

  function bytesText(hex: string): string {
    const bytes = hex.length / 2
    if (bytes === 0) return '(no bytes)'
    const shown =
      hex.length <= HEX_CHARACTERS_MAX
        ? hex
        : `${hex.slice(0, HEX_CHARACTERS_MAX / 2)}…${hex.slice(-HEX_CHARACTERS_MAX / 2)}`
    const text = readable(hex)
    return `${shown}${text === undefined ? '' : `  "${text}"`}${bytes > 8 ? `  (${bytes} bytes)` : ''}`
  }

  /** The text that the bytes are in UTF-8, what cannot be seen as its number; undefined if they are none. */
  function readable(hex: string): string | undefined {
    let text: string
    try {
      text = decodeURIComponent(hex.slice(0, 4 * HEX_CHARACTERS_MAX).replace(/../g, '%$&'))
    } catch {
      return undefined
    }
    const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cn}]/gu
    const count = text.match(hidden)?.length ?? 0
    if (count > text.length / 3) return undefined
    return text.replace(hidden, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
  }

  return { lines, leaves }
}
