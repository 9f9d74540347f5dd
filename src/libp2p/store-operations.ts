/** The key-value store for an application, over the requests of its process. */
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin } from '../core/parameters.ts'
import type { CompareAndSetResult, GetResult, ListResult } from '../registers/key-value-store.ts'
import type { WriteResult } from '../registers/register.ts'
import { storeService } from '../registers/store-service.ts'
import type { OfferedServices } from './offered-services.ts'
import { definitely, WriteRefusedError } from './operation-errors.ts'
import { longOperation, operation, ownBytes, settledWrite } from './operations.ts'
import { requireConsistency, writersOf } from './register-operations.ts'
import type { RegisterOwners, Written } from './register-service.ts'
import type { Waiting } from './requests.ts'
import type { Store } from './store-service.ts'

export function storeFor(offered: OfferedServices, ownKey: Uint8Array, owners: RegisterOwners = {}): Store {
  const owner = writersOf('store', owners, ownKey)
  const ask = <T>(name: string, given: readonly unknown[], waiting: Waiting) =>
    offered.ask<T>(storeService, name, [owner, ...given], waiting)
  const write = async (name: string, given: readonly unknown[], waiting: Waiting): Promise<Written> =>
    settledWrite(await ask<WriteResult>(name, given, waiting))
  return {
    get: async (key, { consistency = 'atomic', ...options } = {}) => {
      requireText(key)
      requireConsistency(consistency)
      const waiting = longOperation('get', 'byzkit:store:get', options)
      return ask<GetResult>(consistency === 'regular' ? 'getRegular' : 'get', [key], waiting)
    },
    put: async (key, value, options = {}) => {
      requireText(key)
      return write('put', [key, ownBytes(value)], longOperation('put', 'byzkit:store:put', options))
    },
    delete: async (key, options = {}) => {
      requireText(key)
      return write('delete', [key], operation('delete', options))
    },
    list: async ({ after, limit, ...options } = {}) => {
      if (after !== undefined && after !== null) requireText(after, 'after')
      const page = { ...(after === undefined ? {} : { after }), ...(limit === undefined ? {} : { limit }) }
      return ask<ListResult>('list', [page], operation('list', options))
    },
    compareAndSet: async (key, expected, value, options = {}) => {
      requireText(key)
      requireExpected(expected)
      const given = [key, expected, ownBytes(value)]
      const waiting = longOperation('compare-and-set', 'byzkit:store:put', options)
      const result = await ask<CompareAndSetResult>('compareAndSet', given, waiting)
      if ('refusal' in result) throw new WriteRefusedError(result.refusal)
      return result
    }
  }
}

function requireText(key: string, name = 'key'): void {
  if (typeof key !== 'string') throw definitely(new InvalidParametersError(`${name}: expected text`))
}

function requireExpected(expected: unknown): void {
  const given = (expected ?? {}) as { readonly timestamp?: unknown; readonly value?: unknown }
  const isValue = given.value === null || given.value instanceof Uint8Array
  if (typeof expected === 'object' && (isWithin(given.timestamp, 0, Number.MAX_SAFE_INTEGER) || isValue))
    return
  throw definitely(
    new InvalidParametersError('expected: expected a timestamp, or a value that is a Uint8Array or null')
  )
}
