/** What a simulated process reads of its disk when it needs it. */
import { expect, test } from 'vitest'
import { createGroup } from '../../src/core/group.ts'
import { silentObserver } from '../../src/core/trace.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { ScheduledChoices } from '../../src/simulator/choices.ts'
import { SimulatedDisk } from '../../src/simulator/disk.ts'
import { Scheduler } from '../../src/simulator/scheduler.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { beginLife } from '../../src/simulator/simulated-process.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'

test('bulk is not restored, and is read in a later turn, with what was written in the turn that asked', () => {
  const group = createGroup({ id: new Uint8Array(32), f: 0, publicKeys: [new Uint8Array(32)] })
  const scheduler = new Scheduler()
  const disk = new SimulatedDisk({ process: 0, scheduler, choices: new ScheduledChoices([]), precedence: 0 })
  const begin = () => {
    const { process, env } = beginLife({
      self: 0,
      group,
      scheduler,
      precedence: 0,
      random: new SeededRandom(1, 'process'),
      clock: { offsetMs: 0, driftPpm: 0 },
      disk,
      crypto: symbolicCrypto(group, 1, defaultBackend.sha256)(0),
      observer: silentObserver,
      onStop: (cause) => expect.unreachable(cause.message)
    })
    return { process, store: env.store }
  }
  const told: string[] = []
  const read = ({ process, store }: ReturnType<typeof begin>, name: string) =>
    process.input(() => store.read('*a', (value) => told.push(`${name}: ${value?.join() ?? 'nothing'}`)))
  const first = begin()
  first.process.input(() => {
    first.store.put('*a', Uint8Array.of(7))
    first.store.read('*a', (value) => told.push(`first: ${value?.join() ?? 'nothing'}`))
    first.process.trigger(() => told.push('same turn'))
  })
  while (scheduler.step(Number.MAX_SAFE_INTEGER));
  expect(told).toEqual(['same turn', 'first: 7'])
  read(first, 'too late')
  first.process.stop()
  const second = begin()
  read(second, 'second')
  while (scheduler.step(Number.MAX_SAFE_INTEGER));
  expect(told).toEqual(['same turn', 'first: 7', 'second: 7'])
  expect(second.store.restored('')).toEqual([['host/life', Uint8Array.of(2)]])
})
