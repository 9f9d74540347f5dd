/** A member says what its machine is at, and which command took long. */
import { expect, test } from 'vitest'
import { replicated } from '../../src/catalogue/pbft.ts'
import { toHex, utf8 } from '../../src/core/bytes.ts'
import { APPLY_MS_MAX, applyWatch } from '../../src/libp2p/apply-watch.ts'
import { until } from '../waiting.ts'
import { allConnected } from './client-support.ts'
import { found, serviceOf, startGroup } from './service-support.ts'

test('a command that takes longer than APPLY_MS_MAX is told of, with its time', () => {
  const told: string[] = []
  const heard: (string | null)[] = []
  let now = 0
  const applying = applyWatch(
    (command, ms) => told.push(`${command}: ${ms}`),
    (command) => heard.push(command),
    () => now
  )
  for (const [command, ms] of [
    ['a', APPLY_MS_MAX],
    ['b', APPLY_MS_MAX + 1],
    ['c', 0]
  ] as const) {
    applying(command)
    now += ms
    applying(null)
    now += 10 * APPLY_MS_MAX
  }
  expect(told).toEqual([`b: ${APPLY_MS_MAX + 1}`])
  expect(heard).toEqual(['a', null, 'b', null, 'c', null])
})

test('members tell each command and its end, count those that take long, and see through one that is thrown', async () => {
  const slow = () => ({
    apply(command: Uint8Array) {
      if (command.length === 0) throw new Error('nothing')
      // Longer than it may, whatever else the machine does.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * APPLY_MS_MAX)
      return command
    }
  })
  const founded = await found(4)
  const heard: (string | null)[] = []
  const nodes = await startGroup(founded, (rank) => ({
    stack: replicated('slow', slow),
    ...(rank === 0 && { applying: (command: string | null) => void heard.push(command) })
  }))
  await allConnected(nodes)
  const [first] = nodes.map(serviceOf)
  const machine = first!.replica()
  await machine.submit(utf8('a'))
  await expect(machine.submit(new Uint8Array())).rejects.toThrow('refuses')
  await until('all has come here', () => heard.length >= 4)
  const client = toHex(founded.group.genesis.publicKeys[0]!)
  const named = expect.stringMatching(new RegExp(`^command \\d+ of batch \\d+, of client ${client}$`))
  expect(heard).toEqual([named, null, named, null])
  expect(first!.landmarks.get('slow-command')).toBeGreaterThanOrEqual(1)
})
