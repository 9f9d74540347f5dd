/** Data folders that correct members have left are read as they are, and judged. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judgeDisksOf } from '../../chaos/disks.ts'
import { findStack } from '../../src/catalogue/index.ts'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openLevelStore } from '../../src/store/level-store.ts'
import {
  CORRECT,
  type Disk,
  group,
  logOn,
  OPTIONS,
  rightDisks,
  rightEvents
} from '../checkers/agreement/disks-of-members.ts'
import { append, temporaryFolder } from '../store/support.ts'

/** A cluster that has ended, whose correct members have left these disks. */
async function left(disks: ReadonlyMap<number, Disk>) {
  const folder = await temporaryFolder()
  const data = (member: number) => join(folder, `member-${member}`)
  for (const [member, disk] of disks) {
    const store = await openLevelStore(data(member))
    await append(store.journal, ...[...disk].map(([key, value]) => ({ key, value })))
    await store.close()
  }
  const cluster = {
    plan: { stack: findStack('pbft'), correct: CORRECT },
    folder: { data },
    founded: group,
    options: OPTIONS,
    recorder: { events: rightEvents() }
  }
  return { data, cluster: cluster as unknown as Cluster }
}

test('folders that are as they should be are all judged, and nothing is wrong with them', async () => {
  const { cluster } = await left(rightDisks())
  expect(await judgeDisksOf(cluster)).toEqual({ count: 3, violations: [] })
})

test('a record that is another one in a folder is found there', async () => {
  const disks = rightDisks()
  logOn(disks.get(1) as Disk).deleteCommitted(6)
  const { cluster } = await left(disks)
  expect(await judgeDisksOf(cluster)).toMatchObject({
    count: 3,
    violations: [
      { property: 'told is durable', detail: 'member 1 told that it executed 6, and has nothing there' }
    ]
  })
})

test('a folder that is damaged is told, and of whom it is', async () => {
  const { cluster, data } = await left(rightDisks())
  await cut(data(2))
  expect(await judgeDisksOf(cluster)).toMatchObject({
    count: 2,
    violations: [{ property: 'a whole disk', detail: expect.stringMatching(/^member 2: .*damaged/) }]
  })
})

test('where nobody judges disks none is opened', async () => {
  const { cluster } = await left(new Map())
  const plan = { ...cluster.plan, stack: findStack('double-echo') }
  expect(await judgeDisksOf({ ...cluster, plan } as unknown as Cluster)).toBe(undefined)
})

/** The log of the database has lost all that was in it. */
async function cut(folder: string): Promise<void> {
  const database = join(folder, 'store')
  for (const name of await readdir(database)) {
    if (!name.endsWith('.log')) continue
    const path = join(database, name)
    await writeFile(path, (await readFile(path)).subarray(0, 0))
  }
}
