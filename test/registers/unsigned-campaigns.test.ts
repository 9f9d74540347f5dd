/** Seeded runs of the registers without signatures, judged by the checkers, against each adversary that concerns them. */
import { describe, expect, it } from 'vitest'
import { doubleWriteRegister } from '../../src/catalogue/double-write-register.ts'
import { maskingQuorumRegister } from '../../src/catalogue/masking-quorum-register.ts'
import { run } from '../../src/laboratory/run.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

/** The swarm has more to draw than the others: late answers, for one. */
const RUNS = extent(3, 10)
const SWARM_RUNS = extent(10, 40)
const ADVERSARIES = [
  'swarm',
  'mutate',
  'fabricate',
  'replay',
  'twins',
  'amnesia',
  'stale',
  'invent',
  'perjure',
  'two-faced'
]

describe.each([
  { stack: maskingQuorumRegister, sizes: [5, 6, 7, 9] },
  { stack: doubleWriteRegister, sizes: [4, 5, 6, 7] }
])('$stack.name', ({ stack, sizes }) => {
  const cases = sizes.flatMap((members) => ADVERSARIES.map((adversary) => ({ members, adversary })))
  const reached = new Set<string>()

  it.each(cases)(
    'n = $members: termination, validity and accuracy against $adversary',
    ({ members, adversary }) => {
      const faults = stack.resilience.largest(members)
      const config: RunConfig = {
        protocol: stack.name,
        members,
        faults,
        byzantine: faults,
        adversary,
        links: 'ideal',
        crypto: 'symbolic'
      }
      for (let seed = 1; seed <= (adversary === 'swarm' ? SWARM_RUNS : RUNS); seed++) {
        const { violations, landmarks } = run(config, seed)
        expectNone(violations, `seed ${seed}`)
        for (const [name] of landmarks) reached.add(name)
      }
    }
  )

  it('reaches what it is there for', () => {
    expect([...reached]).toEqual(expect.arrayContaining([...stack.landmarks]))
  })
})
