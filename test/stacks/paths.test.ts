import { describe, expect, it } from 'vitest'
import { findStack } from '../../src/catalogue/index.ts'
import { withStorage } from '../../src/catalogue/with-storage.ts'
import type { AgreedPort } from '../../src/links/ports.ts'
import { openPorts, terms } from '../../src/stacks/paths.ts'
import type { BroadcastStack, StackOptions } from '../../src/stacks/stack.ts'
import { environmentOf } from '../wire/inputs.ts'

const port = (path: string, audience: AgreedPort['audience'] = 'members', of: AgreedPort['terms'] = {}) => ({
  path,
  audience,
  terms: of
})
const stack = withStorage(findStack('double-echo') as BroadcastStack)
const termsWith = (options: StackOptions = {}) => terms(openPorts(environmentOf(0), stack, options))

describe('the terms of a link', () => {
  it.each([
    ['the window', { windowInstances: 8 }],
    ['the longest payload', { payloadBytesMax: 8 }],
    ['how much is retained', { retentionCountMax: 8 }],
    ['how many bytes are retained', { retentionBytesMax: 8 }],
    ['the longest value of a register', { valueBytesMax: 8 }],
    ['how many registers an owner has', { registersPerOwnerMax: 8 }],
    ['how many bytes an owner has', { registerBytesPerOwnerMax: 8 }]
  ])('%s must be the same at both ends', (_, options) => {
    expect(termsWith(options).members).not.toEqual(termsWith().members)
  })
  it('so must the ports, their order, whose terms they are, and the authenticator', () => {
    const ports = [port('a', 'members', { bound: 1 }), port('b')]
    const others = [
      [port('a', 'members', { bound: 2 }), port('b')],
      [port('a'), port('b', 'members', { bound: 1 })],
      [port('b'), port('a', 'members', { bound: 1 })],
      [port('a', 'members', { bound: 1 })]
    ]
    for (const other of others) expect(terms(other).members).not.toEqual(terms(ports).members)
    expect(terms(ports, 'ed25519').members).not.toEqual(terms(ports).members)
  })
  it.each([
    ['of its own a member has under way', { windowBytesMax: 1 }],
    ['memory a member gives to registers', { registerMemoryBytesMax: 1 }],
    ['a member keeps of bodies', { bodyBytesTotalMax: 1 }]
  ])('how much %s may differ', (_, options) => {
    expect(termsWith(options)).toEqual(termsWith())
  })
})

describe('the terms of a link between a member and a client', () => {
  const ports = [port('a', 'everybody', { bound: 1 }), port('b', 'members', { own: 2 })]
  it('are the ports that clients use, with their terms, and the authenticator', () => {
    expect(terms(ports).clients).toEqual(['a', 'bound = 1', 'authenticator = hmac'])
    expect(terms(ports, 'ed25519').clients).not.toEqual(terms(ports).clients)
  })
  it('say the same at a client, which has no other ports', () => {
    expect(terms(ports.slice(0, 1)).clients).toEqual(terms(ports).clients)
  })
  it('have no part in what members agree on among themselves alone', () => {
    expect(termsWith({ windowInstances: 8 }).clients).toEqual(termsWith().clients)
    expect(termsWith({ valueBytesMax: 8 }).clients).not.toEqual(termsWith().clients)
  })
})
