/** When a tour is over: what is promised has come about, however long nothing else has happened. */
import { expect, test } from 'vitest'
import { findStack } from '../../src/catalogue/index.ts'
import { isOwed } from '../../src/cluster/judgement.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { Recorder } from '../../src/cluster/recorder.ts'
import { detectorService } from '../../src/detectors/service.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'

class Record extends Recorder {
  told(): void {}
  counts(): readonly number[] {
    return []
  }
  share(): number {
    return 0
  }
  detected(by: number, member: number): void {
    const event = { kind: 'indicate', service: detectorService.name, name: 'detected', values: { member } }
    this.add({ ...this.at(by), ...event } as HistoryEvent)
  }
}

const plan: ClusterPlan = {
  members: 4,
  f: 3,
  stack: findStack('exclude-on-timeout')!,
  byzantine: [],
  behaviour: undefined,
  correct: [0, 1, 2, 3],
  input: new Uint8Array(0),
  chunks: [],
  kill: false,
  beyondResilience: false,
  seed: 1
}

test('strong completeness: whoever was killed is to be detected by each of the others', () => {
  const record = new Record(plan)
  expect(isOwed(plan, record, 0)).toBe(false)
  record.died(3, 'crash')
  for (const by of [0, 1, 2]) {
    expect(isOwed(plan, record, 0), `before member ${by} has detected it`).toBe(true)
    record.detected(by, 3)
  }
  expect(isOwed(plan, record, 0)).toBe(false)
})

test('what is violated for good is not waited for', () => {
  const record = new Record(plan)
  record.detected(0, 1)
  expect(isOwed(plan, record, 0)).toBe(false)
})
