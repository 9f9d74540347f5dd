/** The leaderless key-value store, as a service: what its clients ask for. */
import { defineService, type RequestDeclaration } from '../core/service.ts'
import { bool, bytes, list, optional, record, text, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import {
  KEY_CHARACTERS_MAX,
  REPLICAS_MAX,
  SIBLINGS_PER_REPLICA_MAX,
  STORED_VALUE_BYTES_MAX,
  TIME_MS_MAX
} from './constants.ts'
import type { Context, GetOptions, PutOptions } from './requests.ts'
import { clockShape } from './versions.ts'

const key = text(KEY_CHARACTERS_MAX)
const value = bytes(STORED_VALUE_BYTES_MAX)
const context = record({ clock: clockShape, time: uint(TIME_MS_MAX) })
const consistency = text(32)
const quorum = { size: optional(uint(REPLICAS_MAX)), sloppy: bool }

const found = record({
  values: list(value, SIBLINGS_PER_REPLICA_MAX * REPLICAS_MAX),
  deleted: bool,
  context,
  consistency
})
const written = record({
  written: bool,
  consistency: optional(consistency),
  conflict: optional(bool),
  refusal: optional(text(100))
})

type Plain = NonNullable<RequestDeclaration['plain']>

const putOptions = (size: unknown, sloppy: unknown, seen: unknown): PutOptions => ({
  sloppy: sloppy as boolean,
  ...(size !== null && { w: size as number }),
  ...(seen !== null && { context: seen as Context })
})

const ofGet: Plain = {
  valuesOf([key, options]) {
    const { r = null, sloppy = false } = options as GetOptions
    return [key as string, r, sloppy]
  },
  givenOf: ([key, size, sloppy]) => [key, { sloppy, ...(size !== null && { r: size }) }]
}

const optionsOf = (options: unknown): PlainValue[] => {
  const { w = null, sloppy = false, context = null } = options as PutOptions
  return [w, sloppy, context && { clock: context.clock, time: context.time }]
}

const ofPut: Plain = {
  valuesOf: ([key, value, options]) => [key as string, value as Uint8Array, ...optionsOf(options)],
  givenOf: ([key, value, ...options]) => [key, value, putOptions(options[0], options[1], options[2])]
}

const ofDelete: Plain = {
  valuesOf: ([key, options]) => [key as string, ...optionsOf(options)],
  givenOf: ([key, ...options]) => [key, putOptions(options[0], options[1], options[2])]
}

/** The size of a quorum is null where it is the store's own, a context where nothing was seen. */
export const leaderlessService = defineService({
  name: 'leaderless',
  requests: {
    get: { arguments: { key, ...quorum }, plain: ofGet, result: found },
    put: { arguments: { key, value, ...quorum, context: optional(context) }, plain: ofPut, result: written },
    delete: { arguments: { key, ...quorum, context: optional(context) }, plain: ofDelete, result: written }
  },
  indications: {}
})
