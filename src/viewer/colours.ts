/**
 * The colour of a type of message depends on its name alone, so that it is the same in every picture. The types of
 * our broadcasts have colours of their own, as far as there are enough that everybody can tell apart.
 */

/** As many as everybody can tell apart (test/viewer/colours.test.ts). */
export const COLOURS = 6

const KNOWN: { readonly [type: string]: number } = {
  SEND: 0,
  ECHO: 1,
  READY: 2,
  FINAL: 3,
  PULL: 4,
  PAYLOAD: 4,
  STATUS: 5,
  GAP: 5
}

export function colourOf(type: string): number {
  return (Object.hasOwn(KNOWN, type) ? KNOWN[type] : undefined) ?? hash(type) % COLOURS
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}

/** CSS colours, by what they are for. */
export interface Palette {
  readonly back: string
  readonly raised: string
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly lane: string
  readonly down: string
  readonly hover: string
  readonly chosen: string
  readonly changed: string
  readonly focus: string
  readonly good: string
  readonly warn: string
  readonly bad: string
  readonly 'bad-back': string
  readonly explained: string
  readonly types: readonly string[]
}

export const PALETTES: { readonly light: Palette; readonly dark: Palette } = {
  light: {
    back: '#ffffff',
    raised: '#f5f6f8',
    text: '#16191d',
    muted: '#5b6470',
    line: '#d5d9df',
    lane: '#9aa3ae',
    down: '#e3e5e9',
    hover: '#eef2f7',
    chosen: '#dbe9fb',
    changed: '#fff1c2',
    focus: '#1a66d0',
    good: '#12703a',
    warn: '#8a5200',
    bad: '#c4001f',
    'bad-back': '#fde8ea',
    explained: '#ffd23d',
    types: ['#1459df', '#a8620d', '#118062', '#8a2a88', '#453708', '#33373c']
  },
  dark: {
    back: '#14171b',
    raised: '#1d2126',
    text: '#e8ebef',
    muted: '#9ba5b1',
    line: '#353b43',
    lane: '#66707c',
    down: '#30353c',
    hover: '#1f252c',
    chosen: '#1d3554',
    changed: '#4a3d10',
    focus: '#6cb0ff',
    good: '#5ad48b',
    warn: '#f0b35a',
    bad: '#ff6b7a',
    'bad-back': '#3b1a20',
    explained: '#d9a900',
    types: ['#4d8dff', '#ee8434', '#3fe0a0', '#f2a8f0', '#f5ee6a', '#8f979f']
  }
}
