/** One process alone, message by message; and all that is promised, in seeded runs of groups of 4 to 7. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addStack, type RunConfig, run, Solo } from 'byzkit/testing'
import protocol, { Counter } from './protocol.ts'

const RUNS = 50

it('member 0 counts: each increment gets the next number', () => {
  const member = new Solo({ members: 4, make: (env, ports) => new Counter(env, ports) })
  member.receive(1, 'my-service', { type: 'INCREMENT' })
  member.receive(2, 'my-service', { type: 'INCREMENT' })
  assert.deepEqual(
    member.sentOf('COUNT').map(({ message }) => message.count),
    [1, 2]
  )
})

describe('seeded runs', () => {
  addStack(protocol)
  for (const members of [4, 5, 6, 7]) {
    const faults = protocol.resilience.largest(members)
    const config: RunConfig = {
      protocol: protocol.name,
      members,
      faults,
      byzantine: 0,
      adversary: null,
      links: 'ideal',
      crypto: 'symbolic'
    }
    it(`n = ${members}, f = ${faults}: ${protocol.properties.join(', ')}`, () => {
      for (let seed = 1; seed <= RUNS; seed++)
        assert.deepEqual(
          run(config, seed).violations,
          [],
          `see it with: npx byzkit simulate ./protocol.ts --members ${members} --seed ${seed} --runs 1`
        )
    })
  }
})
