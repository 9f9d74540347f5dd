/** The registry of properties: what a stack claims, somebody judges. */
import { expect, test } from 'vitest'
import { findStack, stacks } from '../../src/catalogue/index.ts'
import { abstractionOf, propertyOf, requireJudged } from '../../src/laboratory/abstractions/index.ts'
import { judgeBy } from '../../src/laboratory/judge.ts'
import { addStack, seededRun } from '../../src/laboratory/run-config.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import type { Stack } from '../../src/stacks/stack.ts'

const stackOf = (name: string): Stack => {
  const stack = findStack(name)
  if (stack === undefined) throw new Error(`no stack ${name}`)
  return stack
}

test('what a stack of ours claims is judged, and is of safety or of liveness', () => {
  for (const stack of stacks) {
    expect(() => requireJudged(stack)).not.toThrow()
    for (const property of stack.properties) {
      expect(propertyOf(stack, property)?.sentence, `${stack.name}: ${property}`).toMatch(/^[a-z]/)
      expect(['safety', 'liveness']).toContain(propertyOf(stack, property)?.kind)
    }
  }
})

test('a name means what its abstraction says: validity of broadcasts comes about, that of reads never fails', () => {
  expect(propertyOf(stackOf('double-echo'), 'validity')?.kind).toBe('liveness')
  expect(propertyOf(stackOf('masking-quorum-register'), 'validity')?.kind).toBe('safety')
  expect(propertyOf(stackOf('masking-quorum-register'), 'quiescence')?.kind).toBe('liveness')
  expect(propertyOf(stackOf('masking-quorum-register'), 'totality')).toBeUndefined()
})

test('a stack that claims what nobody judges is refused, by name: a misspelt one, and one of another abstraction', () => {
  const refused = (name: string, properties: readonly string[], what: string) => {
    const stack = { ...stackOf(name), name: 'claims-too-much', properties }
    const sentence = `claims-too-much: nothing judges the property "${what}"; those of its abstraction are`
    expect(() => addStack(stack)).toThrow(sentence)
    const result = simulate({
      ...seededRun(
        {
          protocol: name,
          members: 4,
          faults: 1,
          byzantine: 0,
          adversary: null,
          links: 'ideal',
          crypto: 'symbolic'
        },
        1
      )
    })
    expect(() => judgeBy(stack, result)).toThrow(sentence)
  }
  refused('double-echo', ['validity', 'totallity'], 'totallity')
  refused('double-echo', ['atomicity'], 'atomicity')
  refused('authenticated-data-register', ['no duplication'], 'no duplication')
})

test('a property of its own is judged by its own check', () => {
  const stack = { ...stackOf('double-echo'), properties: ['politeness'] }
  expect(() => requireJudged(stack)).toThrow('politeness')
  expect(() => requireJudged(stack, { politeness: () => [] })).not.toThrow()
})

test('of an abstraction that the laboratory does not know nothing is judged', () => {
  const stack = { name: 'oracle', abstraction: 'divination' } as unknown as Stack
  expect(() => abstractionOf(stack)).toThrow('oracle: there is no abstraction divination')
})
