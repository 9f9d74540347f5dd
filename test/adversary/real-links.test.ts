/** The same behaviours over the whole tower of links, where they may also speak below the links. */
import { describe, expect, it } from 'vitest'
import { behavioursAgainst, findBehaviour } from '../../src/adversary/index.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'
import { campaign, named, realLinks } from './support.ts'

describe.each(behavioursAgainst({}))('$name over real links', (behaviour) => {
  it.each(['signed-echo', 'double-echo'])('%s keeps its properties at n = 4 and n = 7', (stack) => {
    for (const [members, byzantine] of [
      [4, 1],
      [7, 2]
    ] as const) {
      const { violations } = campaign({
        stack,
        behaviour,
        members,
        byzantine,
        runs: extent(1, 4),
        changes: realLinks
      })
      expectNone(violations)
    }
  })
})

describe.each([
  ['garbage', 'garbage-frame', 'malformed'],
  ['forge', 'forged-frame', 'invalid-mac'],
  ['replay', 'replayed-frame', undefined]
])('%s', (name, act, fault) => {
  it(`injects frames (${act}), and the links refuse them`, () => {
    const behaviour = findBehaviour(name)
    if (behaviour === undefined) throw new Error(`no behaviour ${name}`)
    const init = { stack: 'double-echo', behaviour, members: 4, byzantine: 1, runs: 4, firstSeed: 100 }
    const result = campaign({ ...init, changes: realLinks })
    expectNone(result.violations)
    expect(result.acts.get(act)).toBeGreaterThan(0)
    if (fault !== undefined) expect(named(result, fault)).toBeGreaterThan(0)
  })
})
