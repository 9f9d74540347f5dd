/**
 * What the adversary knows of a protocol is what its ports declare: by that it attacks one that was written after it, and
 * without that it cannot.
 */
import { describe, expect, it } from 'vitest'
import { formatsOf, type Instance, isOfOne, Wire } from '../../src/adversary/wire.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { AssertionError } from '../../src/core/assert.ts'
import { defineMessages } from '../../src/core/messages.ts'
import { bytes, digest, rank, uint } from '../../src/core/shapes.ts'
import { recordRun } from '../../src/laboratory/recording.ts'
import { addStack, type RunConfig } from '../../src/laboratory/run-config.ts'
import type { BroadcastStack } from '../../src/stacks/stack.ts'
import { declaredPorts, testGroup } from '../architecture/declared.ts'
import weakAgreement, { undeclaredAgreement } from '../fixtures/weak-agreement.ts'

const RUNS = 12

/** In how many runs each property was violated, and in how many any was. */
function violated(stack: BroadcastStack, adversary: string | null): Map<string, number> {
  addStack(stack)
  const config: RunConfig = {
    protocol: stack.name,
    members: 4,
    faults: 1,
    byzantine: adversary === null ? 0 : 1,
    adversary,
    links: 'ideal',
    crypto: 'symbolic'
  }
  const counts = new Map([['any', 0]])
  for (let seed = 1; seed <= RUNS; seed++) {
    const properties = new Set(recordRun(config, seed).violations.map(({ property }) => property))
    if (properties.size > 0) properties.add('any')
    for (const property of properties) counts.set(property, (counts.get(property) ?? 0) + 1)
  }
  return counts
}

describe('a protocol with instances that no protocol of byzkit has', () => {
  it.each([null, 'silent', 'delay'])('control: is correct with %s', (adversary) => {
    expect(violated(weakAgreement, adversary)).toEqual(new Map([['any', 0]]))
  })

  it.each([
    ['equivocate', 'consistency', RUNS - 2],
    ['collude', 'consistency', RUNS - 3],
    ['withhold', 'totality', RUNS - 2],
    ['forge', 'integrity', RUNS - 3],
    ['adaptive', 'any', 2]
  ] as const)('falls to %s: %s', (adversary, property, least) => {
    expect(violated(weakAgreement, adversary).get(property) ?? 0).toBeGreaterThanOrEqual(least)
  })

  it.each(['equivocate', 'collude', 'withhold'])(
    'control: %s finds nothing where nothing is declared',
    (adversary) => {
      expect(violated(undeclaredAgreement, adversary)).toEqual(new Map([['any', 0]]))
    }
  )
})

describe('the instance of a message', () => {
  const numbers = ['view', 'sequence'] as const
  const fields = { sender: rank, view: uint(), sequence: uint(), value: bytes(1) }
  const messages = defineMessages(
    { A: [0, fields], B: [1, fields], C: [2, fields], D: [3, fields], E: [4, fields], F: [5, fields] },
    {
      A: { role: 'vote', instance: { of: 'sender', numbers } },
      B: { role: 'vote', instance: { of: 'speaker', numbers } },
      C: { role: 'vote', instance: { of: 'receiver', numbers } },
      D: { role: 'vote', instance: { of: ([view = 0], { n }) => view % n, numbers } },
      E: { role: 'vote', instance: { numbers } }
    }
  )
  const wire = new Wire([{ path: 'test', messages }], testGroup)
  const instanceOf = (type: string): Instance | undefined =>
    wire.instanceOf(
      { port: 0, message: { type, sender: 2, view: 7, sequence: 9, value: new Uint8Array(1) } },
      0,
      1
    )

  it.each([
    ['the rank in a field', 'A', 2],
    ['whoever says it', 'B', 0],
    ['whoever hears it', 'C', 1],
    ['whom the numbers determine', 'D', 3]
  ])('is of %s', (_, type, of) => {
    const instance = instanceOf(type)
    expect(instance).toEqual({ of, name: [of, 7, 9] })
    expect(instance && isOfOne(instance, [of])).toBe(true)
    expect(instance && isOfOne(instance, [4])).toBe(false)
  })

  it('is of everybody where nobody is named, and then everybody has a say in it', () => {
    const instance = instanceOf('E')
    expect(instance).toEqual({ of: undefined, name: [7, 9] })
    expect(instance && isOfOne(instance, [3])).toBe(true)
  })

  it('is none where none is declared', () => {
    expect(instanceOf('F')).toBeUndefined()
  })

  it.each(['speaker', 'receiver'])('has no field called %s, which names a process already', (name) => {
    const role = { role: 'vote', instance: { of: 'speaker', numbers: [] } } as const
    expect(() => defineMessages({ A: [0, { [name]: digest }] }, { A: role })).toThrow(AssertionError)
    expect(() => defineMessages({ A: [0, { [name]: digest }] })).not.toThrow()
  })
})

it('every message of every stack has a role, but for frames of links, and what members tell each other of themselves', () => {
  const formats = stacks.flatMap((stack) => formatsOf(declaredPorts(stack)))
  const untold = formats.filter(({ role }) => role === undefined).map(({ type }) => type)
  expect([...new Set(untold)].sort()).toEqual([
    'FRAME',
    'GAP',
    'HEARTBEATREPLY',
    'HEARTBEATREQUEST',
    'SERVING',
    'STATUS'
  ])
  expect(formats.length).toBeGreaterThan(40)
})
