/** Values of a run with all their texts, or byte strings, changed. */

interface Leaves {
  /** Names of fields, too: those of a message are its sender's. */
  readonly text?: (text: string) => string
  readonly bytes?: (bytes: Uint8Array) => unknown
}

export function mapLeaves(value: object, leaves: Leaves): object {
  const { text = (same) => same, bytes = (same) => same } = leaves
  const map = (inner: unknown): unknown => {
    if (typeof inner === 'string') return text(inner)
    if (inner instanceof Uint8Array) return bytes(inner)
    if (Array.isArray(inner)) return inner.map(map)
    if (typeof inner !== 'object' || inner === null) return inner
    return Object.fromEntries(Object.entries(inner).map(([name, field]) => [text(name), map(field)]))
  }
  return map(value) as object
}
