/** The state of a stopped member, by component: how much each stores, and the numbers that it has come to. */
import { decode, uint } from '../core/shapes.ts'
import { fromNumericKey } from '../core/store.ts'
import { decodeLives, LIFE_KEY } from '../store/life.ts'

export interface ComponentContent {
  /** The component's path in the stack. */
  readonly path: string
  readonly keys: number
  /** Of keys and values. */
  readonly bytes: number
  /** The next number that it gives, where it gives numbers. */
  readonly next?: number
  /** Where the window of each sender begins, where it has windows and they have moved. */
  readonly bases?: readonly { readonly sender: number; readonly base: number }[]
}

export interface Content {
  readonly life: number | undefined
  /** By path. */
  readonly components: readonly ComponentContent[]
}

/** A component's key: its path, what it stores, and numbers that say of which instance. */
const KEY = /^(?<path>.*)\/(?<what>(?![0-9a-f]{14}(?:\/|$))[^/]+)(?<numbers>(?:\/[0-9a-f]{14})*)$/

interface Growing {
  readonly path: string
  keys: number
  bytes: number
  next?: number
  bases?: { readonly sender: number; readonly base: number }[]
}

export function contentOf(state: ReadonlyMap<string, Uint8Array>): Content {
  const components = new Map<string, Growing>()
  let life: number | undefined
  for (const [key, value] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === LIFE_KEY) {
      life = decodeLives(value)?.at(-1)
      continue
    }
    const { path = '', what = key, numbers = '' } = KEY.exec(key)?.groups ?? {}
    const component: Growing = components.get(path) ?? { path, keys: 0, bytes: 0 }
    components.set(path, component)
    component.keys++
    component.bytes += key.length + value.length
    const number = decode(uint(), value)
    if (number === undefined) continue
    if (what === 'next' && numbers === '') component.next = number
    if (what === 'base' && numbers !== '') {
      component.bases ??= []
      component.bases.push({ sender: fromNumericKey(numbers.slice(1)), base: number })
    }
  }
  return { life, components: [...components.values()] }
}
