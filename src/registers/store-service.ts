/** The key-value store, as a service: what its clients ask for. */
import { defineService, type RequestDeclaration } from '../core/service.ts'
import { bool, bytes, list, optional, record, text, uint } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { BODY_BYTES_MAX } from '../exchange/constants.ts'
import { LIST_KEYS_MAX, REGISTER_NAME_CHARACTERS_MAX } from './constants.ts'
import type { Expected, ListOptions, Owner } from './key-value-store.ts'
import { writersShape } from './register.ts'

const value = bytes(BODY_BYTES_MAX)
const key = text(REGISTER_NAME_CHARACTERS_MAX)
const found = record({ value: optional(value), timestamp: uint(), deleted: bool })
const written = record({ written: bool, timestamp: optional(uint()), refusal: optional(text(100)) })
const listed = list(record({ key, timestamp: uint() }), LIST_KEYS_MAX)
const swapped = record({
  swapped: bool,
  timestamp: optional(uint()),
  found: optional(found),
  refusal: optional(text(100))
})

type Plain = NonNullable<RequestDeclaration['plain']>

/** An owner is one key or several. */
const ownersOf = (owner: unknown): PlainValue =>
  owner instanceof Uint8Array ? [owner] : (owner as Exclude<Owner, Uint8Array>)

const ofOwner: Plain = {
  valuesOf: ([owner, ...others]) => [ownersOf(owner), ...(others as PlainValue[])],
  givenOf: (values) => values
}

const ofPage: Plain = {
  valuesOf([owner, page]) {
    const { after = null, limit = null }: { after?: string | null; limit?: number | null } =
      page as ListOptions
    return [ownersOf(owner), after, limit]
  },
  givenOf: ([owner, after, limit]) => [owner, { after, ...(limit !== null && { limit }) }]
}

const ofExpectation: Plain = {
  valuesOf([owner, key, given, value]) {
    const expected = given as Expected
    const [timestamp, old] = 'timestamp' in expected ? [expected.timestamp, null] : [null, expected.value]
    return [ownersOf(owner), key as string, timestamp, old, value as Uint8Array]
  },
  givenOf: ([owner, key, timestamp, old, value]) => [
    owner,
    key,
    timestamp === null ? { value: old } : { timestamp },
    value
  ]
}

export const storeService = defineService({
  name: 'store',
  requests: {
    get: { arguments: { owner: writersShape, key }, plain: ofOwner, result: found, reads: true },
    getRegular: { arguments: { owner: writersShape, key }, plain: ofOwner, result: found, reads: true },
    put: { arguments: { owner: writersShape, key, value }, plain: ofOwner, result: written },
    delete: { arguments: { owner: writersShape, key }, plain: ofOwner, result: written },
    list: {
      arguments: { owner: writersShape, after: optional(key), limit: optional(uint()) },
      plain: ofPage,
      result: record({ keys: listed, next: optional(key) }),
      reads: true
    },
    compareAndSet: {
      arguments: { owner: writersShape, key, timestamp: optional(uint()), expected: optional(value), value },
      plain: ofExpectation,
      result: swapped
    }
  },
  indications: {}
})
