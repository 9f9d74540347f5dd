/** What a recording holds of operations that are given up: those that are under way, and no others. */
import { describe, expect, it } from 'vitest'
import { defineService } from '../../src/core/service.ts'
import { uint } from '../../src/core/shapes.ts'
import { RecordedServices } from '../../src/recording/recorded-services.ts'
import type { Input } from '../../src/recording/recording-format.ts'

const declaration = defineService({
  name: 'asker',
  requests: { ask: { arguments: { value: uint() }, result: uint() } },
  indications: {}
})

type Returned = (result: number) => void

/** A service whose operations return when the test says so, and what was recorded of it. */
function recorded() {
  const inputs: Input[] = []
  const waiting: Returned[] = []
  const abandoned: number[] = []
  const asker = {
    ask(value: number, returned: Returned) {
      waiting.push(returned)
      return { abandon: () => void abandoned.push(value) }
    }
  }
  const wrapped = new RecordedServices(
    { asker },
    [declaration],
    (input, handler) => {
      inputs.push(input)
      return handler()
    },
    { asked() {}, returned() {}, indicated() {} }
  )
  return { wrapped, ask: wrapped.services.asker.ask, inputs, waiting, abandoned }
}

const kinds = (inputs: readonly Input[]) => inputs.map(({ input }) => input)

describe('an operation of a recorded member', () => {
  it('that is under way can be given up, once, live and in a replay', () => {
    const { wrapped, ask, inputs, abandoned } = recorded()
    const open = ask(7, () => {})
    ask(8, () => {})
    open.abandon()
    open.abandon()
    expect(kinds(inputs)).toEqual(['request', 'request', 'abandon'])
    expect(inputs.at(-1)).toEqual({ input: 'abandon', operation: 1 })
    expect(wrapped.abandon(2)).toBeUndefined()
    expect(abandoned).toEqual([7, 8])
    expect(wrapped.abandon(2)).toBe('gives up on an operation that there is not')
  })

  it('that has returned is not kept, and giving up on it is no input', () => {
    const { wrapped, ask, inputs, waiting, abandoned } = recorded()
    const results: number[] = []
    const opened = Array.from({ length: 100 }, (_, value) => ask(value, (result) => results.push(result)))
    for (const [index, returned] of waiting.entries()) returned(index)
    for (const open of opened) open.abandon()
    expect(results).toHaveLength(100)
    expect(kinds(inputs)).not.toContain('abandon')
    expect(abandoned).toEqual([])
    for (let operation = 1; operation <= 100; operation++)
      expect(wrapped.abandon(operation)).toBe('gives up on an operation that there is not')
  })
})
