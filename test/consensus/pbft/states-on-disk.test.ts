/** A state that takes several turns to be written: nobody is told of it before it is whole on the own disk. */
import { expect, test } from 'vitest'
import type { Machine } from '../../../src/consensus/pbft/machine.ts'
import { Pbft } from '../../../src/consensus/pbft/pbft.ts'
import { scopedStore } from '../../../src/core/store.ts'
import { Solo } from '../../../src/laboratory/solo.ts'
import { WRITTEN_BYTES_PER_TURN } from '../../../src/replication/constants.ts'
import { KeptStates } from '../../../src/replication/kept-states.ts'
import { batchOf, oneMember, PATH, proposal, request, stable, vote } from './one-member.ts'

const STATE = new Uint8Array(32).fill(7)
const OTHER = new Uint8Array(32).fill(8)

/** Member 3, whose machine writes its states when the test says so; a checkpoint is taken after each second number. */
function member() {
  const writing = new Map<number, () => void>()
  const executed: number[] = []
  const forgotten: number[] = []
  const taken: number[] = []
  const obtained: number[] = []
  const machine: Machine = {
    verifications: 0,
    isValid: () => true,
    commandsIn: () => 1,
    isDone: () => false,
    execute: (sequence) => void executed.push(sequence),
    checkpoint: (sequence, whole) => void writing.set(sequence, () => whole(STATE)),
    forget: (sequence) => void forgotten.push(sequence),
    obtain: ({ sequence }) => void obtained.push(sequence),
    drop() {},
    resume: () => 0
  }
  const p = new Solo({
    members: 4,
    self: 3,
    make: (env, ports) =>
      new Pbft(
        env,
        PATH,
        ports,
        { checkpointEvery: 2, batchCommandsMax: 4, viewTimeoutMinMs: 100 },
        machine,
        {
          entered() {},
          checkpoint: (sequence) => void taken.push(sequence),
          stable() {}
        }
      )
  })
  p.do((pbft) => pbft.restore())
  for (const peer of [0, 1, 2]) p.startSession(peer)
  /** The batch at that number is executed. */
  const execute = (sequence: number) => {
    const batch = batchOf(request(1, sequence, 'a'))
    p.receive(0, PATH, proposal(0, sequence, batch))
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of [1, 2]) p.receive(from, PATH, vote(type, 0, sequence, batch.digest))
  }
  const write = (sequence: number) => p.do(() => writing.get(sequence)?.())
  const signed = () =>
    p.sentOf('CHECKPOINT').flatMap(({ to, message }) => (to === 0 ? [message.sequence] : []))
  const kept = () => [...p.disk.keys()].filter((key) => key.includes('checkpoint/')).length
  return { p, executed, forgotten, taken, obtained, execute, write, signed, kept }
}

test('its CHECKPOINT is signed when it is whole, and meanwhile more is executed', () => {
  const one = member()
  for (const sequence of [1, 2, 3]) one.execute(sequence)
  expect(one.executed).toEqual([1, 2, 3])
  expect(one.signed()).toEqual([])
  expect(one.taken).toEqual([])
  expect(one.kept()).toBe(0)
  one.write(2)
  expect(one.signed()).toEqual([2])
  expect(one.taken).toEqual([2])
  expect(one.kept()).toBe(1)
})

test('what is stable by others meanwhile takes none of the whole states away', () => {
  const one = member()
  for (const sequence of [1, 2]) one.execute(sequence)
  one.write(2)
  one.p.receive(0, PATH, stable(2, STATE, [0, 1, 2]))
  for (const sequence of [3, 4]) one.execute(sequence)
  one.write(4)
  one.p.receive(0, PATH, stable(4, STATE, [0, 1, 2]))
  for (const sequence of [5, 6]) one.execute(sequence)
  one.p.receive(0, PATH, stable(6, STATE, [0, 1, 2]))
  expect(one.forgotten).toEqual([])
  one.write(6)
  expect(one.forgotten).toEqual([2])
  // The group has signed it without this member.
  expect(one.signed()).toEqual([2, 4])
})

test('that it is not that of the others is seen when it is whole, and that one is fetched', () => {
  const one = member()
  for (const sequence of [1, 2]) one.execute(sequence)
  one.p.receive(0, PATH, stable(2, OTHER, [0, 1, 2]))
  expect(one.p.component.diverged).toBe(false)
  one.write(2)
  expect(one.p.component.diverged).toBe(true)
  for (let i = 0; i < 3; i++) one.p.passTime(1000)
  expect(one.obtained).toContain(2)
})

test('a life that begins before it is whole drops what was written of it', () => {
  const one = oneMember(3)
  one.start()
  const { disk } = one.p
  const before = [...disk.keys()].sort()
  // As the member writes it, up to where the process ends.
  const store = scopedStore(
    {
      put: (key, value) => void disk.set(key, value),
      delete: (key) => void disk.delete(key),
      restored: () => [],
      read() {}
    },
    'replica/'
  )
  const large = new Uint8Array(2 * WRITTEN_BYTES_PER_TURN)
  new KeptStates(store, one.p.env.crypto.hash, () => {}, WRITTEN_BYTES_PER_TURN).write(
    2,
    [['a', () => large]],
    () => {}
  )
  expect(disk.size).toBeGreaterThan(before.length + 1)
  oneMember(3, disk, 2).start()
  expect([...disk.keys()].sort()).toEqual(before)
})
