/** The disks of correct members, judged when all processes of a campaign have ended: whatever kills have left there. */
import type { MemberDisk } from '../src/checkers/disk.ts'
import type { Violation } from '../src/checkers/violation.ts'
import type { Cluster } from '../src/cluster/cluster.ts'
import type { ProcessId } from '../src/core/group.ts'
import { isBulk } from '../src/core/store.ts'
import { defaultBackend } from '../src/crypto/index.ts'
import { Verdicts } from '../src/exchange/verdicts.ts'
import { abstractionOf } from '../src/laboratory/abstractions/index.ts'
import { inspectStore } from '../src/store/inspect-store.ts'
import { openLevelStore } from '../src/store/level-store.ts'

/** How many were judged, and what is wrong with them; undefined where nobody judges disks of that kind. */
export interface JudgedDisks {
  readonly count: number
  readonly violations: readonly Violation[]
}

/** @param cluster - that has ended */
export async function judgeDisksOf(cluster: Cluster): Promise<JudgedDisks | undefined> {
  const { plan, folder, founded: group, recorder } = cluster
  const { judgeDisks } = abstractionOf(plan.stack)
  if (judgeDisks === undefined || group === undefined) return undefined
  const disks = new Map<ProcessId, MemberDisk>()
  for (const member of plan.correct) {
    const disk = await readDisk(folder.data(member))
    if ('damage' in disk) {
      const detail = `member ${member}: ${disk.damage}`
      return {
        count: disks.size,
        violations: [{ property: 'a whole disk', detail, at: recorder.events.length }]
      }
    }
    disks.set(member, disk)
  }
  const { sha256: hash, verify: verifyBy } = defaultBackend
  const verdicts = new Verdicts({ hash, verifyBy }, group)
  const crypto = { hash, verify: (...of: Parameters<Verdicts['verify']>) => verdicts.verify(...of) }
  const violations = judgeDisks({ group, crypto, options: cluster.options, disks, history: recorder })
  return { count: disks.size, violations }
}

/** All of it, bulk too: such a campaign leaves little. */
export async function readDisk(folder: string): Promise<MemberDisk | { readonly damage: string }> {
  const { recovered, damage } = await inspectStore(folder)
  if (recovered === undefined || damage !== undefined) return { damage: damage ?? 'it cannot be read' }
  const bulk = new Map<string, Uint8Array | undefined>()
  const open = await openLevelStore(folder)
  try {
    for (const key of recovered.state.keys()) if (isBulk(key)) bulk.set(key, await open.read(key))
  } finally {
    await open.close()
  }
  return { restored: (prefix) => open.restored(prefix), bulk: (key) => bulk.get(key) }
}
