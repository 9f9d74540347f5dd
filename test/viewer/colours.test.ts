/** The colours of types can be told apart by everybody, and read. */
import { describe, expect, test } from 'vitest'
import { COLOURS, colourOf, PALETTES } from '../../src/viewer/colours.ts'

type Triple = readonly [number, number, number]

const linear = (hex: string): Triple => {
  const part = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

const times = (rows: readonly Triple[], [r, g, b]: Triple): Triple => {
  const [x, y, z] = rows.map(([a, c, d]) => a * r + c * g + d * b)
  return [x ?? 0, y ?? 0, z ?? 0]
}

/** Machado, Oliveira, Fernandes 2009, at full severity, on linear RGB. */
const VISIONS: { readonly [name: string]: readonly Triple[] } = {
  'usual vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1]
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881]
  ]
}

/** CIE Lab, D65. */
function lab(rgb: Triple): Triple {
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041]
    ],
    [clamp(rgb[0]), clamp(rgb[1]), clamp(rgb[2])]
  )
  const white = [0.95047, 1, 1.08883]
  const f = xyz.map((value, i) => {
    const t = value / (white[i] ?? 1)
    return t > 216 / 24_389 ? Math.cbrt(t) : ((24_389 / 27) * t + 16) / 116
  })
  const [x = 0, y = 0, z = 0] = f
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const clamp = (value: number) => Math.min(1, Math.max(0, value))

const distance = (a: Triple, b: Triple) => Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)))

const contrast = (a: string, b: string) => {
  const luminance = (hex: string) => {
    const [r, g, b] = linear(hex)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
  }
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return high / low
}

describe.each(Object.entries(PALETTES))('%s', (_, palette) => {
  test.each(Object.entries(VISIONS))('types keep their distance: %s', (_, vision) => {
    const seen = palette.types.map((hex) => lab(times(vision, linear(hex))))
    const close = seen.flatMap((a, i) =>
      seen.slice(i + 1).flatMap((b, j) => {
        const apart = distance(a, b)
        return apart < 15 ? [`${palette.types[i]} ${palette.types[i + 1 + j]}: ${apart.toFixed(1)}`] : []
      })
    )
    expect(close).toEqual([])
  })

  test('everything that is text can be read on the ground: 4.5 to 1', () => {
    const { text, muted, good, warn, bad, types, back } = palette
    const faint = [text, muted, good, warn, bad, ...types].filter((hex) => contrast(hex, back) < 4.5)
    expect(faint).toEqual([])
    expect(contrast(text, palette.chosen)).toBeGreaterThan(4.5)
    expect(contrast(text, palette.changed)).toBeGreaterThan(4.5)
  })
})

test('there are as many colours as are given out', () => {
  expect([PALETTES.light.types.length, PALETTES.dark.types.length]).toEqual([COLOURS, COLOURS])
})

test('the types of a broadcast have colours of their own; an unknown type always has the same', () => {
  expect(new Set(['SEND', 'ECHO', 'READY', 'PULL', 'STATUS'].map(colourOf)).size).toBe(5)
  expect(new Set(['SEND', 'ECHO', 'FINAL', 'PAYLOAD', 'STATUS'].map(colourOf)).size).toBe(5)
  const unknown = ['PREPARE', 'COMMIT', 'VIEW-CHANGE', '', '__proto__', 'constructor']
  expect(unknown.map(colourOf)).toEqual([2, 4, 1, 1, 5, 3])
})
