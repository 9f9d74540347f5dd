/**
 * What an application hands to the services, checked where it enters: types and ranges, before anything is made of it.
 * That keys, groups and stacks go together is checked by who puts them together.
 */
import { InvalidParametersError } from '../core/errors.ts'
import {
  requireFunctionIfGiven,
  requireKnown,
  requireOneOf,
  requireSwitchIfGiven,
  shown
} from '../core/parameters.ts'
import { SECRET_KEY_BYTES } from '../crypto/index.ts'
import { OPTION_NAMES, requireOptions } from '../stacks/options.ts'
import type { ByzantineClientInit } from './client-service.ts'
import type { ByzantineInit } from './service.ts'
import { requireProtocol } from './transport-protocol.ts'

/** The names of all that may be given: complete, since it is the type that asks for them. */
export type Names<T> = { readonly [N in keyof Required<T>]: true }

const SHARED: Names<Omit<ByzantineInit, 'registers' | 'behaviour' | 'record' | 'applying'>> = {
  group: true,
  key: true,
  stack: true,
  options: true,
  data: true,
  authenticator: true,
  beyondResilience: true,
  protocolPrefix: true,
  maxInboundStreams: true,
  maxOutboundStreams: true,
  runOnLimitedConnection: true
}

export const MEMBER_NAMES: Names<ByzantineInit> = {
  ...SHARED,
  registers: true,
  behaviour: true,
  record: true,
  applying: true
}

export const CLIENT_NAMES: Names<ByzantineClientInit> = { ...SHARED, durability: true }

/** @throws InvalidParametersError */
export function requireMemberInit(init: ByzantineInit): void {
  requireShared('byzantine', init, MEMBER_NAMES)
  const { registers, behaviour, record, applying } = init
  if (typeof registers === 'object') requireOptions('registers', registers)
  else requireSwitchIfGiven('registers', registers)
  requireFunctionIfGiven('record', record)
  requireFunctionIfGiven('applying', applying)
  if (behaviour !== undefined && !isBehaviour(behaviour))
    throw new InvalidParametersError(`behaviour: expected one of byzkit/testing, not ${shown(behaviour)}`)
}

/** @throws InvalidParametersError */
export function requireClientInit(init: ByzantineClientInit): void {
  requireShared('byzantineClient', init, CLIENT_NAMES)
  if (init.durability !== undefined) requireOneOf('durability', init.durability, ['disk', 'memory'])
}

/** @throws InvalidParametersError */
export function requireListen(listen: unknown): void {
  if (listen === undefined) return
  if (Array.isArray(listen) && listen.every((address) => typeof address === 'string')) return
  throw new InvalidParametersError(`listen: expected a list of multiaddrs, not ${shown(listen)}`)
}

/** An object, with names that mean something to `what` and no others. @throws InvalidParametersError */
export function requireInit<T>(what: string, init: T, names: Names<T>): void {
  if (typeof init !== 'object' || init === null)
    throw new InvalidParametersError(`${what}: expected an object with a group, not ${shown(init)}`)
  const bounds = OPTION_NAMES.map((name) => `options.${name}`)
  requireKnown(what, init, [...Object.keys(names), ...bounds], Object.keys(names))
}

/** @throws InvalidParametersError that says how to come by one, for what is given in its place now and then */
export function requireGroup(group: unknown): void {
  if (isGroupFile(group)) return
  const call = "parseGroupFile('group.json', text)"
  const given =
    group === undefined
      ? 'it is missing'
      : typeof group === 'string'
        ? `not a text or the name of a file, ${shown(group)}`
        : typeof group === 'object' && group !== null && 'members' in group
          ? 'not the JSON of the file itself'
          : `not ${shown(group)}`
  throw new InvalidParametersError(`group: expected what ${call} returns; ${given}`)
}

function requireShared<T extends ByzantineInit | ByzantineClientInit>(
  what: string,
  init: T,
  names: Names<T>
): void {
  requireInit(what, init, names)
  const { group, key, data, options, authenticator, beyondResilience, stack } = init
  requireGroup(group)
  if (key !== undefined && !isKey(key))
    throw new InvalidParametersError(
      `key: expected a seed of ${SECRET_KEY_BYTES} bytes or a private key of libp2p, not ${shown(key)}`
    )
  if (data !== undefined && (typeof data !== 'string' || data === '' || data.includes('\0')))
    throw new InvalidParametersError(`data: expected the path of a folder, not ${shown(data)}`)
  requireOptions('options', options)
  if (stack !== undefined && typeof stack !== 'string' && !isStack(stack))
    throw new InvalidParametersError(`stack: expected a name, or a stack of your own, not ${shown(stack)}`)
  if (authenticator !== undefined) requireOneOf('authenticator', authenticator, ['hmac', 'ed25519'])
  requireSwitchIfGiven('beyondResilience', beyondResilience)
  requireProtocol(init)
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

function isStack(value: object): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, services, resilience, build } = value as { readonly [name: string]: unknown }
  const isTold = typeof name === 'string' && typeof resilience === 'object' && resilience !== null
  return isTold && Array.isArray(services) && typeof build === 'function'
}

const isBehaviour = (behaviour: object): boolean =>
  typeof behaviour === 'object' &&
  behaviour !== null &&
  'name' in behaviour &&
  'create' in behaviour &&
  typeof behaviour.create === 'function'
