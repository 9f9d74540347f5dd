/** One process alone, message by message; and the textbook properties, in groups of 4 to 7 with liars among them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeConsistentBroadcast, Solo } from 'byzkit/testing'
import protocol, { MyBroadcast } from './protocol.ts'

describe('one process of four', () => {
  const payload = new TextEncoder().encode('hello')

  function alone() {
    const delivered: string[] = []
    const make = (
      env: ConstructorParameters<typeof MyBroadcast>[0],
      ports: ConstructorParameters<typeof MyBroadcast>[1]
    ) => new MyBroadcast(env, ports, (sender, sequence) => void delivered.push(`${sender}/${sequence}`))
    const process = new Solo({ members: 4, make })
    return { process, delivered }
  }

  it('echoes the first payload that it gets, to each of the others, and no second one', () => {
    const { process } = alone()
    process.receive(1, 'my-broadcast', { type: 'SEND', sequence: 0, payload })
    process.receive(1, 'my-broadcast', { type: 'SEND', sequence: 0, payload: new Uint8Array(1) })
    assert.equal(process.sentOf('ECHO').length, 3)
  })

  it('delivers once it has heard three echoes of one payload, its own among them', () => {
    const { process, delivered } = alone()
    const echo = { type: 'ECHO', sender: 1, sequence: 0, payload }
    process.receive(1, 'my-broadcast', { type: 'SEND', sequence: 0, payload })
    process.receive(2, 'my-broadcast', echo)
    process.receive(2, 'my-broadcast', echo) // the same again: it counts once
    assert.deepEqual(delivered, [])
    process.receive(3, 'my-broadcast', echo)
    assert.deepEqual(delivered, ['1/0'])
  })
})

describeConsistentBroadcast(() => protocol, { describe, it, file: './protocol.ts' })
