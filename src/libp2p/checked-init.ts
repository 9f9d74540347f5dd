/**
 * What an application hands to the services, checked where it enters: types and ranges, before anything is made of it. That
 * keys, groups and stacks go together is checked by who puts them together.
 */
import { InvalidParametersError } from '../core/errors.ts'
import { requireFunctionIfGiven, requireOneOf, requireSwitchIfGiven, shown } from '../core/parameters.ts'
import { SECRET_KEY_BYTES } from '../crypto/index.ts'
import { requireOptions } from '../stacks/options.ts'
import type { ByzantineClientInit } from './client-service.ts'
import type { ByzantineInit } from './service.ts'

/** @throws InvalidParametersError */
export function requireMemberInit(init: ByzantineInit): void {
  requireShared(init)
  const { registers, behaviour, record, stack } = init
  if (typeof registers === 'object') requireOptions('registers', registers)
  else requireSwitchIfGiven('registers', registers)
  requireFunctionIfGiven('record', record)
  if (behaviour !== undefined && !isBehaviour(behaviour))
    throw new InvalidParametersError(`behaviour: expected one of byzkit/testing, not ${shown(behaviour)}`)
  if (stack !== undefined && typeof stack !== 'string')
    throw new InvalidParametersError(`stack: expected a name, not ${shown(stack)}`)
}

/** @throws InvalidParametersError */
export function requireClientInit(init: ByzantineClientInit): void {
  requireShared(init)
  if (init.durability !== undefined) requireOneOf('durability', init.durability, ['disk', 'memory'])
}

/** @throws InvalidParametersError */
export function requireListen(listen: unknown): void {
  if (listen === undefined) return
  if (Array.isArray(listen) && listen.every((address) => typeof address === 'string')) return
  throw new InvalidParametersError(`listen: expected a list of multiaddrs, not ${shown(listen)}`)
}

/** By what it can do: a signal may be another realm's. @throws InvalidParametersError */
export function requireSignal(signal: unknown): void {
  if (signal === undefined) return
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return
  throw new InvalidParametersError(`signal: expected an AbortSignal, not ${shown(signal)}`)
}

function requireShared(init: ByzantineInit | ByzantineClientInit): void {
  if (typeof init !== 'object' || init === null)
    throw new InvalidParametersError(`expected an object with a group, not ${shown(init)}`)
  const { group, key, data, options, authenticator, beyondResilience } = init
  if (!isGroupFile(group))
    throw new InvalidParametersError(`group: expected what parseGroupFile returns, not ${shown(group)}`)
  if (key !== undefined && !isKey(key))
    throw new InvalidParametersError(
      `key: expected a seed of ${SECRET_KEY_BYTES} bytes or a private key of libp2p, not ${shown(key)}`
    )
  if (data !== undefined && (typeof data !== 'string' || data === '' || data.includes('\0')))
    throw new InvalidParametersError(`data: expected the path of a folder, not ${shown(data)}`)
  requireOptions('options', options)
  if (authenticator !== undefined) requireOneOf('authenticator', authenticator, ['hmac', 'ed25519'])
  requireSwitchIfGiven('beyondResilience', beyondResilience)
}

function isGroupFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { genesis, addresses, clients } = value as { readonly [name: string]: unknown }
  if (typeof genesis !== 'object' || genesis === null || !('publicKeys' in genesis)) return false
  return [genesis.publicKeys, addresses, clients].every(Array.isArray)
}

const isKey = (key: object): boolean =>
  key instanceof Uint8Array
    ? key.length === SECRET_KEY_BYTES
    : typeof key === 'object' && key !== null && 'type' in key && 'raw' in key

const isBehaviour = (behaviour: object): boolean =>
  typeof behaviour === 'object' &&
  behaviour !== null &&
  'name' in behaviour &&
  'create' in behaviour &&
  typeof behaviour.create === 'function'
