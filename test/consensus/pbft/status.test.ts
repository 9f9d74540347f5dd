/** What a member says of itself: how far it is, what waits, and what it has done in this life. */
import { expect, test } from 'vitest'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'
import { batchOf, certified, oneMember, PATH, proposal, request, vote } from './one-member.ts'

const asked = request(1, 1, 'a')
const A = batchOf(asked, request(2, 1, 'b'))

/** Member 3, in the first view, of which member 0 is primary. */
function member() {
  const one = oneMember(3)
  one.start()
  const said = () => {
    let status: unknown
    one.p.do((replica) => {
      status = replica.status()
    })
    return status
  }
  return { ...one, said }
}

test('a request waits until it is executed; a batch is counted, and the requests in it', () => {
  const { p, said, executed } = member()
  expect(said()).toMatchObject({ executed: 0, waiting: 0, batches: 0, requests: 0 })
  p.receive(1, 'replica', { type: 'REQUEST', envelope: asked })
  expect(said()).toMatchObject({ executed: 0, waiting: 1, batches: 0, requests: 0 })
  p.receive(0, PATH, proposal(0, 1, A))
  for (const from of [1, 2]) p.receive(from, PATH, vote('PREPARE', 0, 1, A.digest))
  for (const from of [0, 1]) p.receive(from, PATH, vote('COMMIT', 0, 1, A.digest))
  expect(executed).toHaveLength(1)
  expect(said()).toMatchObject({ executed: 1, waiting: 0, batches: 1, requests: 2 })
})

test('a view is counted once it is entered', () => {
  const { p, said, views } = member()
  expect(said()).toMatchObject({ view: 0, entered: 0 })
  p.receive(1, PATH, certified({ view: 1, stable: FIRST_STABLE, selected: [] }, [0, 1, 2]))
  expect(views).toEqual([1])
  expect(said()).toMatchObject({ view: 1, entered: 1 })
})
