/** What a member keeps, and says, that is behind the others: no more than is of use. */
import { expect, test } from 'vitest'
import type { Batches } from '../../../src/consensus/pbft/batches.ts'
import { Execution, type Machine } from '../../../src/consensus/pbft/execution.ts'
import { Log } from '../../../src/consensus/pbft/log.ts'
import type { Pbft } from '../../../src/consensus/pbft/pbft.ts'
import { Progress } from '../../../src/consensus/pbft/progress.ts'
import { Solo } from '../../../src/laboratory/solo.ts'
import { batchOf, certified, change, oneMember, PATH, request, status } from './one-member.ts'

const RETAINED = 16
const A = batchOf(request(1, 1, 'a'))

function member() {
  const one = oneMember(3)
  one.start()
  let agreement: Pbft | undefined
  one.p.do((replica) => {
    agreement = replica.agreement
  })
  return { ...one, agreement: agreement! }
}

test('a view that began above what a member knows to be stable opens the numbers of its start alone', () => {
  const { p, views, agreement } = member()
  const start = { view: 1, stable: { sequence: 6, digest: A.digest }, selected: [A.digest] }
  p.receive(1, PATH, certified(start, [0, 1, 2]))
  expect(views).toEqual([1])
  const { ordering } = agreement.state() as { readonly ordering: readonly { readonly sequence: number }[] }
  expect(ordering.map(({ sequence }) => sequence)).toEqual([7])
})

test('whoever lacks a body remembers no more of what is committed than others retain', () => {
  const p = new Solo({
    members: 4,
    make: (env) => {
      const nothing = () => {}
      const store = { put: nothing, delete: nothing, read: nothing, restored: () => [] }
      return new Execution({
        env,
        progress: new Progress(env, { checkpointEvery: 2, batchesRetained: RETAINED }),
        log: new Log(store),
        batches: { envelopes: () => undefined } as unknown as Batches,
        machine: {} as Machine,
        executed: nothing
      })
    }
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
