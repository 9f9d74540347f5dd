/** Random shapes, each with its random values: what the properties of the wire format are checked on. */
import fc, { type Arbitrary } from 'fast-check'
import {
  bool,
  bytes,
  DEPTH_MAX,
  type Fields,
  fixedBytes,
  list,
  optional,
  record,
  type Shape,
  text,
  uint
} from '../../src/core/shapes.ts'
import type { PlainValue } from '../../src/core/trace.ts'

export interface ShapeAndValues {
  readonly shape: Shape<PlainValue>
  readonly values: Arbitrary<PlainValue>
}

/** Where one CBOR head ends and the next longer one begins. */
const uintEdges = [0, 23, 24, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER]

const uints: Arbitrary<ShapeAndValues> = fc
  .oneof(fc.constantFrom(...uintEdges), fc.maxSafeNat())
  .map((max) => ({
    shape: uint(max),
    values: fc.oneof(fc.constantFrom(...uintEdges.filter((edge) => edge <= max)), fc.integer({ min: 0, max }))
  }))

const byteStrings: Arbitrary<ShapeAndValues> = fc
  .record({ min: fc.nat({ max: 40 }), more: fc.nat({ max: 300 }) })
  .map(({ min, more }) => ({
    shape: bytes(min + more, min),
    values: fc.uint8Array({ minLength: min, maxLength: min + more })
  }))

const texts: Arbitrary<ShapeAndValues> = fc.nat({ max: 300 }).map((max) => ({
  shape: text(max),
  values: fc
    .oneof(fc.constantFrom('', '\uFEFF', '\uFEFFa', '\0', 'é'), fc.string({ unit: 'binary', maxLength: max }))
    .filter((value) => value.length <= max)
}))

const scalars: Arbitrary<ShapeAndValues> = fc.oneof(
  uints,
  byteStrings,
  texts,
  fc.constant({ shape: fixedBytes(32), values: fc.uint8Array({ minLength: 32, maxLength: 32 }) }),
  fc.constant({ shape: bool, values: fc.boolean() })
)

function recordOf(parts: readonly ShapeAndValues[]): ShapeAndValues {
  const fields: Record<string, Shape<PlainValue>> = {}
  const values: Record<string, Arbitrary<PlainValue>> = {}
  for (const [i, part] of parts.entries()) {
    fields[`field${i}`] = part.shape
    values[`field${i}`] = part.values
  }
  return { shape: record<Fields>(fields), values: fc.record(values) }
}

/** Shapes that nest at most `depth` arrays. */
export function shapes(depth: number = DEPTH_MAX): Arbitrary<ShapeAndValues> {
  if (depth === 0) return scalars
  const inner = fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalars, shapes(depth - 1))
  return fc.oneof(
    scalars,
    inner
      .filter(({ shape }) => shape.description.kind !== 'optional')
      .map(({ shape, values }) => ({ shape: optional(shape), values: fc.option(values) })),
    fc.tuple(inner, fc.nat({ max: 30 })).map(([{ shape, values }, max]) => ({
      shape: list(shape, max),
      values: fc.array(values, { maxLength: max })
    })),
    fc.array(inner, { maxLength: 4 }).map(recordOf)
  )
}

export interface ShapeAndValue {
  readonly shape: Shape<PlainValue>
  readonly value: PlainValue
}

export const shapeAndValue: Arbitrary<ShapeAndValue> = shapes(4).chain(({ shape, values }) =>
  values.map((value) => ({ shape, value }))
)
