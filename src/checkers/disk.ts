/** The disks of members whose processes have ended, whatever kind of disk they were, for those who judge them. */
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import type { History } from '../simulator/history.ts'
import type { StackOptions } from '../stacks/stack.ts'

export interface MemberDisk {
  /** What is there under the keys that start with `prefix`, with the prefix removed; no bulk. */
  restored(prefix: string): readonly (readonly [key: string, value: Uint8Array])[]
  /** What is there under a key of bulk. */
  bulk(key: string): Uint8Array | undefined
}

export interface DisksInit {
  readonly group: Group
  readonly crypto: Pick<Crypto, 'hash' | 'verify'>
  readonly options: StackOptions
  /** Of correct members alone. */
  readonly disks: ReadonlyMap<ProcessId, MemberDisk>
  /** What they have told: of each in its order. */
  readonly history: Pick<History, 'events'>
}
