/** One process alone, message by message; and all that is promised, in seeded runs of groups of 4 to 7. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addStack, type RunConfig, run, Solo } from 'byzkit/testing'
import protocol, { MyRegister } from './protocol.ts'

const RUNS = 50

it('a member keeps the value with the highest timestamp', () => {
  const member = new Solo({ members: 4, make: (env, ports) => new MyRegister(env, ports) })
  const register = { writers: [new Uint8Array(32)], name: 'greeting' }
  const write = (timestamp: number) =>
    member.receive(1, 'my-register', {
      type: 'WRITE',
      call: timestamp,
      register,
      timestamp,
      value: Uint8Array.of(timestamp)
    })
  write(2)
  write(1) // it was under way for longer, and is acknowledged all the same
  member.receive(2, 'my-register', { type: 'READ', call: 1, register })
  assert.equal(member.sentOf('ACK').length, 2)
  assert.deepEqual(
    member.sentOf('VALUE').map(({ message }) => message.timestamp),
    [2]
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
