/** Where members of a group with a leader say that they are, and how a person is shown it. */
import { expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { standingOf } from '../../src/cluster/led-standing.ts'
import { type ClusterPlan, planCluster, planLed } from '../../src/cluster/plan.ts'
import { ServiceRecord } from '../../src/cluster/service-record.ts'
import { Tally } from '../../src/cluster/tally.ts'
import { led } from '../../src/cluster/uses.ts'
import type { AgreementStatus } from '../../src/consensus/pbft/status.ts'
import { applicationService } from '../../src/laboratory/applied-stack.ts'
import { replicaService } from '../../src/replication/service.ts'

const plan = planLed(
  await planCluster({ members: 4, stack: 'signed-byzantine-reliable-channel' })
) as ClusterPlan

const status: AgreementStatus = {
  view: 5,
  primary: 1,
  target: 6,
  executed: 71,
  stable: 64,
  missing: [],
  waiting: 0,
  entered: 5,
  batches: 71,
  requests: 80
}

function cluster() {
  const tally = new Tally()
  const said = { [applicationService.name]: { [replicaService.name]: status } }
  for (const member of [0, 1, 2, 3]) tally.add(member, { connected: [], faults: [], landmarks: {}, said })
  return { plan, tally, recorder: new ServiceRecord(plan) } as unknown as Cluster
}

test('it is that of what the application of the laboratory stands on', () => {
  const here = cluster()
  expect(standingOf(here, 0)).toEqual({ term: 5, leader: 1, isLeaving: true, done: 71 })
  expect(led.says?.(here, 0)).toBe('view 5, executed   71')
  expect(led.says?.(here, 1)).toBe('view 5, executed   71, leads')
})

test('a liar is not asked, and who is down says nothing', () => {
  const here = cluster()
  expect(plan.byzantine).toEqual([2])
  expect(standingOf(here, 2)).toBe(undefined)
  here.tally.endLife(3)
  expect(standingOf(here, 3)).toBe(undefined)
  expect(led.says?.(here, 3)).toBe('')
})
