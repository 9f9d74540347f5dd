/** What a member keeps, and says, that is behind the others: no more than is of use. */
import { expect, test } from 'vitest'
import type { Batches } from '../../../src/consensus/pbft/batches.ts'
import { Execution } from '../../../src/consensus/pbft/execution.ts'
import { Log } from '../../../src/consensus/pbft/log.ts'
import type { Machine } from '../../../src/consensus/pbft/machine.ts'
import type { Pbft } from '../../../src/consensus/pbft/pbft.ts'
import { Progress } from '../../../src/consensus/pbft/progress.ts'
import type { Environment } from '../../../src/core/environment.ts'
import { Solo } from '../../../src/laboratory/solo.ts'
import { batchOf, certified, change, oneMember, PATH, request, stable, status } from './one-member.ts'

const RETAINED = 16
const A = batchOf(request(1, 1, 'a'))

function member(bounds: Parameters<typeof oneMember>[4] = {}) {
  const one = oneMember(3, undefined, 1, undefined, bounds)
  one.start()
  let agreement: Pbft | undefined
  one.p.do((replica) => {
    agreement = replica.agreement
  })
  return { ...one, agreement: agreement! }
}

/** With no body, so that nothing is executed. */
function executionOf(env: Environment, progress: Progress): Execution {
  const nothing = () => {}
  return new Execution({
    env,
    progress,
    log: new Log({ put: nothing, delete: nothing, read: nothing, restored: () => [] }),
    batches: { envelopes: () => undefined } as unknown as Batches,
    machine: {} as Machine,
    executed: nothing
  })
}

test('a view that began above what a member knows to be stable opens the numbers of its start alone', () => {
  const { p, views, agreement } = member()
  const start = { view: 1, stable: { sequence: 6, digest: A.digest }, selected: [A.digest] }
  p.receive(1, PATH, certified(start, [0, 1, 2]))
  expect(views).toEqual([1])
  const { ordering } = agreement.state() as { readonly ordering: readonly { readonly sequence: number }[] }
  expect(ordering.map(({ sequence }) => sequence)).toEqual([7])
})

test('what is committed far above is remembered while it is open, and forgotten with the window (known failure 19)', () => {
  let progress: Progress | undefined
  const p = new Solo({
    members: 4,
    make: (env) => {
      progress = new Progress(env, { checkpointEvery: 2, batchesRetained: RETAINED })
      return executionOf(env, progress)
    }
  })
  const stableAt = (sequence: number) => {
    progress!.stable = { stable: { sequence, digest: A.digest }, certificate: [] }
  }
  p.do((execution) => {
    stableAt(40)
    for (const sequence of [41, 44, 45]) execution.commit(sequence, A.digest)
    const committed = () =>
      (execution.state() as { readonly committed: readonly { readonly sequence: number }[] }).committed
    expect(committed().map(({ sequence }) => sequence)).toEqual([41, 44])
    stableAt(42)
    execution.trim()
    expect(committed().map(({ sequence }) => sequence)).toEqual([44])
  })
})

test('whoever catches up with a stable checkpoint drops the bodies that it does not retain as it goes', () => {
  const { p, agreement, executed } = member({ batchesRetained: RETAINED })
  const batches = Array.from({ length: 3 * RETAINED }, (_, index) => batchOf(request(1, index + 1, 'a')))
  p.receive(1, PATH, stable(batches.length, A.digest, [0, 1, 2]))
  batches.forEach(({ digest, batch }, index) => {
    for (const from of [1, 2]) p.receive(from, PATH, { type: 'COMMITTED', sequence: index + 1, digest })
    p.receive(1, `${PATH}/batches`, { type: 'BATCH', digest, batch })
    const { stored } = (agreement.state() as { readonly batches: { readonly stored: readonly string[] } })
      .batches
    expect(stored.length).toBeLessThanOrEqual(RETAINED + 1)
  })
  expect(executed).toHaveLength(batches.length)
})

test('whoever lacks a body remembers no more of what is committed than others retain', () => {
  const p = new Solo({
    members: 4,
    make: (env) => executionOf(env, new Progress(env, { checkpointEvery: 2, batchesRetained: RETAINED }))
  })
  p.do((execution) => {
    for (let sequence = 1; sequence <= 2 * RETAINED; sequence++) execution.commit(sequence, A.digest)
    expect(execution.state()).toMatchObject({ committed: { length: RETAINED } })
  })
})

test('a member that wants another view says who has not said so', () => {
  const { p, agreement } = member()
  expect(agreement.status).toMatchObject({ view: 0, primary: 0, target: 0, missing: [] })
  for (const from of [1, 2]) p.receive(from, PATH, change(from, 1))
  expect(agreement.status).toMatchObject({ view: 0, target: 1, missing: [0, 1, 2] })
  p.receive(2, PATH, status({ target: 1 }))
  expect(agreement.status.missing).toEqual([0, 1])
})
