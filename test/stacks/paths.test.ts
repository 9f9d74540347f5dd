import { describe, expect, it } from 'vitest'
import { type PortPaths, terms } from '../../src/stacks/paths.ts'

const paths: PortPaths = { paths: ['a', 'b'], clientPaths: ['a'] }

describe('the terms of a link', () => {
  it.each([
    ['the window', { windowInstances: 8 }],
    ['the longest payload', { payloadBytesMax: 8 }],
    ['how much is retained', { retentionCountMax: 8 }],
    ['how many bytes are retained', { retentionBytesMax: 8 }],
    ['signed SENDs', { signedSend: true }]
  ])('%s must be the same at both ends', (_, options) => {
    expect(terms(paths, options)).not.toEqual(terms(paths, {}))
  })
  it('so must the ports, their order, and the authenticator', () => {
    expect(terms({ paths: ['b', 'a'], clientPaths: ['b'] }, {})).not.toEqual(terms(paths, {}))
    expect(terms(paths, {}, 'ed25519')).not.toEqual(terms(paths, {}))
  })
  it('how much of its own a member has under way may differ', () => {
    expect(terms(paths, { windowBytesMax: 1 })).toEqual(terms(paths, {}))
  })
})

describe('the terms of a link between a member and a client', () => {
  const { clients } = terms(paths, {})
  it('are the ports that clients use, the bounds of the registers and the authenticator', () => {
    const other = terms({ paths: ['a', 'c'], clientPaths: ['a'] }, { windowInstances: 8, signedSend: true })
    expect(other.clients).toEqual(clients)
    expect(terms({ paths: ['c'], clientPaths: ['c'] }, {}).clients).not.toEqual(clients)
    expect(terms(paths, { valueBytesMax: 8 }).clients).not.toEqual(clients)
    expect(terms(paths, {}, 'ed25519').clients).not.toEqual(clients)
  })
  it('say the same at a client, which has no other ports', () => {
    expect(terms({ paths: ['a'], clientPaths: ['a'] }, {}).clients).toEqual(clients)
  })
  it('have no part in a stack that clients do not use', () => {
    const bounds = terms({ paths: ['a'], clientPaths: [] }, {}).members
    expect(bounds.some((term) => term.startsWith('valueBytesMax'))).toBe(false)
    expect(terms(paths, { valueBytesMax: 8 }).members).not.toEqual(terms(paths, {}).members)
  })
})
