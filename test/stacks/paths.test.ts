import { describe, expect, it } from 'vitest'
import { terms } from '../../src/stacks/paths.ts'

const paths = ['a', 'b']

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
    expect(terms(['b', 'a'], {})).not.toEqual(terms(paths, {}))
    expect(terms(paths, {}, 'ed25519')).not.toEqual(terms(paths, {}))
  })
  it('how much of its own a member has under way may differ', () => {
    expect(terms(paths, { windowBytesMax: 1 })).toEqual(terms(paths, {}))
  })
})
