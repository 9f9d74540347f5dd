/** The key-value store for an application, over the operations of its process. */
import { InvalidParametersError } from '../core/errors.ts'
import { isWithin } from '../core/parameters.ts'
import type { GetResult, KeyValueRequests, ListResult } from '../registers/key-value-store.ts'
import type { OpenOperation, WriteResult } from '../registers/register.ts'
import type { ServedRegisters } from '../stacks/stack.ts'
import { definitely, WriteRefusedError } from './operation-errors.ts'
import { type Operations, ownBytes, settleWrite } from './operations.ts'
import { requireConsistency, writersOf } from './register-operations.ts'
import type { OperationOptions, RegisterOwners, Written } from './register-service.ts'
import type { Store, Swapped } from './store-service.ts'

export function storeFor(operations: Operations, ownKey: Uint8Array, owners: RegisterOwners = {}): Store {
  const owner = writersOf('store', owners, ownKey)
  const put = (kind: string, options: OperationOptions, request: WriteRequest): Promise<Written> =>
    operations.write(kind, options, (served, returned) => request(storeOf(served), settleWrite(returned)))
  return {
    get: async (key, { consistency = 'atomic', ...options } = {}) => {
      requireText(key)
      requireConsistency(consistency)
      return operations.read<GetResult>('get', options, (served, returned) =>
        consistency === 'regular'
          ? storeOf(served).getRegular(owner, key, returned)
          : storeOf(served).get(owner, key, returned)
      )
    },
    put: async (key, value, options = {}) => {
      requireText(key)
      const own = ownBytes(value)
      return put('put', options, (store, returned) => store.put(owner, key, own, returned))
    },
    delete: async (key, options = {}) => {
      requireText(key)
      return put('delete', options, (store, returned) => store.delete(owner, key, returned))
    },
    list: async ({ after, limit, ...options } = {}) => {
      if (after !== undefined && after !== null) requireText(after, 'after')
      const page = { ...(after === undefined ? {} : { after }), ...(limit === undefined ? {} : { limit }) }
      return operations.read<ListResult>('list', options, (served, returned) =>
        storeOf(served).list(owner, page, returned)
      )
    },
    compareAndSet: async (key, expected, value, options = {}) => {
      requireText(key)
      requireExpected(expected)
      const own = ownBytes(value)
      return operations.write<Swapped>('compare-and-set', options, (served, returned) =>
        storeOf(served).compareAndSet(owner, key, expected, own, (result) =>
          returned('refusal' in result ? new WriteRefusedError(result.refusal) : result)
        )
      )
    }
  }
}

type WriteRequest = (store: KeyValueRequests, returned: (result: WriteResult) => void) => OpenOperation

function storeOf({ store }: ServedRegisters): KeyValueRequests {
  if (store !== undefined) return store
  throw new InvalidParametersError(
    'store: this member is recorded, and a recording holds no operations on the key-value store: use it without record'
  )
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
