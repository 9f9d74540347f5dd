/**
 * A quorum behind a commit: when a batch is executed at its number for the first time, a Byzantine quorum less the
 * liars has on its disks what keeps every later view from another one. That is a vote with a COMMIT for it; or the
 * start of a later view that has it at that number; or a stable checkpoint that is not before it. A forgotten write
 * shows here long before two members disagree.
 */
import { Log, type Restored } from '../../consensus/pbft/log.ts'
import { sameBytes } from '../../core/bytes.ts'
import type { StableStore } from '../../core/store.ts'

export const COMMIT_QUORUM = {
  kind: 'safety',
  witnessed: true,
  sentence: 'what is executed first was prepared by a Byzantine quorum, which has it on its disks'
} as const

/** What of a disk counts. */
export type Durable = Pick<Restored, 'base' | 'stable' | 'votes'>

/** What agreement has on a disk, by the keys of the component on that path. */
export const logOf = (
  restored: (prefix: string) => readonly (readonly [key: string, value: Uint8Array])[],
  path: string
): Restored => {
  const nothing = () => {}
  const store: StableStore = {
    put: nothing,
    delete: nothing,
    read: nothing,
    restored: (prefix) => restored(`${path}/${prefix}`)
  }
  return new Log(store).restored()
}

/** Whether a member with this disk takes part in no view in which another batch is committed at that number. */
export function isBoundTo({ base, stable, votes }: Durable, sequence: number, batch: Uint8Array): boolean {
  if ((stable?.stable.sequence ?? 0) >= sequence) return true
  const vote = votes.get(sequence)
  if (vote?.prepared === true && sameBytes(vote.digest, batch)) return true
  if (base === undefined) return false
  const { start } = base
  if (start.stable.sequence >= sequence) return true
  const selected = start.selected[sequence - start.stable.sequence - 1]
  return selected !== undefined && sameBytes(selected, batch)
}
